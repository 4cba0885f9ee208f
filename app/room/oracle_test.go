package room_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// spans is how many random wishes the oracle sees on each engine: 50,000, and a
// million under YOUYUE_SOAK.
func spans() int {
	if os.Getenv("YOUYUE_SOAK") != "" {
		return 1_000_000
	}
	return ordinarySpans
}

// asked is how often the service is asked for the claims of a wish; between, the
// oracle reckons them itself, which the service must agree with each time.
const asked = 25

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
		var shapes []shape
		for kind := range w.wishes() {
			shapes = append(shapes, w.shape(t, kind))
		}
		for n := 0; n < spans(); n += perTx {
			w.write(t, func(tx *db.Tx) error {
				for i := range perTx {
					id := int64(n + i + 1)
					sp, kind := draw(r), r.IntN(len(shapes))
					claims := shapes[kind].at(sp)
					if !sp.Valid() || i%asked == 0 {
						told, err := w.wishes()[kind](tx, sp)
						if !sp.Valid() {
							require.Error(t, err)
							void++
							continue
						}
						require.NoError(t, err)
						require.Equal(t, told, claims, "%v", sp)
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

// wishes are a whole room, one of its tables, another, a room with the projector,
// and the same room without.
func (w *world) wishes() []func(tx *db.Tx, sp models.Span) ([]booking.Claim, error) {
	of := func(room int64, extras ...int64) func(tx *db.Tx, sp models.Span) ([]booking.Claim, error) {
		return func(tx *db.Tx, sp models.Span) ([]booking.Claim, error) { return w.Claims(tx, room, sp, extras...) }
	}
	return []func(tx *db.Tx, sp models.Span) ([]booking.Claim, error){
		of(w.whole.ID), of(w.tables[0].ID), of(w.tables[1].ID), of(w.dance.ID, w.projector.ID), of(w.dance.ID),
	}
}

// shape is what a wish claims around its time.
type shape []struct {
	resource      int64
	before, after time.Duration
}

// shape asks the service once, for a time in the middle of a day.
func (w *world) shape(t *testing.T, kind int) (out shape) {
	t.Helper()
	sp := models.Span{Start: at(25, 10, 0), End: at(25, 11, 0)}
	w.write(t, func(tx *db.Tx) error {
		claims, err := w.wishes()[kind](tx, sp)
		for _, c := range claims {
			out = append(out, struct {
				resource      int64
				before, after time.Duration
			}{c.ResourceID, sp.Start.Sub(c.Span.Start), c.Span.End.Sub(sp.End)})
		}
		return err
	})
	return out
}

func (s shape) at(sp models.Span) []booking.Claim {
	out := make([]booking.Claim, len(s))
	for i, c := range s {
		out[i] = booking.Claim{ResourceID: c.resource, Span: models.Span{Start: sp.Start.Add(-c.before), End: sp.End.Add(c.after)}}
	}
	return out
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
