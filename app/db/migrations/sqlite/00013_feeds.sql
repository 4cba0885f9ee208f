-- +goose Up
-- Calendars that other programs subscribe to by a secret link. What a feed shows
-- is what its owner may see at that moment; a lost role or a revocation ends it.
CREATE TABLE feeds (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  kind       TEXT NOT NULL,
  target_id  INTEGER NOT NULL,
  token_hash TEXT NOT NULL,
  token_enc  TEXT NOT NULL,
  created_at TEXT NOT NULL,
  read_at    TEXT,
  revoked_at TEXT
);
CREATE UNIQUE INDEX feeds_token_hash_key ON feeds (token_hash);
CREATE INDEX feeds_account_id_idx ON feeds (account_id);

-- +goose Down
DROP TABLE feeds;
