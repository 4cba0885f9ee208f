package screening

import (
	"context"
	"encoding/json"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/models"
)

// liveSeats is what everybody watches of a screening.
const liveSeats live.Kind = "seats"

// SeatsNow is the state of all seats, small: one letter a seat, in the order of
// GET …/seats: f free, t taken, b blocked, r reserved for phone and window.
type SeatsNow struct {
	Version int64  `json:"version"`
	States  string `json:"states"`
}

// goLive has the seats told to who watches them. They are marked by every change;
// what nobody watches costs nothing.
func (s *Service) goLive() {
	s.live.Register(liveSeats, live.Source{Load: s.seatsNow, Versions: s.seatVersions})
	s.kernel.OnChange(func(id int64) { s.live.Changed(live.Topic{Kind: liveSeats, ID: id}) })
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

func (s *Service) seatVersions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	var out map[int64]int64
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) { out, err = eventVersions(tx, ids); return err })
	return out, err
}
