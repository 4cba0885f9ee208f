package booking_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// house is an event in a hall of one row that is sold out, two seats a booking.
type house struct {
	*bookingtest.World
	event models.Event
	sold  []booking.Placed
	owner auth.Actor
}

func soldOut(t *testing.T, w *bookingtest.World, seats int, edits ...func(*models.Event)) *house {
	t.Helper()
	hall, _ := w.AddHall(t, "row-"+t.Name()+w.Account(t).Login, bookingtest.Row(seats))
	h := &house{World: w, owner: w.Account(t)}
	h.event = w.Event(t, 0, append(edits, bookingtest.In(hall))...)
	for range seats / 2 {
		h.sold = append(h.sold, w.MustBook(t, bookingtest.Together(h.event, h.owner, 2)))
	}
	return h
}

func (h *house) join(t *testing.T, who auth.Actor, n int) booking.Waiting {
	t.Helper()
	w, err := h.tryJoin(who, n)
	require.NoError(t, err)
	return w
}

func (h *house) tryJoin(who auth.Actor, n int) (booking.Waiting, error) {
	return joinOn(h.DB, h.Kernel, bookingtest.Together(h.event, who, n))
}

func joinOn(d *db.DB, k *booking.Service, o booking.Order) (w booking.Waiting, err error) {
	err = d.Write(context.Background(), func(tx *db.Tx) error { w, err = k.Join(tx, o); return err })
	return w, err
}

func reply[T any](d *db.DB, id int64, who auth.Actor, do func(*db.Tx, int64, booking.Cancelling) (T, error)) (out T, err error) {
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		out, err = do(tx, id, booking.Cancelling{Actor: who, Channel: models.ChannelOnline, Reason: "because"})
		return err
	})
	return out, err
}

func (h *house) entry(t *testing.T, id int64) (w booking.Waiting) {
	t.Helper()
	h.Read(t, func(tx *db.Tx) (err error) { w, err = booking.EntryIn(tx, id); return err })
	return w
}

func (h *house) state(t *testing.T, id int64, want models.WaitState) booking.Waiting {
	t.Helper()
	w := h.entry(t, id)
	require.Equal(t, want, w.State)
	h.MustBeClean(t)
	return w
}

func (h *house) cancel(t *testing.T, i int) {
	t.Helper()
	_, err := h.Cancel(h.sold[i].ID, byHolder(h.owner))
	require.NoError(t, err)
}

// link is the address that the party of an entry was sent.
func (h *house) link(t *testing.T, id int64) string {
	t.Helper()
	var text string
	h.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&text, `SELECT vars FROM outbox WHERE kind = 'waitlist_offer' AND subject = ?`, "waitlist:"+strconv.FormatInt(id, 10))
	})
	var vars map[string]string
	require.NoError(t, json.Unmarshal([]byte(text), &vars))
	return strings.TrimPrefix(vars["path"], "/offers/")
}

func TestAFreedSeatGoesToTheListBeforeAnybodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		h := soldOut(t, w, 6)
		first, second, buyer := w.Account(t), w.Account(t), w.Account(t)
		a, b := h.join(t, first, 2), h.join(t, second, 1)
		require.Equal(t, []int{0, 1}, []int{a.Ahead, b.Ahead})
		h.cancel(t, 0)
		_, err := w.Kernel.Book(t.Context(), bookingtest.Together(h.event, buyer, 1))
		require.ErrorIs(t, err, booking.ErrFull, "a buyer does not get ahead of the list")
		offered := h.state(t, a.ID, models.WaitOffered)
		require.Equal(t, clock.Instant().Add(models.OfferFor), offered.Deadline)
		require.Equal(t, 0, h.entry(t, b.ID).Ahead, "one moves up")
		require.Equal(t, 6, w.Saved(t, h.event.ID).Taken, "the offer holds its seats")

		p, err := reply(w.DB, a.ID, first, w.Kernel.Accept)
		require.NoError(t, err)
		require.Equal(t, models.BookingBooked, p.Status)
		require.Len(t, p.Seats, 2)
		h.state(t, a.ID, models.WaitTaken)
		require.Equal(t, 1, w.Saved(t, h.event.ID).Waiting)
	})
}

