package draw_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/secret"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// The golden vector of docs/facts.md.
const (
	goldenSecret = "00112233445566778899aabbccddeeff"
	goldenBeacon = "DEMO-BEACON-0001"
)

type world struct {
	*bookingtest.World
	Draws *draw.Service
	Clock *dbtest.Clock
	Staff auth.Actor
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		box, err := secret.New(bytes.Repeat([]byte{7}, 32))
		require.NoError(t, err)
		w := &world{World: bookingtest.New(t, d, booking.Options{}), Clock: clock}
		w.Staff = w.Account(t)
		n := 0
		var mu sync.Mutex
		w.Draws = draw.New(draw.Config{DB: d, Sealer: box, Zone: time.UTC, Secret: func() string {
			mu.Lock()
			defer mu.Unlock()
			if n++; n == 1 {
				return goldenSecret
			}
			return strings.Repeat(fmt.Sprintf("%04x", n), 8)
		}})
		fn(t, w)
	})
}

func (w *world) plan(n int) draw.Plan {
	p := draw.Plan{Subject: draw.Subject{Kind: "contest_round", ID: 7}, Purpose: models.DrawAppearance, Title: "锣鼓大赛预赛出场顺序", OrgID: w.Centre.ID,
		Value: models.DrawNamed, Note: "示例公开数", Due: w.Clock.Instant().Add(time.Hour)}
	for i := range n {
		p.Entries = append(p.Entries, models.DrawEntry{EntryID: fmt.Sprintf("T%02d", i+1), Label: fmt.Sprintf("示例%d队", i+1)})
	}
	return p
}

func (w *world) commit(t *testing.T, p draw.Plan) (d draw.Draw, err error) {
	t.Helper()
	err = w.DB.Write(t.Context(), func(tx *db.Tx) error { d, err = w.Draws.Commit(tx, w.Staff, p); return err })
	return d, err
}

func (w *world) reveal(t *testing.T, id int64, v draw.Value) (d draw.Draw, err error) {
	t.Helper()
	err = w.DB.Write(t.Context(), func(tx *db.Tx) error { d, err = w.Draws.Reveal(tx, w.Staff, id, v); return err })
	return d, err
}

func ids(d draw.Draw) string {
	var out []string
	for _, e := range d.Order() {
		out = append(out, e.EntryID)
	}
	return strings.Join(out, " ")
}

func TestADrawIsTheGoldenVector(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.plan(6)
		p.Entries[2].Community, p.Entries[4].Community, p.Community, p.Parts = "漪汾苑社区", "漪汾苑社区", true, 2
		d, err := w.commit(t, p)
		require.NoError(t, err)
		require.Equal(t, "41ad2d906384d80b4edcfe44177ba4d18b4ac416894bb4436820ca54228f9319", d.ListHash)
		require.Equal(t, "9ed3a3a54df64cafda1d702bfa12fc4b956d477debf9c93214389da5e478d7f0", d.Commitment)
		before, err := json.Marshal(d.File())
		require.NoError(t, err)
		require.NotContains(t, string(before), goldenSecret)
		var stored []string
		w.Read(t, func(tx *db.Tx) error { return tx.Scan(&stored, `SELECT secret || secret_enc FROM draws`) })
		require.NotContains(t, stored[0], goldenSecret, "sealed at rest")
		require.Nil(t, d.Order())

		done, err := w.reveal(t, d.ID, draw.Value{Text: goldenBeacon})
		require.NoError(t, err)
		require.Equal(t, "T05 T02 T04 T03 T01 T06", ids(done), "order(2): T05 and T03 meet in the two before")
		require.Equal(t, 2, done.K)
		require.Equal(t, goldenSecret, done.Secret)
		require.Len(t, done.Groups(), 2)
		again, err := w.reveal(t, d.ID, draw.Value{Text: goldenBeacon})
		require.NoError(t, err, "the same value sent twice is the same draw")
		require.Equal(t, done, again)
		_, err = w.reveal(t, d.ID, draw.Value{Text: "another"})
		require.ErrorIs(t, err, draw.ErrEnded)

		for _, c := range draw.Verify(done.File()) {
			require.True(t, c.OK, c.Name)
		}
		for name, forge := range map[string]func(f *draw.File){
			"list":       func(f *draw.File) { f.List[0].ID = "T07" },
			"commitment": func(f *draw.File) { f.Secret = strings.Repeat("0", 32) },
			"k":          func(f *draw.File) { f.K = 1 },
			"order":      func(f *draw.File) { f.Order[0], f.Order[1] = f.Order[1], f.Order[0] },
			"seed":       func(f *draw.File) { f.Beacon = "DEMO-BEACON-0002" },
			"groups":     func(f *draw.File) { f.Grouped[0], f.Grouped[1] = f.Grouped[1], f.Grouped[0] },
		} {
			f := done.File()
			forge(&f)
			bad := false
			for _, c := range draw.Verify(f) {
				bad = bad || c.Name == name && !c.OK
			}
			require.True(t, bad, "a forged %s is seen", name)
		}
	})
}

