package screening

import (
	"context"
	"encoding/json"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/models"
)

// What of a screening is watched: its seats by everybody, the count at its door
// by those who stand there.
const (
	liveSeats live.Kind = "seats"
	liveDoor  live.Kind = "door"
)

// SeatsNow is the state of all seats, small: one letter a seat, in the order of
// GET …/seats: f free, t taken, b blocked, r reserved for phone and window.
type SeatsNow struct {
	Version int64  `json:"version"`
	States  string `json:"states"`
}

// goLive has seats and door told to who watches them. Both are marked by every
// change; what nobody watches costs nothing.
func (s *Service) goLive() {
	s.live.Register(liveSeats, live.Source{Load: s.seatsNow, Versions: s.seatVersions})
	s.live.Register(liveDoor, live.Source{Load: s.doorNow, Versions: s.doorVersions})
	s.kernel.OnChange(func(id int64) {
		s.live.Changed(live.Topic{Kind: liveSeats, ID: id}, live.Topic{Kind: liveDoor, ID: id})
	})
}

func (s *Service) seatsNow(ctx context.Context, id int64) (live.State, error) {
	var e models.Event
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if e, err = booking.Event(tx, id); err == nil && e.Kind != kindScreening {
			err = errs.ErrNotFound
		}
		return err
	})
	if err != nil {
		return live.State{}, err
	}
	data, err := json.Marshal(SeatsNow{e.Version, e.SeatMap})
	return live.State{Version: e.Version, Data: data}, err
}

type versionRow struct{ ID, Version int64 }

func byEvent(rows []versionRow) map[int64]int64 {
	out := make(map[int64]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out
}

func (s *Service) seatVersions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	var rows []versionRow
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { rows, err = eventVersions(tx, ids); return err })
	return byEvent(rows), err
}

// doorNow is booking.DoorCount, the same as GET …/door has it.
func (s *Service) doorNow(ctx context.Context, id int64) (live.State, error) {
	var n booking.DoorCount
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		e, err := booking.Event(tx, id)
		if err == nil && e.Kind != kindScreening {
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

func (s *Service) doorVersions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	var rows []versionRow
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { rows, err = doorVersions(tx, ids); return err })
	return byEvent(rows), err
}

// mayWatchDoor: the staff of the place where it is shown, as long as they are.
func (s *Service) mayWatchDoor(ctx context.Context, a auth.Actor, id int64) error {
	v, err := s.Get(ctx, id)
	if err == nil && !a.CanAt(auth.CheckIn, v.OrgPath) {
		err = errs.ErrForbidden
	}
	return err
}
