-- +goose Up
-- The party-lesson record of a branch's booking, a row a version; the last one
-- counts. A draft is changed in place; what is signed stays as it was, and a
-- correction is one more row with its reason. What the bookings say (film, time,
-- place, branch, counts) is copied at each save and so frozen with the signature;
-- whose it is follows the booking.
CREATE TABLE lesson_records (
  booking_id      TEXT NOT NULL REFERENCES bookings (id),
  revision        INTEGER NOT NULL,
  state           TEXT NOT NULL,
  version         INTEGER NOT NULL,
  film            TEXT NOT NULL,
  starts_at       TEXT NOT NULL,
  ends_at         TEXT NOT NULL,
  place           TEXT NOT NULL,
  branch          TEXT NOT NULL,
  expected        INTEGER NOT NULL,
  arrived         INTEGER NOT NULL,
  unnamed         INTEGER NOT NULL DEFAULT 0,
  absent          TEXT NOT NULL DEFAULT '',
  stated_expected INTEGER,
  stated_arrived  INTEGER,
  stated_absent   TEXT NOT NULL DEFAULT '',
  stated_reason   TEXT NOT NULL DEFAULT '',
  host            TEXT NOT NULL DEFAULT '',
  oath            BOOLEAN,
  notes           TEXT NOT NULL DEFAULT '',
  reason          TEXT NOT NULL DEFAULT '',
  saved_by        INTEGER NOT NULL,
  saved_name      TEXT NOT NULL,
  saved_at        TEXT NOT NULL,
  signed_by       INTEGER,
  signed_name     TEXT NOT NULL DEFAULT '',
  signed_at       TEXT,
  PRIMARY KEY (booking_id, revision),
  CONSTRAINT lesson_records_counted CHECK (arrived >= 0 AND arrived <= expected),
  CONSTRAINT lesson_records_stated CHECK (stated_arrived >= 0 AND stated_arrived <= stated_expected),
  CONSTRAINT lesson_records_stated_reason CHECK ((stated_expected IS NULL AND stated_arrived IS NULL) OR stated_reason <> ''),
  CONSTRAINT lesson_records_signature CHECK (state = 'draft' OR signed_at IS NOT NULL),
  CONSTRAINT lesson_records_reason CHECK (state <> 'corrected' OR reason <> '')
);

-- +goose StatementBegin
CREATE TRIGGER lesson_records_signed_no_update BEFORE UPDATE ON lesson_records WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'lesson_records_signed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER lesson_records_signed_no_delete BEFORE DELETE ON lesson_records WHEN OLD.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'lesson_records_signed'); END;
-- +goose StatementEnd

-- Its photos, written anew as small JPEGs without what a phone hides in them.
-- The slots are the limit: there is no seventh.
CREATE TABLE lesson_photos (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  slot       INTEGER NOT NULL,
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  hash       TEXT NOT NULL,
  body       BLOB NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT lesson_photos_slot CHECK (slot BETWEEN 1 AND 6)
);
CREATE UNIQUE INDEX lesson_photos_booking_id_slot_key ON lesson_photos (booking_id, slot);

-- +goose Down
DROP TABLE lesson_photos;
DROP TABLE lesson_records;
