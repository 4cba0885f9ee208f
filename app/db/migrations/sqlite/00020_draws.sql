-- +goose Up
-- A draw: list, commitment and conditions are published before the public value
-- exists; the value, the secret and the order are set once. A second draw of the
-- same thing has the next number and a reason, and the first one stays. apart_…:
-- entries of one community, of one team, do not follow each other. parts: into how
-- many groups the order is cut, 1 for none.
CREATE TABLE draws (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  subject_kind    TEXT NOT NULL,
  subject_id      INTEGER NOT NULL,
  purpose         TEXT NOT NULL,
  number          INTEGER NOT NULL,
  reason          TEXT NOT NULL DEFAULT '',
  title           TEXT NOT NULL,
  org_id          INTEGER NOT NULL REFERENCES orgs (id),
  state           TEXT NOT NULL,
  list_hash       TEXT NOT NULL,
  commitment      TEXT NOT NULL,
  entries         INTEGER NOT NULL,
  parts           INTEGER NOT NULL,
  apart_community BOOLEAN NOT NULL,
  apart_team      BOOLEAN NOT NULL,
  value_kind      TEXT NOT NULL,
  value_note      TEXT NOT NULL DEFAULT '',
  value_due       TEXT NOT NULL,
  secret_enc      TEXT NOT NULL,
  secret          TEXT NOT NULL DEFAULT '',
  beacon          TEXT NOT NULL DEFAULT '',
  k               INTEGER NOT NULL DEFAULT 0,
  void_reason     TEXT NOT NULL DEFAULT '',
  committed_by    INTEGER NOT NULL,
  committed_at    TEXT NOT NULL,
  ended_by        INTEGER,
  ended_at        TEXT,
  CONSTRAINT draws_number CHECK (number > 0 AND (number = 1 OR reason <> '')),
  CONSTRAINT draws_drawn CHECK (state <> 'drawn' OR (secret <> '' AND beacon <> '' AND ended_at IS NOT NULL)),
  CONSTRAINT draws_open CHECK (state <> 'open' OR (secret = '' AND beacon = '' AND ended_at IS NULL))
);
CREATE UNIQUE INDEX draws_subject_kind_subject_id_purpose_number_key ON draws (subject_kind, subject_id, purpose, number);
CREATE UNIQUE INDEX draws_subject_kind_subject_id_purpose_key ON draws (subject_kind, subject_id, purpose) WHERE state = 'open';
CREATE UNIQUE INDEX draws_commitment_key ON draws (commitment);
CREATE INDEX draws_state_value_due_idx ON draws (state, value_due);

-- The list that is drawn; place is where the draw put an entry, 0 before.
CREATE TABLE draw_entries (
  draw_id   INTEGER NOT NULL REFERENCES draws (id),
  entry_id  TEXT NOT NULL,
  label     TEXT NOT NULL,
  community TEXT NOT NULL DEFAULT '',
  team      TEXT NOT NULL DEFAULT '',
  place     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (draw_id, entry_id)
);

-- Who read which part of the public value out.
CREATE TABLE draw_witnesses (
  draw_id INTEGER NOT NULL REFERENCES draws (id),
  ord     INTEGER NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (draw_id, ord)
);

-- What was published stays as it was, and what has ended stays ended.
-- +goose StatementBegin
CREATE TRIGGER draws_published BEFORE UPDATE ON draws
WHEN OLD.state <> 'open' OR NEW.subject_kind <> OLD.subject_kind OR NEW.subject_id <> OLD.subject_id OR NEW.purpose <> OLD.purpose
  OR NEW.number <> OLD.number OR NEW.list_hash <> OLD.list_hash OR NEW.commitment <> OLD.commitment OR NEW.entries <> OLD.entries OR NEW.parts <> OLD.parts
  OR NEW.apart_community <> OLD.apart_community OR NEW.apart_team <> OLD.apart_team OR NEW.value_kind <> OLD.value_kind OR NEW.value_note <> OLD.value_note
  OR NEW.value_due <> OLD.value_due OR NEW.committed_at <> OLD.committed_at
BEGIN SELECT RAISE(ABORT, 'draws_published'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draws_published_no_delete BEFORE DELETE ON draws
BEGIN SELECT RAISE(ABORT, 'draws_published'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draw_entries_published BEFORE UPDATE ON draw_entries
WHEN NEW.entry_id <> OLD.entry_id OR NEW.label <> OLD.label OR NEW.community <> OLD.community OR NEW.team <> OLD.team OR OLD.place <> 0
BEGIN SELECT RAISE(ABORT, 'draws_published'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER draw_entries_published_no_delete BEFORE DELETE ON draw_entries
BEGIN SELECT RAISE(ABORT, 'draws_published'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE draw_witnesses;
DROP TABLE draw_entries;
DROP TABLE draws;
