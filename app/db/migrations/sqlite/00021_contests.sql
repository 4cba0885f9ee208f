-- +goose Up
-- A contest: divisions with places, rounds in slots of time, entries of teams.
-- rules is the document by which it is scored, JSON of whoever scores. last_number is that
-- of the last entry. opened_at and shut_at: when the job did what is due when entries open and close.
CREATE TABLE contests (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id        INTEGER NOT NULL REFERENCES orgs (id),
  title         TEXT NOT NULL,
  summary       TEXT NOT NULL DEFAULT '',
  detail        TEXT NOT NULL DEFAULT '',
  state         TEXT NOT NULL,
  opens_at      TEXT NOT NULL,
  closes_at     TEXT NOT NULL,
  give_back_at  TEXT,
  rules         TEXT NOT NULL DEFAULT '{}',
  rules_version INTEGER NOT NULL DEFAULT 1,
  phone         TEXT NOT NULL DEFAULT '',
  last_number   INTEGER NOT NULL DEFAULT 0,
  version       INTEGER NOT NULL DEFAULT 1,
  created_by    INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  opened_at     TEXT,
  shut_at       TEXT,
  ended_at      TEXT,
  end_reason    TEXT NOT NULL DEFAULT '',
  CONSTRAINT contests_window CHECK (opens_at < closes_at)
);
CREATE INDEX contests_state_closes_at_idx ON contests (state, closes_at);
CREATE INDEX contests_org_id_idx ON contests (org_id);

-- A time at a place; what it takes stands in contest_claims, the time itself in
-- occupancies under source "contest" and the slot's id.
CREATE TABLE contest_slots (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  contest_id INTEGER NOT NULL REFERENCES contests (id),
  kind       TEXT NOT NULL,
  place      TEXT NOT NULL,
  starts_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL,
  setup_min  INTEGER NOT NULL DEFAULT 0,
  clear_min  INTEGER NOT NULL DEFAULT 0,
  entry_id   INTEGER,
  moved_from TEXT,
  moved_why  TEXT NOT NULL DEFAULT '',
  CONSTRAINT contest_slots_span CHECK (starts_at < ends_at),
  CONSTRAINT contest_slots_buffers CHECK (setup_min BETWEEN 0 AND 1440 AND clear_min BETWEEN 0 AND 1440)
);
CREATE INDEX contest_slots_contest_id_idx ON contest_slots (contest_id, starts_at);

CREATE TABLE contest_claims (
  slot_id     INTEGER NOT NULL REFERENCES contest_slots (id),
  resource_id INTEGER NOT NULL REFERENCES resources (id),
  PRIMARY KEY (slot_id, resource_id)
);
CREATE INDEX contest_claims_resource_id_idx ON contest_claims (resource_id);

-- A division's places are those of an event of the kernel.
CREATE TABLE contest_divisions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  contest_id  INTEGER NOT NULL REFERENCES contests (id),
  ord         INTEGER NOT NULL,
  name        TEXT NOT NULL,
  event_id    INTEGER NOT NULL REFERENCES events (id),
  min_members INTEGER NOT NULL,
  max_members INTEGER NOT NULL,
  substitutes INTEGER NOT NULL DEFAULT 0,
  min_age     INTEGER NOT NULL DEFAULT 0,
  max_age     INTEGER NOT NULL DEFAULT 0,
  max_length  INTEGER NOT NULL DEFAULT 0,
  per_team    INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT contest_divisions_members CHECK (min_members > 0 AND max_members >= min_members AND substitutes >= 0),
  CONSTRAINT contest_divisions_ages CHECK (min_age >= 0 AND max_age >= 0 AND (max_age = 0 OR max_age >= min_age)),
  CONSTRAINT contest_divisions_bounds CHECK (max_length >= 0 AND per_team > 0)
);
CREATE UNIQUE INDEX contest_divisions_contest_id_ord_key ON contest_divisions (contest_id, ord);
CREATE UNIQUE INDEX contest_divisions_event_id_key ON contest_divisions (event_id);