func TestWhoDoesNotFitKeepsThePlaceAndIsAskedFirstAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 8)
		family, couple := w.Account(t), w.Account(t)
		a, b := h.join(t, family, 4), h.join(t, couple, 2)
		h.cancel(t, 0)
		h.state(t, b.ID, models.WaitOffered)
		passed := h.state(t, a.ID, models.Waiting)
		require.Equal(t, 1, passed.Passed)
		require.Zero(t, passed.Ahead)
		h.cancel(t, 1)
		h.state(t, a.ID, models.Waiting)
		_, err := reply(w.DB, b.ID, couple, w.Kernel.Decline)
		require.NoError(t, err)
		h.state(t, b.ID, models.WaitDeclined)
		h.state(t, a.ID, models.WaitOffered) // two and two are four
	})
}

func TestASmallerPartyKeepsItsPlace(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 6)
		who := w.Account(t)
		a := h.join(t, who, 4)
		h.cancel(t, 0)
		shrink := func(n int) (out booking.Waiting, err error) {
			err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
				out, err = w.Kernel.Shrink(tx, a.ID, n, byHolder(who))
				return err
			})
			return out, err
		}
		_, err := shrink(5)
		require.ErrorIs(t, err, booking.ErrOnlyFewer)
		b, err := shrink(3)
		require.NoError(t, err)
		require.Equal(t, models.Waiting, b.State)
		b, err = shrink(2)
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, b.State, "there are two seats, so they are offered at once")
		_, err = shrink(1)
		require.ErrorIs(t, err, booking.ErrNotWaiting)
		h.MustBeClean(t)
	})
}

func TestWhoMayJoin(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		h := soldOut(t, w, 6, func(e *models.Event) { e.MaxSeats = 7 })
		who := w.Account(t)
		one := h.join(t, who, 2)
		again := h.join(t, who, 5)
		require.Equal(t, one.ID, again.ID, "one living entry each")
		require.Equal(t, 2, again.Party)
		_, err := h.tryJoin(w.Account(t), 7)
		require.ErrorIs(t, err, booking.ErrNeverFits)
		_, err = h.tryJoin(w.Account(t), 8)
		require.ErrorIs(t, err, booking.ErrTooMany)

		left, err := reply(w.DB, one.ID, who, w.Kernel.Leave)
		require.NoError(t, err)
		require.Equal(t, models.WaitLeft, left.State)
		_, err = reply(w.DB, one.ID, who, w.Kernel.Leave)
		require.NoError(t, err, "leaving twice is no fault")
		h.cancel(t, 0)
		_, err = h.tryJoin(w.Account(t), 2)
		require.ErrorIs(t, err, booking.ErrSeatsThere)
		require.Len(t, errs.As(err).Extra["seats"], 2)
		require.NotEqual(t, one.ID, h.join(t, who, 3).ID, "who has left may come back, at the end")

		clock.Set(h.event.ListUntil().Add(time.Microsecond).Time())
		_, err = h.tryJoin(w.Account(t), 3)
		require.ErrorIs(t, err, booking.ErrListEnded)
		clock.Set(h.event.ClosesAt.Time())
		_, err = h.tryJoin(w.Account(t), 3)
		require.ErrorIs(t, err, booking.ErrClosed)
		h.MustBeClean(t)
	})
}

func TestAnOfferThatLapsesGoesToTheNext(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		h := soldOut(t, w, 6)
		first, second := w.Account(t), w.Account(t)
		a, b := h.join(t, first, 2), h.join(t, second, 2)
		h.cancel(t, 2)
		token := h.link(t, a.ID)
		require.Len(t, token, 22, "128 bits")
		w.Read(t, func(tx *db.Tx) error {
			var n int
			require.NoError(t, tx.Scan(&n, `SELECT COUNT(*) FROM waitlist_entries WHERE token_hash = ?`, token))
			require.Zero(t, n, "only a hash is kept")
			found, err := booking.OfferBehind(tx, token)
			require.Equal(t, a.ID, found.ID)
			_, none := booking.OfferBehind(tx, "x"+token)
			require.ErrorIs(t, none, errs.ErrNotFound)
			return err
		})
		clock.Set(h.entry(t, a.ID).Deadline.Time())
		_, err := reply(w.DB, a.ID, first, w.Kernel.Accept)
		require.ErrorIs(t, err, booking.ErrOfferLapsed)
		h.state(t, a.ID, models.WaitOffered)
		n, err := w.Kernel.ExpireOffers(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		h.state(t, a.ID, models.WaitExpired)
		h.state(t, b.ID, models.WaitOffered)
		_, err = reply(w.DB, a.ID, first, w.Kernel.Accept)
		require.ErrorIs(t, err, booking.ErrOfferLapsed)
		n, err = w.Kernel.ExpireOffers(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n, "again it finds nothing to do")
	})
}

