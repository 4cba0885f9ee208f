package scoring

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

func seatsOf(tx *db.Tx, account int64) (out []models.Panel, err error) {
	return out, tx.Scan(&out, `SELECT p.* FROM panels p JOIN judges j ON j.round_id = p.round_id
		WHERE j.account_id = ? AND j.left_at IS NULL ORDER BY p.round_id DESC`, account)
}

// insertPaper returns ErrPaperTaken when a sheet of the pair waits or was confirmed.
func insertPaper(tx *db.Tx, p *models.PaperSheet) error {
	_, err := tx.One(&p.ID, `INSERT INTO paper_sheets (round_id, judge_id, entry_id, marks, state, entered_by, entered_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.RoundID, p.JudgeID, p.EntryID, p.Marks, p.State, p.EnteredBy, p.EnteredAt)
	if db.Constraint(err) == "paper_sheets_judge_id_entry_id_key" {
		return ErrPaperTaken
	}
	return err
}

func paperByID(tx *db.Tx, roundID, id int64) (p models.PaperSheet, err error) {
	ok, err := tx.One(&p, `SELECT * FROM paper_sheets WHERE id = ? AND round_id = ?`, id, roundID)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return p, err
}

func papersOf(tx *db.Tx, roundID int64) (out []models.PaperSheet, err error) {
	return out, tx.Scan(&out, `SELECT * FROM paper_sheets WHERE round_id = ? ORDER BY id`, roundID)
}

func savePaper(tx *db.Tx, p models.PaperSheet) error {
	_, err := tx.Exec(`UPDATE paper_sheets SET state = ?, second_by = ?, second_at = ?, reason = ? WHERE id = ?`, p.State, p.SecondBy, p.SecondAt, p.Reason, p.ID)
	return err
}

// insertResult keeps a result with its lines; its number is the next of the round.
func insertResult(tx *db.Tx, r *models.StoredResult, lines []models.ResultLine) error {
	if _, err := tx.One(&r.Number, `SELECT COALESCE(MAX(number), 0) + 1 FROM results WHERE round_id = ?`, r.RoundID); err != nil {
		return err
	}
	_, err := tx.One(&r.ID, `INSERT INTO results (round_id, number, rule_id, why, input, input_hash, document, result_hash, made_by, made_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, r.RoundID, r.Number, r.RuleID, r.Why, r.Input, r.InputHash, r.Document, r.ResultHash, r.MadeBy, r.MadeAt)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	for i, l := range lines {
		if _, err := tx.Exec(`INSERT INTO result_lines (result_id, ord, entry_id, place, value, deducted, decided, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			r.ID, i+1, l.EntryID, l.Place, l.Value, l.Deducted, l.Decided, l.Why); err != nil {
			return fmt.Errorf("result line: %w", err)
		}
	}
	return nil
}

// lastResult is the result that counts; false when there is none yet.
func lastResult(tx *db.Tx, roundID int64) (r models.StoredResult, ok bool, err error) {
	ok, err = tx.One(&r, `SELECT * FROM results WHERE round_id = ? ORDER BY number DESC LIMIT 1`, roundID)
	return r, ok, err
}

func linesOf(tx *db.Tx, resultID int64) (out []models.ResultLine, err error) {
	return out, tx.Scan(&out, `SELECT * FROM result_lines WHERE result_id = ? ORDER BY ord`, resultID)
}

func insertProtest(tx *db.Tx, p *models.Protest) error {
	_, err := tx.One(&p.ID, `INSERT INTO protests (round_id, result_id, entry_id, text, state, filed_by, filed_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.RoundID, p.ResultID, p.EntryID, p.Text, p.State, p.FiledBy, p.FiledAt)
	return err
}

func protestsOf(tx *db.Tx, roundID int64) (out []models.Protest, err error) {
	return out, tx.Scan(&out, `SELECT * FROM protests WHERE round_id = ? ORDER BY id`, roundID)
}

func protestByID(tx *db.Tx, roundID, id int64) (p models.Protest, err error) {
	ok, err := tx.One(&p, `SELECT * FROM protests WHERE id = ? AND round_id = ?`, id, roundID)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return p, err
}

func saveProtest(tx *db.Tx, p models.Protest) error {
	_, err := tx.Exec(`UPDATE protests SET state = ?, decision = ?, decided_by = ?, decided_at = ?, applied_id = ? WHERE id = ?`,
		p.State, p.Decision, p.DecidedBy, p.DecidedAt, p.AppliedID, p.ID)
	return err
}

// dueFinal are rounds whose time for protests is over and none waits.
func dueFinal(tx *db.Tx) (ids []int64, err error) {
	return ids, tx.Scan(&ids, `SELECT round_id FROM panels p WHERE p.state = ? AND p.protest_until <= ?
		AND NOT EXISTS (SELECT 1 FROM protests x WHERE x.round_id = p.round_id AND x.state = ?) ORDER BY round_id`,
		models.PanelProvisional, tx.Now(), models.ProtestFiled)
}

// preparingPanels are rounds whose marks are not taken yet.
func preparingPanels(tx *db.Tx) (ids []int64, err error) {
	return ids, tx.Scan(&ids, `SELECT round_id FROM panels WHERE state = ? ORDER BY round_id`, models.PanelPreparing)
}

func insertCertificate(tx *db.Tx, c models.Certificate) (bool, error) {
	n, err := tx.Exec(`INSERT INTO certificates (number, result_id, round_id, entry_id, place, issued_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.Number, c.ResultID, c.RoundID, c.EntryID, c.Place, c.IssuedAt)
	return n > 0, err
}

func certificateByNumber(tx *db.Tx, number string) (c models.Certificate, ok bool, err error) {
	ok, err = tx.One(&c, `SELECT * FROM certificates WHERE number = ?`, number)
	return c, ok, err
}

func certificatesOf(tx *db.Tx, roundID int64) (out []models.Certificate, err error) {
	return out, tx.Scan(&out, `SELECT * FROM certificates WHERE round_id = ? ORDER BY place, number`, roundID)
}

// resultsOf lists all results of a round, the first first.
func resultsOf(tx *db.Tx, roundID int64) (out []models.StoredResult, err error) {
	return out, tx.Scan(&out, `SELECT * FROM results WHERE round_id = ? ORDER BY number`, roundID)
}

// unsaid are the notices that do not stand in the outbox yet.
func unsaid(tx *db.Tx, all []notify.Notice) (out []notify.Notice, err error) {
	for _, n := range all {
		var known int64
		ok, err := tx.One(&known, `SELECT id FROM outbox WHERE subject = ? AND kind = ? AND due_at = ? LIMIT 1`, n.Subject, n.Kind, n.DueAt)
		if err != nil {
			return nil, err
		}
		if !ok {
			out = append(out, n)
		}
	}
	return out, nil
}
