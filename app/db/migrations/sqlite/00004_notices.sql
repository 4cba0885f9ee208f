-- +goose Up
-- Messages to be delivered, written in the business transaction: one row per
-- recipient, subject, kind, time and channel.
CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient     TEXT NOT NULL,
  channel       TEXT NOT NULL,
  kind          TEXT NOT NULL,
  subject       TEXT NOT NULL,
  due_at        TEXT NOT NULL,
  vars          TEXT NOT NULL,
  state         TEXT NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  claimed_by    TEXT NOT NULL DEFAULT '',
  claimed_until TEXT,
  next_at       TEXT NOT NULL,
  sent_at       TEXT,
  error         TEXT NOT NULL DEFAULT '',
  created_at    TEXT NOT NULL
);
-- The subject leads, so that what is said of one booking is found, and voided, by it.
CREATE UNIQUE INDEX outbox_subject_kind_due_at_recipient_channel_key ON outbox (subject, kind, due_at, recipient, channel);
CREATE INDEX outbox_state_next_at_idx ON outbox (state, next_at);
CREATE INDEX outbox_call_idx ON outbox (state, next_at) WHERE channel = 'call';

CREATE TABLE inbox (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  outbox_id  INTEGER NOT NULL,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,
  vars       TEXT NOT NULL,
  created_at TEXT NOT NULL,
  read_at    TEXT
);
CREATE UNIQUE INDEX inbox_outbox_id_key ON inbox (outbox_id);
CREATE INDEX inbox_account_id_idx ON inbox (account_id, created_at);

-- One row a job: the lease that lets one node run it, and how it went.
CREATE TABLE jobs (
  name          TEXT NOT NULL PRIMARY KEY,
  lease_owner   TEXT NOT NULL DEFAULT '',
  lease_until   TEXT,
  started_at    TEXT,
  finished_at   TEXT,
  duration_ms   INTEGER NOT NULL DEFAULT 0,
  done          INTEGER NOT NULL DEFAULT 0,
  error         TEXT NOT NULL DEFAULT '',
  failed_at     TEXT
);

-- +goose Down
DROP TABLE jobs;
DROP TABLE inbox;
DROP TABLE outbox;
