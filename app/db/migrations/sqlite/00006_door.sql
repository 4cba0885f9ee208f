-- +goose Up
-- Every scan that was answered, so that the same nonce is the same scan for
-- ever: also after its check-in was taken back, and where it found all seated.
CREATE TABLE scans (
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  nonce      TEXT NOT NULL,
  at         TEXT NOT NULL,
  PRIMARY KEY (booking_id, nonce)
);
INSERT INTO scans (booking_id, nonce, at)
  SELECT booking_id, nonce, MIN(at) FROM checkins WHERE nonce <> '' GROUP BY booking_id, nonce;

-- When somebody came whom a list on paper names: the scan's own time is then
-- when it was entered. Empty: came at the time of the scan.
ALTER TABLE checkins ADD COLUMN came TEXT NOT NULL DEFAULT '';
-- The referees of the door: a seat of an event, and a member, is here once.
CREATE UNIQUE INDEX checkins_event_id_seat_id_key ON checkins (event_id, seat_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX checkins_attendee_id_key ON checkins (attendee_id) WHERE undone_at IS NULL AND attendee_id IS NOT NULL;

-- +goose Down
DROP INDEX checkins_attendee_id_key;
DROP INDEX checkins_event_id_seat_id_key;
ALTER TABLE checkins DROP COLUMN came;
DROP TABLE scans;
