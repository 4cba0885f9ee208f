-- +goose Up
-- Who comes under a booking, as its booker names them; seat_id while one of the
-- booking's seats is given to them, else they sit where they like within it.
CREATE TABLE attendees (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  ord        INTEGER NOT NULL,
  name       TEXT NOT NULL,
  seat_id    INTEGER,
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX attendees_booking_id_ord_key ON attendees (booking_id, ord);
CREATE UNIQUE INDEX attendees_booking_id_seat_id_key ON attendees (booking_id, seat_id) WHERE seat_id IS NOT NULL;

-- Which of them a scan was of, when the door knows.
ALTER TABLE checkins ADD COLUMN attendee_id INTEGER REFERENCES attendees (id);

-- +goose Down
ALTER TABLE checkins DROP COLUMN attendee_id;
DROP TABLE attendees;
