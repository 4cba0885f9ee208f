package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// doorStorm is a full hall ten minutes after the start: two doors let the same
// parties in, whole, by name and by heads, each scan sent twice; walk-ins
// press in; staff lets seats go, and types in a list on paper at the same time.
type doorStorm struct {
	w     *bookingtest.World
	nodes [2]*booking.Service
	e     models.Event

	mu     sync.Mutex
	seated map[int64]map[string]bool // seat → the scans that let somebody in on it
	failed []error
}

func (d *doorStorm) note(scan string, a booking.Arrivals, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, known := range []error{booking.ErrReleased, booking.ErrFewerLeft, booking.ErrFull, booking.ErrAllHere} {
		if errors.Is(err, known) {
			return
		}
	}
	if err != nil {
		d.failed = append(d.failed, fmt.Errorf("%s: %w", scan, err))
		return
	}
	for _, c := range a.Checked {
		if d.seated[c.SeatID] == nil {
			d.seated[c.SeatID] = map[string]bool{}
		}
		d.seated[c.SeatID][scan] = true
	}
}

func (d *doorStorm) run(parties []booking.Placed, who [][]int64) {
	ctx := context.Background()
	var all sync.WaitGroup
	start := make(chan struct{})
	goes := func(f func()) {
		all.Go(func() { <-start; f() })
	}
	for i, p := range parties {
		for n := range 6 {
			s := booking.Scan{Code: p.Code, Nonce: fmt.Sprintf("n%d", n/2), Door: fmt.Sprint("door ", n%2)}
			switch n / 2 {
			case 1:
				s.Attendees = who[i][:2]
			case 2:
				s.Count = 2
			}
			goes(func() {
				a, err := d.nodes[n%2].CheckIn(ctx, d.w.Staff, s)
				d.note(p.ID+s.Nonce, a, err)
			})
		}
		if i%3 == 0 {
			goes(func() {
				_, err := d.nodes[i%2].ReleaseNoShows(ctx, d.w.Staff, letGo(d.e, p.ID, parties[(i+1)%len(parties)].ID))
				d.note("", booking.Arrivals{}, err)
			})
		}
		if i%4 == 0 {
			goes(func() {
				_, err := d.nodes[i%2].EnterPaper(ctx, d.w.Staff, booking.PaperList{EventID: d.e.ID, Came: models.CameBefore,
					Lines: []booking.PaperLine{{BookingID: p.ID, Count: 1}}})
				d.note("", booking.Arrivals{}, err)
			})
		}
		goes(func() {
			a, err := d.nodes[(i+1)%2].WalkIn(ctx, d.w.Staff, walkIn(d.e, 1+i%3))
			d.note("walk-in "+a.BookingID, a, err)
		})
	}
	close(start)
	all.Wait()
}

func TestDoorsWalkInsAndReleasesAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			clock, url := dbtest.NewClock(), dbtest.URL(t, engine)
			w := bookingtest.New(t, dbtest.OpenURL(t, url, clock), booking.Options{})
			_, second := bookingtest.Node(t, dbtest.OpenURL(t, url, clock), booking.Options{})
			for range soak() {
				d := &doorStorm{w: w, nodes: [2]*booking.Service{w.Kernel, second}, e: w.Event(t, 0), seated: map[int64]map[string]bool{}}
				var parties []booking.Placed
				var who [][]int64
				for range 28 {
					p, _ := party(t, w, d.e)
					parties = append(parties, p)
					who = append(who, members(t, w, p.ID, []string{"甲", "乙", "丙"}, 0, p.Seats[3].ID))
				}
				was := clock.Instant()
				clock.Set(d.e.StartsAt.Time().Add(11 * time.Minute))
				d.run(parties, who)
				require.NoError(t, errors.Join(d.failed...))
				for seat, scans := range d.seated {
					require.Len(t, scans, 1, "seat %d was given to more than one scan", seat)
				}
				d.mustAgree(t)
				clock.Set(was.Time())
			}
		})
	}
}

// mustAgree holds what both doors show, the rows and the record to each other.
func (d *doorStorm) mustAgree(t *testing.T) {
	t.Helper()
	d.w.MustBeClean(t)
	e := d.w.Saved(t, d.e.ID)
	var n booking.DoorCount
	var rows, walked, released int64
	d.w.Read(t, func(tx *db.Tx) (err error) {
		n, err = booking.CountAtDoor(tx, e)
		return errors.Join(err,
			tx.Scan(&rows, `SELECT COUNT(*) FROM checkins WHERE event_id = ? AND undone_at IS NULL`, e.ID),
			tx.Scan(&walked, `SELECT COUNT(*) FROM bookings WHERE event_id = ? AND channel = 'visit'`, e.ID),
			tx.Scan(&released, `SELECT COUNT(*) FROM booking_seats WHERE event_id = ? AND outcome = 'no_show'`, e.ID))
	})
	require.Equal(t, rows, n.Arrived)
	require.Equal(t, n.Expected, e.Taken, "the counter and the door")
	require.GreaterOrEqual(t, rows, int64(len(d.seated)), "those let in, and those on paper")
	require.Positive(t, walked)
	t.Logf("%d came of %d, %d walk-ins, %d seats let go", n.Arrived, n.Expected, walked, released)
	require.NoError(t, d.w.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE events SET ends_at = ? WHERE id = ?`, tx.Now(), e.ID)
		return err
	}))
	_, err := d.nodes[1].FinishDue(t.Context(), d.w.DB.Now())
	require.NoError(t, err)
	require.Equal(t, int(rows), d.w.Saved(t, e.ID).Attended)
	d.w.MustBeClean(t)
}
