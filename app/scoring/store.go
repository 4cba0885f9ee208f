package scoring

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func panelOf(tx *db.Tx, id int64) (p models.Panel, ok bool, err error) {
	ok, err = tx.One(&p, `SELECT * FROM panels WHERE round_id = ?`, id)
	return p, ok, err
}

// lockPanel keeps other writers of the round's judging out until the transaction ends.
func lockPanel(tx *db.Tx, id int64) error {
	var got int64
	ok, err := tx.One(&got, `SELECT round_id FROM panels WHERE round_id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return err
}

func bumpPanel(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE panels SET version = version + 1 WHERE round_id = ?`, id)
	return err
}

// insertPanel reports false when the round has one.
func insertPanel(tx *db.Tx, p models.Panel) (bool, error) {
	n, err := tx.Exec(`INSERT INTO panels (round_id, contest_id, rule_id, state, slot_seconds, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		p.RoundID, p.ContestID, p.RuleID, p.State, p.SlotSeconds, tx.Now())
	return n > 0, err
}

// savePanel writes back what moves; the caller holds the lock.
func savePanel(tx *db.Tx, p models.Panel) error {
	_, err := tx.Exec(`UPDATE panels SET rule_id = ?, state = ?, public_from = ?, slot_seconds = ?, opened_at = ?, frozen_at = ?,
		provisional_at = ?, protest_until = ?, final_at = ? WHERE round_id = ?`,
		p.RuleID, p.State, p.PublicFrom, p.SlotSeconds, p.OpenedAt, p.FrozenAt, p.ProvisionalAt, p.ProtestUntil, p.FinalAt, p.RoundID)
	return err
}

// load reads what the round's judging is made of.
func (r *round) load(tx *db.Tx) error {
	v, err := ruleByID(tx, r.RuleID)
	if err != nil {
		return err
	}
	if r.Rule, err = ParseRule(v.Document, v.Version); err != nil {
		return fmt.Errorf("rule %d: %w", v.ID, err)
	}
	var turns []models.Turn
	var lots []struct {
		EntryID int64
		Lot     int
	}
	for _, q := range []struct {
		dest any
		text string
	}{
		{&r.Judges, `SELECT * FROM judges WHERE round_id = ? ORDER BY id`},
		{&r.Conflicts, `SELECT * FROM judge_conflicts WHERE round_id = ? ORDER BY judge_id, entry_id`},
		{&turns, `SELECT * FROM stage_turns WHERE round_id = ?`},
		{&r.Penalties, `SELECT * FROM penalties WHERE round_id = ? ORDER BY id`},
		{&lots, `SELECT entry_id, lot FROM tie_lots WHERE round_id = ?`},
		{&r.Scores, `SELECT s.* FROM scores s WHERE s.round_id = ? AND s.version =
			(SELECT MAX(v.version) FROM scores v WHERE v.judge_id = s.judge_id AND v.entry_id = s.entry_id) ORDER BY s.judge_id, s.entry_id`},
	} {
		if err := tx.Scan(q.dest, q.text, r.RoundID); err != nil {
			return err
		}
	}
	r.Turns, r.Lots = map[int64]models.Turn{}, map[int64]int{}
	for _, t := range turns {
		r.Turns[t.EntryID] = t
	}
	for _, l := range lots {
		r.Lots[l.EntryID] = l.Lot
	}
	return nil
}

func ruleByID(tx *db.Tx, id int64) (v models.RuleVersion, err error) {
	ok, err := tx.One(&v, `SELECT * FROM scoring_rules WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return v, err
}

func rulesOf(tx *db.Tx, contest int64) (out []models.RuleVersion, err error) {
	return out, tx.Scan(&out, `SELECT * FROM scoring_rules WHERE contest_id = ? ORDER BY version DESC`, contest)
}

func insertRule(tx *db.Tx, v *models.RuleVersion) error {
	_, err := tx.One(&v.ID, `INSERT INTO scoring_rules (contest_id, version, name, document, hash, created_by, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, v.ContestID, v.Version, v.Name, v.Document, v.Hash, v.CreatedBy, v.CreatedAt)
	if db.Constraint(err) == "scoring_rules_contest_id_version_key" {
		return db.ErrAgain
	}
	return err
}

func insertJudge(tx *db.Tx, j *models.Judge) error {
	_, err := tx.One(&j.ID, `INSERT INTO judges (round_id, account_id, org_id, resource_id, name, chief, token_hash, token_at, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, j.RoundID, j.AccountID, j.OrgID, j.ResourceID, j.Name, j.Chief, j.TokenHash, j.TokenAt, tx.Now())
	switch db.Constraint(err) {
	case "judges_round_id_account_id_key":
		return ErrSeatTaken.With("name", j.Name)
	case "judges_round_id_key":
		return ErrChief
	}
	return err
}

func saveJudge(tx *db.Tx, j models.Judge) error {
	_, err := tx.Exec(`UPDATE judges SET chief = ?, token_hash = ?, token_at = ?, practised_at = ?, left_at = ?, left_why = ? WHERE id = ?`,
		j.Chief, j.TokenHash, j.TokenAt, j.PractisedAt, j.LeftAt, j.LeftWhy, j.ID)
	return err
}

func judgeByHash(tx *db.Tx, hash string) (j models.Judge, ok bool, err error) {
	ok, err = tx.One(&j, `SELECT * FROM judges WHERE token_hash = ? AND left_at IS NULL`, hash)
	return j, ok, err
}

func touchJudge(tx *db.Tx, id int64, before models.Instant) error {
	_, err := tx.Exec(`UPDATE judges SET seen_at = ? WHERE id = ? AND (seen_at IS NULL OR seen_at < ?)`, tx.Now(), id, before)
	return err
}

// insertConflict reports false when it was known.
func insertConflict(tx *db.Tx, c models.Conflict) (bool, error) {
	n, err := tx.Exec(`INSERT INTO judge_conflicts (judge_id, entry_id, round_id, kind, note, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, c.JudgeID, c.EntryID, c.RoundID, c.Kind, c.Note, c.CreatedBy, tx.Now())
	return n > 0, err
}

// insertScore keeps a version; db.ErrAgain when somebody else's is of that number.
func insertScore(tx *db.Tx, x models.Score) error {
	n, err := tx.Exec(`INSERT INTO scores (judge_id, entry_id, version, round_id, marks, channel, by, reason, sent_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, x.JudgeID, x.EntryID, x.Version, x.RoundID, x.Marks, x.Channel, x.By, x.Reason, x.SentAt)
	if err == nil && n == 0 {
		return db.ErrAgain
	}
	return err
}

// firstScore is what the judge sent first, before any correction.
func firstScore(tx *db.Tx, judge, entry int64) (x models.Score, ok bool, err error) {
	ok, err = tx.One(&x, `SELECT * FROM scores WHERE judge_id = ? AND entry_id = ? AND version = 1`, judge, entry)
	return x, ok, err
}

// scoreHistory lists all versions of a round, the corrected ones first of each pair.
func scoreHistory(tx *db.Tx, id int64) (out []models.Score, err error) {
	return out, tx.Scan(&out, `SELECT * FROM scores WHERE round_id = ? ORDER BY entry_id, judge_id, version DESC`, id)
}

func saveTurn(tx *db.Tx, t models.Turn) error {
	_, err := tx.Exec(`INSERT INTO stage_turns (round_id, entry_id, started_at, ended_at, seconds, absent, why) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (round_id, entry_id) DO UPDATE SET started_at = excluded.started_at, ended_at = excluded.ended_at, seconds = excluded.seconds,
		absent = excluded.absent, why = excluded.why`, t.RoundID, t.EntryID, t.StartedAt, t.EndedAt, t.Seconds, t.Absent, t.Why)
	return err
}

func insertPenalty(tx *db.Tx, p *models.Penalty) error {
	_, err := tx.One(&p.ID, `INSERT INTO penalties (round_id, entry_id, code, points, note, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.RoundID, p.EntryID, p.Code, p.Points, p.Note, p.CreatedBy, tx.Now())
	return err
}

// voidPenalty reports false when it was void, or is of another round.
func voidPenalty(tx *db.Tx, roundID, id int64, why string) (bool, error) {
	n, err := tx.Exec(`UPDATE penalties SET void_at = ?, void_why = ? WHERE id = ? AND round_id = ? AND void_at IS NULL`, tx.Now(), why, id, roundID)
	return n > 0, err
}

func saveLot(tx *db.Tx, roundID, entry int64, lot int, note string) error {
	_, err := tx.Exec(`INSERT INTO tie_lots (round_id, entry_id, lot, note) VALUES (?, ?, ?, ?)
		ON CONFLICT (round_id, entry_id) DO UPDATE SET lot = excluded.lot, note = excluded.note`, roundID, entry, lot, note)
	return err
}

// dropLots makes the lots of a round void.
func dropLots(tx *db.Tx, roundID int64) error {
	_, err := tx.Exec(`DELETE FROM tie_lots WHERE round_id = ?`, roundID)
	return err
}

type versionRow struct{ ID, Version int64 }

func panelVersions(tx *db.Tx, ids []int64) (rows []versionRow, err error) {
	among, arg := tx.Among("round_id", ids)
	return rows, tx.Scan(&rows, `SELECT round_id AS id, version FROM panels WHERE `+among, arg)
}

func accountByLogin(tx *db.Tx, login string) (id int64, name string, err error) {
	var row struct {
		ID   int64
		Name string
	}
	ok, err := tx.One(&row, `SELECT id, name FROM accounts WHERE login = ?`, login)
	if err == nil && !ok {
		err = ErrUnknownAccount.At(errs.Field{Name: "login", Code: "unknown"})
	}
	return row.ID, row.Name, err
}
