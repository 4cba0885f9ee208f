package pause

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Whom is the condition that a row is of the same person: whom it is for, or the
// account in the named column for itself.
func Whom(column string, account, person *int64) (string, []any) {
	switch {
	case person != nil:
		return "person_id = ?", []any{*person}
	case account != nil:
		return column + " = ? AND person_id IS NULL", []any{*account}
	}
	return "1 = 0", nil
}

// standing lists the pauses of somebody at a place that count still, the longest first.
func standing(tx *db.Tx, m Miss) (out []models.Pause, err error) {
	where, args := Whom("account_id", m.AccountID, m.PersonID)
	place, at := "org_id = ?", any(m.OrgID)
	if m.VenueID != nil {
		place, at = "venue_id = ?", *m.VenueID
	}
	err = tx.Scan(&out, `SELECT * FROM pauses WHERE kind = ? AND `+place+` AND lifted_at IS NULL AND ends_at > ? AND `+where+` ORDER BY ends_at DESC, id`,
		append([]any{m.Kind, at, tx.Now()}, args...)...)
	return out, err
}

func until(tx *db.Tx, m Miss) (models.Instant, error) {
	all, err := standing(tx, m)
	if err != nil || len(all) == 0 {
		return models.Instant{}, err
	}
	return all[0].EndsAt, nil
}

// A venue may be handed to another organisation, which then hears the appeals.
const query = `SELECT p.*, o.name AS org_name, o.path AS org_path FROM pauses p LEFT JOIN venues v ON v.id = p.venue_id JOIN orgs o ON o.id = COALESCE(v.org_id, p.org_id)`

func rows(tx *db.Tx, a auth.Actor, sides map[string]Side) (out []Row, err error) {
	where, args := "p.account_id = ?", []any{a.AccountID}
	below := func(kind string, scope []string) {
		for _, path := range scope {
			where += " OR (" + kind + "o.path >= ? AND o.path < ?)"
			args = append(args, path, strings.TrimSuffix(path, "/")+"0") // '0' follows '/'
		}
	}
	below("", a.Scope(auth.BookForOthers))
	for kind, side := range sides {
		below("p.kind = '"+kind+"' AND ", a.Scope(side.Decides))
	}
	err = tx.Scan(&out, query+` WHERE p.lifted_at IS NULL AND p.ends_at > ? AND (`+where+`)
		ORDER BY CASE WHEN p.appealed_at IS NOT NULL AND p.answered_at IS NULL THEN 0 ELSE 1 END, p.ends_at, p.id LIMIT 200`, append([]any{tx.Now()}, args...)...)
	return out, err
}

func lock(tx *db.Tx, id int64) (p Row, err error) {
	var got int64
	if err := tx.Scan(&got, `SELECT id FROM pauses WHERE id = ?`+tx.ForUpdate(), id); err != nil {
		return p, fmt.Errorf("pause: %w", err)
	}
	ok, err := tx.One(&p, query+` WHERE p.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return p, err
}

func save(tx *db.Tx, p models.Pause) error {
	_, err := tx.Exec(`UPDATE pauses SET appeal = ?, appealed_at = ?, answer = ?, answered_by = ?, answered_at = ?, lifted_at = ? WHERE id = ?`,
		p.Appeal, p.AppealedAt, p.Answer, p.AnsweredBy, p.AnsweredAt, p.LiftedAt, p.ID)
	return err
}
