-- +goose Up
CREATE TABLE films (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  title        TEXT NOT NULL,
  runtime_min  INTEGER NOT NULL,
  theme        TEXT NOT NULL DEFAULT '',
  synopsis     TEXT NOT NULL DEFAULT '',
  licence_from TEXT NOT NULL,
  licence_to   TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  archived_at  TEXT,
  CONSTRAINT films_runtime CHECK (runtime_min BETWEEN 1 AND 600),
  CONSTRAINT films_licence CHECK (licence_from < licence_to)
);
CREATE UNIQUE INDEX films_title_key ON films (title);

-- A screening is an event with a film; id is the event's.
CREATE TABLE screenings (
  id            INTEGER PRIMARY KEY REFERENCES events (id),
  film_id       INTEGER NOT NULL REFERENCES films (id),
  oath_min      INTEGER NOT NULL,
  runtime_min   INTEGER NOT NULL,
  cleanup_min   INTEGER NOT NULL,
  branch_org_id INTEGER REFERENCES orgs (id),
  note          TEXT NOT NULL DEFAULT ''
);
CREATE INDEX screenings_film_id_idx ON screenings (film_id);

-- A branch asks for the whole hall. holds says whether it has the time, or
-- queues behind who does.
CREATE TABLE hall_requests (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  hall_id      INTEGER NOT NULL REFERENCES halls (id),
  film_id      INTEGER NOT NULL REFERENCES films (id),
  org_id       INTEGER NOT NULL REFERENCES orgs (id),
  holder_id    INTEGER NOT NULL REFERENCES accounts (id),
  starts_at    TEXT NOT NULL,
  span_start   TEXT NOT NULL,
  span_end     TEXT NOT NULL,
  headcount    INTEGER NOT NULL,
  purpose      TEXT NOT NULL,
  oath         BOOLEAN NOT NULL,
  status       TEXT NOT NULL,
  holds        BOOLEAN NOT NULL,
  deadline     TEXT NOT NULL,
  channel      TEXT NOT NULL,
  created_by   INTEGER NOT NULL,
  created_at   TEXT NOT NULL,
  decided_by   INTEGER,
  decided_at   TEXT,
  reason       TEXT NOT NULL DEFAULT '',
  proposed_at  TEXT,
  event_id     INTEGER REFERENCES events (id),
  CONSTRAINT hall_requests_headcount CHECK (headcount > 0),
  CONSTRAINT hall_requests_span CHECK (span_start < span_end)
);
CREATE INDEX hall_requests_hall_id_span_start_idx ON hall_requests (hall_id, span_start);
CREATE INDEX hall_requests_status_deadline_idx ON hall_requests (status, deadline);
CREATE INDEX hall_requests_org_id_idx ON hall_requests (org_id, created_at);

-- +goose Down
DROP TABLE hall_requests;
DROP TABLE screenings;
DROP TABLE films;
