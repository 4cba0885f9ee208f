-- +goose Up
-- A venue is a house with rooms in it. owner_id is the partner who lends it:
-- bookings of its rooms need the owner's yes.
CREATE TABLE venues (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id     INTEGER NOT NULL REFERENCES orgs (id),
  code       TEXT NOT NULL,
  name       TEXT NOT NULL,
  address    TEXT NOT NULL DEFAULT '',
  phone      TEXT NOT NULL DEFAULT '',
  route      TEXT NOT NULL DEFAULT '',
  owner_id   INTEGER REFERENCES orgs (id),
  created_at TEXT NOT NULL,
  archived_at TEXT
);
CREATE UNIQUE INDEX venues_code_key ON venues (code);
CREATE INDEX venues_org_id_idx ON venues (org_id);

-- A room, one of its tables (whole_id is the room), or a piece of equipment that
-- a booking takes along. slot_min 0: any time on the grid of step_min.
CREATE TABLE rooms (
  id          INTEGER PRIMARY KEY REFERENCES resources (id),
  venue_id    INTEGER NOT NULL REFERENCES venues (id),
  whole_id    INTEGER REFERENCES rooms (id),
  kind        TEXT NOT NULL,
  use         TEXT NOT NULL DEFAULT '',
  capacity    INTEGER NOT NULL,
  audience    TEXT NOT NULL,
  accessible  BOOLEAN NOT NULL DEFAULT FALSE,
  access_note TEXT NOT NULL DEFAULT '',
  floor       TEXT NOT NULL DEFAULT '',
  contact     TEXT NOT NULL DEFAULT '',
  house_rules TEXT NOT NULL DEFAULT '',
  slot_min    INTEGER NOT NULL DEFAULT 0,
  step_min    INTEGER NOT NULL DEFAULT 30,
  setup_min   INTEGER NOT NULL DEFAULT 0,
  cleanup_min INTEGER NOT NULL DEFAULT 0,
  ord         INTEGER NOT NULL DEFAULT 0,
  archived_at TEXT,
  CONSTRAINT rooms_capacity CHECK (capacity >= 0),
  CONSTRAINT rooms_grid CHECK (step_min BETWEEN 5 AND 1440 AND slot_min BETWEEN 0 AND 1440 AND setup_min BETWEEN 0 AND 480 AND cleanup_min BETWEEN 0 AND 480)
);
CREATE INDEX rooms_venue_id_idx ON rooms (venue_id, ord);
CREATE INDEX rooms_whole_id_idx ON rooms (whole_id);

-- When a room is open, in minutes after midnight: on a weekday (1 Monday … 7
-- Sunday), on a statutory holiday (8), on a weekend that is worked (9). A day
-- with no row is closed, but 9 falls back to its weekday. The rows of a room
-- stand in for those of its venue (room_id null).
CREATE TABLE opening_hours (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id INTEGER NOT NULL REFERENCES venues (id),
  room_id  INTEGER REFERENCES rooms (id),
  day      INTEGER NOT NULL,
  opens    INTEGER NOT NULL,
  closes   INTEGER NOT NULL,
  CONSTRAINT opening_hours_span CHECK (day BETWEEN 1 AND 9 AND opens >= 0 AND opens < closes AND closes <= 1440)
);
CREATE INDEX opening_hours_venue_id_idx ON opening_hours (venue_id);

-- One day that is otherwise: other hours, or closed (no hours).
CREATE TABLE opening_exceptions (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id   INTEGER NOT NULL REFERENCES venues (id),
  room_id    INTEGER REFERENCES rooms (id),
  day        TEXT NOT NULL,
  opens      INTEGER,
  closes     INTEGER,
  reason     TEXT NOT NULL DEFAULT '',
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT opening_exceptions_span CHECK (opens >= 0 AND opens < closes AND closes <= 1440)
);
CREATE INDEX opening_exceptions_venue_id_day_idx ON opening_exceptions (venue_id, day);

