-- +goose Up
-- Who did not come too often may not book at a venue, or not sign up with a station,
-- until a date. One row has the appeal against it and the answer. kind is the feature,
-- source what was the last straw there: the booking of a room, the sign-up.
CREATE TABLE pauses (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  kind        TEXT NOT NULL,
  source      TEXT NOT NULL,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  venue_id    INTEGER REFERENCES venues (id),
  account_id  INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  appeal      TEXT NOT NULL DEFAULT '',
  appealed_at TEXT,
  answer      TEXT NOT NULL DEFAULT '',
  answered_by INTEGER,
  answered_at TEXT,
  lifted_at   TEXT,
  CONSTRAINT pauses_span CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX pauses_kind_source_key ON pauses (kind, source);
CREATE INDEX pauses_account_id_idx ON pauses (account_id, ends_at);
CREATE INDEX pauses_person_id_idx ON pauses (person_id, ends_at);
INSERT INTO pauses (kind, source, org_id, venue_id, account_id, person_id, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at)
  SELECT 'room', b.uid, v.org_id, p.venue_id, p.account_id, p.person_id, p.starts_at, p.ends_at, p.appeal, p.appealed_at, p.answer, p.answered_by, p.answered_at, p.lifted_at
  FROM room_pauses p JOIN venues v ON v.id = p.venue_id JOIN room_bookings b ON b.id = p.booking_id ORDER BY p.id;
INSERT INTO pauses (kind, source, org_id, account_id, person_id, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at)
  SELECT 'activity', signup_uid, org_id, account_id, person_id, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at FROM activity_pauses ORDER BY id;
DROP TABLE room_pauses;
DROP TABLE activity_pauses;

-- +goose Down
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
CREATE TABLE activity_pauses (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  account_id  INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  signup_uid  TEXT NOT NULL REFERENCES activity_signups (uid),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  appeal      TEXT NOT NULL DEFAULT '',
  appealed_at TEXT,
  answer      TEXT NOT NULL DEFAULT '',
  answered_by INTEGER,
  answered_at TEXT,
  lifted_at   TEXT,
  CONSTRAINT activity_pauses_span CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX activity_pauses_signup_uid_key ON activity_pauses (signup_uid);
CREATE INDEX activity_pauses_account_id_idx ON activity_pauses (account_id, ends_at);
CREATE INDEX activity_pauses_person_id_idx ON activity_pauses (person_id, ends_at);
INSERT INTO room_pauses (venue_id, account_id, person_id, booking_id, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at)
  SELECT p.venue_id, p.account_id, p.person_id, b.id, p.starts_at, p.ends_at, p.appeal, p.appealed_at, p.answer, p.answered_by, p.answered_at, p.lifted_at
  FROM pauses p JOIN room_bookings b ON b.uid = p.source WHERE p.kind = 'room' ORDER BY p.id;
INSERT INTO activity_pauses (org_id, account_id, person_id, signup_uid, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at)
  SELECT org_id, account_id, person_id, source, starts_at, ends_at, appeal, appealed_at, answer, answered_by, answered_at, lifted_at FROM pauses WHERE kind = 'activity' ORDER BY id;
DROP TABLE pauses;
