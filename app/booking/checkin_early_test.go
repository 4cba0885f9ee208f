package booking_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestATicketForAnotherDayIsTurnedAway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0) // Wednesday, 09:00
		p, seats := party(t, w, e)
		midnight := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
		paper := booking.PaperList{EventID: e.ID, Came: models.CameBefore, Lines: []booking.PaperLine{{BookingID: p.ID, Count: 1}}}
		scan := booking.Scan{Code: p.Code, Nonce: "1", Seats: seats[:1]}
		for _, now := range []time.Time{dbtest.Start, midnight.Add(-time.Microsecond)} {
			clock.Set(now)
			_, err := w.Kernel.CheckIn(t.Context(), w.Staff, scan)
			require.ErrorIs(t, err, booking.ErrDoorEarly)
			require.Equal(t, models.InstantOf(midnight), errs.As(err).Extra["from"])
			require.Equal(t, e.StartsAt, errs.As(err).Args["starts_at"])
			_, err = w.Kernel.StandingByCode(t.Context(), w.Staff, scan)
			require.ErrorIs(t, err, booking.ErrDoorEarly)
			_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, paper)
			require.ErrorIs(t, err, booking.ErrDoorEarly)
		}
		clock.Set(midnight)
		require.Len(t, scanned(t, w, scan).Checked, 1, "what was refused is not remembered")
		got, err := w.Kernel.EnterPaper(t.Context(), w.Staff, paper)
		require.NoError(t, err)
		require.EqualValues(t, 2, got.Arrived)
		w.MustBeClean(t)
	})
}

func TestAnEventRightAfterMidnightLetsInTheEveningBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0, func(e *models.Event) { // Wednesday, 00:10
			for _, at := range []*models.Instant{&e.StartsAt, &e.EndsAt, &e.ClosesAt, &e.CancelUntil} {
				*at = at.Add(-8*time.Hour - 50*time.Minute)
			}
		})
		p, _ := party(t, w, e)
		clock.Set(e.StartsAt.Add(-time.Hour - time.Microsecond).Time())
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "1"})
		require.ErrorIs(t, err, booking.ErrDoorEarly)
		clock.Advance(time.Microsecond)
		require.Len(t, scanned(t, w, booking.Scan{Code: p.Code, Nonce: "1"}).Checked, 4)
	})
}

func TestNobodyCameAfterAStartThatIsYetToCome(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0, bookingtest.Today)
		p, _ := party(t, w, e)
		list := booking.PaperList{EventID: e.ID, Lines: []booking.PaperLine{{BookingID: p.ID, Count: 1}}}
		for _, list.Came = range []models.Came{models.CameHalfHour, models.CameLater} {
			clock.Set(e.StartsAt.Add(-time.Microsecond).Time())
			_, err := w.Kernel.EnterPaper(t.Context(), w.Staff, list)
			require.ErrorIs(t, err, booking.ErrNotBegun)
			require.Equal(t, "came", errs.As(err).Fields[0].Name)
			clock.Set(e.StartsAt.Time())
			_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, list)
			require.NoError(t, err)
		}
		w.MustBeClean(t)
	})
}
