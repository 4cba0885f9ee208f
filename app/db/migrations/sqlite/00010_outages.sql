-- +goose Up
-- A seat that is out of order for a time. It is named as people name it, by row
-- and number, and so means the same seat in every version of the hall's plan.
CREATE TABLE seat_outages (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hall_id    INTEGER NOT NULL REFERENCES halls (id),
  row_tag    TEXT NOT NULL,
  number     TEXT NOT NULL,
  starts_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  lifted_by  INTEGER,
  lifted_at  TEXT,
  CONSTRAINT seat_outages_span CHECK (starts_at < ends_at)
);
CREATE INDEX seat_outages_hall_id_ends_at_idx ON seat_outages (hall_id, ends_at);

-- +goose Down
DROP TABLE seat_outages;