-- What a kind of booker may do: in one room, or in all of a venue (room_id
-- null). who: resident, org (a branch, a team, a station). Who has not come is
-- warned, and from the strikes-th time within strike_days on may not book for
-- pause_days (strikes 0: never).
CREATE TABLE room_rules (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id     INTEGER NOT NULL REFERENCES venues (id),
  room_id      INTEGER REFERENCES rooms (id),
  who          TEXT NOT NULL,
  ahead_days   INTEGER NOT NULL,
  ahead_min    INTEGER NOT NULL,
  longest_min  INTEGER NOT NULL,
  per_week     INTEGER NOT NULL,
  approve      BOOLEAN NOT NULL,
  desk_percent INTEGER NOT NULL,
  cancel_min   INTEGER NOT NULL,
  grace_min    INTEGER NOT NULL,
  strikes      INTEGER NOT NULL DEFAULT 0,
  strike_days  INTEGER NOT NULL DEFAULT 90,
  pause_days   INTEGER NOT NULL DEFAULT 14,
  CONSTRAINT room_rules_bounds CHECK (ahead_days BETWEEN 1 AND 400 AND ahead_min >= 0 AND longest_min > 0 AND per_week >= 0
    AND desk_percent BETWEEN 0 AND 100 AND cancel_min >= 0 AND grace_min >= 0
    AND strikes BETWEEN 0 AND 20 AND strike_days BETWEEN 1 AND 400 AND pause_days BETWEEN 1 AND 400)
);
CREATE INDEX room_rules_venue_id_idx ON room_rules (venue_id);

-- A booking that recurs; every occurrence is a booking of its own, made ahead as
-- far as the rule of the room lets book. rule is an RRULE with ours added; see
-- models.Recurrence. extras are the resources taken along, left_out
-- the dates that are not made, as JSON lists. ends_on
-- is the day before a later series that took over.
CREATE TABLE room_series (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  uid        TEXT NOT NULL,
  room_id    INTEGER NOT NULL REFERENCES rooms (id),
  rule       TEXT NOT NULL,
  first_day  TEXT NOT NULL,
  minute     INTEGER NOT NULL,
  length_min INTEGER NOT NULL,
  holder_id  INTEGER REFERENCES accounts (id),
  person_id  INTEGER REFERENCES people (id),
  org_id     INTEGER REFERENCES orgs (id),
  name       TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  attendees  INTEGER NOT NULL,
  guardian   TEXT NOT NULL DEFAULT '',
  extras     TEXT NOT NULL DEFAULT '[]',
  left_out   TEXT NOT NULL DEFAULT '[]',
  channel    TEXT NOT NULL,
  made_until TEXT NOT NULL,
  ends_on    TEXT,
  ended_at   TEXT,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  version    INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT room_series_span CHECK (minute BETWEEN 0 AND 1439 AND length_min > 0)
);
CREATE UNIQUE INDEX room_series_uid_key ON room_series (uid);
CREATE INDEX room_series_made_until_idx ON room_series (made_until);

