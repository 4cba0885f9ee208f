package booking_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// members writes down who comes under a booking; seats are by position of the
// name, 0 for none. It returns the ids.
func members(t *testing.T, w *bookingtest.World, booking string, names []string, seats ...int64) []int64 {
	t.Helper()
	ids := make([]int64, len(names))
	w.Write(t, func(tx *db.Tx) error {
		for i, name := range names {
			var seat *int64
			if i < len(seats) && seats[i] != 0 {
				seat = &seats[i]
			}
			if _, err := tx.One(&ids[i], `INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`,
				booking, i, name, seat, tx.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

func scanned(t *testing.T, w *bookingtest.World, s booking.Scan) booking.Arrivals {
	t.Helper()
	out, err := w.Kernel.CheckIn(t.Context(), w.Staff, s)
	require.NoError(t, err)
	return out
}

// names lists who a scan let in, seat by seat; a dash where nobody knows.
func names(all []booking.Arrival) (out []string) {
	for _, a := range all {
		if out = append(out, a.Name); a.Name == "" {
			out[len(out)-1] = "-"
		}
	}
	return out
}

func TestAScanSentAgainAfterAnUndoLetsNobodyIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		p, ids := party(t, w, w.Event(t, 0, bookingtest.Today))
		one := booking.Scan{Code: p.Code, Nonce: "one", Door: "east"}
		require.Len(t, scanned(t, w, one).Checked, 4)
		second := booking.Scan{Code: p.Code, Nonce: "two", Door: "west"} // found all seated, and wrote nothing
		require.Empty(t, scanned(t, w, second).Checked)
		clock.Advance(time.Minute)
		_, err := w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code}, "wrong party")
		require.NoError(t, err)
		undone := clock.Instant()
		clock.Advance(time.Minute)

		again := scanned(t, w, one)
		require.Empty(t, again.Checked)
		require.Empty(t, again.Already)
		require.Len(t, again.TakenBack, 4, "it says that it was taken back")
		require.Equal(t, []any{undone, "east"}, []any{again.TakenBack[0].At, again.TakenBack[0].Door})
		require.Len(t, again.Missing, 4)
		require.Zero(t, again.Arrived)
		again = scanned(t, w, second)
		require.Empty(t, again.Checked, "nor does a scan that came second come first now")
		require.Len(t, again.Missing, 4)

		fresh := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "three", Seats: ids[:3]})
		require.Len(t, fresh.Checked, 3)
		again = scanned(t, w, one)
		require.Empty(t, again.Checked)
		require.Len(t, again.Already, 3)
		require.Len(t, again.TakenBack, 1)
		require.EqualValues(t, 3, again.Arrived)
		w.MustBeClean(t)
	})
}

func TestMembersComeByNameOnTheirSeatOrTheNextFreeOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		p, seats := party(t, w, e)
		who := members(t, w, p.ID, []string{"甲", "乙", "丙"}, 0, seats[0])
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Attendees: who[:1]})
		require.Equal(t, []string{"甲"}, names(a.Checked))
		require.Equal(t, seats[1], a.Checked[0].SeatID, "the first seat is given to somebody else")
		require.Len(t, a.Attendees, 3)
		require.NotNil(t, a.Attendees[0].Here)
		require.Equal(t, seats[0], a.Attendees[1].Seat.ID)
		require.Nil(t, a.Attendees[1].Here)

		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2", Attendees: []int64{who[0], who[1], who[1]}})
		require.Equal(t, []string{"乙"}, names(a.Checked))
		require.Equal(t, seats[0], a.Checked[0].SeatID)
		require.Equal(t, []string{"甲"}, names(a.Already))

		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "3"})
		require.Equal(t, []string{"丙", "-"}, names(a.Checked), "the whole party: the last member, and one without a name")
		require.EqualValues(t, 4, a.Arrived)
		_, err := w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Attendees: who[2:]}, "not him")
		require.NoError(t, err)
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "4", Seats: seats[:1]})
		require.Equal(t, []string{"乙"}, names(a.Already))
		require.Nil(t, a.Attendees[2].Here)

		other, _ := party(t, w, e)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: other.Code, Nonce: "5", Attendees: who[:1]})
		require.ErrorIs(t, err, booking.ErrUnknownAttendee, "a member of another party")
		w.MustBeClean(t)
	})
}

func TestMoreMembersThanSeatsAreToldHowManyAreLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		p, seats := party(t, w, w.Event(t, 0, bookingtest.Today))
		who := members(t, w, p.ID, []string{"甲", "乙", "丙", "丁", "戊"}, seats[3])
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "1", Attendees: who[1:]})
		require.ErrorIs(t, err, booking.ErrFewerLeft, "the seat given to 甲 is not taken by the others")
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Attendees: who[1:4]})
		require.Equal(t, []string{"乙", "丙", "丁"}, names(a.Checked), "a refused scan is not remembered")
		require.Equal(t, seats[3], a.Missing[0].ID)
	})
}

func TestHeadsAreCountedOntoTheNextSeats(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		o := bookingtest.Chosen(e, w.Account(t))
		o.Reach = booking.ReachWhole
		p := w.MustBook(t, o)
		require.Len(t, p.Seats, 172)
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Count: 38})
		require.Len(t, a.Checked, 38)
		require.Equal(t, p.Seats[0].ID, a.Checked[0].SeatID)
		require.Equal(t, a.Checked, scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Count: 38}).Checked, "the same scan, not 38 more")
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2", Count: 100})
		require.EqualValues(t, 138, a.Arrived)
		require.Empty(t, a.Already)
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "3", Count: 35})
		require.ErrorIs(t, err, booking.ErrFewerLeft)
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "3", Count: 2, Seats: []int64{p.Seats[171].ID}})
		require.ErrorIs(t, err, booking.ErrSeatsOrCount)
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "3", Count: 34})
		require.Empty(t, a.Missing)
		require.EqualValues(t, 172, a.Arrived)
		w.MustBeClean(t)
	})
}

func TestLatecomersAreLetInUntilTheEndAndMarked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		p, ids := party(t, w, e)
		clock.Set(e.StartsAt.Time())
		a := scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1", Seats: ids[:1]})
		require.False(t, a.Checked[0].Late, "at the start is in time")
		clock.Advance(time.Second)
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "2", Seats: ids[1:2]})
		require.True(t, a.Checked[0].Late)
		require.EqualValues(t, 1, a.Late)
		version := a.Version
		clock.Set(e.EndsAt.Time().Add(-time.Second))
		a = scanned(t, w, booking.Scan{Code: p.Code, Nonce: "3", Seats: ids[2:3]})
		require.EqualValues(t, 2, a.Late)
		require.Greater(t, a.Version, version)
		clock.Set(e.EndsAt.Time())
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "4"})
		require.ErrorIs(t, err, booking.ErrDoorOver, "also before the job has closed it")
		a, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Seats: ids[2:3]}, "left at once")
		require.NoError(t, err)
		require.Equal(t, []int64{2, 1}, []int64{a.Arrived, a.Late})
		require.Equal(t, models.EventOpen, w.Saved(t, e.ID).State)
	})
}
