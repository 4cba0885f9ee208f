package screening

import (
	"fmt"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const blockQuery = `SELECT q.*, e.title AS film_title, e.starts_at, e.ends_at, e.for_sale, e.taken,
	(SELECT COALESCE(SUM(hb.party), 0) FROM bookings hb WHERE hb.event_id = e.id AND hb.status = 'held') AS waiting, e.resource_id AS hall_id, r.name AS hall_name,
	bo.name AS org_name, bo.path AS org_path, po.path AS place_path, b.status AS booking_status
	FROM block_requests q JOIN bookings b ON b.id = q.booking_id JOIN events e ON e.id = q.event_id JOIN resources r ON r.id = e.resource_id
	JOIN orgs bo ON bo.id = q.org_id JOIN orgs po ON po.id = e.org_id`

// block returns a request the actor may see: of one's branch, or at a hall in
// one's scope; ErrNotFound otherwise.
func block(tx *db.Tx, a auth.Actor, id int64) (BlockView, error) {
	where, args := requestVisible(a)
	var v BlockView
	ok, err := tx.One(&v, blockQuery+" WHERE q.id = ? AND "+where, append([]any{id}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	one := []BlockView{v}
	err = blockSeats(tx, one)
	return one[0], err
}

// blocksOf reads the requests of a shelf, and how many there are.
func blocksOf(tx *db.Tx, a auth.Actor, sh BlockShelf) (rows []BlockView, total int64, err error) {
	where, args := requestVisible(a)
	and := func(clause string, value any) { where, args = where+" AND "+clause, append(args, value) }
	if sh.Status != "" {
		and("q.status = ?", sh.Status)
	}
	if sh.HallID != 0 {
		and("e.resource_id = ?", sh.HallID)
	}
	if sh.OrgID != 0 {
		and("q.org_id = ?", sh.OrgID)
	}
	if err := tx.Scan(&total, "SELECT COUNT(*) FROM ("+blockQuery+" WHERE "+where+") AS x", args...); err != nil {
		return nil, 0, err
	}
	order := sh.Order(map[string]string{"deadline": "q.deadline", "starts_at": "e.starts_at", "id": "q.id"}, "-id", "q.id")
	_, per, off := sh.Window()
	err = tx.Scan(&rows, blockQuery+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...)
	return rows, total, err
}

// blockByID reads a request for whoever asks; errs.ErrNotFound when there is none.
func blockByID(tx *db.Tx, id int64) (v BlockView, err error) {
	ok, err := tx.One(&v, blockQuery+" WHERE q.id = ?", id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return v, err
}

func insertBlock(tx *db.Tx, q *models.BlockRequest) error {
	if err := tx.Insert(q); err != nil {
		return fmt.Errorf("ask for a block: %w", err)
	}
	return nil
}

// pendingBlocks counts what of a branch's is undecided.
func pendingBlocks(tx *db.Tx, org int64) (n int, err error) {
	err = tx.Scan(&n, `SELECT COUNT(*) FROM block_requests WHERE org_id = ? AND status = 'pending'`, org)
	return n, err
}

func setBlock(tx *db.Tx, a auth.Actor, id int64, to models.BlockStatus, reason string) error {
	_, err := tx.Exec(`UPDATE block_requests SET status = ?, decided_by = ?, decided_at = ?, reason = ? WHERE id = ?`, to, a.AccountID, tx.Now(), reason, id)
	if err != nil {
		return fmt.Errorf("settle block request %d: %w", id, err)
	}
	return nil
}

// cancelledUnder lists the pending requests at a screening whose bookings are cancelled.
func cancelledUnder(tx *db.Tx, event int64) (out []BlockView, err error) {
	err = tx.Scan(&out, blockQuery+` WHERE q.event_id = ? AND q.status = 'pending' AND b.status = 'cancelled' ORDER BY q.id`, event)
	return out, err
}

// overdueBlocks lists the requests that nobody has decided in time.
func overdueBlocks(tx *db.Tx, now models.Instant, most, skip int) (out []BlockView, err error) {
	err = tx.Scan(&out, blockQuery+` WHERE q.status = 'pending' AND q.deadline <= ? ORDER BY q.deadline, q.id LIMIT ? OFFSET ?`, now, most, skip)
	return out, err
}

// decidersAt lists the accounts that decide about a place of an organisation.
func decidersAt(tx *db.Tx, path string) (ids []int64, err error) {
	inForce, now := tx.InForce("g")
	err = tx.Scan(&ids, `SELECT DISTINCT g.account_id FROM grants g JOIN orgs o ON o.id = g.org_id JOIN accounts a ON a.id = g.account_id
		WHERE g.role = ? AND a.disabled_at IS NULL AND SUBSTR(?, 1, LENGTH(o.path)) = o.path AND `+inForce, append([]any{auth.Scheduler, path}, now...)...)
	return ids, err
}

// blockBreaches tells in words where requests and bookings do not agree.
func blockBreaches(tx *db.Tx) (out []string, err error) {
	for _, x := range []struct{ what, query string }{
		{"pending request %s without its held seats", `SELECT CAST(q.id AS TEXT) FROM block_requests q JOIN bookings b ON b.id = q.booking_id
			WHERE q.status = 'pending' AND (b.status <> 'held' OR b.party <> q.seats)`},
		{"held booking %s without a pending request or an offer", `SELECT b.id FROM bookings b LEFT JOIN block_requests q ON q.booking_id = b.id
			WHERE b.status = 'held' AND COALESCE(q.status, '') <> 'pending'
			AND NOT EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.booking_id = b.id AND w.state = 'offered')`},
		{"request %s is over and its booking does not agree", `SELECT CAST(q.id AS TEXT) FROM block_requests q JOIN bookings b ON b.id = q.booking_id
			WHERE q.status IN ('declined','expired','withdrawn') AND b.status <> 'cancelled'`},
		{"branch %s holds too many blocks", `SELECT CAST(org_id AS TEXT) FROM block_requests WHERE status = 'pending'
			GROUP BY org_id HAVING COUNT(*) > ` + strconv.Itoa(maxBlocks)},
	} {
		var ids []string
		if err := tx.Scan(&ids, x.query); err != nil {
			return nil, err
		}
		for _, id := range ids {
			out = append(out, fmt.Sprintf(x.what, id))
		}
	}
	return out, nil
}
