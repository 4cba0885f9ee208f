package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// soldOutPlaces is soldOut without a hall.
func soldOutPlaces(t *testing.T, w *bookingtest.World, places int) *house {
	t.Helper()
	h := &house{World: w, owner: w.Account(t), event: w.Places(t, places)}
	for range places / 2 {
		h.sold = append(h.sold, w.MustBook(t, bookingtest.Together(h.event, h.owner, 2)))
	}
	return h
}

// signUps makes n sign-ups of parties of one to four, each of another account,
// all of whom would rather wait than go.
func signUps(t *testing.T, w *bookingtest.World, e models.Event, n int) []booking.Order {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	orders := make([]booking.Order, n)
	for i, who := range w.Accounts(t, n) {
		o := bookingtest.Together(e, who, 1+r.IntN(4))
		o.Wait = booking.OrWait
		orders[i] = bookingtest.Keyed(o, fmt.Sprintf("sign-up-%d", i))
	}
	return orders
}

// Everybody signs up at one moment, on two nodes: never over, parties whole, and
// the others wait in the order in which they were heard.
func TestFiveThousandSignUpsFor40Places(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		for range soak() {
			e := w.Places(t, 40)
			orders := signUps(t, w, e, 5000)
			got := storm(orders, nodes[0].Book, nodes[1].Book)
			in, waits := 0, 0
			for i, p := range got.placed {
				switch {
				case errors.Is(got.failed[i], booking.ErrBusy):
				case errors.Is(got.failed[i], booking.ErrListFull):
				case got.failed[i] != nil:
					t.Fatalf("sign-up %d: %v", i, got.failed[i])
				case p.Waits:
					require.Empty(t, p.Seats)
					waits++
				default:
					require.Len(t, p.Seats, orders[i].Party.Count, "a party is whole")
					in += len(p.Seats)
				}
			}
			require.Equal(t, 40, in)
			require.Empty(t, doubles(t, w, got, e.ID))
			saved := w.Saved(t, e.ID)
			require.Equal(t, []int{40, 40, waits}, []int{saved.ForSale, saved.Taken, saved.Waiting})
			require.Greater(t, waits, 4000)
			w.MustBeClean(t)
			require.Empty(t, jumps(t, w, e))

			// A sign-up repeated is the same one, in or waiting.
			for i := range 20 {
				if got.failed[i] == nil {
					again, err := nodes[(i+1)%2].Book(context.Background(), orders[i])
					require.NoError(t, err)
					require.Equal(t, got.placed[i], again)
				}
			}
		}
	})
}

// The detector of the storm sees places given twice once the guards are gone.
func TestPlacesAreGivenTwiceWithoutTheGuards(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		dropReferee(t, w)
		e := w.Places(t, 40)
		m := &meeting{of: 8}
		got := storm(signUps(t, w, e, 60), careless(nodes[0], m), careless(nodes[1], m))
		breaches, err := w.Kernel.Sweep(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, doubles(t, w, got, e.ID))
		require.NotEmpty(t, breaches)
	})
}

// Who waits keeps the sign-up's id when an offer comes, and when it is accepted.
func TestASignUpKeepsItsIDFromTheListToThePlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := bookingtest.New(t, d, booking.Options{})
		h := soldOutPlaces(t, w, 4)
		who := w.Account(t)
		o := bookingtest.Together(h.event, who, 2)
		o.Wait = booking.OrWait
		written := ""
		o.With = func(_ *db.Tx, p booking.Placed) error { written = p.ID; return nil }
		p := w.MustBook(t, o)
		require.True(t, p.Waits)
		require.Equal(t, p.ID, written, "the feature writes under the same id")
		again := w.MustBook(t, o)
		require.Equal(t, p.ID, again.ID, "one living entry each")

		h.cancel(t, 0)
		entry, err := entryOf(t, w, p.ID)
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, entry.State)
		require.Equal(t, p.ID, *entry.BookingID)
		taken, err := reply(w.DB, entry.ID, who, w.Kernel.Accept)
		require.NoError(t, err)
		require.Equal(t, p.ID, taken.ID)
		w.MustBeClean(t)
	})
}

func entryOf(t *testing.T, w *bookingtest.World, uid string) (e models.WaitEntry, err error) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		_, err = tx.One(&e, `SELECT * FROM waitlist_entries WHERE uid = ?`, uid)
		return err
	})
	return e, err
}

