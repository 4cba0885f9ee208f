package screening

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// SeatView is one seat of the shared seat state.
type SeatView struct {
	ID    int64           `json:"id"`
	Label string          `json:"label"`
	Row   int             `json:"row"`
	Kind  models.SeatKind `json:"kind" validate:"oneof=standard wheelchair companion not_for_sale"`
	State string          `json:"state" validate:"oneof=free taken blocked reserved"`
}

// SeatsView is the seat state of a screening, the same for everybody.
type SeatsView struct {
	Version int64      `json:"version"`
	Seats   []SeatView `json:"seats"`
}

// seatState is an encoded SeatsView.
type seatState struct {
	body []byte
	etag string
	at   models.Instant
}

// seatLife is how long an encoded state is given out before the database is
// asked again. This node's own bookings end it at once; the time is for what
// other nodes sell.
const seatLife = 200 * time.Millisecond

// seatCache keeps the encoded seat state of the screenings being looked at.
type seatCache struct {
	svc *Service
	mu  sync.Mutex
	all map[int64]*seatEntry
}

type seatEntry struct {
	mu    sync.Mutex // one reader asks the database, the others wait for it
	state seatState
}

func newSeatCache(s *Service) *seatCache { return &seatCache{svc: s, all: map[int64]*seatEntry{}} }

// maxCached bounds the memory; a full cache starts anew.
const maxCached = 2000

func (c *seatCache) entry(id int64) *seatEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.all[id]
	if !ok {
		if len(c.all) >= maxCached {
			clear(c.all)
		}
		e = &seatEntry{}
		c.all[id] = e
	}
	return e
}

// forget drops the state of an event after a commit that changed it.
func (c *seatCache) forget(id int64) {
	c.mu.Lock()
	delete(c.all, id)
	c.mu.Unlock()
}

// get returns the encoded state. A reader that began before a change fills an
// entry that forget has already dropped, so nobody after the change sees it.
func (c *seatCache) get(ctx context.Context, id int64) (seatState, error) {
	e := c.entry(id)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := c.svc.db.Now()
	if e.state.body != nil && now.Sub(e.state.at) < seatLife && !now.Before(e.state.at) {
		return e.state, nil
	}
	st, err := c.svc.loadSeats(ctx, id, e.state)
	if err != nil {
		c.forget(id)
		return st, err
	}
	st.at = now
	e.state = st
	return st, nil
}

// loadSeats encodes the state anew unless it is still the one at hand.
func (s *Service) loadSeats(ctx context.Context, id int64, have seatState) (seatState, error) {
	var out seatState
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		e, err := booking.Event(tx, id)
		if err != nil {
			return err
		}
		etag := fmt.Sprintf(`"%d-%d"`, e.ID, e.Version)
		if etag == have.etag {
			out = have
			return nil
		}
		plan, err := s.kernel.Plan(tx, e.PlanID)
		if err != nil {
			return err
		}
		body, err := json.Marshal(seatsView(e, plan))
		out = seatState{body: body, etag: etag}
		return err
	})
	return out, err
}

func seatsView(e models.Event, plan *models.SeatPlan) SeatsView {
	v := SeatsView{Version: e.Version, Seats: make([]SeatView, len(plan.Seats))}
	for i, seat := range plan.Seats {
		v.Seats[i] = SeatView{seat.ID, seat.Label(), seat.Row, seat.Kind, models.SeatState(e.SeatMap[i]).Word()}
	}
	return v
}
