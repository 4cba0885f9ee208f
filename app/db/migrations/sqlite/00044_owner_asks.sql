-- +goose Up
-- What partners are asked for who lend a venue: a set of times of something that is
-- no booking of a room, as the evenings of an activity. Whoever asks has the time in
-- the kernel meanwhile.
CREATE TABLE owner_asks (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source_kind TEXT NOT NULL,
  source_id   INTEGER NOT NULL,
  venue_id    INTEGER NOT NULL REFERENCES venues (id),
  owner_id    INTEGER NOT NULL REFERENCES orgs (id),
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  title       TEXT NOT NULL,
  path        TEXT NOT NULL,
  deadline    TEXT NOT NULL,
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL
);
CREATE INDEX owner_asks_owner_id_idx ON owner_asks (owner_id, deadline);
CREATE INDEX owner_asks_source_idx ON owner_asks (source_kind, source_id);

-- One time of an ask. A time never changes: what is moved is withdrawn and asked for
-- anew, so that a yes to one time is none to another.
CREATE TABLE owner_ask_times (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  ask_id      INTEGER NOT NULL REFERENCES owner_asks (id),
  source_kind TEXT NOT NULL,
  source_id   INTEGER NOT NULL,
  item_id     INTEGER NOT NULL,
  room_id     INTEGER NOT NULL REFERENCES rooms (id),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  state       TEXT NOT NULL,
  decided_by  INTEGER,
  decided_at  TEXT,
  reason      TEXT NOT NULL DEFAULT '',
  CONSTRAINT owner_ask_times_span CHECK (starts_at < ends_at),
  CONSTRAINT owner_ask_times_state CHECK (state IN ('wanted', 'given', 'refused', 'lapsed', 'withdrawn'))
);
CREATE INDEX owner_ask_times_ask_id_idx ON owner_ask_times (ask_id);
CREATE INDEX owner_ask_times_source_idx ON owner_ask_times (source_kind, source_id);
CREATE INDEX owner_ask_times_room_id_idx ON owner_ask_times (room_id);
CREATE UNIQUE INDEX owner_ask_times_source_kind_item_id_room_id_key ON owner_ask_times (source_kind, item_id, room_id) WHERE state <> 'withdrawn';

-- +goose Down
DROP TABLE owner_ask_times;
DROP TABLE owner_asks;
