package booking_test

import (
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func statuses(t *testing.T, w *bookingtest.World, ids ...string) (out []models.BookingStatus) {
	t.Helper()
	for _, id := range ids {
		var b models.Booking
		w.Read(t, func(tx *db.Tx) error { _, err := tx.One(&b, `SELECT * FROM bookings WHERE id = ?`, id); return err })
		out = append(out, b.Status)
	}
	return out
}

func TestAListOnPaperIsEnteredAfterTheEventIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0)
		whole, _ := party(t, w, e)
		named, seats := party(t, w, e)
		heads, _ := party(t, w, e)
		never, _ := party(t, w, e)
		gone, _ := party(t, w, e)
		_, err := w.Cancel(gone.ID, byHolder(w.Staff))
		require.NoError(t, err)
		who := members(t, w, named.ID, []string{"甲", "乙"}, seats[2])
		clock.Set(e.StartsAt.Time())
		scanned(t, w, booking.Scan{Code: whole.Code, Nonce: "1", Count: 1})
		clock.Set(e.EndsAt.Time())
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, []models.BookingStatus{"attended", "no_show", "no_show", "no_show"}, statuses(t, w, whole.ID, named.ID, heads.ID, never.ID))
		require.Equal(t, 1, w.Saved(t, e.ID).Attended)

		clock.Advance(26 * time.Hour)
		list := booking.PaperList{EventID: e.ID, Came: models.CameBefore, Key: idem.Key{Scope: "paper", Key: "k", Body: "1"}, Lines: []booking.PaperLine{
			{BookingID: whole.ID, All: true}, {BookingID: named.ID, Attendees: who}, {BookingID: heads.ID, Count: 3}, {BookingID: never.ID}}}
		_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.ErrorIs(t, err, errs.ErrInvalid, "a closed record is changed with a reason")
		list.Reason = "停电，用纸签到"
		spoilt := list
		spoilt.Key = idem.Key{}
		for fault, line := range map[error]booking.PaperLine{
			booking.ErrFewerLeft:       {BookingID: never.ID, Count: 5},
			booking.ErrNotBooked:       {BookingID: gone.ID, All: true},
			booking.ErrUnknownAttendee: {BookingID: never.ID, Attendees: who},
			errs.ErrInvalid:            {BookingID: "nobody's", All: true},
		} {
			spoilt.Lines = append(list.Lines[:4:4], line)
			_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, spoilt)
			require.ErrorIs(t, err, fault)
			require.Equal(t, 4, errs.As(err).Extra["line"])
		}
		require.Equal(t, 1, w.Saved(t, e.ID).Attended, "one faulty line, and nothing is entered")

		got, err := w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.NoError(t, err)
		require.Equal(t, []int64{8, 1, 9, 0}, []int64{int64(got.Checked), int64(got.Already), got.Arrived, got.Late})
		again, err := w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.NoError(t, err)
		require.Equal(t, got, again)
		saved := w.Saved(t, e.ID)
		require.Equal(t, []any{9, models.EventFinished}, []any{saved.Attended, saved.State})
		require.Equal(t, []models.BookingStatus{"attended", "attended", "attended", "no_show"}, statuses(t, w, whole.ID, named.ID, heads.ID, never.ID))
		w.MustBeClean(t)
		var st booking.Arrivals
		w.Read(t, func(tx *db.Tx) (err error) { st, err = w.Kernel.Standing(tx, named.ID); return err })
		require.Equal(t, []string{"乙", "甲"}, names(st.Already))
		require.Equal(t, []any{booking.PaperDoor, models.CameBefore, false}, []any{st.Already[0].Door, st.Already[0].Came, st.Already[0].Late})

		later := booking.PaperList{EventID: e.ID, Came: models.CameHalfHour, Reason: "漏了一行", Lines: []booking.PaperLine{{BookingID: never.ID, Count: 2}}}
		got, err = w.Kernel.EnterPaper(t.Context(), w.Staff, later)
		require.NoError(t, err)
		require.Equal(t, []int64{11, 2}, []int64{got.Arrived, got.Late})
		_, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: never.Code}, "是另一家")
		require.NoError(t, err)
		require.Equal(t, 9, w.Saved(t, e.ID).Attended, "what was entered wrongly is taken back as well")
		require.Equal(t, []models.BookingStatus{"no_show"}, statuses(t, w, never.ID))
		w.MustBeClean(t)

		var lines []models.Audit
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&lines, `SELECT * FROM audit_log WHERE action = 'event.recount' ORDER BY id`)
		})
		require.Len(t, lines, 3)
		require.Equal(t, []string{"1", "9", "停电，用纸签到"}, []string{lines[0].Before, lines[0].After, lines[0].Reason})

		clock.Set(e.EndsAt.Time().Add(3 * 24 * time.Hour))
		_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, later)
		require.ErrorIs(t, err, booking.ErrRecordClosed)
		_, err = w.Kernel.UndoCheckIn(t.Context(), w.Staff, booking.Scan{Code: whole.Code}, "too late")
		require.ErrorIs(t, err, booking.ErrRecordClosed)
	})
}

