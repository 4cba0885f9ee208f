package booking

import (
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// waitingFor lists who waits for an event, in order; offers are left out.
func waitingFor(tx *db.Tx, event int64) (out []models.WaitEntry, err error) {
	err = tx.Scan(&out, `SELECT * FROM waitlist_entries WHERE event_id = ? AND state = 'waiting' ORDER BY rank, id`, event)
	return out, err
}

// selfOf reports whether a person is an account's own entry, and whose.
func selfOf(tx *db.Tx, person int64) (account int64, self bool, err error) {
	self, err = tx.One(&account, `SELECT account_id FROM people WHERE id = ? AND relation = 'self'`, person)
	return account, self, err
}

// waitingSeats counts what those wait for whose seats count together.
func waitingSeats(tx *db.Tx, k bearerKey) (n int, err error) {
	err = tx.Scan(&n, `SELECT COALESCE(SUM(party), 0) FROM waitlist_entries WHERE event_id = ? AND state = 'waiting' AND org_id IS NULL
		AND (holder_id = ? OR holder_id IS NULL AND person_id = ?)`, k.event, k.holder, k.person)
	return n, err
}

// position adds to an entry how many are before it.
func position(tx *db.Tx, w models.WaitEntry) (Waiting, error) {
	out := Waiting{WaitEntry: w}
	if w.State != models.Waiting {
		return out, nil
	}
	err := tx.Scan(&out.Ahead, `SELECT COUNT(*) FROM waitlist_entries WHERE event_id = ? AND state = 'waiting' AND (rank < ? OR (rank = ? AND id < ?))`,
		w.EventID, w.Rank, w.Rank, w.ID)
	return out, err
}

// EntryIn returns one entry; ErrNotFound when there is none.
func EntryIn(tx *db.Tx, id int64) (Waiting, error) {
	var w models.WaitEntry
	ok, err := tx.One(&w, `SELECT * FROM waitlist_entries WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Waiting{}, err
	}
	return position(tx, w)
}

// OfferBehind returns the entry that the link of an offer stands for, whatever
// has become of it; ErrNotFound for a link that was never given out.
func OfferBehind(tx *db.Tx, token string) (Waiting, error) {
	var w models.WaitEntry
	ok, err := tx.One(&w, `SELECT * FROM waitlist_entries WHERE token_hash = ?`, hashOf(token))
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return Waiting{WaitEntry: w}, err
}

// ListOf is the list of an event: who waits, in order, and after them who has an
// offer.
func ListOf(tx *db.Tx, event int64) (out []models.WaitEntry, err error) {
	err = tx.Scan(&out, `SELECT * FROM waitlist_entries WHERE event_id = ? AND state IN ('waiting','offered')
		ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, rank, id`, event)
	return out, err
}

// lockedEntry returns an entry as it is once its event's row is locked.
func (s *Service) lockedEntry(tx *db.Tx, id int64) (models.WaitEntry, models.Event, error) {
	var w models.WaitEntry
	ok, err := tx.One(&w, `SELECT * FROM waitlist_entries WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return w, models.Event{}, err
	}
	events, err := LockEvents(tx, w.EventID)
	if err != nil {
		return w, models.Event{}, err
	}
	_, err = tx.One(&w, `SELECT * FROM waitlist_entries WHERE id = ?`, id)
	return w, events[w.EventID], err
}
