-- +goose Up
-- Where and until when a round is judged. sitting_id is the slot of a contest that
-- several rounds may share, or the round itself where it was registered by hand.
ALTER TABLE judged_rounds ADD COLUMN ends_at TEXT;
ALTER TABLE judged_rounds ADD COLUMN sitting_id INTEGER NOT NULL DEFAULT 0;
UPDATE judged_rounds SET sitting_id = COALESCE((SELECT r.slot_id FROM contest_rounds r WHERE r.id = judged_rounds.id), id),
  ends_at = (SELECT s.ends_at FROM contest_rounds r JOIN contest_slots s ON s.id = r.slot_id WHERE r.id = judged_rounds.id);
CREATE INDEX judged_rounds_sitting_id_idx ON judged_rounds (sitting_id);

-- A judge as a resource of the kernel: known by the account, or else by name.
CREATE TABLE judge_people (
  resource_id INTEGER PRIMARY KEY REFERENCES resources (id),
  account_id  INTEGER REFERENCES accounts (id),
  name        TEXT NOT NULL
);
CREATE UNIQUE INDEX judge_people_account_id_key ON judge_people (account_id);
CREATE UNIQUE INDEX judge_people_name_key ON judge_people (name) WHERE account_id IS NULL;
ALTER TABLE judges ADD COLUMN resource_id INTEGER;
CREATE INDEX judges_resource_id_idx ON judges (resource_id);

-- Rounds of contests stand where their judging does.
UPDATE contest_rounds SET state = 'running' WHERE state = 'ordered' AND EXISTS
  (SELECT 1 FROM panels p WHERE p.round_id = contest_rounds.id AND p.state NOT IN ('preparing', 'final'));
UPDATE contest_rounds SET state = 'done' WHERE state = 'ordered' AND EXISTS
  (SELECT 1 FROM panels p WHERE p.round_id = contest_rounds.id AND p.state = 'final');

-- +goose Down
DROP INDEX judges_resource_id_idx;
ALTER TABLE judges DROP COLUMN resource_id;
DROP TABLE judge_people;
DROP INDEX judged_rounds_sitting_id_idx;
ALTER TABLE judged_rounds DROP COLUMN sitting_id;
ALTER TABLE judged_rounds DROP COLUMN ends_at;
