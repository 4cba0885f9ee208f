package contest

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// homes lists where teams are at home: the open organisations of the trunk.
func homes(tx *db.Tx) ([]models.Org, error) {
	var out []models.Org
	err := tx.Scan(&out, `SELECT * FROM orgs WHERE archived_at IS NULL AND kind IN ('centre', 'subdistrict', 'station', 'school', 'partner') ORDER BY path`)
	return out, err
}

// lendableOf counts which of some resources are equipment, the one thing that teams
// borrow.
func lendableOf(tx *db.Tx, ids []int64) (n int, err error) {
	among, list := tx.Among("id", ids)
	return n, tx.Scan(&n, `SELECT COUNT(*) FROM resources WHERE kind = 'equipment' AND `+among, list)
}

// equipment lists what teams can borrow.
func equipment(tx *db.Tx) ([]Named, error) {
	var out []Named
	err := tx.Scan(&out, `SELECT r.id, v.name || ' ' || r.name AS name FROM resources r JOIN rooms m ON m.id = r.id JOIN venues v ON v.id = m.venue_id
		WHERE m.kind = 'equipment' AND m.archived_at IS NULL ORDER BY v.id, r.id`)
	return out, err
}

const entryQuery = `SELECT e.*, c.title AS contest, c.state AS contest_state, c.opens_at, c.closes_at, d.name AS division, d.event_id, o.name AS org, o.path AS org_path,
	co.path AS contest_path, COALESCE(b.status, '') AS booking_status, COALESCE(w.id, 0) AS wait_id, COALESCE(w.state, '') AS wait_state, w.deadline AS wait_deadline
	FROM contest_entries e JOIN contests c ON c.id = e.contest_id JOIN contest_divisions d ON d.id = e.division_id JOIN orgs o ON o.id = e.org_id
	JOIN orgs co ON co.id = c.org_id LEFT JOIN bookings b ON b.id = e.uid LEFT JOIN waitlist_entries w ON w.uid = e.uid`

// entries reads entries by a condition on e, with members and what they borrow.
func entries(tx *db.Tx, where string, args ...any) ([]Entry, error) {
	var out []Entry
	if err := tx.Scan(&out, entryQuery+" WHERE "+where, args...); err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids, at := make([]int64, len(out)), map[int64]*Entry{}
	for i := range out {
		out[i] = out[i].settled()
		ids[i], at[out[i].ID] = out[i].ID, &out[i]
	}
	among, list := tx.Among("m.entry_id", ids)
	var members []models.ContestMember
	if err := tx.Scan(&members, `SELECT * FROM contest_members m WHERE `+among+` ORDER BY m.entry_id, m.ord`, list); err != nil {
		return nil, fmt.Errorf("entries: members: %w", err)
	}
	for _, m := range members {
		at[m.EntryID].Members = append(at[m.EntryID].Members, m)
	}
	var lent []struct {
		EntryID, ID int64
		Name        string
	}
	if err := tx.Scan(&lent, `SELECT m.entry_id, r.id, r.name FROM contest_lent m JOIN resources r ON r.id = m.resource_id WHERE `+among+` ORDER BY r.id`, list); err != nil {
		return nil, fmt.Errorf("entries: lent: %w", err)
	}
	for _, l := range lent {
		at[l.EntryID].Lent = append(at[l.EntryID].Lent, Named{l.ID, l.Name})
	}
	return out, nil
}

func entryByUID(tx *db.Tx, uid string) (Entry, error) {
	found, err := entries(tx, "e.uid = ?", uid)
	if err == nil && len(found) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	return found[0], nil
}

// lockEntry takes the entry's row and reads it again under the lock.
func lockEntry(tx *db.Tx, uid string) (Entry, error) {
	var got int64
	ok, err := tx.One(&got, `SELECT id FROM contest_entries WHERE uid = ?`+tx.ForUpdate(), uid)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	return entryByUID(tx, uid)
}

