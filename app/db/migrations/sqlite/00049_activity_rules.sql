-- +goose Up
-- What follows when somebody does not come to the activities of an organisation: each
-- row counts from set_at on, so that a time is judged by the rule that held then. One
-- that inherits takes the organisation's own rule back.
CREATE TABLE activity_rules (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id      INTEGER NOT NULL REFERENCES orgs (id),
  inherits    BOOLEAN NOT NULL,
  strikes     INTEGER NOT NULL,
  strike_days INTEGER NOT NULL,
  pause_days  INTEGER NOT NULL,
  set_by      INTEGER NOT NULL,
  set_at      TEXT NOT NULL,
  CONSTRAINT activity_rules_bounds CHECK (strikes BETWEEN 0 AND 20 AND strike_days BETWEEN 1 AND 400 AND pause_days BETWEEN 1 AND 400)
);
CREATE INDEX activity_rules_org_id_idx ON activity_rules (org_id, id);

-- +goose Down
DROP TABLE activity_rules;
