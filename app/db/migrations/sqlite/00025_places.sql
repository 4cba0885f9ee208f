-- +goose Up
-- An event need not lie in a hall: without a plan its places are numbered, 1 to
-- the number of letters in seat_map, and booking_seats holds those numbers. So
-- events lose two NOT NULLs, and booking_seats its tie to seats.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE events_before AS SELECT * FROM events;
DROP TABLE events;
CREATE TABLE events (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,
  resource_id  INTEGER REFERENCES resources (id),
  org_id       INTEGER NOT NULL REFERENCES orgs (id),
  title        TEXT NOT NULL,
  plan_id      INTEGER REFERENCES seat_plans (id),
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
  waiting      INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT events_span CHECK (starts_at < ends_at),
  CONSTRAINT events_counts CHECK (taken >= 0 AND reserved >= 0 AND taken + reserved <= for_sale)
);
INSERT INTO events (id, kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at, cancel_until,
    release_at, remind_hours, max_seats, seat_map, for_sale, taken, reserved, attended, version, created_by, created_at, waiting)
  SELECT id, kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at, cancel_until,
    release_at, remind_hours, max_seats, seat_map, for_sale, taken, reserved, attended, version, created_by, created_at, waiting FROM events_before;
DROP TABLE events_before;
CREATE INDEX events_starts_at_idx ON events (starts_at);
CREATE INDEX events_resource_id_starts_at_idx ON events (resource_id, starts_at);
CREATE INDEX events_state_ends_at_idx ON events (state, ends_at);

CREATE TABLE booking_seats_before AS SELECT * FROM booking_seats;
DROP TABLE booking_seats;
CREATE TABLE booking_seats (
  booking_id  TEXT NOT NULL REFERENCES bookings (id),
  seat_id     INTEGER NOT NULL,
  event_id    INTEGER NOT NULL,
  label       TEXT NOT NULL,
  outcome     TEXT NOT NULL DEFAULT '',
  released_at TEXT,
  PRIMARY KEY (booking_id, seat_id)
);
INSERT INTO booking_seats SELECT booking_id, seat_id, event_id, label, outcome, released_at FROM booking_seats_before;
DROP TABLE booking_seats_before;
CREATE UNIQUE INDEX booking_seats_event_id_seat_id_key ON booking_seats (event_id, seat_id) WHERE released_at IS NULL;

-- Places kept for some until a moment; the letter is their mark in seat_map.
CREATE TABLE event_shares (
  event_id    INTEGER NOT NULL REFERENCES events (id),
  letter      TEXT NOT NULL,
  who         TEXT NOT NULL,
  org_id      INTEGER REFERENCES orgs (id),
  name        TEXT NOT NULL,
  places      INTEGER NOT NULL,
  until_at    TEXT NOT NULL,
  released_at TEXT,
  PRIMARY KEY (event_id, letter),
  CONSTRAINT event_shares_places CHECK (places > 0)
);

-- Who waits has the id that the booking will have, and its shares.
ALTER TABLE waitlist_entries ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE waitlist_entries ADD COLUMN shares TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX waitlist_entries_uid_key ON waitlist_entries (uid) WHERE uid <> '';

-- +goose Down
DROP INDEX waitlist_entries_uid_key;
ALTER TABLE waitlist_entries DROP COLUMN shares;
ALTER TABLE waitlist_entries DROP COLUMN uid;
DROP TABLE event_shares;
