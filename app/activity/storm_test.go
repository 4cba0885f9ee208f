package activity_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// steps is how much each client does in the storm: in the ordinary run a little,
// with YOUYUE_SOAK so many times as much.
func steps() int {
	n, _ := strconv.Atoi(os.Getenv("YOUYUE_SOAK"))
	return 15 * max(n, 1)
}

// breaches are the ways in which what this feature keeps and what the kernel has could
// disagree; none is the only good answer.
var breaches = map[string]string{
	"a booking without its sign-up": `SELECT COUNT(*) FROM bookings b JOIN events e ON e.id = b.event_id
		WHERE e.kind = 'activity' AND NOT EXISTS (SELECT 1 FROM activity_signups g WHERE g.uid = b.id)`,
	"a turn on the list without its sign-up": `SELECT COUNT(*) FROM waitlist_entries w JOIN events e ON e.id = w.event_id
		WHERE e.kind = 'activity' AND NOT EXISTS (SELECT 1 FROM activity_signups g WHERE g.uid = w.uid)`,
	"a sign-up that is neither in nor on the list": `SELECT COUNT(*) FROM activity_signups g WHERE g.entry = ''
		AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = g.uid) AND NOT EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.uid = g.uid)`,
	"a sign-up that is in and waits": `SELECT COUNT(*) FROM activity_signups g JOIN bookings b ON b.id = g.uid JOIN waitlist_entries w ON w.uid = g.uid
		WHERE b.status = 'booked' AND w.state IN ('waiting', 'offered')`,
	"a party that is not whole": `SELECT COUNT(*) FROM activity_signups g JOIN bookings b ON b.id = g.uid
		WHERE b.status IN ('booked', 'held') AND b.party <> g.party`,
}

// Clients join, give back, think better of it, answer offers, while offers run out, the
// places become more and fewer, and the session ends: nothing is ever over, and what this
// feature keeps agrees with what the kernel has.
func TestStormOfSignUps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		v := w.open(t, func(p *activity.Plan) { p.Capacity = 12 })
		var all sync.WaitGroup
		for i, a := range w.Accounts(t, 10) {
			all.Go(func() {
				r := rand.New(rand.NewPCG(11, uint64(i)))
				for range steps() {
					if err := w.step(t, r, a, v); err != nil && errs.As(err).Kind == errs.Internal {
						t.Errorf("client %d: %v", i, err)
					}
				}
			})
		}
		all.Go(func() {
			r := rand.New(rand.NewPCG(12, 0))
			for range steps() {
				if err := w.pass(t, r, v); err != nil {
					t.Errorf("jobs: %v", err)
				}
			}
		})
		all.Wait()
		w.agree(t)
		taken := w.places(t, v)
		require.LessOrEqual(t, taken[0], taken[1], "never over")
		t.Logf("%d of %d places", taken[0], taken[1])

		clock.Set(v.Meetings[0].EndsAt.Time())
		_, err := w.FinishQuits(t.Context(), clock.Instant())
		require.NoError(t, err)
		_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		_, err = w.EndOver(t.Context(), clock.Instant())
		require.NoError(t, err)
		w.agree(t)
		living := 0
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&living, `SELECT COUNT(*) FROM waitlist_entries WHERE state IN ('waiting', 'offered')`)
		})
		require.Zero(t, living, "nobody waits for what is over")
	})
}

// step is one thing that a client does.
func (w *world) step(t *testing.T, r *rand.Rand, a auth.Actor, v activity.View) error {
	t.Helper()
	mine, err := w.Mine(t.Context(), a, false)
	if err != nil {
		return err
	}
	if len(mine) == 0 || r.IntN(3) == 0 {
		_, err := w.join(t, a, v, 1+r.IntN(4))
		return err
	}
	one := mine[r.IntN(len(mine))]
	switch r.IntN(5) {
	case 0:
		_, err = w.Service.Cancel(t.Context(), a, one.UID, "", models.ChannelOnline)
	case 1:
		err = w.Quit(t.Context(), a, one.UID)
	case 2:
		err = w.Stay(t.Context(), a, one.UID)
	case 3:
		_, err = w.Answer(t.Context(), a, one.UID, activity.Accept)
	default:
		_, err = w.Answer(t.Context(), a, one.UID, activity.Decline)
	}
	return err
}

// pass lets some time pass, with what jobs and the organiser do meanwhile.
func (w *world) pass(t *testing.T, r *rand.Rand, v activity.View) error {
	t.Helper()
	w.clock.Advance(time.Duration(r.IntN(20)) * time.Minute)
	if _, err := w.FinishQuits(t.Context(), w.clock.Instant()); err != nil {
		return err
	}
	if _, err := w.Kernel.ExpireOffers(t.Context(), w.clock.Instant()); err != nil {
		return err
	}
	_, err := w.Resize(t.Context(), w.Staff, v.ID, 10+r.IntN(5))
	if errors.Is(err, booking.ErrPlaces) {
		return nil // fewer than are taken
	}
	return err
}

func (w *world) places(t *testing.T, v activity.View) (out [2]int) {
	t.Helper()
	got, err := w.Get(t.Context(), v.ID)
	require.NoError(t, err)
	return [2]int{got.Meetings[0].Taken, got.Meetings[0].Capacity}
}

// agree fails where the feature and the kernel disagree.
func (w *world) agree(t *testing.T) {
	t.Helper()
	w.MustBeClean(t)
	require.Empty(t, w.found(t))
}

func (w *world) found(t *testing.T) (out []string) {
	t.Helper()
	for what, query := range breaches {
		n := 0
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&n, query) })
		if n > 0 {
			out = append(out, fmt.Sprintf("%s: %d", what, n))
		}
	}
	return out
}

// The sweep sees what it is there for.
func TestTheSweepSeesWhatDisagrees(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	v := w.open(t)
	a := w.Accounts(t, 2)
	one, err := w.join(t, a[0], v, 3)
	require.NoError(t, err)
	_, err = w.join(t, a[1], v, 2)
	require.NoError(t, err)
	w.agree(t)
	spoil := func(query string) {
		w.Write(t, func(tx *db.Tx) error { _, err := tx.Exec(query, one.ID); return err })
		require.Len(t, w.found(t), 1, query)
	}
	spoil(`UPDATE activity_signups SET party = 2 WHERE uid = ?`)
	spoil(`DELETE FROM activity_signups WHERE uid = ?`)
}
