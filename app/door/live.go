package door

import (
	"context"
	"encoding/json"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/app/screening"
)

// liveDoor is the count at the door of a screening, watched by those who stand there.
const liveDoor live.Kind = "door"

// goLive has the count told to who watches it, on every change.
func (s *Service) goLive() {
	s.live.Register(liveDoor, live.Source{Load: s.now, Versions: s.versions})
	s.kernel.OnChange(func(id int64) { s.live.Changed(live.Topic{Kind: liveDoor, ID: id}) })
}

// now is booking.DoorCount, the same as GET …/door has it.
func (s *Service) now(ctx context.Context, id int64) (live.State, error) {
	var n booking.DoorCount
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		e, err := booking.Event(tx, id)
		if err == nil && e.Kind != screening.SourceScreening {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		n, err = booking.CountAtDoor(tx, e)
		return err
	})
	if err != nil {
		return live.State{}, err
	}
	data, err := json.Marshal(n)
	return live.State{Version: n.Version, Data: data}, err
}

func (s *Service) versions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	var out map[int64]int64
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { out, err = versions(tx, ids); return err })
	return out, err
}

// mayWatch: the staff of the place where it is shown, as long as they are.
func (s *Service) mayWatch(ctx context.Context, a auth.Actor, id int64) error {
	v, err := s.shows.Get(ctx, id)
	if err == nil && !a.CanAt(auth.CheckIn, v.OrgPath) {
		err = errs.ErrForbidden
	}
	return err
}
