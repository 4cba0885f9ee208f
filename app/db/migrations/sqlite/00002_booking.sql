-- +goose Up
-- Whatever can be in one place only at a time: a hall, a room, a team.
CREATE TABLE resources (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT NOT NULL,
  org_id     INTEGER NOT NULL REFERENCES orgs (id),
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX resources_org_id_idx ON resources (org_id);

-- The one table that says who has a resource when; buffers are in the span.
CREATE TABLE occupancies (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  resource_id INTEGER NOT NULL REFERENCES resources (id),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  source_kind TEXT NOT NULL,
  source_id   INTEGER NOT NULL,
  CONSTRAINT occupancies_span CHECK (starts_at < ends_at)
);
CREATE INDEX occupancies_resource_id_starts_at_idx ON occupancies (resource_id, starts_at);
-- The spans of a resource never overlap, so only the last one that starts
-- before the new end can clash: one index probe instead of a scan.
-- +goose StatementBegin
CREATE TRIGGER occupancies_no_overlap BEFORE INSERT ON occupancies
WHEN NEW.starts_at < COALESCE((
  SELECT o.ends_at FROM occupancies o
  WHERE o.resource_id = NEW.resource_id AND o.starts_at < NEW.ends_at
  ORDER BY o.starts_at DESC LIMIT 1), '')
BEGIN SELECT RAISE(ABORT, 'occupancies_no_overlap'); END;
-- +goose StatementEnd
-- A move is delete and insert: updating spans can dead-lock on the other engine.
-- +goose StatementBegin
CREATE TRIGGER occupancies_no_move BEFORE UPDATE OF resource_id, starts_at, ends_at ON occupancies
BEGIN SELECT RAISE(ABORT, 'occupancies_no_overlap'); END;
-- +goose StatementEnd
CREATE INDEX occupancies_source_idx ON occupancies (source_kind, source_id);

CREATE TABLE halls (
  id      INTEGER PRIMARY KEY REFERENCES resources (id),
  code    TEXT NOT NULL,
  venue   TEXT NOT NULL,
  address TEXT NOT NULL,
  phone   TEXT NOT NULL DEFAULT '',
  route   TEXT NOT NULL DEFAULT '',
  plan_id INTEGER
);
CREATE UNIQUE INDEX halls_code_key ON halls (code);

-- Plans never change: an edit is a new version, an event keeps its own.
CREATE TABLE seat_plans (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hall_id    INTEGER NOT NULL REFERENCES halls (id),
  version    INTEGER NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX seat_plans_hall_id_version_key ON seat_plans (hall_id, version);

CREATE TABLE seats (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL REFERENCES seat_plans (id),
  ord     INTEGER NOT NULL,
  row     INTEGER NOT NULL,
  row_tag TEXT NOT NULL,
  number  TEXT NOT NULL,
  col     INTEGER NOT NULL,
  left_id INTEGER NOT NULL DEFAULT 0,
  aisle   BOOLEAN NOT NULL DEFAULT FALSE,
  kind    TEXT NOT NULL,
  reason  TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX seats_plan_id_ord_key ON seats (plan_id, ord);

-- An event is what places are booked in. seat_map holds one letter a seat in
-- plan order (f free, t taken, b blocked, r reserved) and is decided on under
-- this row's lock; booking_seats is the referee.
CREATE TABLE events (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,
  resource_id  INTEGER NOT NULL REFERENCES resources (id),
  org_id       INTEGER NOT NULL REFERENCES orgs (id),
  title        TEXT NOT NULL,
  plan_id      INTEGER NOT NULL REFERENCES seat_plans (id),
  audience     TEXT NOT NULL,
  state        TEXT NOT NULL,
  starts_at    TEXT NOT NULL,
  ends_at      TEXT NOT NULL,
  opens_at     TEXT NOT NULL,
  closes_at    TEXT NOT NULL,
  cancel_until TEXT NOT NULL,
  release_at   TEXT,
  remind_hours TEXT NOT NULL DEFAULT '24,2',
  max_seats    INTEGER NOT NULL,
  seat_map     TEXT NOT NULL,
  for_sale     INTEGER NOT NULL,
  taken        INTEGER NOT NULL DEFAULT 0,
  reserved     INTEGER NOT NULL DEFAULT 0,
  attended     INTEGER NOT NULL DEFAULT 0,
  version      INTEGER NOT NULL DEFAULT 1,
  created_by   INTEGER,
  created_at   TEXT NOT NULL,
  CONSTRAINT events_span CHECK (starts_at < ends_at),
  CONSTRAINT events_counts CHECK (taken >= 0 AND reserved >= 0 AND taken + reserved <= for_sale)
);
CREATE INDEX events_starts_at_idx ON events (starts_at);
CREATE INDEX events_resource_id_starts_at_idx ON events (resource_id, starts_at);
CREATE INDEX events_state_ends_at_idx ON events (state, ends_at);

CREATE TABLE bookings (
  id            TEXT NOT NULL PRIMARY KEY,
  event_id      INTEGER NOT NULL REFERENCES events (id),
  code          TEXT NOT NULL,
  holder_id     INTEGER REFERENCES accounts (id),
  person_id     INTEGER REFERENCES people (id),
  org_id        INTEGER REFERENCES orgs (id),
  name          TEXT NOT NULL,
  party         INTEGER NOT NULL,
  status        TEXT NOT NULL,
  channel       TEXT NOT NULL,
  read_back     BOOLEAN NOT NULL DEFAULT FALSE,
  created_by    INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  cancelled_at  TEXT,
  cancel_reason TEXT NOT NULL DEFAULT '',
  CONSTRAINT bookings_party CHECK (party > 0)
);
CREATE UNIQUE INDEX bookings_code_key ON bookings (code);
CREATE INDEX bookings_event_id_idx ON bookings (event_id);
CREATE INDEX bookings_holder_id_idx ON bookings (holder_id, created_at);
CREATE INDEX bookings_org_id_idx ON bookings (org_id, created_at);
CREATE INDEX bookings_person_id_idx ON bookings (person_id);

-- One row a seat a booking; released rows stay as history. The unique index is
-- the referee: a seat of an event has at most one living row.
CREATE TABLE booking_seats (
  booking_id  TEXT NOT NULL REFERENCES bookings (id),
  seat_id     INTEGER NOT NULL REFERENCES seats (id),
  event_id    INTEGER NOT NULL,
  label       TEXT NOT NULL,
  outcome     TEXT NOT NULL DEFAULT '',
  released_at TEXT,
  PRIMARY KEY (booking_id, seat_id)
);
CREATE UNIQUE INDEX booking_seats_event_id_seat_id_key ON booking_seats (event_id, seat_id) WHERE released_at IS NULL;

-- Scans at the door, append-only but for an undo with its reason.
CREATE TABLE checkins (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id    INTEGER NOT NULL REFERENCES events (id),
  booking_id  TEXT NOT NULL REFERENCES bookings (id),
  seat_id     INTEGER NOT NULL,
  nonce       TEXT NOT NULL,
  door        TEXT NOT NULL DEFAULT '',
  by_id       INTEGER NOT NULL,
  at          TEXT NOT NULL,
  undone_at   TEXT,
  undone_by   INTEGER,
  undo_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX checkins_booking_id_seat_id_key ON checkins (booking_id, seat_id) WHERE undone_at IS NULL;
CREATE INDEX checkins_event_id_idx ON checkins (event_id);
CREATE INDEX checkins_nonce_idx ON checkins (nonce);

-- +goose Down
DROP TABLE checkins;
DROP TABLE booking_seats;
DROP TABLE bookings;
DROP TABLE events;
DROP TABLE seats;
DROP TABLE seat_plans;
DROP TABLE halls;
DROP TABLE occupancies;
DROP TABLE resources;
