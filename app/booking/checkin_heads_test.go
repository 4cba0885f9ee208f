package booking_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"

	"github.com/stretchr/testify/require"
)

// hereByName lists the members whom the door knows to be here.
func hereByName(a booking.Arrivals) (out []string) {
	for _, c := range a.Attendees {
		if c.Here != nil {
			out = append(out, c.Name)
		}
	}
	return out
}

// onRecord lists the members whom the list of names says to be here.
func onRecord(t *testing.T, w *bookingtest.World, id string) (out []string) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		all, err := booking.Attendees(tx, id)
		for _, a := range all[id] {
			if a.CheckedIn {
				out = append(out, a.Name)
			}
		}
		return err
	})
	return out
}

func TestHeadsOnGivenSeatsAreNobodyUntilTheyAreNamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		p, seats := party(t, w, w.Event(t, 0, bookingtest.Today))
		who := members(t, w, p.ID, []string{"甲", "乙", "丙", "丁"}, seats...)
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Count: 2, Door: "east"})
		require.Equal(t, []string{"-", "-"}, names(a.Checked))
		require.Empty(t, hereByName(a), "two came, and nobody knows who")
		require.Equal(t, seats[0], a.Attendees[0].Seat.ID, "the seat is still theirs")
		require.Empty(t, onRecord(t, w, p.ID))
		then := clock.Instant()

		clock.Advance(time.Minute)
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2", Attendees: who[:1], Door: "west"})
		require.Empty(t, a.Checked, "somebody sits there already")
		require.Equal(t, []string{"甲"}, names(a.Already))
		require.Equal(t, []any{seats[0], then, "east"}, []any{a.Already[0].SeatID, a.Already[0].At, a.Already[0].Door})
		require.Equal(t, []string{"甲"}, hereByName(a))
		require.Equal(t, []string{"甲"}, onRecord(t, w, p.ID))
		require.EqualValues(t, 2, a.Arrived)
		require.Equal(t, a, scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2", Attendees: who[:1], Door: "west"}))

		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "3", Attendees: who[2:3]})
		require.Equal(t, []string{"丙"}, names(a.Checked), "nobody came for that seat, so they are checked in there")
		require.Equal(t, seats[2], a.Checked[0].SeatID)
		require.EqualValues(t, 3, a.Arrived)

		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "4"})
		require.Equal(t, []string{"丁"}, names(a.Checked))
		require.Equal(t, []string{"甲", "丙", "丁"}, hereByName(a), "the second head has no name still")
		require.Empty(t, a.Missing)

		_, err := w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Attendees: who[1:2]}, "not him")
		require.ErrorIs(t, err, booking.ErrNotThere)
		a, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Attendees: who[:1]}, "not him")
		require.NoError(t, err)
		require.Equal(t, []string{"丙", "丁"}, hereByName(a))
		require.EqualValues(t, 3, a.Arrived)
		require.Equal(t, seats[0], a.Missing[0].ID)
		w.MustBeClean(t)
	})
}

func TestAWholePartyKeepsFreeSeatsForThoseWithoutOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		p, seats := party(t, w, w.Event(t, 0, bookingtest.Today))
		scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Seats: seats[:1]})
		members(t, w, p.ID, []string{"甲", "乙"}, seats[0])
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2"})
		require.Equal(t, []string{"乙", "-", "-"}, names(a.Checked), "the seat of 甲 is sat on, and no other is theirs")
	})
}