// insertEntry stores an entry under the next number of its contest.
func insertEntry(tx *db.Tx, e *models.ContestEntry, members []models.ContestMember, lent []int64) error {
	if err := tx.Scan(&e.Number, `UPDATE contests SET last_number = last_number + 1 WHERE id = ? RETURNING last_number`, e.ContestID); err != nil {
		return fmt.Errorf("entry: number: %w", err)
	}
	if err := tx.Insert(e); err != nil {
		return fmt.Errorf("entry: %w", err)
	}
	return insertTeam(tx, e.ID, members, lent)
}

var lentRows = db.RowsOf("contest_lent", "entry_id bigint, resource_id bigint")

var memberRows = db.RowsOf("contest_members", "entry_id bigint, ord bigint, name text, born_year bigint, substitute boolean")

func insertTeam(tx *db.Tx, entry int64, members []models.ContestMember, lent []int64) error {
	rows := make([][]any, len(members))
	for i, m := range members {
		rows[i] = []any{entry, i + 1, m.Name, m.BornYear, m.Substitute}
	}
	if _, err := memberRows.Insert(tx, "", rows...); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	borrowed := make([][]any, len(lent))
	for i, r := range lent {
		borrowed[i] = []any{entry, r}
	}
	if _, err := lentRows.Insert(tx, "", borrowed...); err != nil {
		return fmt.Errorf("lent: %w", err)
	}
	return nil
}

// replaceTeam puts another roster in the place of an entry's.
func replaceTeam(tx *db.Tx, entry int64, members []models.ContestMember, lent []int64) error {
	for _, table := range []string{"contest_members", "contest_lent"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE entry_id = ?`, entry); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return insertTeam(tx, entry, members, lent)
}

// saveEntry writes an entry back at the version that was read.
func saveEntry(tx *db.Tx, e models.ContestEntry) error {
	n, err := tx.Exec(`UPDATE contest_entries SET team = ?, piece = ?, length = ?, brings = ?, state = ?, reason = ?, decided_by = ?, decided_at = ?, version = version + 1
		WHERE id = ? AND version = ?`, e.Team, e.Piece, e.Length, e.Brings, e.State, e.Reason, e.DecidedBy, e.DecidedAt, e.ID, e.Version)
	switch {
	case err != nil:
		return fmt.Errorf("entry: %w", err)
	case n == 0:
		return db.ErrAgain
	}
	return nil
}

// teamOf returns whose entry has an id; false when nobody's has.
func teamOf(tx *db.Tx, uid string) (e models.ContestEntry, ok bool, err error) {
	ok, err = tx.One(&e, `SELECT * FROM contest_entries WHERE uid = ?`, uid)
	return e, ok, err
}

// standing is the entry of an id, where there is one, and how many other living
// entries a team has in a division.
func standing(tx *db.Tx, uid string, division, org int64, team string) (old models.ContestEntry, n int, err error) {
	var rows []models.ContestEntry
	err = tx.Scan(&rows, `SELECT * FROM contest_entries WHERE uid = ? OR (division_id = ? AND org_id = ? AND team = ?
		AND state IN ('waiting', 'submitted', 'returned', 'approved'))`, uid, division, org, team)
	for _, e := range rows {
		if e.UID == uid {
			old = e
			continue
		}
		n++
	}
	return old, n, err
}

// leadersBelow lists the accounts that lead a team at a path or below it.
func leadersBelow(tx *db.Tx, path string) (out []int64, err error) {
	inForce, now := tx.InForce("g")
	below, args := db.Below("o.path", []string{path})
	err = tx.Scan(&out, `SELECT DISTINCT g.account_id FROM grants g JOIN orgs o ON o.id = g.org_id WHERE g.role = 'leader' AND `+inForce+`
		AND `+below+` ORDER BY g.account_id`, append(now, args...)...)
	return out, err
}

// callerOf is the person of an entry, 0 for none.
func callerOf(tx *db.Tx, entry int64) (person int64, err error) {
	_, err = tx.One(&person, `SELECT COALESCE(person_id, 0) FROM contest_entries WHERE id = ?`, entry)
	return person, err
}
