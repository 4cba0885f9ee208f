package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// declare says that a seat of the hall is out of order during an event.
func declare(w *bookingtest.World, seat models.Seat, span models.Span) (o models.SeatOutage, err error) {
	err = w.DB.Write(context.Background(), func(tx *db.Tx) error {
		if err := booking.LockResources(tx, w.Hall.ID); err != nil {
			return err
		}
		o = models.SeatOutage{HallID: w.Hall.ID, RowTag: seat.RowTag, Number: seat.Number, StartsAt: span.Start, EndsAt: span.End,
			Reason: "椅背坏了", CreatedBy: w.Staff.AccountID, CreatedAt: tx.Now()}
		return tx.Insert(&o)
	})
	return o, err
}

func lift(w *bookingtest.World, o models.SeatOutage) error {
	return w.DB.Write(context.Background(), func(tx *db.Tx) error {
		if err := booking.LockResources(tx, w.Hall.ID); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE seat_outages SET lifted_at = ?, lifted_by = ? WHERE id = ?`, tx.Now(), w.Staff.AccountID, o.ID)
		return err
	})
}

func mend(w *bookingtest.World, k *booking.Service, id int64) (m booking.Mended, err error) {
	err = w.DB.Write(context.Background(), func(tx *db.Tx) error {
		m, err = k.MendEvent(tx, w.Staff, id)
		return err
	})
	return m, err
}

func mustDeclare(t *testing.T, w *bookingtest.World, seat models.Seat, e models.Event) models.SeatOutage {
	t.Helper()
	o, err := declare(w, seat, e.Span())
	require.NoError(t, err)
	return o
}

func mustMend(t *testing.T, w *bookingtest.World, id int64) booking.Mended {
	t.Helper()
	m, err := mend(w, w.Kernel, id)
	require.NoError(t, err)
	w.MustBeClean(t)
	return m
}

func held(t *testing.T, w *bookingtest.World, id string) (refs []booking.SeatRef) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		all, err := booking.SeatsOf(tx, id)
		refs = all[id]
		return err
	})
	return refs
}

func TestAPartyWithABrokenSeatGetsOthersAndIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, who := w.Event(t, 20), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 4))
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) VALUES (?, 1, '刘建国', ?, ?)`, p.ID, p.Seats[1].ID, tx.Now())
			return err
		})
		ord, _ := w.Plan.Ord(p.Seats[1].ID)
		seat := w.Plan.Seats[ord]
		o := mustDeclare(t, w, seat, e)

		var foreseen booking.Mended
		w.Read(t, func(tx *db.Tx) (err error) { foreseen, err = w.Kernel.Foresee(tx, e.ID); return err })
		clock.Advance(time.Second)
		m := mustMend(t, w, e.ID)
		require.Equal(t, foreseen.Repair, m.Repair, "what was shown is what is done")
		require.Len(t, m.Hits, 1)
		require.Equal(t, booking.StuckNowhere, m.Hits[0].Stuck)
		require.Equal(t, models.TogetherOneRow, m.Hits[0].Together)
		now := held(t, w, p.ID)
		require.Len(t, now, 4)
		require.NotContains(t, now, p.Seats[1])
		saved := w.Saved(t, e.ID)
		require.Equal(t, byte('b'), saved.SeatMap[ord])
		require.Equal(t, 171, saved.ForSale)
		require.Equal(t, 4, saved.Taken)

		var attendee int64
		var notices, lines []string
		w.Read(t, func(tx *db.Tx) error {
			return errors.Join(tx.Scan(&attendee, `SELECT seat_id FROM attendees WHERE booking_id = ?`, p.ID),
				tx.Scan(&notices, `SELECT vars FROM outbox WHERE kind = 'reseated' AND recipient = ? AND channel = 'inbox'`, fmt.Sprint("account:", who.AccountID)),
				tx.Scan(&lines, `SELECT before || ' → ' || after FROM audit_log WHERE action = 'booking.reseat' AND subject_id = ?`, p.ID))
		})
		require.True(t, slices.ContainsFunc(now, func(r booking.SeatRef) bool { return r.ID == attendee }), "their people came along")
		require.Len(t, notices, 1)
		require.Contains(t, notices[0], "椅背坏了")
		require.Equal(t, []string{booking.JoinLabels(p.Seats) + " → " + booking.JoinLabels(now)}, lines)

		require.False(t, mustMend(t, w, e.ID).Changes(), "again changes nothing")
		require.NoError(t, lift(w, o))
		back := mustMend(t, w, e.ID)
		require.Equal(t, []int{ord}, back.Freed)
		require.Equal(t, 172, w.Saved(t, e.ID).ForSale)

		// Their new seats break: they may well come back to where they sat.
		for _, r := range held(t, w, p.ID) {
			n, _ := w.Plan.Ord(r.ID)
			mustDeclare(t, w, w.Plan.Seats[n], e)
		}
		m = mustMend(t, w, e.ID)
		require.Len(t, m.Hits[0].Moves, 4)
		require.Len(t, held(t, w, p.ID), 4)
		// Cancelled, it tells the seats it had at last, and no other.
		last := held(t, w, p.ID)
		clock.Advance(time.Second)
		_, err := w.Cancel(p.ID, byHolder(who))
		require.NoError(t, err)
		require.ElementsMatch(t, last, held(t, w, p.ID))
		w.MustBeClean(t)
	})
}

