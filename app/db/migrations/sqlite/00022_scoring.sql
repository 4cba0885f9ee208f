-- +goose Up
-- What is judged is a copy: names and order as they were handed over, by the
-- contest they belong to (then with its ids) or by hand (then from 1,000,001 on).
-- Whatever becomes of an entry later, a result stays what it was.
CREATE TABLE judged_contests (
  id         INTEGER PRIMARY KEY,
  org_id     INTEGER NOT NULL REFERENCES orgs (id),
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE judged_rounds (
  id         INTEGER PRIMARY KEY,
  contest_id INTEGER NOT NULL REFERENCES judged_contests (id),
  title      TEXT NOT NULL,
  starts_at  TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX judged_rounds_contest_id_idx ON judged_rounds (contest_id, starts_at);

-- Who appears in a round, in order. place is the community's name, org_id the
-- community, leader_id the account that entered it.
CREATE TABLE judged_acts (
  round_id      INTEGER NOT NULL REFERENCES judged_rounds (id),
  entry_id      INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  team          TEXT NOT NULL,
  piece         TEXT NOT NULL,
  place         TEXT NOT NULL,
  org_id        INTEGER REFERENCES orgs (id),
  leader_id     INTEGER REFERENCES accounts (id),
  limit_seconds INTEGER NOT NULL DEFAULT 0,
  withdrawn     BOOLEAN NOT NULL DEFAULT FALSE,
  CONSTRAINT judged_acts_pkey PRIMARY KEY (round_id, entry_id),
  CONSTRAINT judged_acts_number CHECK (number > 0)
);
CREATE UNIQUE INDEX judged_acts_round_id_number_key ON judged_acts (round_id, number);

-- A contest's rules of scoring, version by version; a version never changes.
CREATE TABLE scoring_rules (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  contest_id INTEGER NOT NULL REFERENCES judged_contests (id),
  version    INTEGER NOT NULL,
  name       TEXT NOT NULL,
  document   TEXT NOT NULL,
  hash       TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT scoring_rules_version CHECK (version > 0)
);
CREATE UNIQUE INDEX scoring_rules_contest_id_version_key ON scoring_rules (contest_id, version);

-- The judging of one round. version grows with everything that happens in it;
-- places from public_from on are shown to everybody, 0 for none.
CREATE TABLE panels (
  round_id       INTEGER PRIMARY KEY REFERENCES judged_rounds (id),
  contest_id     INTEGER NOT NULL REFERENCES judged_contests (id),
  rule_id        INTEGER NOT NULL REFERENCES scoring_rules (id),
  state          TEXT NOT NULL,
  version        INTEGER NOT NULL DEFAULT 1,
  public_from    INTEGER NOT NULL DEFAULT 0,
  slot_seconds   INTEGER NOT NULL,
  opened_at      TEXT,
  frozen_at      TEXT,
  provisional_at TEXT,
  protest_until  TEXT,
  final_at       TEXT,
  created_at     TEXT NOT NULL,
  CONSTRAINT panels_public CHECK (public_from = 0 OR state IN ('releasing', 'provisional', 'final')),
  CONSTRAINT panels_provisional CHECK (state NOT IN ('provisional', 'final') OR protest_until IS NOT NULL)
);
CREATE INDEX panels_state_protest_until_idx ON panels (state, protest_until);
CREATE INDEX panels_contest_id_idx ON panels (contest_id);

-- A seat on a panel. Of its private link only a hash is kept; a new link takes
-- the place of the old one.
CREATE TABLE judges (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  round_id     INTEGER NOT NULL REFERENCES panels (round_id),
  account_id   INTEGER REFERENCES accounts (id),
  org_id       INTEGER REFERENCES orgs (id),
  name         TEXT NOT NULL,
  chief        BOOLEAN NOT NULL,
  token_hash   TEXT,
  token_at     TEXT,
  seen_at      TEXT,
  practised_at TEXT,
  left_at      TEXT,
  left_why     TEXT NOT NULL DEFAULT '',
  created_at   TEXT NOT NULL
);
CREATE UNIQUE INDEX judges_token_hash_key ON judges (token_hash);
CREATE UNIQUE INDEX judges_round_id_account_id_key ON judges (round_id, account_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX judges_round_id_key ON judges (round_id) WHERE chief AND left_at IS NULL;

-- Which judge may not judge which entry.
CREATE TABLE judge_conflicts (
  judge_id   INTEGER NOT NULL REFERENCES judges (id),
  entry_id   INTEGER NOT NULL,
  round_id   INTEGER NOT NULL REFERENCES panels (round_id),
  kind       TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT judge_conflicts_pkey PRIMARY KEY (judge_id, entry_id),
  CONSTRAINT judge_conflicts_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE INDEX judge_conflicts_round_id_idx ON judge_conflicts (round_id);

-- What a judge gave an entry, version by version; the highest counts.
CREATE TABLE scores (
  judge_id INTEGER NOT NULL REFERENCES judges (id),
  entry_id INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  round_id INTEGER NOT NULL REFERENCES panels (round_id),
  marks    TEXT NOT NULL,
  channel  TEXT NOT NULL,
  by       TEXT NOT NULL,
  reason   TEXT NOT NULL DEFAULT '',
  sent_at  TEXT NOT NULL,
  CONSTRAINT scores_pkey PRIMARY KEY (judge_id, entry_id, version),
  CONSTRAINT scores_version CHECK (version > 0),
  CONSTRAINT scores_reason CHECK (version = 1 OR reason <> ''),
  CONSTRAINT scores_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE INDEX scores_round_id_idx ON scores (round_id);

-- Marks that came on paper: one person enters them, a second confirms or rejects.
CREATE TABLE paper_sheets (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  round_id   INTEGER NOT NULL REFERENCES panels (round_id),
  judge_id   INTEGER NOT NULL REFERENCES judges (id),
  entry_id   INTEGER NOT NULL,
  marks      TEXT NOT NULL,
  state      TEXT NOT NULL,
  entered_by INTEGER NOT NULL,
  entered_at TEXT NOT NULL,
  second_by  INTEGER,
  second_at  TEXT,
  reason     TEXT NOT NULL DEFAULT '',
  CONSTRAINT paper_sheets_second CHECK (state = 'entered' OR (second_by IS NOT NULL AND second_by <> entered_by)),
  CONSTRAINT paper_sheets_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE UNIQUE INDEX paper_sheets_judge_id_entry_id_key ON paper_sheets (judge_id, entry_id) WHERE state <> 'rejected';
CREATE INDEX paper_sheets_round_id_idx ON paper_sheets (round_id);

-- An entry's time on the stage.
CREATE TABLE stage_turns (
  round_id   INTEGER NOT NULL REFERENCES panels (round_id),
  entry_id   INTEGER NOT NULL,
  started_at TEXT,
  ended_at   TEXT,
  seconds    INTEGER NOT NULL DEFAULT 0,
  absent     BOOLEAN NOT NULL DEFAULT FALSE,
  why        TEXT NOT NULL DEFAULT '',
  CONSTRAINT stage_turns_pkey PRIMARY KEY (round_id, entry_id),
  CONSTRAINT stage_turns_order CHECK (ended_at IS NULL OR started_at IS NOT NULL),
  CONSTRAINT stage_turns_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);

-- Points taken off an entry, in hundredths.
CREATE TABLE penalties (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  round_id   INTEGER NOT NULL REFERENCES panels (round_id),
  entry_id   INTEGER NOT NULL,
  code       TEXT NOT NULL,
  points     INTEGER NOT NULL,
  note       TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  void_at    TEXT,
  void_why   TEXT NOT NULL DEFAULT '',
  CONSTRAINT penalties_points CHECK (points > 0),
  CONSTRAINT penalties_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE INDEX penalties_round_id_idx ON penalties (round_id);

-- Lots among equals, as a draw gave them.
CREATE TABLE tie_lots (
  round_id INTEGER NOT NULL REFERENCES panels (round_id),
  entry_id INTEGER NOT NULL,
  lot      INTEGER NOT NULL,
  note     TEXT NOT NULL,
  CONSTRAINT tie_lots_pkey PRIMARY KEY (round_id, entry_id),
  CONSTRAINT tie_lots_lot CHECK (lot > 0),
  CONSTRAINT tie_lots_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);

-- The results of a round, the highest number counts. input and document are the
-- canonical texts whose hashes stand beside them.
CREATE TABLE results (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  round_id    INTEGER NOT NULL REFERENCES panels (round_id),
  number      INTEGER NOT NULL,
  rule_id     INTEGER NOT NULL REFERENCES scoring_rules (id),
  why         TEXT NOT NULL,
  input       TEXT NOT NULL,
  input_hash  TEXT NOT NULL,
  document    TEXT NOT NULL,
  result_hash TEXT NOT NULL,
  made_by     INTEGER NOT NULL,
  made_at     TEXT NOT NULL
);
CREATE UNIQUE INDEX results_round_id_number_key ON results (round_id, number);

CREATE TABLE result_lines (
  result_id INTEGER NOT NULL REFERENCES results (id),
  ord       INTEGER NOT NULL,
  entry_id  INTEGER NOT NULL,
  place     INTEGER NOT NULL,
  value     TEXT NOT NULL,
  deducted  INTEGER NOT NULL,
  decided   TEXT NOT NULL,
  why       TEXT NOT NULL,
  CONSTRAINT result_lines_pkey PRIMARY KEY (result_id, ord)
);

-- A team's objection to a provisional result.
CREATE TABLE protests (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  round_id   INTEGER NOT NULL REFERENCES panels (round_id),
  result_id  INTEGER NOT NULL REFERENCES results (id),
  entry_id   INTEGER NOT NULL,
  text       TEXT NOT NULL,
  state      TEXT NOT NULL,
  filed_by   INTEGER NOT NULL,
  filed_at   TEXT NOT NULL,
  decision   TEXT NOT NULL DEFAULT '',
  decided_by INTEGER,
  decided_at TEXT,
  applied_id INTEGER REFERENCES results (id),
  CONSTRAINT protests_decided CHECK (state = 'filed' OR (decided_by IS NOT NULL AND decision <> '')),
  CONSTRAINT protests_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE INDEX protests_round_id_idx ON protests (round_id);

CREATE TABLE certificates (
  number    TEXT NOT NULL PRIMARY KEY,
  result_id INTEGER NOT NULL REFERENCES results (id),
  round_id  INTEGER NOT NULL REFERENCES panels (round_id),
  entry_id  INTEGER NOT NULL,
  place     INTEGER NOT NULL,
  issued_at TEXT NOT NULL,
  CONSTRAINT certificates_round_id_entry_id_fkey FOREIGN KEY (round_id, entry_id) REFERENCES judged_acts (round_id, entry_id)
);
CREATE UNIQUE INDEX certificates_result_id_entry_id_key ON certificates (result_id, entry_id);

-- +goose Down
DROP TABLE certificates;
DROP TABLE protests;
DROP TABLE result_lines;
DROP TABLE results;
DROP TABLE tie_lots;
DROP TABLE penalties;
DROP TABLE stage_turns;
DROP TABLE paper_sheets;
DROP TABLE scores;
DROP TABLE judge_conflicts;
DROP TABLE judges;
DROP TABLE panels;
DROP TABLE scoring_rules;
DROP TABLE judged_acts;
DROP TABLE judged_rounds;
DROP TABLE judged_contests;
