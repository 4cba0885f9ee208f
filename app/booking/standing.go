package booking

import (
	"slices"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/org"
)

// closedFor locks the organisations that orders are for and says which of them
// are closed. A closing or a merge either waits and then finds the booking, or
// was first and is seen here: no booking lands on what is closed. Organisations
// are locked before events, so that nobody waits in a circle.
func closedFor(tx *db.Tx, orders []Order) (map[int64]*errs.Error, error) {
	var ids []int64
	for _, o := range orders {
		if o.OrgID != nil && !slices.Contains(ids, *o.OrgID) {
			ids = append(ids, *o.OrgID)
		}
	}
	slices.Sort(ids)
	var closed map[int64]*errs.Error
	for _, id := range ids {
		err := org.Standing(tx, id)
		bad := errs.As(err)
		switch {
		case err == nil:
		case bad.Code != org.ErrClosedOrg.Code:
			return nil, err
		case orders[0].Actor.Login == byItself:
			// A list offers what was read before the lock: the entry is the other
			// organisation's by now, or it may run out as its party is gone.
			if bad.Extra["merged_into"] != nil {
				return nil, db.ErrAgain
			}
		default:
			if closed == nil {
				closed = map[int64]*errs.Error{}
			}
			closed[id] = bad
		}
	}
	return closed, nil
}
