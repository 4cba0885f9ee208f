package room

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const askQuery = `SELECT k.*, v.name AS venue, ow.name AS owner, ow.path AS owner_path, o.name AS org, o.path AS org_path
	FROM owner_asks k JOIN venues v ON v.id = k.venue_id JOIN orgs ow ON ow.id = k.owner_id JOIN orgs o ON o.id = k.org_id`

const askTimeQuery = `SELECT t.*, r.name AS room_name, COALESCE(wr.name, '') AS whole_name
	FROM owner_ask_times t JOIN resources r ON r.id = t.room_id JOIN rooms m ON m.id = t.room_id LEFT JOIN resources wr ON wr.id = m.whole_id`

// insertAsk stores an ask with its times and returns its id.
func insertAsk(tx *db.Tx, k models.OwnerAsk, times []models.OwnerAskTime) (int64, error) {
	if err := tx.Insert(&k); err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	for i := range times {
		times[i].AskID = k.ID
	}
	if err := tx.Insert(&times); err != nil {
		return 0, fmt.Errorf("ask times: %w", err)
	}
	return k.ID, nil
}

// asks reads asks by a condition on k, each with its times.
func asks(tx *db.Tx, where string, args ...any) ([]Ask, error) {
	var out []Ask
	if err := tx.Scan(&out, askQuery+" WHERE "+where, args...); err != nil {
		return nil, fmt.Errorf("asks: %w", err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids, at := make([]int64, len(out)), map[int64]int{}
	for i, k := range out {
		ids[i], at[k.ID] = k.ID, i
	}
	among, list := tx.Among("t.ask_id", ids)
	var times []AskTime
	if err := tx.Scan(&times, askTimeQuery+" WHERE "+among+" ORDER BY t.starts_at, t.id", list); err != nil {
		return nil, fmt.Errorf("ask times: %w", err)
	}
	for _, t := range times {
		k := &out[at[t.AskID]]
		k.Times = append(k.Times, t)
	}
	return out, nil
}

func askByID(tx *db.Tx, id int64) (Ask, error) {
	found, err := asks(tx, "k.id = ?", id)
	if err == nil && len(found) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Ask{}, err
	}
	return found[0], nil
}

// lockAsk returns an ask with its times locked.
func lockAsk(tx *db.Tx, id int64) (Ask, error) {
	var got []int64
	if err := tx.Scan(&got, `SELECT id FROM owner_ask_times WHERE ask_id = ? ORDER BY id`+tx.ForUpdate(), id); err != nil {
		return Ask{}, fmt.Errorf("lock ask: %w", err)
	}
	return askByID(tx, id)
}

// livingTimes locks what is asked, or was answered, for some items of a set, or for all
// of it, by ask.
func livingTimes(tx *db.Tx, source string, set int64, items []int64) (out []AskTime, err error) {
	where, args := "source_kind = ? AND source_id = ? AND state <> 'withdrawn'", []any{source, set}
	if len(items) > 0 {
		among, list := tx.Among("item_id", items)
		where, args = where+" AND "+among, append(args, list)
	}
	var ids []int64
	if err := tx.Scan(&ids, `SELECT id FROM owner_ask_times WHERE `+where+` ORDER BY id`+tx.ForUpdate(), args...); err != nil || len(ids) == 0 {
		return nil, err
	}
	among, list := tx.Among("t.id", ids)
	err = tx.Scan(&out, askTimeQuery+` WHERE `+among+` ORDER BY t.ask_id, t.starts_at, t.id`, list)
	return out, err
}

// settleTimes moves times that are locked, all from where they were read, or none.
func settleTimes(tx *db.Tx, times []AskTime, to models.AskState, a auth.Actor, reason string) error {
	var by *int64
	if a.AccountID != 0 {
		by = &a.AccountID
	}
	for _, t := range times {
		if !t.State.CanBecome(to) {
			return fmt.Errorf("ask time %d: %q cannot become %q", t.ID, t.State, to)
		}
		n, err := tx.Exec(`UPDATE owner_ask_times SET state = ?, decided_by = ?, decided_at = ?, reason = ? WHERE id = ? AND state = ?`, to, by, tx.Now(), reason, t.ID, t.State)
		if err != nil {
			return fmt.Errorf("settle ask: %w", err)
		}
		if n != 1 {
			return db.ErrAgain
		}
	}
	return nil
}

// listAsks reads one page of asks, and how many there are in all.
func listAsks(tx *db.Tx, a auth.Actor, q AskQuery) ([]Ask, int64, error) {
	where, args := db.Below("ow.path", a.Scope(auth.RoomOwn))
	if q.All || !a.Can(auth.RoomAnswer) {
		reads := a.Scope(auth.BookingRead)
		owner, more := db.Below("ow.path", reads)
		org, most := db.Below("o.path", reads)
		where, args = "("+where+" OR "+owner+" OR "+org+")", append(append(args, more...), most...)
	}
	order := "k.id DESC"
	if !q.All {
		where += ` AND EXISTS (SELECT 1 FROM owner_ask_times t WHERE t.ask_id = k.id AND t.state = 'wanted' AND t.starts_at > ?)`
		args, order = append(args, tx.Now()), "k.deadline, k.id"
	}
	var total int64
	if err := tx.Scan(&total, "SELECT COUNT(*) "+askQuery[strings.Index(askQuery, "FROM owner_asks"):]+" WHERE "+where, args...); err != nil || total == 0 {
		return nil, total, err
	}
	_, per, off := q.Window()
	rows, err := asks(tx, where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...)
	return rows, total, err
}

// asksOver lists asks past their deadline of which something still waits.
func asksOver(tx *db.Tx, now models.Instant, most, skip int) (ids []int64, err error) {
	err = tx.Scan(&ids, `SELECT k.id FROM owner_asks k WHERE k.deadline <= ? AND EXISTS (SELECT 1 FROM owner_ask_times t WHERE t.ask_id = k.id AND t.state = 'wanted')
		ORDER BY k.deadline, k.id LIMIT ? OFFSET ?`, now, most, skip)
	return ids, err
}

const standingQuery = `SELECT t.source_id AS set_id, t.item_id, ow.name AS owner, v.name AS venue, t.state, k.deadline, t.reason
	FROM owner_ask_times t JOIN owner_asks k ON k.id = t.ask_id JOIN venues v ON v.id = k.venue_id JOIN orgs ow ON ow.id = k.owner_id
	WHERE t.state <> 'withdrawn' AND t.source_kind = ?`

func standings(tx *db.Tx, source string, sets []int64) (map[int64]models.OwnerStandings, error) {
	out := map[int64]models.OwnerStandings{}
	if len(sets) == 0 {
		return out, nil
	}
	among, list := tx.Among("t.source_id", sets)
	var rows models.OwnerStandings
	if err := tx.Scan(&rows, standingQuery+" AND "+among+" ORDER BY t.source_id, t.starts_at, t.id", source, list); err != nil {
		return nil, fmt.Errorf("asks of %s: %w", source, err)
	}
	for _, r := range rows {
		out[r.SetID] = append(out[r.SetID], r)
	}
	return out, nil
}

func unplaced(tx *db.Tx, source string, until models.Instant) (out models.OwnerStandings, err error) {
	err = tx.Scan(&out, standingQuery+" AND t.state IN ('refused', 'lapsed') AND t.starts_at <= ? ORDER BY t.source_id, t.item_id", source, until)
	return out, err
}
