-- +goose Up
-- Organisations are a tree; path is "/1/4/19/", so that "below" is a prefix.
CREATE TABLE orgs (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id   INTEGER REFERENCES orgs (id),
  path        TEXT NOT NULL,
  code        TEXT NOT NULL,
  name        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  phone       TEXT NOT NULL DEFAULT '',
  address     TEXT NOT NULL DEFAULT '',
  created_at  TEXT NOT NULL,
  archived_at TEXT
);
CREATE UNIQUE INDEX orgs_code_key ON orgs (code);
CREATE UNIQUE INDEX orgs_path_key ON orgs (path);

-- An account signs in. It is not a person: families share phones.
CREATE TABLE accounts (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  login         TEXT,
  name          TEXT NOT NULL,
  phone_enc     TEXT NOT NULL DEFAULT '',
  phone_index   TEXT,
  email         TEXT NOT NULL DEFAULT '',
  password_hash TEXT NOT NULL DEFAULT '',
  lang          TEXT NOT NULL DEFAULT 'zh-CN',
  demo          BOOLEAN NOT NULL DEFAULT FALSE,
  created_at    TEXT NOT NULL,
  disabled_at   TEXT
);
CREATE UNIQUE INDEX accounts_login_key ON accounts (login);
CREATE UNIQUE INDEX accounts_phone_index_key ON accounts (phone_index);

-- A person is somebody a place is booked for: oneself, a kept mother or child,
-- or a caller whom the desk knows and who has no account.
CREATE TABLE people (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id  INTEGER REFERENCES accounts (id),
  org_id      INTEGER REFERENCES orgs (id),
  name        TEXT NOT NULL,
  relation    TEXT NOT NULL DEFAULT '',
  phone_enc   TEXT NOT NULL DEFAULT '',
  phone_index TEXT,
  notify      TEXT NOT NULL DEFAULT 'helper',
  created_by  INTEGER REFERENCES accounts (id),
  created_at  TEXT NOT NULL,
  archived_at TEXT
);
CREATE INDEX people_account_id_idx ON people (account_id);
CREATE UNIQUE INDEX people_account_id_key ON people (account_id) WHERE relation = 'self';
CREATE INDEX people_phone_index_idx ON people (phone_index);

CREATE TABLE grants (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  role       TEXT NOT NULL,
  org_id     INTEGER NOT NULL REFERENCES orgs (id),
  granted_by INTEGER,
  created_at TEXT NOT NULL,
  revoked_at TEXT
);
CREATE UNIQUE INDEX grants_account_id_role_org_id_key ON grants (account_id, role, org_id) WHERE revoked_at IS NULL;

-- Browser sessions and bearer tokens; only the hash of a token is kept.
CREATE TABLE sessions (
  token_hash   TEXT NOT NULL PRIMARY KEY,
  kind         TEXT NOT NULL,
  account_id   INTEGER REFERENCES accounts (id),
  data         BLOB,
  label        TEXT NOT NULL DEFAULT '',
  created_at   TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  revoked_at   TEXT
);
CREATE INDEX sessions_account_id_idx ON sessions (account_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

-- One-time codes for residents; the number is kept as its blind index only.
CREATE TABLE login_codes (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  phone_index TEXT NOT NULL,
  code_hash   TEXT NOT NULL,
  address     TEXT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  created_at  TEXT NOT NULL,
  expires_at  TEXT NOT NULL,
  used_at     TEXT
);
CREATE INDEX login_codes_phone_index_idx ON login_codes (phone_index, created_at);
CREATE INDEX login_codes_address_idx ON login_codes (address, created_at);
CREATE INDEX login_codes_created_at_idx ON login_codes (created_at);

-- Failed log-ins, for the slow-down per login and address.
CREATE TABLE login_failures (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  login   TEXT NOT NULL,
  address TEXT NOT NULL,
  at      TEXT NOT NULL
);
CREATE INDEX login_failures_login_idx ON login_failures (login, at);
CREATE INDEX login_failures_address_idx ON login_failures (address, at);

CREATE TABLE feedback (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER REFERENCES accounts (id),
  kind       TEXT NOT NULL,
  text       TEXT NOT NULL,
  contact_enc TEXT NOT NULL DEFAULT '',
  page       TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  done_at    TEXT,
  done_by    INTEGER
);

-- The audit log: ids and masked values only, so that it can outlive people.
CREATE TABLE audit_log (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  at           TEXT NOT NULL,
  actor_id     INTEGER NOT NULL,
  actor        TEXT NOT NULL,
  person_id    INTEGER,
  channel      TEXT NOT NULL,
  action       TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  org_id       INTEGER,
  before       TEXT NOT NULL DEFAULT '',
  after        TEXT NOT NULL DEFAULT '',
  reason       TEXT NOT NULL DEFAULT '',
  request_id   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_subject_idx ON audit_log (subject_kind, subject_id);
CREATE INDEX audit_log_at_idx ON audit_log (at);

-- +goose StatementBegin
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log_append_only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log_append_only'); END;
-- +goose StatementEnd

-- Answers to requests that carried an Idempotency-Key; successes only.
CREATE TABLE idempotency (
  scope      TEXT NOT NULL,
  key        TEXT NOT NULL,
  body_hash  TEXT NOT NULL,
  response   TEXT NOT NULL,
  created_at TEXT NOT NULL,
  seen_at    TEXT NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);

-- +goose Down
DROP TABLE idempotency;
DROP TABLE audit_log;
DROP TABLE feedback;
DROP TABLE login_failures;
DROP TABLE login_codes;
DROP TABLE sessions;
DROP TABLE grants;
DROP TABLE people;
DROP TABLE accounts;
DROP TABLE orgs;