-- A room for a time. changed: an occurrence that was moved by itself. place_ok and
-- owner_ok are '' where nobody is asked, else wanted or given. release_at: when it
-- is let go unless somebody came. What it takes stands in room_booking_claims, the
-- time itself, buffers included, in occupancies under source "room_booking".
CREATE TABLE room_bookings (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  uid           TEXT NOT NULL,
  code          TEXT NOT NULL,
  room_id       INTEGER NOT NULL REFERENCES rooms (id),
  series_id     INTEGER REFERENCES room_series (id),
  series_day    TEXT,
  holder_id     INTEGER REFERENCES accounts (id),
  person_id     INTEGER REFERENCES people (id),
  org_id        INTEGER REFERENCES orgs (id),
  name          TEXT NOT NULL,
  starts_at     TEXT NOT NULL,
  ends_at       TEXT NOT NULL,
  purpose       TEXT NOT NULL,
  attendees     INTEGER NOT NULL,
  guardian      TEXT NOT NULL DEFAULT '',
  changed       BOOLEAN NOT NULL DEFAULT FALSE,
  status        TEXT NOT NULL,
  holds         BOOLEAN NOT NULL,
  deadline      TEXT,
  place_ok      TEXT NOT NULL DEFAULT '',
  owner_ok      TEXT NOT NULL DEFAULT '',
  proposed_room INTEGER REFERENCES rooms (id),
  proposed_start TEXT,
  proposed_end  TEXT,
  channel       TEXT NOT NULL,
  read_back     BOOLEAN NOT NULL DEFAULT FALSE,
  created_by    INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  decided_by    INTEGER,
  decided_at    TEXT,
  reason        TEXT NOT NULL DEFAULT '',
  checked_in_at TEXT,
  checked_in_by INTEGER,
  ended_at      TEXT,
  reminded      INTEGER NOT NULL DEFAULT 0,
  excused_at    TEXT,
  release_at    TEXT,
  cancel_until  TEXT NOT NULL,
  version       INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT room_bookings_span CHECK (starts_at < ends_at),
  CONSTRAINT room_bookings_attendees CHECK (attendees > 0)
);
CREATE UNIQUE INDEX room_bookings_uid_key ON room_bookings (uid);
CREATE UNIQUE INDEX room_bookings_code_key ON room_bookings (code);
CREATE UNIQUE INDEX room_bookings_series_id_series_day_key ON room_bookings (series_id, series_day);
CREATE INDEX room_bookings_room_id_starts_at_idx ON room_bookings (room_id, starts_at);
CREATE INDEX room_bookings_status_ends_at_idx ON room_bookings (status, ends_at);
CREATE INDEX room_bookings_status_deadline_idx ON room_bookings (status, deadline);
CREATE INDEX room_bookings_status_release_at_idx ON room_bookings (status, release_at);
CREATE INDEX room_bookings_holder_id_idx ON room_bookings (holder_id, starts_at);
CREATE INDEX room_bookings_person_id_idx ON room_bookings (person_id, starts_at);
CREATE INDEX room_bookings_org_id_idx ON room_bookings (org_id, starts_at);

-- Everything a booking takes: the room or table itself, the tables of a whole
-- room, the equipment.
CREATE TABLE room_booking_claims (
  booking_id  INTEGER NOT NULL REFERENCES room_bookings (id),
  resource_id INTEGER NOT NULL REFERENCES resources (id),
  extra       BOOLEAN NOT NULL,
  PRIMARY KEY (booking_id, resource_id)
);
CREATE INDEX room_booking_claims_resource_id_idx ON room_booking_claims (resource_id);

-- Who did not come too often may not book at a venue until a date. One row has
-- the appeal against it and the answer.
CREATE TABLE room_pauses (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id    INTEGER NOT NULL REFERENCES venues (id),
  account_id  INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  booking_id  INTEGER NOT NULL REFERENCES room_bookings (id),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  appeal      TEXT NOT NULL DEFAULT '',
  appealed_at TEXT,
  answer      TEXT NOT NULL DEFAULT '',
  answered_by INTEGER,
  answered_at TEXT,
  lifted_at   TEXT,
  CONSTRAINT room_pauses_span CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX room_pauses_booking_id_key ON room_pauses (booking_id);
CREATE INDEX room_pauses_account_id_idx ON room_pauses (account_id, ends_at);
CREATE INDEX room_pauses_person_id_idx ON room_pauses (person_id, ends_at);

-- A room, or a whole venue, is closed for a time. A draft takes no time yet: it
-- shows the bookings that it would hit. The time itself stands in occupancies
-- under source "room_closure".
CREATE TABLE room_closures (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id   INTEGER NOT NULL REFERENCES venues (id),
  room_id    INTEGER REFERENCES rooms (id),
  starts_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  status     TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  closed_at  TEXT,
  lifted_at  TEXT,
  CONSTRAINT room_closures_span CHECK (starts_at < ends_at)
);
CREATE INDEX room_closures_venue_id_idx ON room_closures (venue_id, starts_at);

-- +goose Down
DROP TABLE room_closures;
DROP TABLE room_pauses;
DROP TABLE room_booking_claims;
DROP TABLE room_bookings;
DROP TABLE room_series;
DROP TABLE room_rules;
DROP TABLE opening_exceptions;
DROP TABLE opening_hours;
DROP TABLE rooms;
DROP TABLE venues;
