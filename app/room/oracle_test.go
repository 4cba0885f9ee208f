package room_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// spans is how many random wishes the oracle sees: 2,500 on each engine, under
// YOUYUE_SOAK so many times 50,000.
func spans() int {
	if n, _ := strconv.Atoi(os.Getenv("YOUYUE_SOAK")); n > 0 {
		return n * 50_000
	}
	return 2_500
}

// oracle is what is taken, in memory: the plainest possible account of it.
type oracle map[int64][]models.Span

func (o oracle) free(claims []booking.Claim) bool {
	for _, c := range claims {
		for _, s := range o[c.ResourceID] {
			if c.Span.Start.Before(s.End) && s.Start.Before(c.Span.End) {
				return false
			}
		}
	}
	return true
}

// draw is a random wish within four weeks around the turn of a month: on the quarter
// hour, often at midnight, now and then of no length, in either zone.
func draw(r *rand.Rand) models.Span {
	start := time.Date(2026, 11, 16+r.IntN(28), r.IntN(24), 15*r.IntN(4), 0, 0, shanghai)
	if r.IntN(6) == 0 {
		start = time.Date(2026, 11, 16+r.IntN(28), 24, 0, 0, 0, shanghai)
	}
	end := start.Add(time.Duration(r.IntN(13)) * 15 * time.Minute)
	if r.IntN(2) == 0 {
		start, end = start.UTC(), end.In(time.FixedZone("", -5*60*60))
	}
	return models.Span{Start: models.InstantOf(start), End: models.InstantOf(end)}
}

// Whatever is wished for, the kernel and the oracle agree: no overlap is let in, and
// nothing free is refused. Rooms, tables, buffers and equipment as in life; earlier
// bookings are given back now and then.
func TestSpansAgainstTheOracle(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.hours(t, 0, 24*60)
		r := rand.New(rand.NewPCG(4, 2026))
		known, held := oracle{}, map[int64][]booking.Claim{}
		took, refused, void := 0, 0, 0
		const perTx = 250
		for n := 0; n < spans(); n += perTx {
			w.write(t, func(tx *db.Tx) error {
				for i := range perTx {
					id := int64(n + i + 1)
					sp := draw(r)
					claims, err := w.wanted(tx, r, sp)
					if !sp.Valid() {
						require.Error(t, err)
						void++
						continue
					}
					if err != nil {
						return err
					}
					clashes, err := booking.Reserve(tx, booking.Source{Kind: "test", ID: id}, claims...)
					if err != nil {
						return err
					}
					require.Equal(t, known.free(claims), len(clashes) == 0, "%v", sp)
					if len(clashes) > 0 {
						refused++
						continue
					}
					took++
					held[id] = claims
					for _, c := range claims {
						known[c.ResourceID] = append(known[c.ResourceID], c.Span)
					}
				}
				return w.giveBack(tx, r, known, held)
			})
		}
		overlaps := w.overlaps(t)
		t.Logf("%d taken, %d refused, %d without length; %d overlaps", took, refused, void, overlaps)
		require.Zero(t, overlaps)
		require.Positive(t, took)
		require.Positive(t, refused)
		require.Positive(t, void)
	})
}

// wanted are the claims of a random room, table, or room with the projector.
func (w *world) wanted(tx *db.Tx, r *rand.Rand, sp models.Span) ([]booking.Claim, error) {
	switch r.IntN(4) {
	case 0:
		return w.Claims(tx, w.whole.ID, sp)
	case 1:
		return w.Claims(tx, w.tables[r.IntN(2)].ID, sp)
	case 2:
		return w.Claims(tx, w.dance.ID, sp, w.projector.ID)
	default:
		return w.Claims(tx, w.dance.ID, sp)
	}
}

// giveBack frees some of what is held.
func (w *world) giveBack(tx *db.Tx, r *rand.Rand, known oracle, held map[int64][]booking.Claim) error {
	for id, claims := range held {
		if r.IntN(3) != 0 {
			continue
		}
		if err := booking.Release(tx, booking.Source{Kind: "test", ID: id}); err != nil {
			return err
		}
		for _, c := range claims {
			for i, s := range known[c.ResourceID] {
				if s == c.Span {
					known[c.ResourceID] = append(known[c.ResourceID][:i], known[c.ResourceID][i+1:]...)
					break
				}
			}
		}
		delete(held, id)
	}
	return nil
}

// overlaps counts pairs of occupancies of one resource that share a moment.
func (w *world) overlaps(t testing.TB) (n int) {
	t.Helper()
	w.write(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM occupancies a JOIN occupancies b ON b.resource_id = a.resource_id AND b.id > a.id
			AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at`)
	})
	return n
}
