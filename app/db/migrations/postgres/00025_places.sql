-- +goose Up
-- An event need not lie in a hall: without a plan its places are numbered, 1 to
-- the number of letters in seat_map, and booking_seats holds those numbers. So
-- events lose two NOT NULLs, and booking_seats its tie to seats.
ALTER TABLE events ALTER COLUMN resource_id DROP NOT NULL;
ALTER TABLE events ALTER COLUMN plan_id DROP NOT NULL;
ALTER TABLE booking_seats DROP CONSTRAINT booking_seats_seat_id_fkey;

-- Places kept for some until a moment; the letter is their mark in seat_map.
CREATE TABLE event_shares (
  event_id    BIGINT NOT NULL REFERENCES events (id),
  letter      TEXT NOT NULL,
  who         TEXT NOT NULL,
  org_id      BIGINT REFERENCES orgs (id),
  name        TEXT NOT NULL,
  places      BIGINT NOT NULL,
  until_at    TIMESTAMPTZ NOT NULL,
  released_at TIMESTAMPTZ,
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