func TestAHeldPartyWithABrokenSeatGetsOthersToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 20)
		p := hold(t, w, e, 36)
		ord, _ := w.Plan.Ord(p.Seats[7].ID)
		mustDeclare(t, w, w.Plan.Seats[ord], e)
		m := mustMend(t, w, e.ID)
		require.Len(t, m.Hits, 1)
		require.Equal(t, booking.StuckNowhere, m.Hits[0].Stuck)
		now := held(t, w, p.ID)
		require.Len(t, now, 36)
		require.NotContains(t, now, p.Seats[7])
		var kinds []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&kinds, `SELECT DISTINCT kind FROM outbox WHERE subject = ?`, "booking:"+p.ID)
		})
		require.Equal(t, []string{"held_moved"}, kinds, "what they have is no booking yet")
		w.MustBeClean(t)
		_, err := locked(t, w, p.ID, w.Kernel.LetGo)
		require.NoError(t, err)
		require.Equal(t, byte('b'), w.Saved(t, e.ID).SeatMap[ord])
		w.MustBeClean(t)
	})
}

func TestASeatOutOfOrderIsNotSold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		seat := w.Plan.Seats[80]
		mustDeclare(t, w, seat, e)
		mustMend(t, w, e.ID)
		_, err := w.Kernel.Book(t.Context(), bookingtest.Chosen(e, who, seat.ID))
		require.ErrorIs(t, err, booking.ErrNotForSale)
		whole := bookingtest.Chosen(e, who)
		whole.Reach = booking.ReachWhole
		require.Len(t, w.MustBook(t, whole).Seats, 171)
		// An event that is opened later has it blocked from the first.
		later := w.Event(t, 20, func(x *models.Event) { x.StartsAt, x.EndsAt = e.StartsAt, e.EndsAt })
		require.Equal(t, byte('b'), later.SeatMap[80])
		require.Equal(t, 171, later.ForSale)
		other := w.Event(t, 0)
		require.Equal(t, byte('f'), other.SeatMap[80], "only while it lasts")
		w.MustBeClean(t)
	})
}

// The outage names the seat, not the row of a plan: another version has it too.
func TestAnOutageOutlivesTheVersionOfThePlan(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e := w.Event(t, 0)
		mustDeclare(t, w, w.Plan.Seats[80], e)
		specs := models.RemoveRow(w.Plan.Specs(), "1")
		saved, err := venue.New(w.DB).Save(t.Context(), w.Staff, venue.Edit{HallID: w.Hall.ID, Base: 1, Note: "first row out", Specs: specs})
		require.NoError(t, err)
		later := w.Event(t, 0, func(x *models.Event) { x.StartsAt, x.EndsAt, x.PlanID = e.StartsAt, e.EndsAt, saved.Plan.ID })
		require.Equal(t, 1, strings.Count(later.SeatMap, "b"))
		require.Equal(t, 80-12, strings.IndexByte(later.SeatMap, 'b'))
	})
}

