-- +goose Up
-- A branch asks for more seats together than one booking may have. They are held
-- by a booking of status held until somebody decides, at the latest at the deadline.
CREATE TABLE block_requests (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  event_id   INTEGER NOT NULL REFERENCES events (id),
  org_id     INTEGER NOT NULL REFERENCES orgs (id),
  holder_id  INTEGER NOT NULL REFERENCES accounts (id),
  seats      INTEGER NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  status     TEXT NOT NULL,
  deadline   TEXT NOT NULL,
  channel    TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  decided_by INTEGER,
  decided_at TEXT,
  reason     TEXT NOT NULL DEFAULT '',
  CONSTRAINT block_requests_seats CHECK (seats > 0)
);
CREATE UNIQUE INDEX block_requests_booking_id_key ON block_requests (booking_id);
CREATE INDEX block_requests_status_deadline_idx ON block_requests (status, deadline);
CREATE INDEX block_requests_org_id_idx ON block_requests (org_id, created_at);
CREATE INDEX block_requests_event_id_idx ON block_requests (event_id);

-- +goose Down
DROP TABLE block_requests;
