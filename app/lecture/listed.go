package lecture

import (
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// PlaceIn is Place in a transaction that somebody else has opened: an order that comes
// from a station's service list. It returns the order's id.
func (s *Service) PlaceIn(tx *db.Tx, a auth.Actor, in Ask) (string, error) { return s.place(tx, a, in) }

// Listed is an order as a service list tells of it.
type Listed struct {
	ID    string
	Title string
	State models.LectureState
}

// ListedOrders tells where some orders stand, in the order in which they were placed.
func (s *Service) ListedOrders(tx *db.Tx, ids []string) (out []Listed, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = listed(tx, ids, &out)
	return out, err
}
