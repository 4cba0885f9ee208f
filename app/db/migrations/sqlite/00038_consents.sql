-- +goose Up
-- Who has agreed to which version of the notice on personal data, when and by which
-- way: somebody who signs in, for themselves; for a kept person or a caller, whoever
-- told of them (by_account).
CREATE TABLE consents (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER REFERENCES accounts (id),
  person_id  INTEGER REFERENCES people (id),
  version    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  by_account INTEGER NOT NULL REFERENCES accounts (id),
  created_at TEXT NOT NULL,
  CONSTRAINT consents_whose_check CHECK ((account_id IS NULL) <> (person_id IS NULL))
);
CREATE UNIQUE INDEX consents_account_id_version_key ON consents (account_id, version);
CREATE UNIQUE INDEX consents_person_id_version_key ON consents (person_id, version);

-- +goose Down
DROP TABLE consents;
