package booking_test

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func walkIn(e models.Event, n int) booking.WalkIn {
	return booking.WalkIn{EventID: e.ID, Party: models.Party{Count: n}, Door: "east"}
}

func TestAWalkInIsBookedAndSeatedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 20, func(e *models.Event) { e.Audience = models.AudienceBranches })
		_, err := w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(e, 2))
		require.ErrorIs(t, err, booking.ErrWalkInsLater)
		clock.Set(e.StartsAt.Time().Add(-15*time.Minute - time.Second))
		_, err = w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(e, 2))
		require.ErrorIs(t, err, booking.ErrWalkInsLater)
		clock.Advance(time.Second)
		_, err = w.Kernel.WalkIn(t.Context(), w.Account(t), walkIn(e, 2))
		require.ErrorIs(t, err, errs.ErrForbidden, "only staff at the door")
		_, err = w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(models.Event{ID: 1 << 40}, 2))
		require.ErrorIs(t, err, errs.ErrNotFound)

		in := walkIn(e, 2)
		in.Key = idem.Key{Scope: "door", Key: "k", Body: "2"}
		first, err := w.Kernel.WalkIn(t.Context(), w.Staff, in)
		require.NoError(t, err)
		require.Len(t, first.Checked, 2)
		require.Equal(t, []any{"现场观众 1", int64(2), 2}, []any{first.Name, first.Arrived, first.Expected})
		again, err := w.Kernel.WalkIn(t.Context(), w.Staff, in)
		require.NoError(t, err)
		require.Equal(t, first, again, "the same key is the same people")

		clock.Set(e.EndsAt.Time().Add(-time.Second)) // long after booking has closed
		late := walkIn(e, 1)
		late.Name = " 王师傅 "
		got, err := w.Kernel.WalkIn(t.Context(), w.Staff, late)
		require.NoError(t, err)
		require.Equal(t, "王师傅", got.Name)
		require.True(t, got.Checked[0].Late)
		third, err := w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(e, 1))
		require.NoError(t, err)
		require.Equal(t, "现场观众 3", third.Name)
		clock.Advance(time.Second)
		_, err = w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(e, 1))
		require.ErrorIs(t, err, booking.ErrOver)

		var b models.Booking
		w.Read(t, func(tx *db.Tx) error {
			_, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, first.BookingID)
			return err
		})
		require.Equal(t, []any{models.ChannelVisit, 2, models.BookingBooked, w.Staff.AccountID}, []any{b.Channel, b.Party, b.Status, b.CreatedBy})
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 4, w.Saved(t, e.ID).Attended)
		w.MustBeClean(t)
	})
}

// letGo is how staff lets seats of parties go.
func letGo(e models.Event, ids ...string) booking.LettingGo {
	return booking.LettingGo{EventID: e.ID, Bookings: ids, Reason: "开场十分钟没有来"}
}

func TestSeatsOfThoseWhoHaveNotComeAreLetGoForWalkIns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		hall, plan := w.AddHall(t, "small", bookingtest.Row(8))
		e := w.Event(t, 0, bookingtest.In(hall), bookingtest.Today)
		seats := bookingtest.Seats(plan)
		some := w.MustBook(t, bookingtest.Chosen(e, w.Account(t), seats[:4]...))
		none := w.MustBook(t, bookingtest.Chosen(e, w.Account(t), seats[4:]...))
		scanned(t, w, booking.Scan{Code: some.Code, Nonce: "1", Seats: seats[:3]})

		clock.Set(e.StartsAt.Time().Add(10*time.Minute - time.Second))
		_, err := w.Kernel.WalkIn(t.Context(), w.Staff, walkIn(e, 1))
		require.ErrorIs(t, err, booking.ErrFull, "a seat that is booked stays so until staff says otherwise")
		_, err = w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, none.ID))
		require.ErrorIs(t, err, booking.ErrReleaseLater)
		clock.Advance(time.Second)
		_, err = w.Kernel.ReleaseNoShows(t.Context(), w.Account(t), letGo(e, none.ID))
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, "no-such-booking"))
		require.ErrorIs(t, err, errs.ErrInvalid)

		got, err := w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, some.ID, none.ID, none.ID))
		require.NoError(t, err)
		require.Equal(t, []int{5, 5, 2}, []int{got.Seats, got.Free, len(got.Parties)})
		w.MustBeClean(t)
		_, err = w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, some.ID, none.ID))
		require.ErrorIs(t, err, booking.ErrAllHere)

		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: none.Code, Nonce: "2"})
		require.ErrorIs(t, err, booking.ErrReleased)
		a := scanned(t, w, booking.Scan{Code: some.Code, Nonce: "3"})
		require.Equal(t, []int{3, 1, 0}, []int{len(a.Already), len(a.Released), len(a.Missing)}, "the party is smaller, and the answer says by which seat")
		late, err := w.Kernel.WalkIn(t.Context(), w.Staff, booking.WalkIn{EventID: e.ID, Seats: seats[4:6], Name: "迟到的一家"})
		require.NoError(t, err, "they come after all, as walk-ins")
		require.Len(t, late.Checked, 2)
		require.Equal(t, []any{int64(5), 5}, []any{late.Arrived, late.Expected})
		w.MustBeClean(t)

		var told int
		var reasons []string
		w.Read(t, func(tx *db.Tx) error {
			if err := tx.Scan(&reasons, `SELECT reason FROM audit_log WHERE action = 'booking.release_seats'`); err != nil {
				return err
			}
			return tx.Scan(&told, `SELECT COUNT(*) FROM outbox WHERE kind = 'seats_released' AND channel = 'inbox'`)
		})
		require.Equal(t, 2, told, "both bookers are told")
		require.Equal(t, []string{"开场十分钟没有来", "开场十分钟没有来"}, reasons)

		clock.Set(e.EndsAt.Time())
		_, err = w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, some.ID))
		require.ErrorIs(t, err, booking.ErrDoorOver)
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		outcomes := map[string]int{}
		w.Read(t, func(tx *db.Tx) error {
			var all []string
			err := tx.Scan(&all, `SELECT outcome FROM booking_seats WHERE event_id = ?`, e.ID)
			for _, o := range all {
				outcomes[o]++
			}
			return err
		})
		require.Equal(t, map[string]int{"attended": 5, "no_show": 5}, outcomes)
		require.Equal(t, 5, w.Saved(t, e.ID).Attended)
		w.MustBeClean(t)
	})
}

func TestStaffOfAnotherPlaceLetsNothingGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0)
		p, _ := party(t, w, e)
		stranger := w.Account(t)
		stranger.Grants = []auth.Grant{w.Grant(t, stranger, auth.Cinema, w.Station)}
		clock.Set(e.StartsAt.Time().Add(time.Hour))
		_, err := w.Kernel.ReleaseNoShows(t.Context(), stranger, letGo(e, p.ID))
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Kernel.WalkIn(t.Context(), stranger, walkIn(e, 1))
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Kernel.EnterPaper(t.Context(), stranger, booking.PaperList{EventID: e.ID, Lines: []booking.PaperLine{{BookingID: p.ID, All: true}}, Came: models.CameBefore})
		require.ErrorIs(t, err, errs.ErrForbidden)
	})
}