func TestWitnessesMakeTheValue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.plan(4)
		p.Value, p.Note = models.DrawByWitnesses, ""
		d, err := w.commit(t, p)
		require.NoError(t, err)
		two := []models.DrawWitness{{Name: "兴华街道领队", Value: "4"}, {Name: "千峰街道领队", Value: " 7 "}}
		_, err = w.reveal(t, d.ID, draw.Value{Witnesses: two})
		require.ErrorIs(t, err, errs.ErrInvalid, "two are too few")
		_, err = w.reveal(t, d.ID, draw.Value{Witnesses: append(two, two[0])})
		require.ErrorIs(t, err, errs.ErrInvalid, "one person twice")
		done, err := w.reveal(t, d.ID, draw.Value{Witnesses: append(two, models.DrawWitness{Name: "观众代表", Value: "19"})})
		require.NoError(t, err)
		require.Equal(t, "4-7-19", done.Beacon)
		require.Len(t, done.Witnesses, 3)
	})
}

func TestOneListOneDraw(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		first, err := w.commit(t, w.plan(5))
		require.NoError(t, err)
		again := w.plan(5)
		again.Reason = "主持人报错了数"
		_, err = w.commit(t, again)
		require.ErrorIs(t, err, draw.ErrOpen, "the first has no result yet")
		_, err = w.reveal(t, first.ID, draw.Value{Text: "1"})
		require.NoError(t, err)
		_, err = w.commit(t, w.plan(5))
		require.ErrorIs(t, err, draw.ErrAgain, "no reason")
		second, err := w.commit(t, again)
		require.NoError(t, err)
		require.Equal(t, 2, second.Number)
		require.Equal(t, again.Reason, second.Reason)
		first, err = w.Draws.Get(t.Context(), first.ID)
		require.NoError(t, err)
		require.Len(t, first.Siblings, 2, "the first stays beside it")
		require.False(t, first.Latest())
		require.NotEmpty(t, first.Order())
		w.Clock.Advance(2 * time.Hour)
		_, err = w.reveal(t, second.ID, draw.Value{Text: "1"})
		require.ErrorIs(t, err, draw.ErrLate)
	})
}

func TestNoValueInTimeIsVoid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		d, err := w.commit(t, w.plan(5))
		require.NoError(t, err)
		n, err := w.Draws.VoidLate(t.Context(), w.Clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		w.Clock.Advance(time.Hour)
		n, err = w.Draws.VoidLate(t.Context(), w.Clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		d, err = w.Draws.Get(t.Context(), d.ID)
		require.NoError(t, err)
		require.Equal(t, models.DrawVoid, d.State)
		require.Equal(t, "late", d.VoidReason)
		_, err = w.reveal(t, d.ID, draw.Value{Text: "1"})
		require.ErrorIs(t, err, draw.ErrEnded)
		var lines int
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&lines, `SELECT COUNT(*) FROM audit_log WHERE action = 'draw.void' AND subject_kind = 'draw'`)
		})
		require.Equal(t, 1, lines)
	})
}

