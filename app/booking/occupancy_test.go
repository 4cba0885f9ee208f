package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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

// at is a time of day, in UTC.
func at(h, m int) models.Instant {
	return models.InstantOf(time.Date(2026, 11, 24, h, m, 0, 0, time.UTC))
}

func claim(resource int64, from, to int) booking.Claim {
	return booking.Claim{ResourceID: resource, Span: models.Span{Start: at(from, 0), End: at(to, 0)}}
}

// rooms adds n resources and returns their ids.
func rooms(t *testing.T, d *db.DB, n int) []int64 {
	t.Helper()
	var ids []int64
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
		var org int64
		if err := tx.Scan(&org, `INSERT INTO orgs (path, code, name, kind, created_at) VALUES ('/1/', 'c', 'c', 'centre', ?) RETURNING id`, tx.Now()); err != nil {
			return err
		}
		for i := range n {
			var id int64
			err := tx.Scan(&id, `INSERT INTO resources (kind, org_id, name, created_at) VALUES ('room', ?, ?, ?) RETURNING id`, org, fmt.Sprint(i), tx.Now())
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	}))
	return ids
}

func reserve(ctx context.Context, d *db.DB, src booking.Source, claims ...booking.Claim) (clashes []booking.Clash, err error) {
	err = d.Write(ctx, func(tx *db.Tx) (err error) {
		clashes, err = booking.Reserve(tx, src, claims...)
		return err
	})
	return clashes, err
}

func occupied(t *testing.T, d *db.DB, resource int64) (out []booking.Clash) {
	t.Helper()
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) (err error) {
		out, err = booking.Clashes(tx, claim(resource, 0, 23))
		return err
	}))
	return out
}

func source(id int64) booking.Source { return booking.Source{Kind: "test", ID: id} }

func TestClaimsAreTakenAllOrNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := rooms(t, d, 3)
		clashes, err := reserve(t.Context(), d, source(1), claim(r[0], 9, 11), claim(r[1], 9, 11))
		require.NoError(t, err)
		require.Empty(t, clashes)

		clashes, err = reserve(t.Context(), d, source(2), claim(r[2], 10, 12), claim(r[1], 10, 12), claim(r[0], 12, 13))
		require.NoError(t, err)
		require.Equal(t, []booking.Clash{{ResourceID: r[1], Span: claim(0, 9, 11).Span, Source: source(1)}}, clashes)
		require.Empty(t, occupied(t, d, r[2]), "nothing of it was taken")
		require.Len(t, occupied(t, d, r[0]), 1)

		clashes, err = reserve(t.Context(), d, source(3), claim(r[0], 11, 12), claim(r[0], 7, 9), claim(r[1], 11, 12))
		require.NoError(t, err)
		require.Empty(t, clashes, "touching is no clash")

		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { return booking.Release(tx, source(1)) }))
		clashes, err = reserve(t.Context(), d, source(2), claim(r[0], 9, 11), claim(r[1], 9, 11))
		require.NoError(t, err)
		require.Empty(t, clashes)
	})
}

func TestClaimsThatMakeNoSenseAreErrors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := rooms(t, d, 1)
		for name, claims := range map[string][]booking.Claim{
			"empty span":       {claim(r[0], 9, 9)},
			"backwards":        {claim(r[0], 9, 8)},
			"unknown resource": {claim(r[0], 9, 10), claim(r[0]+99, 9, 10)},
			"clash of its own": {claim(r[0], 9, 11), claim(r[0], 10, 12)},
		} {
			_, err := reserve(t.Context(), d, source(1), claims...)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, db.ErrAgain, name)
		}
		_, err := reserve(t.Context(), d, source(1))
		require.NoError(t, err, "nothing wanted, nothing taken")
		require.Empty(t, occupied(t, d, r[0]))
	})
}

