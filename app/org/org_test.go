package org_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type tree struct {
	t   *testing.T
	db  *db.DB
	s   *org.Service
	all map[string]models.Org
}

// plant makes orgs from "parent/child" lines; a name without a slash is a root.
func plant(t *testing.T, d *db.DB, lines ...string) *tree {
	t.Helper()
	w := &tree{t: t, db: d, s: org.New(d), all: map[string]models.Org{}}
	require.NoError(t, d.Write(context.Background(), func(tx *db.Tx) error {
		for _, l := range lines {
			parent, code, ok := strings.Cut(l, "/")
			in := org.Entry{Code: code, Name: "名 " + code, Kind: models.OrgStation}
			if !ok {
				in.Code, in.Kind = parent, models.OrgCentre
			} else {
				p := w.all[parent].ID
				in.ParentID = &p
			}
			o, err := org.Create(tx, auth.Actor{Login: "seed"}, in)
			if err != nil {
				return err
			}
			w.all[in.Code] = o
		}
		return nil
	}))
	return w
}

// admin holds the administrator's role at an organisation.
func (w *tree) admin(code string) auth.Actor {
	o, err := w.s.Get(context.Background(), w.all[code].ID)
	require.NoError(w.t, err)
	return auth.Actor{AccountID: 1, Login: "admin", Grants: []auth.Grant{{Role: auth.Admin, OrgID: o.ID, Path: o.Path}}}
}

func (w *tree) move(a auth.Actor, code, parent string) error {
	_, err := w.s.Move(context.Background(), a, w.all[code].ID, w.all[parent].ID)
	return err
}

// sound checks that every path is its parent's path and its own id.
func (w *tree) sound() {
	w.t.Helper()
	all, err := w.s.List(context.Background(), org.Filter{History: true})
	require.NoError(w.t, err)
	path := map[int64]string{}
	for _, o := range all.Items {
		path[o.ID] = o.Path
	}
	for _, o := range all.Items {
		want := "/"
		if o.ParentID != nil {
			want = path[*o.ParentID]
		}
		require.Equal(w.t, fmt.Sprint(want, o.ID, "/"), o.Path, o.Code)
	}
}

func TestMoveTakesTheWholeSubtreeAlong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua", "qu/qianfeng", "xinghua/fenyuan", "fenyuan/zhibu", "zhibu/zu")
		require.NoError(t, w.move(w.admin("qu"), "fenyuan", "qianfeng"))
		w.sound()
		got, err := w.s.List(context.Background(), org.Filter{Below: w.all["qianfeng"].ID})
		require.NoError(t, err)
		require.Len(t, got.Items, 4)
		got, err = w.s.List(context.Background(), org.Filter{Below: w.all["xinghua"].ID})
		require.NoError(t, err)
		require.Len(t, got.Items, 1)
	})
}

func TestAPathIsNoPrefixOfItsNeighbour(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lines := []string{"qu"}
		for i := range 12 { // ids 2 and 20 … begin alike
			lines = append(lines, fmt.Sprintf("qu/s%d", i))
		}
		lines = append(lines, "s0/under")
		w := plant(t, d, lines...)
		require.NoError(t, w.move(w.admin("qu"), "s0", "s5"))
		w.sound()
		got, err := w.s.List(context.Background(), org.Filter{Below: w.all["s0"].ID})
		require.NoError(t, err)
		require.Len(t, got.Items, 2)
	})
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua", "qu/qianfeng", "xinghua/fenyuan")
		all := w.admin("qu")
		require.ErrorIs(t, w.move(all, "xinghua", "fenyuan"), org.ErrCycle)
		require.ErrorIs(t, w.move(all, "xinghua", "xinghua"), org.ErrCycle)
		require.ErrorIs(t, w.move(all, "qu", "fenyuan"), org.ErrRootMoves)
		require.ErrorIs(t, w.move(w.admin("xinghua"), "fenyuan", "qianfeng"), errs.ErrForbidden, "not at the target")
		require.ErrorIs(t, w.move(w.admin("qianfeng"), "fenyuan", "qianfeng"), errs.ErrForbidden, "not at the source")
		_, err := w.s.Move(context.Background(), all, 999, w.all["qu"].ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = w.s.Move(context.Background(), all, w.all["fenyuan"].ID, 999)
		require.ErrorIs(t, err, errs.ErrInvalid)
		w.sound()
	})
}

// Two moves that only together would close a ring, each from far below the
// other, so that neither touches a row of the other's.
func TestConcurrentMovesNeverCloseARing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/a", "a/a1", "a1/a2", "qu/b", "b/b1", "b1/b2")
		boss := w.admin("qu")
		for range 12 {
			var done sync.WaitGroup
			errsOf := make([]error, 2)
			for i, m := range [][2]string{{"a", "b2"}, {"b", "a2"}} {
				done.Go(func() { errsOf[i] = w.move(boss, m[0], m[1]) })
			}
			done.Wait()
			w.sound()
			won := 0
			for _, err := range errsOf {
				if err == nil {
					won++
				} else {
					require.ErrorIs(t, err, org.ErrCycle)
				}
			}
			require.Equal(t, 1, won)
			require.NoError(t, w.move(boss, "a", "qu"))
			require.NoError(t, w.move(boss, "b", "qu"))
		}
	})
}

