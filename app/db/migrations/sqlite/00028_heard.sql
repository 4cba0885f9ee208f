-- +goose Up
-- A password that somebody else knows: good for one log-in, which sets another.
ALTER TABLE accounts ADD COLUMN password_once BOOLEAN NOT NULL DEFAULT FALSE;

-- By which way a booking was given up, and whether the clerk read that back.
ALTER TABLE bookings ADD COLUMN cancel_channel TEXT NOT NULL DEFAULT '';
ALTER TABLE bookings ADD COLUMN cancel_read_back BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE bookings DROP COLUMN cancel_read_back;
ALTER TABLE bookings DROP COLUMN cancel_channel;
ALTER TABLE accounts DROP COLUMN password_once;
