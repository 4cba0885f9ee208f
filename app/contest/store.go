package contest

import (
	"fmt"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const contestQuery = `SELECT c.*, o.name AS org, o.path AS org_path FROM contests c JOIN orgs o ON o.id = c.org_id`

func contests(tx *db.Tx, f Filter) ([]Contest, int64, error) {
	where := "c.state = 'on'"
	if f.History {
		where = "1 = 1"
	}
	var total int64
	if err := tx.Scan(&total, `SELECT COUNT(*) FROM contests c WHERE `+where); err != nil {
		return nil, 0, err
	}
	_, per, skip := f.Window()
	var rows []struct {
		models.Contest
		Org     string
		OrgPath string
	}
	// A contest is as near as its next time on stage.
	err := tx.Scan(&rows, contestQuery+` WHERE `+where+` ORDER BY CASE c.state WHEN 'on' THEN 0 ELSE 1 END,
		(SELECT MIN(s.starts_at) FROM contest_slots s WHERE s.contest_id = c.id AND s.kind = 'stage'), c.id LIMIT ? OFFSET ?`, per, skip)
	if err != nil {
		return nil, 0, fmt.Errorf("contests: %w", err)
	}
	out := make([]Contest, len(rows))
	for i, r := range rows {
		out[i] = Contest{Contest: r.Contest, Org: r.Org, OrgPath: r.OrgPath}
		if err := fill(tx, &out[i]); err != nil {
			return nil, 0, err
		}
	}
	return out, total, nil
}

func byID(tx *db.Tx, id int64) (Contest, error) {
	var row struct {
		models.Contest
		Org     string
		OrgPath string
	}
	ok, err := tx.One(&row, contestQuery+` WHERE c.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Contest{}, err
	}
	c := Contest{Contest: row.Contest, Org: row.Org, OrgPath: row.OrgPath}
	return c, fill(tx, &c)
}

// fill reads what hangs on a contest.
func fill(tx *db.Tx, c *Contest) error {
	var divisions []struct {
		models.ContestDivision
		ForSale, Taken, Reserved, Waiting int
	}
	err := tx.Scan(&divisions, `SELECT d.*, e.for_sale, e.taken, e.reserved, e.waiting FROM contest_divisions d JOIN events e ON e.id = d.event_id
		WHERE d.contest_id = ? ORDER BY d.ord`, c.ID)
	if err != nil {
		return fmt.Errorf("contest: divisions: %w", err)
	}
	var events []int64
	for _, d := range divisions {
		events = append(events, d.EventID)
	}
	shares, err := booking.Shares(tx, events...)
	if err != nil {
		return err
	}
	for _, d := range divisions {
		c.Divisions = append(c.Divisions, Division{d.ContestDivision, d.ForSale, d.Taken, d.ForSale - d.Taken - d.Reserved, d.Reserved, d.Waiting, shares[d.EventID]})
	}
	var slots []models.ContestSlot
	if err := tx.Scan(&slots, `SELECT * FROM contest_slots WHERE contest_id = ? ORDER BY starts_at, id`, c.ID); err != nil {
		return fmt.Errorf("contest: slots: %w", err)
	}
	var claims []struct {
		SlotID int64
		ID     int64
		Name   string
	}
	err = tx.Scan(&claims, `SELECT k.slot_id, r.id, r.name FROM contest_claims k JOIN contest_slots s ON s.id = k.slot_id JOIN resources r ON r.id = k.resource_id
		WHERE s.contest_id = ? ORDER BY r.id`, c.ID)
	if err != nil {
		return fmt.Errorf("contest: claims: %w", err)
	}
	for _, s := range slots {
		one := Slot{ContestSlot: s}
		for _, k := range claims {
			if k.SlotID == s.ID {
				one.Resources = append(one.Resources, Named{k.ID, k.Name})
			}
		}
		c.Slots = append(c.Slots, one)
	}
	return tx.Scan(&c.Rounds, `SELECT r.* FROM contest_rounds r JOIN contest_divisions d ON d.id = r.division_id WHERE r.contest_id = ? ORDER BY d.ord, r.ord`, c.ID)
}

// lockContest keeps other writers of the contest out until the transaction ends.
func lockContest(tx *db.Tx, id int64) error {
	var got int64
	ok, err := tx.One(&got, `SELECT id FROM contests WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return err
}

func insertContest(tx *db.Tx, c *models.Contest) error {
	if err := tx.Insert(c); err != nil {
		return fmt.Errorf("contest: %w", err)
	}
	return nil
}

// insertSlot stores a slot with what it takes; the kernel is asked by the caller.
func insertSlot(tx *db.Tx, s *models.ContestSlot, resources []int64) error {
	if err := tx.Insert(s); err != nil {
		return fmt.Errorf("contest slot: %w", err)
	}
	return claim(tx, s.ID, resources)
}

// claim notes what a slot takes; what it takes already is passed over.
func claim(tx *db.Tx, slot int64, resources []int64) error {
	for _, r := range resources {
		if _, err := tx.Exec(`INSERT INTO contest_claims (slot_id, resource_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, slot, r); err != nil {
			return fmt.Errorf("contest claims: %w", err)
		}
	}
	return nil
}

// exchange puts other resources in the place of those that a slot takes.
func exchange(tx *db.Tx, slot int64, resources []int64) error {
	if _, err := tx.Exec(`DELETE FROM contest_claims WHERE slot_id = ?`, slot); err != nil {
		return fmt.Errorf("contest claims: %w", err)
	}
	return claim(tx, slot, resources)
}

func moveSlot(tx *db.Tx, s models.ContestSlot) error {
	_, err := tx.Exec(`UPDATE contest_slots SET starts_at = ?, ends_at = ?, place = ?, moved_from = ?, moved_why = ? WHERE id = ?`,
		s.StartsAt, s.EndsAt, s.Place, s.MovedFrom, s.MovedWhy, s.ID)
	return err
}

// homes lists where teams are at home: the open organisations of the trunk.
func homes(tx *db.Tx) ([]models.Org, error) {
	var out []models.Org
	err := tx.Scan(&out, `SELECT * FROM orgs WHERE archived_at IS NULL AND kind IN ('centre', 'subdistrict', 'station', 'school', 'partner') ORDER BY path`)
	return out, err
}

// equipment lists what teams can borrow.
func equipment(tx *db.Tx) ([]Named, error) {
	var out []Named
	err := tx.Scan(&out, `SELECT r.id, v.name || ' ' || r.name AS name FROM resources r JOIN rooms m ON m.id = r.id JOIN venues v ON v.id = m.venue_id
		WHERE m.kind = 'equipment' AND m.archived_at IS NULL ORDER BY v.id, r.id`)
	return out, err
}

// rooms lists what a contest can take: whole rooms and equipment, halls too.
func rooms(tx *db.Tx) ([]Named, error) {
	var out []Named
	err := tx.Scan(&out, `SELECT r.id, CASE WHEN v.name IS NULL THEN r.name ELSE v.name || ' ' || r.name END AS name FROM resources r LEFT JOIN rooms m ON m.id = r.id
		LEFT JOIN venues v ON v.id = m.venue_id WHERE m.whole_id IS NULL AND m.archived_at IS NULL ORDER BY v.id, r.id`)
	return out, err
}

// pathsOf tells of some resources who runs them.
func pathsOf(tx *db.Tx, ids []int64) (map[int64]string, error) {
	var rows []struct {
		ID   int64
		Path string
	}
	among, list := tx.Among("r.id", ids)
	err := tx.Scan(&rows, `SELECT r.id, o.path FROM resources r JOIN orgs o ON o.id = r.org_id WHERE `+among, list)
	out := map[int64]string{}
	for _, r := range rows {
		out[r.ID] = r.Path
	}
	return out, err
}

// orgsByID reads some organisations that are open.
func orgsByID(tx *db.Tx, ids ...int64) (map[int64]models.Org, error) {
	var rows []models.Org
	among, list := tx.Among("id", ids)
	err := tx.Scan(&rows, `SELECT * FROM orgs WHERE archived_at IS NULL AND `+among, list)
	out := map[int64]models.Org{}
	for _, o := range rows {
		out[o.ID] = o
	}
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

var memberRows = db.RowsOf("contest_members", "entry_id bigint, ord bigint, name text, born_year bigint, substitute boolean")

func insertTeam(tx *db.Tx, entry int64, members []models.ContestMember, lent []int64) error {
	rows := make([][]any, len(members))
	for i, m := range members {
		rows[i] = []any{entry, i + 1, m.Name, m.BornYear, m.Substitute}
	}
	if _, err := memberRows.Insert(tx, "", rows...); err != nil {
		return fmt.Errorf("members: %w", err)
	}
	for _, r := range lent {
		if _, err := tx.Exec(`INSERT INTO contest_lent (entry_id, resource_id) VALUES (?, ?)`, entry, r); err != nil {
			return fmt.Errorf("lent: %w", err)
		}
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

// livingOf counts the living entries of a team in a division, but for one.
func livingOf(tx *db.Tx, division, org int64, team, but string) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM contest_entries WHERE division_id = ? AND org_id = ? AND team = ? AND uid <> ?
		AND state IN ('waiting', 'submitted', 'returned', 'approved')`, division, org, team, but)
	return n, err
}

func roundByID(tx *db.Tx, id int64) (models.ContestRound, error) {
	var r models.ContestRound
	ok, err := tx.One(&r, `SELECT * FROM contest_rounds WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

func lockRound(tx *db.Tx, id int64) (models.ContestRound, error) {
	var r models.ContestRound
	ok, err := tx.One(&r, `SELECT * FROM contest_rounds WHERE id = ?`+tx.ForUpdate(), id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r, err
}

func setRoundState(tx *db.Tx, id int64, to models.RoundState, draw *int64) error {
	_, err := tx.Exec(`UPDATE contest_rounds SET state = ?, draw_id = ?, version = version + 1 WHERE id = ?`, to, draw, id)
	return err
}

// setList replaces the list of a round; its places are open again.
func setList(tx *db.Tx, r models.ContestRound, ids []int64) error {
	if _, err := tx.Exec(`DELETE FROM contest_places WHERE round_id = ?`, r.ID); err != nil {
		return fmt.Errorf("round: list: %w", err)
	}
	for _, id := range ids {
		n, err := tx.Exec(`INSERT INTO contest_places (round_id, entry_id) SELECT ?, id FROM contest_entries WHERE id = ? AND division_id = ?`, r.ID, id, r.DivisionID)
		switch {
		case err != nil:
			return fmt.Errorf("round: list: %w", err)
		case n == 0:
			return errs.FieldFault("entries", "unknown")
		}
	}
	return nil
}

func setPlace(tx *db.Tx, p models.ContestPlace) error {
	_, err := tx.Exec(`UPDATE contest_places SET place = ?, part = ? WHERE round_id = ? AND entry_id = ?`, p.Place, p.Part, p.RoundID, p.EntryID)
	return err
}

func appearances(tx *db.Tx, round int64) ([]Appearance, error) {
	var out []Appearance
	err := tx.Scan(&out, `SELECT p.*, e.uid, e.number, e.team, o.name AS org, e.org_id, e.leader_id, e.piece, e.length, e.state FROM contest_places p
		JOIN contest_entries e ON e.id = p.entry_id JOIN orgs o ON o.id = e.org_id WHERE p.round_id = ? ORDER BY p.place, e.number`, round)
	if err != nil {
		return nil, fmt.Errorf("appearances: %w", err)
	}
	return out, nil
}

// moveEvents lets the events of the divisions follow the first slot of each.
func moveEvents(tx *db.Tx, contest int64) error {
	first := `SELECT s.%s FROM contest_rounds r JOIN contest_slots s ON s.id = r.slot_id JOIN contest_divisions d ON d.id = r.division_id
		WHERE d.event_id = events.id AND r.ord = 1`
	_, err := tx.Exec(`UPDATE events SET starts_at = (`+fmt.Sprintf(first, "starts_at")+`), ends_at = (`+fmt.Sprintf(first, "ends_at")+`),
		cancel_until = (`+fmt.Sprintf(first, "starts_at")+`) WHERE id IN (SELECT event_id FROM contest_divisions WHERE contest_id = ?)`, contest)
	return err
}

// dueContests lists contests at which the job may find something to do.
func dueContests(tx *db.Tx, now models.Instant) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT c.id FROM contests c WHERE c.state = 'on' AND ((c.opens_at <= ? AND c.opened_at IS NULL) OR (c.closes_at <= ? AND c.shut_at IS NULL)
		OR EXISTS (SELECT 1 FROM contest_slots s WHERE s.contest_id = c.id AND s.starts_at <= ?)) ORDER BY c.id`, now, now, now.Add(dayBefore))
	return ids, err
}

// mark notes that the job has done what is due at a moment of the entry window.
func mark(tx *db.Tx, contest int64, column string) error {
	_, err := tx.Exec(`UPDATE contests SET `+column+` = ? WHERE id = ?`, tx.Now(), contest)
	return err
}

func reminded(tx *db.Tx, round int64, due models.Instant) error {
	_, err := tx.Exec(`UPDATE contest_rounds SET reminded_at = ? WHERE id = ?`, due, round)
	return err
}

// leadersBelow lists the accounts that lead a team at a path or below it.
func leadersBelow(tx *db.Tx, path string) (out []int64, err error) {
	err = tx.Scan(&out, `SELECT DISTINCT g.account_id FROM grants g JOIN orgs o ON o.id = g.org_id WHERE g.role = 'leader' AND g.revoked_at IS NULL
		AND o.path >= ? AND o.path < ? ORDER BY g.account_id`, path, path[:len(path)-1]+"0")
	return out, err
}

// endContest moves a contest to where it ends.
func endContest(tx *db.Tx, id int64, to models.ContestState, reason string) error {
	_, err := tx.Exec(`UPDATE contests SET state = ?, ended_at = ?, end_reason = ?, version = version + 1 WHERE id = ?`, to, tx.Now(), reason, id)
	return err
}

// occupants tells of slots by id.
func occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	var rows []struct {
		models.ContestSlot
		Title string
		Org   string
	}
	among, list := tx.Among("s.id", ids)
	err := tx.Scan(&rows, `SELECT s.*, c.title, o.name AS org FROM contest_slots s JOIN contests c ON c.id = s.contest_id JOIN orgs o ON o.id = c.org_id
		WHERE `+among+` ORDER BY s.starts_at, s.id`, list)
	if err != nil {
		return nil, fmt.Errorf("contest slots: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = models.Occupant{ID: r.ID, Span: r.Span(), Title: r.Title, Who: r.Org, State: string(r.Kind), Path: staffPath(r.ContestID)}
	}
	return out, nil
}
