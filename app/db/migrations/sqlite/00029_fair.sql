-- +goose Up
-- How early a branch asks for the hall, and how many seats one person may have in
-- a public screening, in all of their bookings together; 0 is no limit.
ALTER TABLE halls ADD COLUMN lead_hours INTEGER NOT NULL DEFAULT 24;
ALTER TABLE halls ADD COLUMN person_seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN person_seats INTEGER NOT NULL DEFAULT 0;

-- Who was scanned is found by the purge of old lists, and by the foreign key.
CREATE INDEX checkins_attendee_id_idx ON checkins (attendee_id);

-- +goose Down
DROP INDEX checkins_attendee_id_idx;
ALTER TABLE events DROP COLUMN person_seats;
ALTER TABLE halls DROP COLUMN person_seats;
ALTER TABLE halls DROP COLUMN lead_hours;