func TestAnOfferAcceptedThreeTimesAtOnceHasOneEffect(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		h := soldOut(t, w, 6)
		who := w.Account(t)
		a := h.join(t, who, 2)
		h.cancel(t, 0)
		var all sync.WaitGroup
		got, failed := make([]booking.Placed, 3), make([]error, 3)
		for i := range got {
			all.Go(func() { got[i], failed[i] = reply(w.DB, a.ID, who, nodes[i%2].Accept) })
		}
		all.Wait()
		for i := range got {
			require.NoError(t, failed[i])
			require.Equal(t, got[0], got[i])
		}
		w.Read(t, func(tx *db.Tx) error {
			var told int
			err := tx.Scan(&told, `SELECT COUNT(*) FROM outbox WHERE kind = 'booked' AND subject = ? AND channel = 'inbox'`, "booking:"+got[0].ID)
			require.Equal(t, 1, told)
			return err
		})
		_, err := reply(w.DB, a.ID, who, nodes[0].Decline)
		require.ErrorIs(t, err, booking.ErrOfferTaken)
		h.state(t, a.ID, models.WaitTaken)
	})
}

func TestSeatsOfTheDeskGoToTheListWhenTheyAreReleased(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		hall, _ := w.AddHall(t, "share", bookingtest.Row(10))
		e := w.Event(t, 40, bookingtest.In(hall))
		h := &house{World: w, event: e, owner: w.Account(t)}
		w.MustBook(t, bookingtest.Together(e, h.owner, 6))
		online := h.join(t, w.Account(t), 2)
		phoned := bookingtest.Together(e, w.Account(t), 2)
		phoned.Channel, phoned.Reach = models.ChannelPhone, booking.ReachDesk
		_, err := joinOn(w.DB, w.Kernel, phoned)
		require.ErrorIs(t, err, booking.ErrSeatsThere, "the share of the desk is there for a caller")
		h.state(t, online.ID, models.Waiting)
		clock.Set(e.ReleaseAt.Time())
		_, err = w.Kernel.ReleaseDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		h.state(t, online.ID, models.WaitOffered)
	})
}

// The list ends with its event: half an hour before booking closes for those who
// wait, with the event for everybody, and they are told.
func TestTheListEndsWithItsEvent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end       func(t *testing.T, h *house, clock *dbtest.Clock)
		wait, had models.WaitState
		notice    string
	}{
		"TimeIsOver": {func(t *testing.T, h *house, clock *dbtest.Clock) {
			clock.Set(h.event.ListUntil().Add(time.Second).Time())
			_, err := h.Kernel.ExpireOffers(t.Context(), clock.Instant())
			require.NoError(t, err)
		}, models.WaitClosed, models.WaitExpired, "waitlist_closed"},
		"Over": {func(t *testing.T, h *house, clock *dbtest.Clock) {
			clock.Set(h.event.EndsAt.Time())
			_, err := h.Kernel.FinishDue(t.Context(), clock.Instant())
			require.NoError(t, err)
		}, models.WaitClosed, models.WaitClosed, "waitlist_closed"},
		"CalledOff": {func(t *testing.T, h *house, _ *dbtest.Clock) {
			h.Write(t, func(tx *db.Tx) error { return callOff(tx, h.Kernel, h.event.ID, h.Staff) })
		}, models.WaitClosed, models.WaitClosed, "waitlist_called_off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
				h := soldOut(t, w, 6)
				offered, waits := h.join(t, w.Account(t), 2), h.join(t, w.Account(t), 3)
				h.cancel(t, 0)
				h.state(t, offered.ID, models.WaitOffered)
				c.end(t, h, clock)
				h.state(t, waits.ID, c.wait)
				h.state(t, offered.ID, c.had)
				w.Read(t, func(tx *db.Tx) error {
					var kinds []string
					err := tx.Scan(&kinds, `SELECT kind FROM outbox WHERE subject = ? AND channel = 'inbox' ORDER BY id DESC LIMIT 1`, "waitlist:"+strconv.FormatInt(waits.ID, 10))
					require.Equal(t, []string{c.notice}, kinds)
					return err
				})
			})
		})
	}
}

