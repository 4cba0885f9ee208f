-- +goose Up
-- A hall in a cinema that has shows of its own: whether only released hours can
-- be had, and whether the cinema confirms, before or after the scheduler.
ALTER TABLE halls ADD COLUMN released_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE halls ADD COLUMN confirm TEXT NOT NULL DEFAULT 'none';

-- Hours that a cinema lets party lessons have. Living rows of a hall never
-- overlap; what is taken back keeps its row.
CREATE TABLE hall_releases (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  hall_id       INTEGER NOT NULL REFERENCES halls (id),
  starts_at     TEXT NOT NULL,
  ends_at       TEXT NOT NULL,
  projectionist TEXT NOT NULL DEFAULT '',
  note          TEXT NOT NULL DEFAULT '',
  created_by    INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  withdrawn_by  INTEGER,
  withdrawn_at  TEXT,
  CONSTRAINT hall_releases_span CHECK (starts_at < ends_at)
);
CREATE INDEX hall_releases_hall_id_ends_at_idx ON hall_releases (hall_id, ends_at);

-- Hours that a cinema needs itself; their time is an occupancy.
CREATE TABLE hall_blocks (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hall_id    INTEGER NOT NULL REFERENCES halls (id),
  starts_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  lifted_by  INTEGER,
  lifted_at  TEXT,
  CONSTRAINT hall_blocks_span CHECK (starts_at < ends_at)
);
CREATE INDEX hall_blocks_hall_id_ends_at_idx ON hall_blocks (hall_id, ends_at);

-- The scheduler's yes and the cinema's, and what the cinema names with it.
ALTER TABLE hall_requests ADD COLUMN agreed_by INTEGER;
ALTER TABLE hall_requests ADD COLUMN agreed_at TEXT;
ALTER TABLE hall_requests ADD COLUMN confirmed_by INTEGER;
ALTER TABLE hall_requests ADD COLUMN confirmed_at TEXT;
ALTER TABLE hall_requests ADD COLUMN projectionist TEXT NOT NULL DEFAULT '';
ALTER TABLE hall_requests ADD COLUMN projectionist_id INTEGER REFERENCES people (id);
ALTER TABLE hall_requests ADD COLUMN cost TEXT NOT NULL DEFAULT '';

-- confirm_until: while the cinema's yes is awaited.
ALTER TABLE screenings ADD COLUMN confirm_until TEXT;
ALTER TABLE screenings ADD COLUMN confirmed_by INTEGER;
ALTER TABLE screenings ADD COLUMN confirmed_at TEXT;
ALTER TABLE screenings ADD COLUMN projectionist TEXT NOT NULL DEFAULT '';
ALTER TABLE screenings ADD COLUMN projectionist_id INTEGER REFERENCES people (id);
ALTER TABLE screenings ADD COLUMN cost TEXT NOT NULL DEFAULT '';
CREATE INDEX screenings_confirm_until_idx ON screenings (confirm_until);

-- +goose Down
DROP INDEX screenings_confirm_until_idx;
ALTER TABLE screenings DROP COLUMN cost;
ALTER TABLE screenings DROP COLUMN projectionist_id;
ALTER TABLE screenings DROP COLUMN projectionist;
ALTER TABLE screenings DROP COLUMN confirmed_at;
ALTER TABLE screenings DROP COLUMN confirmed_by;
ALTER TABLE screenings DROP COLUMN confirm_until;
ALTER TABLE hall_requests DROP COLUMN cost;
ALTER TABLE hall_requests DROP COLUMN projectionist_id;
ALTER TABLE hall_requests DROP COLUMN projectionist;
ALTER TABLE hall_requests DROP COLUMN confirmed_at;
ALTER TABLE hall_requests DROP COLUMN confirmed_by;
ALTER TABLE hall_requests DROP COLUMN agreed_at;
ALTER TABLE hall_requests DROP COLUMN agreed_by;
DROP TABLE hall_blocks;
DROP TABLE hall_releases;
ALTER TABLE halls DROP COLUMN confirm;
ALTER TABLE halls DROP COLUMN released_only;
