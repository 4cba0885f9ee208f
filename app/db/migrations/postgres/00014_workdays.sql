-- +goose Up
-- The working calendar, as it was published and as it was changed: each version
-- holds a whole list of one year, or the hours of a working day (year null).
-- Nothing is overwritten; of a year the latest version counts.
CREATE TABLE workday_versions (
  version    BIGINT PRIMARY KEY,
  year       BIGINT,
  hours      TEXT NOT NULL DEFAULT '',
  source     TEXT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  CONSTRAINT workday_versions_one CHECK ((year IS NULL) = (hours <> ''))
);
CREATE INDEX workday_versions_year_idx ON workday_versions (year, version);

-- The days of a version: statutory holidays (holiday), weekends worked to make up
-- for them (makeup).
CREATE TABLE workdays (
  version BIGINT NOT NULL REFERENCES workday_versions (version),
  day     TEXT NOT NULL,
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  PRIMARY KEY (version, day)
);

-- +goose Down
DROP TABLE workdays;
DROP TABLE workday_versions;
