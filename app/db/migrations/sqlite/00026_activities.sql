-- +goose Up
-- A list of services of a station for a year: a row a service, a cell a month.
CREATE TABLE service_lists (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  year        INTEGER NOT NULL,
  state       TEXT NOT NULL,
  note        TEXT NOT NULL DEFAULT '',
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  ended_at    TEXT
);
CREATE UNIQUE INDEX service_lists_org_id_year_key ON service_lists (org_id, year) WHERE ended_at IS NULL;

CREATE TABLE service_cells (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  list_id     INTEGER NOT NULL REFERENCES service_lists (id),
  ord         INTEGER NOT NULL,
  service     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  month       INTEGER NOT NULL,
  what        TEXT NOT NULL,
  times       INTEGER NOT NULL,
  done_at     TEXT,
  done_by     INTEGER,
  CONSTRAINT service_cells_month CHECK (month BETWEEN 1 AND 12),
  CONSTRAINT service_cells_times CHECK (times BETWEEN 1 AND 31)
);
CREATE UNIQUE INDEX service_cells_list_id_ord_month_key ON service_cells (list_id, ord, month);

-- Something that residents join. signup: for each session, or for the term.
-- choose: first come, or a draw among the entries when more are asked for than
-- there are. room_id is what its sessions take in the kernel, under source
-- "activity" and the session's id.
CREATE TABLE activities (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  kind        TEXT NOT NULL,
  title       TEXT NOT NULL,
  summary     TEXT NOT NULL,
  detail      TEXT NOT NULL DEFAULT '',
  teacher     TEXT NOT NULL DEFAULT '',
  place       TEXT NOT NULL,
  address     TEXT NOT NULL DEFAULT '',
  room_id     INTEGER REFERENCES resources (id),
  audience    TEXT NOT NULL,
  min_age     INTEGER NOT NULL DEFAULT 0,
  max_age     INTEGER NOT NULL DEFAULT 0,
  signup      TEXT NOT NULL,
  choose      TEXT NOT NULL,
  approval    BOOLEAN NOT NULL DEFAULT FALSE,
  staff_min   INTEGER NOT NULL DEFAULT 0,
  home        BOOLEAN NOT NULL DEFAULT FALSE,
  capacity    INTEGER NOT NULL,
  max_party   INTEGER NOT NULL,
  opens_at    TEXT NOT NULL,
  entries_until TEXT,
  drawn_at    TEXT,
  draw_uid    TEXT,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  cell_id     INTEGER REFERENCES service_cells (id),
  copied_from INTEGER REFERENCES activities (id),
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  purged_at   TEXT,
  CONSTRAINT activities_capacity CHECK (capacity > 0 AND max_party > 0),
  CONSTRAINT activities_ages CHECK (min_age >= 0 AND (max_age = 0 OR max_age >= min_age))
);
CREATE INDEX activities_org_id_idx ON activities (org_id);
CREATE INDEX activities_cell_id_idx ON activities (cell_id);
CREATE INDEX activities_state_entries_until_idx ON activities (state, entries_until);

-- A time of an activity. event_id is where its places are: its own, or that of
-- the whole term.
CREATE TABLE activity_sessions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  activity_id INTEGER NOT NULL REFERENCES activities (id),
  event_id    INTEGER NOT NULL REFERENCES events (id),
  ord         INTEGER NOT NULL,
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  place       TEXT NOT NULL,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  moved_from  TEXT,
  CONSTRAINT activity_sessions_span CHECK (starts_at < ends_at)
);
CREATE INDEX activity_sessions_activity_id_idx ON activity_sessions (activity_id, ord);
CREATE INDEX activity_sessions_event_id_idx ON activity_sessions (event_id);
CREATE INDEX activity_sessions_starts_at_idx ON activity_sessions (starts_at);