func TestAPartyForWhichNothingIsFreeWaitsForPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		whole := bookingtest.Chosen(e, who)
		whole.Reach = booking.ReachWhole
		p := w.MustBook(t, whole)
		mustDeclare(t, w, w.Plan.Seats[80], e)
		m := mustMend(t, w, e.ID)
		require.Equal(t, booking.StuckFull, m.Hits[0].Stuck)
		require.Len(t, held(t, w, p.ID), 172, "it keeps what it has")

		give := func() (b models.Booking, err error) {
			err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
				old, e, err := booking.Locked(tx, p.ID)
				if err != nil {
					return err
				}
				b, err = w.Kernel.GiveUpBroken(tx, w.Staff, old, e)
				return err
			})
			return b, err
		}
		b, err := give()
		require.NoError(t, err)
		require.Equal(t, 171, b.Party)
		w.MustBeClean(t)
		_, err = give()
		require.ErrorIs(t, err, booking.ErrNotBroken)

		// A stuck party that cancels leaves a blocked seat behind, not a free one.
		mustDeclare(t, w, w.Plan.Seats[90], e)
		require.Equal(t, booking.StuckFull, mustMend(t, w, e.ID).Hits[0].Stuck)
		_, err = w.Cancel(p.ID, byHolder(who))
		require.NoError(t, err)
		require.Equal(t, 170, w.Saved(t, e.ID).Free())
		w.MustBeClean(t)
	})
}

// A party that has a broken seat while the hall is full, and then changes seats
// itself, leaves it blocked.
func TestAChangeLeavesABrokenSeatBlocked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who, other := w.Event(t, 0), w.Account(t), w.Account(t)
		mine := w.MustBook(t, bookingtest.Chosen(e, who, w.Plan.Seats[80].ID))
		rest := bookingtest.Chosen(e, other)
		for o, seat := range w.Plan.Seats {
			if o != 80 && seat.Kind != models.SeatNotForSale {
				rest.Seats = append(rest.Seats, seat.ID)
			}
		}
		rest.Reach = booking.ReachBlock
		all := w.MustBook(t, rest)
		mustDeclare(t, w, w.Plan.Seats[80], e)
		require.Equal(t, booking.StuckFull, mustMend(t, w, e.ID).Hits[0].Stuck)
		_, err := w.Cancel(all.ID, byHolder(other))
		require.NoError(t, err)
		change := func(c booking.Changing) (out booking.Changed, err error) {
			err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
				b, e, err := booking.Locked(tx, mine.ID)
				if err != nil {
					return err
				}
				out, err = w.Kernel.Change(tx, b, e, c)
				return err
			})
			return out, err
		}
		_, err = change(toSeats(who, w.Plan.Seats[80].ID, w.Plan.Seats[81].ID))
		require.ErrorIs(t, err, booking.ErrNotForSale, "it is broken for its party too")
		_, err = change(toSeats(who, w.Plan.Seats[81].ID, w.Plan.Seats[82].ID))
		require.NoError(t, err)
		require.Equal(t, byte(models.SeatBlocked), w.Saved(t, e.ID).SeatMap[80])
		w.MustBeClean(t)
	})
}

func TestWhoSitsThereIsNotMoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 2))
		clock.Set(e.StartsAt.Time())
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "n"})
		require.NoError(t, err)
		ord, _ := w.Plan.Ord(p.Seats[0].ID)
		mustDeclare(t, w, w.Plan.Seats[ord], e)
		require.Equal(t, booking.StuckArrived, mustMend(t, w, e.ID).Hits[0].Stuck)
		require.Equal(t, p.Seats, held(t, w, p.ID))
	})
}