// The check of Reserve is passed by: the database alone must refuse.
func TestTheRefereeRefusesWhatTheCheckDidNotSee(t *testing.T) {
	t.Parallel()
	raw := func(d *db.DB, c booking.Claim) error {
		return d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES (?, ?, ?, 'raw', 1)`,
				c.ResourceID, c.Span.Start, c.Span.End)
			return err
		})
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := rooms(t, d, 2)
		for _, c := range []booking.Claim{claim(r[0], 2, 4), claim(r[0], 6, 8), claim(r[0], 9, 20)} {
			require.NoError(t, raw(d, c))
		}
		for from := range 22 {
			for to := from + 1; to <= 22; to++ {
				c := claim(r[0], from, to)
				free := true
				for _, o := range occupied(t, d, r[0]) {
					free = free && !o.Span.Overlaps(c.Span)
				}
				if free {
					continue
				}
				require.Equal(t, "occupancies_no_overlap", db.Constraint(raw(d, c)), "%d–%d", from, to)
			}
		}
		require.NoError(t, raw(d, claim(r[0], 4, 6)), "a gap is filled to the minute")
		require.NoError(t, raw(d, claim(r[1], 2, 4)))
	})
}

// 64 at once want one of 25 slots, each trying slot after slot, four rooms at a
// time, half of them in the opposite order.
func TestARaceGivesEachSlotOnce(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			clock, url := dbtest.NewClock(), dbtest.URL(t, e)
			nodes := [2]*db.DB{dbtest.OpenURL(t, url, clock), dbtest.OpenURL(t, url, clock)}
			r := rooms(t, nodes[0], 4)
			const slots = 25
			slot := func(room int64, i int) booking.Claim {
				return booking.Claim{ResourceID: room, Span: models.Span{Start: at(0, 20*i), End: at(0, 20*i+20)}}
			}
			var mu sync.Mutex
			won := map[int]int{}
			var failures []error
			var all sync.WaitGroup
			start := make(chan struct{})
			for g := range 64 {
				order := rand.New(rand.NewPCG(uint64(g/16), 4)).Perm(slots) // sixteen want the same at the same moment
				all.Go(func() {
					<-start
					for _, i := range order {
						claims := make([]booking.Claim, len(r))
						for n, room := range r {
							claims[n] = slot(room, i)
						}
						if g%4 < 2 { // as many on each node
							slices.Reverse(claims)
						}
						clashes, err := reserve(context.Background(), nodes[g%2], source(int64(g)), claims...)
						mu.Lock()
						if err != nil {
							failures = append(failures, err)
						} else if len(clashes) == 0 {
							won[i]++
						}
						mu.Unlock()
						if err != nil || len(clashes) == 0 {
							return
						}
					}
				})
			}
			close(start)
			all.Wait()
			require.NoError(t, errors.Join(failures...))
			require.Len(t, won, slots)
			for i, n := range won {
				require.Equal(t, 1, n, "slot %d", i)
			}
			for _, id := range r {
				require.Len(t, occupied(t, nodes[0], id), slots)
			}
			if e == db.Postgres { // Write would run a victim again and hide it
				require.NoError(t, errors.Join(nodes[0].Close(), nodes[1].Close())) // which hands in their figures
				var n int
				require.NoError(t, dbtest.OpenURL(t, url, clock).Read(t.Context(), func(tx *db.Tx) error {
					return tx.Scan(&n, `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)
				}))
				require.Zero(t, n, "dead-locks")
			}
		})
	}
}

// From a pending request to its screening the time is never free.
func TestHandOverKeepsTheTimeTaken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := rooms(t, d, 1)
		_, err := reserve(t.Context(), d, source(1), claim(r[0], 9, 11), claim(r[0], 13, 14))
		require.NoError(t, err)
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { return booking.HandOver(tx, source(1), source(2)) }))
		got := occupied(t, d, r[0])
		require.Len(t, got, 2)
		for _, c := range got {
			require.Equal(t, source(2), c.Source)
		}
		clashes, err := reserve(t.Context(), d, source(3), claim(r[0], 10, 12))
		require.NoError(t, err)
		require.Len(t, clashes, 1)
		require.Error(t, d.Write(t.Context(), func(tx *db.Tx) error { return booking.HandOver(tx, source(1), source(2)) }),
			"who has nothing has nothing to hand over")
	})
}

func TestFirstFreeFindsTheNextStarts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := rooms(t, d, 1)
		_, err := reserve(t.Context(), d, source(1), claim(r[0], 9, 11), claim(r[0], 12, 14))
		require.NoError(t, err)
		find := func(from models.Instant, length, horizon time.Duration, limit int, allowed func(models.Span) bool) (starts []models.Instant) {
			require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
				spans, err := booking.FirstFree(tx, r[0], from, length, 30*time.Minute, horizon, limit, allowed)
				for _, s := range spans {
					require.Equal(t, length, s.End.Sub(s.Start))
					starts = append(starts, s.Start)
				}
				return err
			}))
			return starts
		}
		always := func(models.Span) bool { return true }
		require.Equal(t, []models.Instant{at(11, 0), at(14, 0), at(14, 30)}, find(at(8, 10), time.Hour, 12*time.Hour, 3, always))
		require.Equal(t, []models.Instant{at(8, 0), at(11, 0), at(14, 0)}, find(at(8, 0), time.Hour, 12*time.Hour, 3, always), "touching is free, from is included")
		require.Equal(t, []models.Instant{at(14, 0)}, find(at(8, 10), 2*time.Hour, 6*time.Hour, 9, always), "the horizon bounds the start")
		require.Equal(t, []models.Instant{at(15, 30)}, find(at(8, 0), time.Hour, 12*time.Hour, 1,
			func(s models.Span) bool { return !s.Start.Before(at(15, 30)) }))
		require.Empty(t, find(at(9, 0), time.Hour, time.Hour, 9, always))
	})
}

// A random calendar, wanted from both nodes: what is taken never overlaps, and
// what was refused had a reason.
func TestARandomCalendarNeverOverlaps(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, _ [2]*booking.Service) {
		var all sync.WaitGroup
		for g := range 8 {
			r := rand.New(rand.NewPCG(uint64(g), 5))
			all.Go(func() {
				for i := range 12 * soak() {
					from := r.IntN(600)
					c := booking.Claim{ResourceID: w.Hall.ID, Span: models.Span{Start: at(0, from), End: at(0, from+1+r.IntN(60))}}
					src := source(int64(g*1000 + i))
					clashes, err := reserve(context.Background(), w.DB, src, c)
					if err != nil {
						t.Error(err)
					}
					for _, x := range clashes {
						if !x.Span.Overlaps(c.Span) {
							t.Errorf("%v does not clash with %v", x, c)
						}
					}
					if i%3 == 0 {
						if err := w.DB.Write(context.Background(), func(tx *db.Tx) error { return booking.Release(tx, src) }); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		got := occupied(t, w.DB, w.Hall.ID)
		require.NotEmpty(t, got)
		for i := range got[1:] {
			require.False(t, got[i].Span.Overlaps(got[i+1].Span))
		}
	})
}
