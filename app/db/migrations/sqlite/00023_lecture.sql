-- +goose Up
-- A team that can be ordered: a lecture team or a volunteer team. It is a
-- resource, so that it cannot be in two places. audiences are words joined by
-- commas, empty is everybody; area_id is whose part of the district it serves,
-- null is all of it; travel_min is kept free before and after each session;
-- per_week 0 is no limit.
CREATE TABLE lecture_teams (
  id            INTEGER PRIMARY KEY REFERENCES resources (id),
  org_id        INTEGER NOT NULL REFERENCES orgs (id),
  kind          TEXT NOT NULL,
  category      TEXT NOT NULL,
  intro         TEXT NOT NULL DEFAULT '',
  audiences     TEXT NOT NULL DEFAULT '',
  area_id       INTEGER REFERENCES orgs (id),
  travel_min    INTEGER NOT NULL,
  per_week      INTEGER NOT NULL DEFAULT 0,
  last_asked_at TEXT,
  created_at    TEXT NOT NULL,
  archived_at   TEXT,
  CONSTRAINT lecture_teams_bounds CHECK (travel_min BETWEEN 0 AND 240 AND per_week BETWEEN 0 AND 50)
);
CREATE UNIQUE INDEX lecture_teams_org_id_key ON lecture_teams (org_id);

-- When a team can come, in minutes after midnight, on a weekday (1 Monday … 7
-- Sunday); a weekday without a row is none of its days.
CREATE TABLE lecture_team_hours (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id INTEGER NOT NULL REFERENCES lecture_teams (id),
  day     INTEGER NOT NULL,
  opens   INTEGER NOT NULL,
  closes  INTEGER NOT NULL,
  CONSTRAINT lecture_team_hours_span CHECK (day BETWEEN 1 AND 7 AND opens >= 0 AND opens < closes AND closes <= 1440)
);
CREATE INDEX lecture_team_hours_team_id_idx ON lecture_team_hours (team_id);

CREATE TABLE lecture_team_off (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id    INTEGER NOT NULL REFERENCES lecture_teams (id),
  from_day   TEXT NOT NULL,
  until_day  TEXT NOT NULL,
  reason     TEXT NOT NULL DEFAULT '',
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT lecture_team_off_span CHECK (from_day <= until_day)
);
CREATE INDEX lecture_team_off_team_id_idx ON lecture_team_off (team_id);

-- Who is in a team: an account, or somebody known by name and number alone.
CREATE TABLE lecture_members (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id     INTEGER NOT NULL REFERENCES lecture_teams (id),
  account_id  INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  name        TEXT NOT NULL,
  leads       BOOLEAN NOT NULL,
  created_at  TEXT NOT NULL,
  archived_at TEXT
);
CREATE INDEX lecture_members_team_id_idx ON lecture_members (team_id);
CREATE UNIQUE INDEX lecture_members_team_id_account_id_key ON lecture_members (team_id, account_id) WHERE archived_at IS NULL;

-- The menu. A topic is on that of the organisation which publishes it and of all
-- below. initials are the first letters of its title in pinyin, for the search.
CREATE TABLE lecture_topics (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id       INTEGER NOT NULL REFERENCES orgs (id),
  title        TEXT NOT NULL,
  initials     TEXT NOT NULL,
  category     TEXT NOT NULL,
  summary      TEXT NOT NULL DEFAULT '',
  material     TEXT NOT NULL DEFAULT '',
  length_min   INTEGER NOT NULL,
  audiences    TEXT NOT NULL DEFAULT '',
  created_by   INTEGER NOT NULL,
  created_at   TEXT NOT NULL,
  published_at TEXT,
  CONSTRAINT lecture_topics_length CHECK (length_min BETWEEN 10 AND 480)
);
CREATE INDEX lecture_topics_org_id_idx ON lecture_topics (org_id);

CREATE TABLE lecture_topic_teams (
  topic_id INTEGER NOT NULL REFERENCES lecture_topics (id),
  team_id  INTEGER NOT NULL REFERENCES lecture_teams (id),
  PRIMARY KEY (topic_id, team_id)
);
CREATE INDEX lecture_topic_teams_team_id_idx ON lecture_topic_teams (team_id);

-- What is not on the menu. Staff turn it into an order, or into another wish of
-- the same kind.
CREATE TABLE lecture_wishes (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  text        TEXT NOT NULL,
  audience    TEXT NOT NULL,
  holder_id   INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  name        TEXT NOT NULL,
  channel     TEXT NOT NULL,
  state       TEXT NOT NULL,
  merged_into INTEGER REFERENCES lecture_wishes (id),
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL
);
CREATE INDEX lecture_wishes_org_id_state_idx ON lecture_wishes (org_id, state);