func callOff(tx *db.Tx, k *booking.Service, event int64, by auth.Actor) error {
	if _, err := booking.LockEvents(tx, event); err != nil {
		return err
	}
	c := booking.Cancelling{Actor: by, Channel: models.ChannelOnline, Reason: "power cut", Limit: booking.AtAnyTime}
	if _, err := k.CancelAll(tx, event, c); err != nil {
		return err
	}
	return k.CallOff(tx, event)
}

func TestTheOrderIsChangedByHandWithAReasonThatIsLogged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 6)
		a, b := h.join(t, w.Account(t), 2), h.join(t, w.Account(t), 2)
		move := func(id int64, d booking.Direction, reason string) error {
			return w.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := w.Kernel.Reorder(tx, id, d, booking.Cancelling{Actor: w.Staff, Channel: models.ChannelOnline, Reason: reason})
				return err
			})
		}
		require.ErrorIs(t, move(b.ID, booking.Up, ""), booking.ErrNoReason)
		require.NoError(t, move(a.ID, booking.Up, "first already"))
		require.NoError(t, move(b.ID, booking.Up, "comes from hospital"))
		h.cancel(t, 0)
		h.state(t, b.ID, models.WaitOffered)
		h.state(t, a.ID, models.Waiting)
		require.ErrorIs(t, move(b.ID, booking.Up, "late"), booking.ErrNotWaiting)
		w.Read(t, func(tx *db.Tx) error {
			var lines []models.Audit
			err := tx.Scan(&lines, `SELECT * FROM audit_log WHERE action = 'waitlist.reorder'`)
			require.Len(t, lines, 1)
			require.Equal(t, "comes from hospital", lines[0].Reason)
			require.Equal(t, w.Staff.AccountID, lines[0].ActorID)
			return err
		})
	})
}

// A held booking that is cancelled as a booking is an offer declined.
func TestAnOfferCancelledAsABookingIsDeclined(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 6)
		who := w.Account(t)
		a, b := h.join(t, who, 2), h.join(t, w.Account(t), 2)
		h.cancel(t, 0)
		_, err := w.Cancel(*h.state(t, a.ID, models.WaitOffered).BookingID, byHolder(who))
		require.NoError(t, err)
		h.state(t, a.ID, models.WaitDeclined)
		h.state(t, b.ID, models.WaitOffered)
	})
}

// Seats of an offer that has run out are not kept from whoever books until the
// job comes by; but who waits is asked first.
func TestALapsedOfferIsFreeForWhoBooksNext(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		h := soldOut(t, w, 4)
		a := h.join(t, w.Account(t), 2)
		h.cancel(t, 0)
		h.state(t, a.ID, models.WaitOffered)
		buyer := bookingtest.Together(h.event, w.Account(t), 2)
		_, err := w.Kernel.Book(t.Context(), buyer)
		require.ErrorIs(t, err, booking.ErrFull, "the offer stands")
		clock.Advance(models.OfferFor)
		_, err = w.Kernel.Book(t.Context(), buyer)
		require.NoError(t, err, "no job has run")
		h.state(t, a.ID, models.WaitExpired)

		h = soldOut(t, w, 4)
		a = h.join(t, w.Account(t), 2)
		b := h.join(t, w.Account(t), 2)
		h.cancel(t, 0)
		clock.Advance(models.OfferFor)
		buyer = bookingtest.Together(h.event, w.Account(t), 2)
		_, err = w.Kernel.Book(t.Context(), buyer)
		require.ErrorIs(t, err, booking.ErrFull, "the next in order was asked first")
		h.state(t, a.ID, models.WaitExpired)
		h.state(t, b.ID, models.WaitOffered)
		clock.Advance(models.OfferFor)
		chosen := bookingtest.Chosen(h.event, w.Account(t), h.sold[0].Seats[0].ID)
		_, err = w.Kernel.Book(t.Context(), chosen)
		require.NoError(t, err, "a seat by name as well")
		h.state(t, b.ID, models.WaitExpired)
	})
}
