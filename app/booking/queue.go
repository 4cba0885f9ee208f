package booking

import (
	"fmt"
	"strconv"

	"youyue/app/db"
	"youyue/models"
)

// queue is what a batch adds to the waiting list of one event.
type queue struct {
	event  models.Event
	living map[string]models.WaitEntry // by holder
	order  []string                    // uids that wait, in order, for who asks again
	rank   int64                       // the last one given
	added  []models.WaitEntry
	lines  []int // of each added entry, its line in the batch's log
	told   []int // and its notice among the batch's, -1 for none
}

// wait lets a party join the list that found too few places. Who has a living
// entry is answered with that one.
func (b *batch) wait(o Order, st *State) result {
	q, err := b.queue(st.Event)
	if err != nil {
		return result{err: err}
	}
	w, err := b.svc.entryOf(b.tx, o)
	switch {
	case err != nil:
		return result{err: err}
	case w.Holder == "":
		return result{err: fmt.Errorf("wait: nobody waits for event %d", o.EventID)}
	}
	if old, ok := q.living[w.Holder]; ok {
		return b.answer(o, Placed{ID: old.UID, EventID: old.EventID, Waits: true, Ahead: q.ahead(old.UID)})
	}
	if err := st.waitsWithin(b.tx, o, q.added...); err != nil {
		return result{err: err}
	}
	if err := st.mayWait(b.tx.Now(), w); err != nil {
		return result{err: err}
	}
	q.rank++
	w.Rank = q.rank
	p := Placed{ID: w.UID, EventID: w.EventID, Waits: true, Ahead: len(q.order)}
	q.order, q.living[w.Holder] = append(q.order, w.UID), w
	st.Event.Waiting++
	q.added, q.lines = append(q.added, w), append(q.lines, len(b.lines))
	b.lines = append(b.lines, joinLine(b.tx, o, st.Event, w)) // the entry's id comes with its row
	if o.Channel == models.ChannelOnline {
		q.told = append(q.told, len(b.notices))
		b.notices = append(b.notices, b.svc.joined(st.Event, w, p.Ahead))
	} else {
		q.told = append(q.told, -1)
	}
	return b.answer(o, p)
}

func (q *queue) ahead(uid string) int {
	for i, x := range q.order {
		if x == uid {
			return i
		}
	}
	return 0
}

// queue reads the list of an event, once a batch, under the event's lock.
func (b *batch) queue(e models.Event) (*queue, error) {
	if q, ok := b.queues[e.ID]; ok {
		return q, nil
	}
	var rows []models.WaitEntry
	err := b.tx.Scan(&rows, `SELECT id, uid, event_id, holder, state, rank FROM waitlist_entries WHERE event_id = ? AND state IN ('waiting','offered') ORDER BY rank, id`, e.ID)
	if err != nil {
		return nil, err
	}
	q := &queue{event: e, living: make(map[string]models.WaitEntry, len(rows))}
	for _, w := range rows {
		if q.living[w.Holder] = w; w.State == models.Waiting {
			q.order = append(q.order, w.UID)
		}
	}
	if err := b.tx.Scan(&q.rank, `SELECT COALESCE(MAX(rank), 0) FROM waitlist_entries WHERE event_id = ?`, e.ID); err != nil {
		return nil, err
	}
	if b.queues == nil {
		b.queues = map[int64]*queue{}
	}
	b.queues[e.ID] = q
	return q, nil
}

// writeQueues writes the entries set-wise, and the counters of their events.
func (b *batch) writeQueues() error {
	for _, q := range b.queues {
		if len(q.added) == 0 {
			continue
		}
		err := b.tx.Insert(&q.added)
		if db.Constraint(err) == "waitlist_entries_event_id_holder_key" {
			return db.ErrAgain
		}
		if err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		for i, w := range q.added {
			b.lines[q.lines[i]].SubjectID = strconv.FormatInt(w.ID, 10)
			if n := q.told[i]; n >= 0 {
				b.notices[n].Subject = waitSubject(w.ID)
			}
		}
		if _, err := b.tx.Exec(`UPDATE events SET waiting = waiting + ? WHERE id = ?`, len(q.added), q.event.ID); err != nil {
			return err
		}
		b.svc.tell(b.tx, q.event)
	}
	return nil
}