// An error of the feature's own rows undoes its sign-up and no other.
func TestWhatIsWrittenBesideASignUpIsOneWithIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := bookingtest.New(t, d, booking.Options{})
		e := w.Places(t, 10)
		no := errors.New("no")
		good := bookingtest.Together(e, w.Account(t), 2)
		bad := bookingtest.Together(e, w.Account(t), 3)
		bad.With = func(*db.Tx, booking.Placed) error { return no }
		_, failed := w.Kernel.Commit(t.Context(), []booking.Order{good, bad})
		require.NoError(t, failed[0])
		require.ErrorIs(t, failed[1], no)
		require.Equal(t, 2, w.Saved(t, e.ID).Taken)
		w.MustBeClean(t)
	})
}

// Shares are for those they are kept for until their day, then for everybody.
func TestSharesAreKeptUntilTheirDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := bookingtest.New(t, d, booking.Options{})
		now := d.Now()
		e := w.SharedPlaces(t, 10, []models.EventShare{
			{Who: models.ShareDesk, Name: "desk", Places: 2, UntilAt: now.Add(24 * time.Hour)},
			{Who: models.ShareOrg, OrgID: &w.Station.ID, Name: "station", Places: 3, UntilAt: now.Add(12 * time.Hour)},
		})
		require.Equal(t, "fffff"+"AAA"+"rr", e.SeatMap)
		neighbour := bookingtest.Together(e, w.Account(t), 4)
		neighbour.Shares = "A"
		p := w.MustBook(t, neighbour)
		require.Equal(t, []string{"1号", "6号", "7号", "8号"}, labels(p), "one's own share first")
		_, err := w.Kernel.Book(t.Context(), bookingtest.Together(e, w.Account(t), 5))
		require.ErrorIs(t, err, booking.ErrFull)
		w.MustBook(t, bookingtest.Together(e, w.Account(t), 4))
		waits := bookingtest.Together(e, w.Account(t), 2)
		waits.Wait = booking.OrWait
		require.True(t, w.MustBook(t, waits).Waits)
		w.MustBeClean(t)

		desk := bookingtest.Together(e, w.Staff, 1)
		desk.Reach, desk.Channel, desk.HolderID, desk.PersonID = booking.ReachDesk, models.ChannelPhone, nil, nil
		require.Equal(t, []string{"9号"}, labels(w.MustBook(t, desk)))

		clock.Advance(13 * time.Hour)
		n, err := w.Kernel.ReleaseDue(t.Context(), d.Now())
		require.NoError(t, err)
		require.Equal(t, 1, n, "the station's share is all taken, and its day has come")
		require.Equal(t, 1, w.Saved(t, e.ID).Reserved)
		clock.Advance(12 * time.Hour)
		_, err = w.Kernel.ReleaseDue(t.Context(), d.Now())
		require.NoError(t, err)
		saved := w.Saved(t, e.ID)
		require.Equal(t, []int{0, 1, 1}, []int{saved.Reserved, saved.Free(), saved.Waiting})
		require.True(t, saved.ReleaseAt.IsZero())
		w.MustBeClean(t)
	})
}

func labels(p booking.Placed) (out []string) {
	for _, s := range p.Seats {
		out = append(out, s.Label)
	}
	return out
}

// More places are offered to who waits; fewer are those that nobody has.
func TestPlacesBecomeMoreAndFewer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := bookingtest.New(t, d, booking.Options{})
		h := soldOutPlaces(t, w, 4)
		o := bookingtest.Together(h.event, w.Account(t), 3)
		o.Wait = booking.OrWait
		p := w.MustBook(t, o)
		resize := func(n int) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				events, err := booking.LockEvents(tx, h.event.ID)
				if err != nil {
					return err
				}
				return w.Kernel.Resize(tx, w.Staff, events[h.event.ID], n)
			})
		}
		require.ErrorIs(t, resize(3), booking.ErrPlaces)
		require.NoError(t, resize(8))
		entry, err := entryOf(t, w, p.ID)
		require.NoError(t, err)
		require.Equal(t, models.WaitOffered, entry.State)
		require.NoError(t, resize(7))
		saved := w.Saved(t, h.event.ID)
		require.Equal(t, []int{7, 7, 8}, []int{saved.ForSale, saved.Taken, len(saved.SeatMap)})
		require.Equal(t, "b", strings.Trim(saved.SeatMap, "t"))
		w.MustBeClean(t)
		require.ErrorIs(t, d.Write(t.Context(), func(tx *db.Tx) error {
			return w.Kernel.OpenPlaces(tx, &models.Event{}, 0)
		}), booking.ErrPlaces)
	})
}