// Seats break and are mended while people buy and cancel and screenings open, on
// two nodes. Whatever the order, no party is a seat short, none sits on a seat
// that was out of order before it came, and the books balance.
func TestOutagesRaceBuyersAndCancels(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		people := w.Accounts(t, 16)
		for round := range soak() {
			r := rand.New(rand.NewPCG(3, uint64(round)))
			e := w.Event(t, 20)
			var early []booking.Placed
			for _, p := range people {
				early = append(early, w.MustBook(t, bookingtest.Together(e, p, 1+r.IntN(6))))
			}
			var mu sync.Mutex
			var failures []error
			note := func(err error, fits ...error) {
				for _, f := range fits {
					if errors.Is(err, f) {
						return
					}
				}
				if err != nil {
					mu.Lock()
					failures = append(failures, err)
					mu.Unlock()
				}
			}
			var all sync.WaitGroup
			start := make(chan struct{})
			run := func(f func()) { all.Go(func() { <-start; f() }) }
			var kept []booking.Placed
			for i, who := range people {
				k := nodes[i%2]
				run(func() {
					for n := range 4 {
						p, err := k.Book(context.Background(), bookingtest.Together(e, who, 1+(i+n)%5))
						note(err, booking.ErrFull)
						if err != nil {
							continue
						}
						if n%2 == 0 {
							_, err := bookingtest.CancelOn(w.DB, k, p.ID, byHolder(who))
							note(err)
							continue
						}
						mu.Lock()
						kept = append(kept, p)
						mu.Unlock()
					}
				})
			}
			for i, p := range early[:4] {
				run(func() { _, err := w.Cancel(p.ID, byHolder(people[i])); note(err) })
			}
			breaks := func(k *booking.Service, seats []int, mended bool) func() {
				return func() {
					for _, o := range seats {
						x, err := declare(w, w.Plan.Seats[o], e.Span())
						note(err)
						_, err = mend(w, k, e.ID)
						note(err)
						if mended {
							note(lift(w, x))
							_, err = mend(w, k, e.ID)
							note(err)
						}
					}
				}
			}
			run(breaks(nodes[0], r.Perm(172)[:10], true))
			run(breaks(nodes[1], r.Perm(172)[:8], false))
			var opened []models.Event
			run(func() {
				for range 4 {
					x := e
					x.ID, x.SeatMap, x.Taken, x.Reserved = 0, "", 0, 0
					note(w.DB.Write(context.Background(), func(tx *db.Tx) error { return nodes[1].OpenEvent(tx, &x, 20) }))
					opened = append(opened, x)
				}
			})
			close(start)
			all.Wait()
			require.NoError(t, errors.Join(failures...))
			// Every declaration is followed by mending all events there are then;
			// here that is this event, and what was opened meanwhile.
			for _, x := range append(opened, e) {
				_, err := mend(w, nodes[0], x.ID)
				require.NoError(t, err)
			}
			w.MustBeClean(t)
			for i, p := range append(slices.Clone(early[4:]), kept...) {
				require.Len(t, held(t, w, p.ID), len(p.Seats), "party %d has as many seats as it booked", i)
			}
			m := mustMend(t, w, e.ID)
			for _, h := range m.Hits {
				require.Equal(t, booking.StuckFull, h.Stuck)
			}
			var blocked int
			w.Read(t, func(tx *db.Tx) error {
				return tx.Scan(&blocked, `SELECT COUNT(*) FROM seat_outages WHERE lifted_at IS NULL AND starts_at = ?`, e.StartsAt)
			})
			require.Equal(t, 8, blocked)
			w.Write(t, func(tx *db.Tx) error {
				for _, x := range opened {
					if err := w.Kernel.CallOff(tx, x.ID); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
}

// A screening that is being opened while seats break is either seen by whoever
// declares that, or has seen it: the hall's row is locked by both.
func TestAScreeningOpenedMeanwhileHasTheSeatBlocked(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		e := w.Event(t, 0)
		opened, declared := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		var once sync.Once
		var failed error
		all.Go(func() {
			failed = w.DB.Write(context.Background(), func(tx *db.Tx) error {
				x := e
				x.ID = 0
				err := nodes[1].OpenEvent(tx, &x, 0)
				once.Do(func() { close(opened) })
				select { // room for the other to come between, if it can
				case <-declared:
				case <-time.After(300 * time.Millisecond):
				}
				return err
			})
		})
		<-opened
		_, err := declare(w, w.Plan.Seats[80], e.Span())
		require.NoError(t, err)
		var ids []int64
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&ids, `SELECT id FROM events ORDER BY id`) })
		close(declared)
		for _, id := range ids {
			_, err := mend(w, nodes[0], id)
			require.NoError(t, err)
		}
		all.Wait()
		require.NoError(t, failed)
		w.MustBeClean(t)
	})
}
