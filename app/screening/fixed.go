package screening

import (
	"sync"

	"youyue/app/db"
	"youyue/models"
)

// fixed is what a booking must know of a screening and what never changes once
// it is open: for whom it is, and where. In a rush nobody reads it twice.
type fixed struct {
	audience models.Audience
	place    string // venue and hall, for messages
}

// maxFixed bounds the memory to about a megabyte.
const maxFixed = 10_000

// fixedCache keeps it in memory; a full one starts anew.
type fixedCache struct {
	mu  sync.RWMutex
	all map[int64]fixed
}

// PlaceOf names venue and hall of a screening, for messages; errs.ErrNotFound when
// there is none.
func (s *Service) PlaceOf(tx *db.Tx, id int64) (string, error) {
	f, err := s.fixed.get(tx, id)
	return f.place, err
}

// get returns what is fixed of a screening; ErrNotFound when there is none.
func (c *fixedCache) get(tx *db.Tx, id int64) (fixed, error) {
	c.mu.RLock()
	f, ok := c.all[id]
	c.mu.RUnlock()
	if ok {
		return f, nil
	}
	v, err := ByID(tx, id)
	if err != nil {
		return fixed{}, err
	}
	f = fixed{v.Audience, v.Venue + v.HallName}
	c.mu.Lock()
	if len(c.all) >= maxFixed {
		clear(c.all)
	}
	c.all[id] = f
	c.mu.Unlock()
	return f, nil
}