-- An agreed session: one team, one time, one place, for one order or several
-- that were merged. Its team and room stand in occupancies under source
-- "lecture". flagged: nobody marked its end, the job did.
CREATE TABLE lecture_sessions (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  team_id    INTEGER NOT NULL REFERENCES lecture_teams (id),
  room_id    INTEGER REFERENCES resources (id),
  starts_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL,
  state      TEXT NOT NULL,
  begun_at   TEXT,
  ended_at   TEXT,
  heads      INTEGER,
  note       TEXT NOT NULL DEFAULT '',
  flagged    BOOLEAN NOT NULL DEFAULT FALSE,
  created_at TEXT NOT NULL,
  CONSTRAINT lecture_sessions_span CHECK (starts_at < ends_at),
  CONSTRAINT lecture_sessions_heads CHECK (heads >= 0)
);
CREATE INDEX lecture_sessions_team_id_starts_at_idx ON lecture_sessions (team_id, starts_at);
CREATE INDEX lecture_sessions_state_ends_at_idx ON lecture_sessions (state, ends_at);

-- An order (点单). Two wanted times, or any day from from_day to until_day. The
-- place is the orderer's own (place), a room of the district (room_id), or an
-- address that is sealed and opened for the team on duty alone. level: who has
-- to act, 0 the station, 1 the sub-district, 2 the district. tries counts the
-- rounds of offers since it was last dispatched by hand. Of the link to rate
-- only a hash is kept.
CREATE TABLE lecture_orders (
  id           TEXT NOT NULL PRIMARY KEY,
  org_id       INTEGER NOT NULL REFERENCES orgs (id),
  holder_id    INTEGER REFERENCES accounts (id),
  person_id    INTEGER REFERENCES people (id),
  for_org_id   INTEGER REFERENCES orgs (id),
  name         TEXT NOT NULL,
  contact      TEXT NOT NULL DEFAULT '',
  phone_enc    TEXT NOT NULL DEFAULT '',
  channel      TEXT NOT NULL,
  read_back    BOOLEAN NOT NULL DEFAULT FALSE,
  topic_id     INTEGER REFERENCES lecture_topics (id),
  wish         TEXT NOT NULL DEFAULT '',
  wish_id      INTEGER REFERENCES lecture_wishes (id),
  audience     TEXT NOT NULL,
  heads        INTEGER NOT NULL,
  length_min   INTEGER NOT NULL,
  note         TEXT NOT NULL DEFAULT '',
  first_at     TEXT,
  second_at    TEXT,
  from_day     TEXT,
  until_day    TEXT,
  place_kind   TEXT NOT NULL,
  place        TEXT NOT NULL DEFAULT '',
  room_id      INTEGER REFERENCES resources (id),
  address_enc  TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL,
  level        INTEGER NOT NULL DEFAULT 0,
  mode         TEXT NOT NULL DEFAULT '',
  tries        INTEGER NOT NULL DEFAULT 0,
  reason       TEXT NOT NULL DEFAULT '',
  merged_into  TEXT REFERENCES lecture_orders (id),
  session_id   INTEGER REFERENCES lecture_sessions (id),
  rate_hash    TEXT,
  rate_until   TEXT,
  callback     BOOLEAN NOT NULL DEFAULT FALSE,
  called_at    TEXT,
  called_note  TEXT NOT NULL DEFAULT '',
  reopened     INTEGER NOT NULL DEFAULT 0,
  created_by   INTEGER NOT NULL,
  created_at   TEXT NOT NULL,
  submitted_at TEXT,
  changed_at   TEXT NOT NULL,
  closed_at    TEXT,
  CONSTRAINT lecture_orders_what CHECK (topic_id IS NOT NULL OR wish <> ''),
  CONSTRAINT lecture_orders_when CHECK (first_at IS NOT NULL OR (from_day IS NOT NULL AND until_day IS NOT NULL AND from_day <= until_day)),
  CONSTRAINT lecture_orders_heads CHECK (heads BETWEEN 1 AND 2000),
  CONSTRAINT lecture_orders_merged CHECK (state <> 'merged' OR merged_into IS NOT NULL),
  CONSTRAINT lecture_orders_session CHECK (state NOT IN ('accepted', 'in_service') OR session_id IS NOT NULL)
);
CREATE INDEX lecture_orders_org_id_state_idx ON lecture_orders (org_id, state);
CREATE INDEX lecture_orders_state_idx ON lecture_orders (state, changed_at);
CREATE INDEX lecture_orders_holder_id_idx ON lecture_orders (holder_id, created_at);
CREATE INDEX lecture_orders_session_id_idx ON lecture_orders (session_id);
CREATE INDEX lecture_orders_merged_into_idx ON lecture_orders (merged_into);
CREATE UNIQUE INDEX lecture_orders_rate_hash_key ON lecture_orders (rate_hash);

