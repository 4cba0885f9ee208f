-- +goose Up
-- Who waits for places of an event. holder is who it is, "account:5", "person:7"
-- or "org:12": one living entry each. rank is the stated order, the smallest
-- first. An offer is a held booking with a deadline; of its link only a hash is
-- kept. passed counts how often a later party was offered what did not suffice
-- for this one.
CREATE TABLE waitlist_entries (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id    INTEGER NOT NULL REFERENCES events (id),
  holder      TEXT NOT NULL,
  holder_id   INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  org_id      INTEGER REFERENCES orgs (id),
  name        TEXT NOT NULL,
  place       TEXT NOT NULL,
  party       INTEGER NOT NULL,
  zone        TEXT NOT NULL,
  aisle       TEXT NOT NULL,
  wheelchairs INTEGER NOT NULL,
  companions  INTEGER NOT NULL,
  channel     TEXT NOT NULL,
  state       TEXT NOT NULL,
  rank        INTEGER NOT NULL,
  passed      INTEGER NOT NULL DEFAULT 0,
  booking_id  TEXT REFERENCES bookings (id),
  token_hash  TEXT,
  offered_at  TEXT,
  deadline    TEXT,
  ended_at    TEXT,
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  CONSTRAINT waitlist_entries_party CHECK (party > 0),
  CONSTRAINT waitlist_entries_offer CHECK (state NOT IN ('offered', 'taken', 'declined', 'expired') OR (booking_id IS NOT NULL AND deadline IS NOT NULL))
);
CREATE UNIQUE INDEX waitlist_entries_event_id_holder_key ON waitlist_entries (event_id, holder) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX waitlist_entries_token_hash_key ON waitlist_entries (token_hash);
CREATE UNIQUE INDEX waitlist_entries_booking_id_key ON waitlist_entries (booking_id);
CREATE INDEX waitlist_entries_event_id_rank_idx ON waitlist_entries (event_id, rank);
CREATE INDEX waitlist_entries_state_deadline_idx ON waitlist_entries (state, deadline);
CREATE INDEX waitlist_entries_holder_idx ON waitlist_entries (holder, created_at);

-- How many wait, so that a booking of an event without a list asks nothing more.
ALTER TABLE events ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE events DROP COLUMN waiting;
DROP TABLE waitlist_entries;
