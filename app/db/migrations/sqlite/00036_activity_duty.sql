-- +goose Up
-- What else a session takes in the kernel beside its room: a team, and what goes
-- along with the room, as a JSON list of resource ids.
ALTER TABLE activities ADD COLUMN team_id INTEGER REFERENCES resources (id);
ALTER TABLE activities ADD COLUMN extras TEXT NOT NULL DEFAULT '[]';

-- Who goes to the homes of a session's visits. They alone read the addresses, on
-- the day.
CREATE TABLE activity_duty (
  session_id INTEGER NOT NULL REFERENCES activity_sessions (id),
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  PRIMARY KEY (session_id, account_id)
);
CREATE INDEX activity_duty_account_id_idx ON activity_duty (account_id);

-- struck_at: that nobody of the party came has had what follows by the rule.
-- excused_at: it counts for nothing.
ALTER TABLE activity_signups ADD COLUMN struck_at TEXT;
ALTER TABLE activity_signups ADD COLUMN excused_at TEXT;

-- Who did not come too often may not sign up with a station until a date. One row
-- has the appeal against it and the answer.
CREATE TABLE activity_pauses (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  account_id  INTEGER REFERENCES accounts (id),
  person_id   INTEGER REFERENCES people (id),
  signup_uid  TEXT NOT NULL REFERENCES activity_signups (uid),
  starts_at   TEXT NOT NULL,
  ends_at     TEXT NOT NULL,
  appeal      TEXT NOT NULL DEFAULT '',
  appealed_at TEXT,
  answer      TEXT NOT NULL DEFAULT '',
  answered_by INTEGER,
  answered_at TEXT,
  lifted_at   TEXT,
  CONSTRAINT activity_pauses_span CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX activity_pauses_signup_uid_key ON activity_pauses (signup_uid);
CREATE INDEX activity_pauses_account_id_idx ON activity_pauses (account_id, ends_at);
CREATE INDEX activity_pauses_person_id_idx ON activity_pauses (person_id, ends_at);

-- +goose Down
DROP TABLE activity_pauses;
ALTER TABLE activity_signups DROP COLUMN excused_at;
ALTER TABLE activity_signups DROP COLUMN struck_at;
DROP TABLE activity_duty;
ALTER TABLE activities DROP COLUMN extras;
ALTER TABLE activities DROP COLUMN team_id;