-- A clock of an order: so many working minutes for a step, from started_at. The
-- deadline stands as it was told, with the version of the calendar it was
-- counted by; without one (and calendar 0) it runs into a year whose holidays are
-- not published yet. spent_min is what was used when it stopped; paused: it stopped
-- because the orderer has to do something, and goes on as another row.
CREATE TABLE lecture_clocks (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id   TEXT NOT NULL REFERENCES lecture_orders (id),
  step       TEXT NOT NULL,
  minutes    INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  due_at     TEXT,
  calendar   INTEGER NOT NULL,
  stopped_at TEXT,
  spent_min  INTEGER,
  paused     BOOLEAN NOT NULL DEFAULT FALSE,
  CONSTRAINT lecture_clocks_minutes CHECK (minutes >= 0 AND started_at <= due_at)
);
CREATE INDEX lecture_clocks_order_id_idx ON lecture_clocks (order_id);
CREATE UNIQUE INDEX lecture_clocks_order_id_key ON lecture_clocks (order_id) WHERE stopped_at IS NULL;
CREATE INDEX lecture_clocks_due_at_idx ON lecture_clocks (due_at) WHERE stopped_at IS NULL;

-- An offer to a team (派单). round tells which offers went out together; of its
-- link only a hash is kept.
CREATE TABLE lecture_offers (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id    TEXT NOT NULL REFERENCES lecture_orders (id),
  team_id     INTEGER NOT NULL REFERENCES lecture_teams (id),
  round       INTEGER NOT NULL,
  mode        TEXT NOT NULL,
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  state       TEXT NOT NULL,
  token_hash  TEXT NOT NULL,
  deadline    TEXT NOT NULL,
  proposed_at TEXT,
  reason      TEXT NOT NULL DEFAULT '',
  created_by  INTEGER NOT NULL,
  created_at  TEXT NOT NULL,
  answered_at TEXT,
  CONSTRAINT lecture_offers_span CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX lecture_offers_token_hash_key ON lecture_offers (token_hash);
CREATE UNIQUE INDEX lecture_offers_order_id_key ON lecture_offers (order_id) WHERE state = 'accepted';
CREATE INDEX lecture_offers_order_id_round_idx ON lecture_offers (order_id, round);
CREATE INDEX lecture_offers_team_id_idx ON lecture_offers (team_id, created_at);
CREATE INDEX lecture_offers_state_deadline_idx ON lecture_offers (state, deadline);

-- One answer for each order; an order without one is not rated, and never counts
-- as good. face: 3 good, 2 so-so, 1 not good.
CREATE TABLE lecture_ratings (
  order_id TEXT NOT NULL PRIMARY KEY REFERENCES lecture_orders (id),
  face     INTEGER NOT NULL,
  text     TEXT NOT NULL DEFAULT '',
  rated_at TEXT NOT NULL,
  CONSTRAINT lecture_ratings_face CHECK (face BETWEEN 1 AND 3)
);

CREATE TABLE lecture_photos (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES lecture_sessions (id),
  slot       INTEGER NOT NULL,
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  hash       TEXT NOT NULL,
  body       BLOB NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT lecture_photos_slot CHECK (slot BETWEEN 1 AND 6)
);
CREATE UNIQUE INDEX lecture_photos_session_id_slot_key ON lecture_photos (session_id, slot);

-- +goose Down
DROP TABLE lecture_photos;
DROP TABLE lecture_ratings;
DROP TABLE lecture_offers;
DROP TABLE lecture_clocks;
DROP TABLE lecture_orders;
DROP TABLE lecture_sessions;
DROP TABLE lecture_wishes;
DROP TABLE lecture_topic_teams;
DROP TABLE lecture_topics;
DROP TABLE lecture_members;
DROP TABLE lecture_team_off;
DROP TABLE lecture_team_hours;
DROP TABLE lecture_teams;