func TestAListOnPaperIsEnteredWhileTheEventStillRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e := w.Event(t, 0)
		p, _ := party(t, w, e)
		released, _ := party(t, w, e)
		clock.Set(e.StartsAt.Time().Add(20 * time.Minute))
		_, err := w.Kernel.ReleaseNoShows(t.Context(), w.Staff, letGo(e, released.ID))
		require.NoError(t, err)
		list := booking.PaperList{EventID: e.ID, Came: models.CameBefore, Lines: []booking.PaperLine{{BookingID: p.ID, All: true}}}
		got, err := w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.NoError(t, err)
		require.Equal(t, []int64{4, 0}, []int64{got.Arrived, got.Late}, "they came in time, whenever it is typed in")
		require.Equal(t, []models.BookingStatus{"booked"}, statuses(t, w, p.ID))
		list.Lines[0].BookingID = released.ID
		_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.ErrorIs(t, err, booking.ErrReleased)
		w.MustBeClean(t)
	})
}

// Whom the door let in without a booking and noted on paper is put on record
// afterwards, on free seats first, then on those whose people did not come.
func TestWalkInsNotedOnPaperAreEnteredAfterwards(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		hall, _ := w.AddHall(t, "small", bookingtest.Row(10))
		e := w.Event(t, 0, bookingtest.In(hall))
		came := w.MustBook(t, bookingtest.Together(e, w.Account(t), 4))
		never := w.MustBook(t, bookingtest.Together(e, w.Account(t), 4))
		clock.Set(e.StartsAt.Time())
		scanned(t, w, booking.Scan{Code: came.Code, Nonce: "1"})
		list := booking.PaperList{EventID: e.ID, Came: models.CameBefore, Reason: "停电", WalkIns: []booking.PaperWalkIn{{Count: 1, Name: "张大爷"}}}
		got, err := w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.NoError(t, err, "while the event runs")
		require.Equal(t, []int64{1, 5}, []int64{int64(got.Checked), got.Arrived})
		clock.Set(e.EndsAt.Time())
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		clock.Advance(20 * time.Hour)

		list.WalkIns = []booking.PaperWalkIn{{Count: 2}, {Count: 3}}
		_, err = w.Kernel.EnterPaper(t.Context(), w.Staff, booking.PaperList{EventID: e.ID, Came: models.CameBefore, Reason: "停电", WalkIns: []booking.PaperWalkIn{{Count: 6}}})
		require.ErrorIs(t, err, booking.ErrFull, "one seat is free and four were not sat on")
		require.Equal(t, "walk_ins[0]", errs.As(err).Fields[0].Name)
		require.Equal(t, []int{5, 9}, []int{w.Saved(t, e.ID).Attended, w.Saved(t, e.ID).Taken}, "nothing of it was written")

		got, err = w.Kernel.EnterPaper(t.Context(), w.Staff, list)
		require.NoError(t, err)
		require.Equal(t, []int64{5, 10}, []int64{int64(got.Checked), got.Arrived})
		saved := w.Saved(t, e.ID)
		require.Equal(t, []any{10, 10, models.EventFinished}, []any{saved.Attended, saved.Taken, saved.State})
		require.Equal(t, []models.BookingStatus{"attended", "no_show"}, statuses(t, w, came.ID, never.ID))
		var names []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&names, `SELECT name FROM bookings WHERE event_id = ? AND channel = 'visit' ORDER BY created_at, id`, e.ID)
		})
		require.Equal(t, []string{"张大爷", "现场观众 2", "现场观众 3"}, names)
		w.MustBeClean(t)
	})
}