// TestFortyCommitAtOnce: one draw of a thing is open at a time, whoever races.
func TestFortyCommitAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 40 {
			wg.Go(func() {
				p := w.plan(6)
				p.Reason = "又抽"
				_, err := w.commit(t, p)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else {
					require.ErrorIs(t, err, draw.ErrOpen)
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, won)
	})
}

func TestWhatWasPublishedStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		open, err := w.commit(t, w.plan(4))
		require.NoError(t, err)
		p := w.plan(4)
		p.Subject.ID = 8
		done, err := w.commit(t, p)
		require.NoError(t, err)
		done, err = w.reveal(t, done.ID, draw.Value{Text: "1"})
		require.NoError(t, err)
		try := func(query string, args ...any) string {
			return db.Constraint(w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err }))
		}
		for name, got := range map[string]string{
			"a commitment":       try(`UPDATE draws SET commitment = 'x' WHERE id = ?`, open.ID),
			"a condition":        try(`UPDATE draws SET apart_team = TRUE WHERE id = ?`, open.ID),
			"the time":           try(`UPDATE draws SET value_due = ? WHERE id = ?`, w.Clock.Instant().Add(9*time.Hour), open.ID),
			"an ended draw":      try(`UPDATE draws SET beacon = '2' WHERE id = ?`, done.ID),
			"a place":            try(`UPDATE draw_entries SET place = 9 WHERE draw_id = ? AND place = 1`, done.ID),
			"a community":        try(`UPDATE draw_entries SET community = 'x' WHERE draw_id = ?`, open.ID),
			"an entry, by going": try(`DELETE FROM draw_entries WHERE draw_id = ? AND entry_id = 'T01'`, open.ID),
			"a draw, by going":   try(`DELETE FROM draws WHERE id = ?`, done.ID),
		} {
			require.Equal(t, "draws_published", got, name)
		}
	})
}

func TestCommitRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		three := func(p *draw.Plan) {
			for i := range 4 {
				p.Entries[i].Community = "A"
			}
			p.Community = true
		}
		for name, x := range map[string]struct {
			edit func(p *draw.Plan)
			want *errs.Error
		}{
			"ErrImpossible": {three, draw.ErrImpossible},
			"ErrCrossing": {func(p *draw.Plan) {
				p.Entries[0].Team, p.Entries[1].Team, p.Entries[1].Community, p.Entries[2].Community = "x", "x", "B", "B"
				p.Community, p.Team = true, true
			}, draw.ErrCrossing},
			"ErrRare": {func(p *draw.Plan) {
				*p = w.plan(60)
				for i := range p.Entries {
					p.Entries[i].Community = string(rune('A' + i%3))
				}
				p.Community = true
			}, draw.ErrRare},
			"Past":   {func(p *draw.Plan) { p.Due = w.Clock.Instant() }, errs.ErrInvalid},
			"Twice":  {func(p *draw.Plan) { p.Entries[1].EntryID = "T01" }, errs.ErrInvalid},
			"Spaces": {func(p *draw.Plan) { p.Entries[1].EntryID = "T 1" }, errs.ErrInvalid},
			"One":    {func(p *draw.Plan) { p.Entries = p.Entries[:1] }, errs.ErrInvalid},
			"Parts":  {func(p *draw.Plan) { p.Parts = 6 }, errs.ErrInvalid},
			"NoNote": {func(p *draw.Plan) { p.Note = "" }, errs.ErrInvalid},
		} {
			p := w.plan(5)
			x.edit(&p)
			_, err := w.commit(t, p)
			require.ErrorIs(t, err, x.want, name)
		}
	})
}