CREATE TABLE activity_questions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  activity_id INTEGER NOT NULL REFERENCES activities (id),
  ord         INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  label       TEXT NOT NULL,
  options     TEXT NOT NULL DEFAULT '',
  required    BOOLEAN NOT NULL
);
CREATE INDEX activity_questions_activity_id_idx ON activity_questions (activity_id, ord);

-- A party that signed up, under the id of its booking or its place on the
-- waiting list. draw_ord is its turn in a draw. quit_at: it gives its places back
-- then, unless it thinks better of it.
CREATE TABLE activity_signups (
  uid         TEXT NOT NULL PRIMARY KEY,
  activity_id INTEGER NOT NULL REFERENCES activities (id),
  event_id    INTEGER NOT NULL REFERENCES events (id),
  party       INTEGER NOT NULL,
  entry       TEXT NOT NULL DEFAULT '',
  holder_id   INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  org_id      INTEGER REFERENCES orgs (id),
  name        TEXT NOT NULL,
  channel     TEXT NOT NULL,
  age         INTEGER NOT NULL DEFAULT 0,
  guardian    TEXT NOT NULL DEFAULT '',
  pick_up     TEXT NOT NULL DEFAULT '',
  address_enc TEXT NOT NULL DEFAULT '',
  draw_ord    INTEGER NOT NULL DEFAULT 0,
  draw_note   TEXT NOT NULL DEFAULT '',
  quit_at     TEXT,
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  CONSTRAINT activity_signups_party CHECK (party > 0)
);
CREATE INDEX activity_signups_activity_id_idx ON activity_signups (activity_id, created_at);
CREATE INDEX activity_signups_event_id_idx ON activity_signups (event_id);
CREATE INDEX activity_signups_holder_id_idx ON activity_signups (holder_id, created_at);
CREATE INDEX activity_signups_person_id_idx ON activity_signups (person_id, created_at);
CREATE INDEX activity_signups_quit_at_idx ON activity_signups (quit_at);

CREATE TABLE activity_answers (
  uid         TEXT NOT NULL REFERENCES activity_signups (uid),
  question_id INTEGER NOT NULL REFERENCES activity_questions (id),
  answer      TEXT NOT NULL,
  PRIMARY KEY (uid, question_id)
);

-- Every scan that was ever sent, once by its nonce. outcome: in, out, again (the
-- same device), double (another device had let the party in), full, unknown.
CREATE TABLE activity_scans (
  nonce       TEXT NOT NULL PRIMARY KEY,
  session_id  INTEGER NOT NULL REFERENCES activity_sessions (id),
  uid         TEXT REFERENCES activity_signups (uid),
  heads       INTEGER NOT NULL,
  outcome     TEXT NOT NULL,
  device      TEXT NOT NULL,
  first_nonce TEXT,
  at          TEXT NOT NULL,
  received_at TEXT NOT NULL,
  by_id       INTEGER NOT NULL
);
CREATE INDEX activity_scans_session_id_uid_idx ON activity_scans (session_id, uid);

-- Walk-in places lent to a device that may lose its line.
CREATE TABLE activity_leases (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id  INTEGER NOT NULL REFERENCES activity_sessions (id),
  device      TEXT NOT NULL,
  public_key  TEXT NOT NULL,
  booking_id  TEXT REFERENCES bookings (id),
  places      INTEGER NOT NULL,
  used        INTEGER NOT NULL DEFAULT 0,
  until_at    TEXT NOT NULL,
  ended_at    TEXT,
  by_id       INTEGER NOT NULL,
  created_at  TEXT NOT NULL
);
CREATE UNIQUE INDEX activity_leases_session_id_device_key ON activity_leases (session_id, device) WHERE ended_at IS NULL;

-- +goose Down
DROP TABLE activity_leases;
DROP TABLE activity_scans;
DROP TABLE activity_answers;
DROP TABLE activity_signups;
DROP TABLE activity_questions;
DROP TABLE activity_sessions;
DROP TABLE activities;
DROP TABLE service_cells;
DROP TABLE service_lists;