CREATE TABLE contest_rounds (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  contest_id  INTEGER NOT NULL REFERENCES contests (id),
  division_id INTEGER NOT NULL REFERENCES contest_divisions (id),
  ord         INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  name        TEXT NOT NULL,
  slot_id     INTEGER NOT NULL REFERENCES contest_slots (id),
  advance     INTEGER NOT NULL DEFAULT 0,
  state       TEXT NOT NULL,
  draw_id     INTEGER REFERENCES draws (id),
  reminded_at TEXT,
  version     INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT contest_rounds_advance CHECK (advance >= 0)
);
CREATE UNIQUE INDEX contest_rounds_division_id_ord_key ON contest_rounds (division_id, ord);
CREATE INDEX contest_rounds_contest_id_idx ON contest_rounds (contest_id);
CREATE INDEX contest_rounds_slot_id_idx ON contest_rounds (slot_id);

-- An entry's uid is that of its place, or of its place on the waiting list, in
-- the kernel. Whoever waits and is given a place is read as submitted.
CREATE TABLE contest_entries (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  uid         TEXT NOT NULL,
  contest_id  INTEGER NOT NULL REFERENCES contests (id),
  division_id INTEGER NOT NULL REFERENCES contest_divisions (id),
  number      INTEGER NOT NULL,
  team        TEXT NOT NULL,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  leader_id   INTEGER REFERENCES accounts (id),
  leader_name TEXT NOT NULL,
  phone_enc   TEXT NOT NULL DEFAULT '',
  person_id   INTEGER REFERENCES people (id),
  piece       TEXT NOT NULL,
  length      INTEGER NOT NULL,
  brings      TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  decided_by  INTEGER,
  decided_at  TEXT,
  channel     TEXT NOT NULL,
  read_back   BOOLEAN NOT NULL DEFAULT FALSE,
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  version     INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT contest_entries_number CHECK (number > 0),
  CONSTRAINT contest_entries_length CHECK (length > 0),
  CONSTRAINT contest_entries_reason CHECK (state NOT IN ('returned', 'declined') OR reason <> '')
);
CREATE UNIQUE INDEX contest_entries_uid_key ON contest_entries (uid);
CREATE UNIQUE INDEX contest_entries_contest_id_number_key ON contest_entries (contest_id, number);
CREATE INDEX contest_entries_division_id_state_idx ON contest_entries (division_id, state);
CREATE INDEX contest_entries_leader_id_idx ON contest_entries (leader_id);
CREATE INDEX contest_entries_org_id_idx ON contest_entries (org_id);

CREATE TABLE contest_members (
  entry_id   INTEGER NOT NULL REFERENCES contest_entries (id),
  ord        INTEGER NOT NULL,
  name       TEXT NOT NULL,
  born_year  INTEGER NOT NULL DEFAULT 0,
  substitute BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (entry_id, ord)
);

-- What an entry borrows; the contest books it for the slots in which it appears.
CREATE TABLE contest_lent (
  entry_id    INTEGER NOT NULL REFERENCES contest_entries (id),
  resource_id INTEGER NOT NULL REFERENCES resources (id),
  PRIMARY KEY (entry_id, resource_id)
);

-- Who appears in a round, and in which order: place and part are 0 until drawn.
CREATE TABLE contest_places (
  round_id INTEGER NOT NULL REFERENCES contest_rounds (id),
  entry_id INTEGER NOT NULL REFERENCES contest_entries (id),
  place    INTEGER NOT NULL DEFAULT 0,
  part     INTEGER NOT NULL DEFAULT 0,
  absent   BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (round_id, entry_id)
);
CREATE INDEX contest_places_entry_id_idx ON contest_places (entry_id);

-- +goose Down
DROP TABLE contest_places;
DROP TABLE contest_lent;
DROP TABLE contest_members;
DROP TABLE contest_entries;
DROP TABLE contest_rounds;
DROP TABLE contest_divisions;
DROP TABLE contest_claims;
DROP TABLE contest_slots;
DROP TABLE contests;