func TestCreatingBelowWhatMovesLandsInTheRightPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/a", "qu/b", "a/s")
		boss := w.admin("qu")
		parent := w.all["s"].ID
		var done sync.WaitGroup
		for i := range 8 {
			done.Go(func() {
				_, err := w.s.Create(context.Background(), boss, org.Entry{ParentID: &parent, Code: fmt.Sprint("new-", i), Name: "新", Kind: models.OrgTeam})
				require.NoError(t, err)
			})
			done.Go(func() { require.NoError(t, w.move(boss, "s", []string{"a", "b"}[i%2])) })
		}
		done.Wait()
		w.sound()
	})
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua", "qu/qianfeng")
		ctx, p := context.Background(), w.all["xinghua"].ID
		o, err := w.s.Create(ctx, w.admin("xinghua"), org.Entry{ParentID: &p, Code: "fenyuan", Name: "漪汾苑社区", Kind: models.OrgStation})
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(w.all["xinghua"].Path, o.ID, "/"), o.Path)
		_, err = w.s.Create(ctx, w.admin("xinghua"), org.Entry{ParentID: &p, Code: "fenyuan", Name: "又一个", Kind: models.OrgStation})
		require.ErrorIs(t, err, org.ErrCodeTaken)
		_, err = w.s.Create(ctx, w.admin("qianfeng"), org.Entry{ParentID: &p, Code: "x", Name: "x", Kind: models.OrgStation})
		require.ErrorIs(t, err, errs.ErrForbidden)
		w.sound()
	})
}

func TestArchive(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua", "xinghua/fenyuan")
		ctx, boss := context.Background(), w.admin("qu")
		_, err := w.s.Archive(ctx, boss, w.all["xinghua"].ID)
		require.ErrorIs(t, err, org.ErrChildren)
		_, err = w.s.Archive(ctx, boss, w.all["fenyuan"].ID)
		require.NoError(t, err)
		p := w.all["fenyuan"].ID
		_, err = w.s.Create(ctx, boss, org.Entry{ParentID: &p, Code: "zu", Name: "组", Kind: models.OrgTeam})
		require.ErrorIs(t, err, org.ErrArchived)
		_, err = w.s.Archive(ctx, boss, w.all["xinghua"].ID)
		require.NoError(t, err)
		open, err := w.s.List(ctx, org.Filter{})
		require.NoError(t, err)
		require.Len(t, open.Items, 1)
	})
}

func TestSearchTakesSignsLiterally(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu", "qu/xinghua")
		for text, want := range map[string]int{"xing": 1, "%": 0, "_": 0, `\`: 0, "'": 0, "名": 2} {
			got, err := w.s.List(context.Background(), org.Filter{Text: text})
			require.NoError(t, err)
			require.Len(t, got.Items, want, text)
		}
	})
}

// Who may act at the root may act everywhere, so there is one root.
func TestThereIsOneRoot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		root := func(code string) error {
			return d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := org.Create(tx, auth.Actor{Login: "seed"}, org.Entry{Code: code, Name: code, Kind: models.OrgCentre})
				return err
			})
		}
		var done sync.WaitGroup
		made := make([]error, 6)
		for i := range made {
			done.Go(func() { made[i] = root(fmt.Sprint("qu", i)) })
		}
		done.Wait()
		won := 0
		for _, err := range made {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(t, err, org.ErrSecondRoot)
		}
		require.Equal(t, 1, won)
		require.ErrorIs(t, root("qu9"), org.ErrSecondRoot)
	})
}

func TestNamesOfOrganisationsShowAsTheyAre(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "qu")
		ctx, boss, top := context.Background(), w.admin("qu"), w.all["qu"].ID
		for _, bad := range []string{"", " ", "一\n二", "一\u202e二", "\u200b"} {
			_, err := w.s.Create(ctx, boss, org.Entry{ParentID: &top, Code: "x", Name: bad, Kind: models.OrgTeam})
			require.ErrorIs(t, err, errs.ErrInvalid, "%q", bad)
			_, err = w.s.Change(ctx, boss, top, org.Details{Name: bad})
			require.ErrorIs(t, err, errs.ErrInvalid, "%q", bad)
		}
		o, err := w.s.Change(ctx, boss, top, org.Details{Name: " 万柏林　区 "})
		require.NoError(t, err)
		require.Equal(t, "万柏林 区", o.Name)
	})
}

func TestAClosedOrganisationOpensAgainInItsPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "d", "d/a", "a/a1", "d/b")
		root := w.admin("d")
		end := func(code string) error { _, err := w.s.Archive(t.Context(), root, w.all[code].ID); return err }
		back := func(a auth.Actor, code string) error {
			_, err := w.s.Reopen(t.Context(), a, w.all[code].ID)
			return err
		}

		require.ErrorIs(t, end("d"), org.ErrRootMoves, "the district stays")
		require.NoError(t, end("a1"))
		require.NoError(t, end("a"))
		require.ErrorIs(t, back(root, "a1"), org.ErrArchived, "its parent comes first")
		require.ErrorIs(t, back(w.admin("b"), "a"), errs.ErrForbidden)
		require.NoError(t, back(root, "a"))
		require.NoError(t, back(root, "a"), "again changes nothing")
		require.NoError(t, back(root, "a1"))
		o, err := w.s.Get(t.Context(), w.all["a1"].ID)
		require.NoError(t, err)
		require.True(t, o.ArchivedAt.IsZero())
		require.Equal(t, w.all["a1"].Path, o.Path)
		var n int
		w.scan(&n, `SELECT COUNT(*) FROM audit_log WHERE action = 'org.reopen'`)
		require.Equal(t, 2, n)

		_, _, hands, err := w.s.Foresee(t.Context(), root, w.all["a"].ID, w.all["b"].ID)
		require.NoError(t, err)
		require.Equal(t, org.Belongings{Children: 1}, hands)
		require.NoError(t, w.merge(root, "a", "b", "决定"))
		require.ErrorIs(t, back(root, "a"), org.ErrMergedAway, "what became part of another does not come back")
	})
}
