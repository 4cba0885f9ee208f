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
		SlotID  int64
		ID      int64
		Name    string
		Lent    bool
		Refused bool
	}
	err = tx.Scan(&claims, `SELECT k.slot_id, r.id, r.name, k.lent, k.refused FROM contest_claims k JOIN contest_slots s ON s.id = k.slot_id JOIN resources r ON r.id = k.resource_id
		WHERE s.contest_id = ? ORDER BY r.id`, c.ID)
	if err != nil {
		return fmt.Errorf("contest: claims: %w", err)
	}
	for _, s := range slots {
		one := Slot{ContestSlot: s}
		for _, k := range claims {
			if k.SlotID == s.ID {
				one.Resources = append(one.Resources, Named{k.ID, k.Name})
				if k.Lent {
					one.Lent = append(one.Lent, k.ID)
				}
				if k.Refused {
					one.Refused = append(one.Refused, k.ID)
				}
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
	return claim(tx, s.ID, ownClaim, resources)
}

// claimKind says for whom a slot takes a resource: for the contest, or for a team
// that borrows it.
type claimKind bool

const (
	ownClaim  claimKind = false
	lentClaim claimKind = true
)

// claim notes what a slot takes; what it takes already is passed over.
func claim(tx *db.Tx, slot int64, k claimKind, resources []int64) error {
	for _, r := range resources {
		if _, err := tx.Exec(`INSERT INTO contest_claims (slot_id, resource_id, lent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, slot, r, bool(k)); err != nil {
			return fmt.Errorf("contest claims: %w", err)
		}
	}
	return nil
}

// exchange puts other resources in the place of those that a slot takes for the
// contest; what teams borrow stays.
func exchange(tx *db.Tx, slot int64, resources []int64) error {
	if _, err := tx.Exec(`DELETE FROM contest_claims WHERE slot_id = ? AND NOT lent`, slot); err != nil {
		return fmt.Errorf("contest claims: %w", err)
	}
	return claim(tx, slot, ownClaim, resources)
}

// unclaim takes away what a slot takes for teams alone of which none that is in
// borrows it any more; it returns how many those were.
func unclaim(tx *db.Tx, slot int64) (int64, error) {
	n, err := tx.Exec(`DELETE FROM contest_claims WHERE slot_id = ? AND lent AND NOT EXISTS (SELECT 1 FROM contest_lent l
		JOIN contest_entries e ON e.id = l.entry_id JOIN contest_rounds r ON r.division_id = e.division_id
		WHERE l.resource_id = contest_claims.resource_id AND r.slot_id = contest_claims.slot_id AND e.state = 'approved')`, slot)
	if err != nil {
		return 0, fmt.Errorf("contest claims: %w", err)
	}
	return n, nil
}

// refuseClaim notes that a partner does not lend what a slot takes.
func refuseClaim(tx *db.Tx, slot, resource int64) error {
	_, err := tx.Exec(`UPDATE contest_claims SET refused = ? WHERE slot_id = ? AND resource_id = ?`, true, slot, resource)
	return err
}

// wantAgain forgets what was refused for a slot, which is at another time now.
func wantAgain(tx *db.Tx, slot int64) error {
	_, err := tx.Exec(`UPDATE contest_claims SET refused = ? WHERE slot_id = ?`, false, slot)
	return err
}

// deleteSlot takes a slot away with what it claimed; the kernel is told by the caller.
func deleteSlot(tx *db.Tx, id int64) error {
	for _, query := range []string{`DELETE FROM contest_claims WHERE slot_id = ?`, `DELETE FROM contest_slots WHERE id = ?`} {
		if _, err := tx.Exec(query, id); err != nil {
			return fmt.Errorf("contest slot: %w", err)
		}
	}
	return nil
}

// saveContest writes back what can be changed of an announced contest.
func saveContest(tx *db.Tx, c models.Contest) error {
	_, err := tx.Exec(`UPDATE contests SET title = ?, summary = ?, detail = ?, phone = ?, closes_at = ?, shut_at = ?, version = version + 1 WHERE id = ?`,
		c.Title, c.Summary, c.Detail, c.Phone, c.ClosesAt, c.ShutAt, c.ID)
	return err
}

func saveDivision(tx *db.Tx, d models.ContestDivision) error {
	_, err := tx.Exec(`UPDATE contest_divisions SET name = ?, min_members = ?, max_members = ?, substitutes = ?, min_age = ?, max_age = ?, max_length = ?, per_team = ?
		WHERE id = ?`, d.Name, d.MinMembers, d.MaxMembers, d.Substitutes, d.MinAge, d.MaxAge, d.MaxLength, d.PerTeam, d.ID)
	return err
}

func moveSlot(tx *db.Tx, s models.ContestSlot) error {
	_, err := tx.Exec(`UPDATE contest_slots SET starts_at = ?, ends_at = ?, place = ?, moved_from = ?, moved_why = ? WHERE id = ?`,
		s.StartsAt, s.EndsAt, s.Place, s.MovedFrom, s.MovedWhy, s.ID)
	return err
}

// ofOrg is a resource with the path of who runs it.
type ofOrg struct {
	Named
	Path string
}

// rooms lists what a contest can take: whole rooms and equipment, halls too.
func rooms(tx *db.Tx) ([]ofOrg, error) {
	var out []ofOrg
	err := tx.Scan(&out, `SELECT r.id, CASE WHEN v.name IS NULL THEN r.name ELSE v.name || ' ' || r.name END AS name, o.path FROM resources r
		JOIN orgs o ON o.id = r.org_id LEFT JOIN halls h ON h.id = r.id LEFT JOIN rooms m ON m.id = r.id LEFT JOIN venues v ON v.id = m.venue_id
		WHERE (h.id IS NOT NULL OR m.id IS NOT NULL) AND m.whole_id IS NULL AND m.archived_at IS NULL ORDER BY v.id, r.id`)
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

// endContest moves a contest to where it ends.
func endContest(tx *db.Tx, id int64, to models.ContestState, reason string) error {
	_, err := tx.Exec(`UPDATE contests SET state = ?, ended_at = ?, end_reason = ?, version = version + 1 WHERE id = ?`, to, tx.Now(), reason, id)
	return err
}

// occupants tells of slots by id, in one question: the calendar asks few.
func occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	var rows []struct {
		models.ContestSlot
		Title   string
		Org     string
		Stands  string // its kind, "wanted" while a partner has not answered
		Version int64  // the number of the contest's moves in the log
	}
	among, list := tx.Among("s.id", ids)
	err := tx.Scan(&rows, `SELECT s.*, c.title, o.name AS org, COALESCE((SELECT MAX(t.state) FROM owner_ask_times t
			WHERE t.source_kind = 'contest' AND t.source_id = c.id AND t.item_id = s.id AND t.state = 'wanted'), s.kind) AS stands, (SELECT COUNT(*) FROM audit_log l WHERE l.subject_kind = 'contest' AND l.subject_id = CAST(c.id AS TEXT)) AS version
		FROM contest_slots s JOIN contests c ON c.id = s.contest_id JOIN orgs o ON o.id = c.org_id
		WHERE `+among+` ORDER BY s.starts_at, s.id`, list)
	if err != nil {
		return nil, fmt.Errorf("contest slots: %w", err)
	}
	out := make([]models.Occupant, len(rows))
	for i, r := range rows {
		out[i] = models.Occupant{ID: r.ID, Span: r.Span(), Title: r.Title, Who: r.Org, State: r.Stands, Path: staffPath(r.ContestID), Version: r.Version}
	}
	return out, nil
}
