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

func (w *tree) merge(a auth.Actor, code, into, reason string) error {
	_, err := w.s.Merge(context.Background(), a, w.all[code].ID, w.all[into].ID, reason)
	return err
}

func (w *tree) scan(dest any, query string, args ...any) {
	w.t.Helper()
	require.NoError(w.t, w.db.Read(context.Background(), func(tx *db.Tx) error { return tx.Scan(dest, query, args...) }))
}

func TestWhatBelongedToAMergedOrganisationIsTheOthers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "d", "d/a", "d/b", "a/a1", "a1/a2")
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			for _, q := range []string{
				`INSERT INTO accounts (id, name, created_at) VALUES (1, '一', ?)`, `INSERT INTO accounts (id, name, created_at) VALUES (2, '二', ?)`,
			} {
				if _, err := tx.Exec(q, tx.Now()); err != nil {
					return err
				}
			}
			for _, g := range []struct {
				who int
				at  string
			}{{1, "a"}, {1, "b"}, {2, "a"}} {
				if _, err := tx.Exec(`INSERT INTO grants (account_id, role, org_id, created_at) VALUES (?, 'clerk', ?, ?)`, g.who, w.all[g.at].ID, tx.Now()); err != nil {
					return err
				}
			}
			for i, kind := range []string{"branch", "hall"} {
				if _, err := tx.Exec(`INSERT INTO feeds (account_id, kind, target_id, token_hash, token_enc, created_at) VALUES (2, ?, ?, ?, '', ?)`,
					kind, w.all["a"].ID, fmt.Sprint("hash", i), tx.Now()); err != nil {
					return err
				}
			}
			_, err := tx.Exec(`INSERT INTO people (org_id, name, created_at) VALUES (?, '李奶奶', ?)`, w.all["a"].ID, tx.Now())
			return err
		}))
		require.NoError(t, w.merge(w.admin("d"), "a", "b", "2026年11月3日会议"))

		b := fmt.Sprintf("/%d/%d/", w.all["d"].ID, w.all["b"].ID)
		var paths []string
		w.scan(&paths, `SELECT path FROM orgs WHERE code IN ('a1','a2') ORDER BY path`)
		require.Equal(t, []string{fmt.Sprintf("%s%d/", b, w.all["a1"].ID), fmt.Sprintf("%s%d/%d/", b, w.all["a1"].ID, w.all["a2"].ID)}, paths)
		var n int
		w.scan(&n, `SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL AND org_id = ?`, w.all["b"].ID)
		require.Equal(t, 2, n, "one role each")
		w.scan(&n, `SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL AND org_id = ?`, w.all["a"].ID)
		require.Zero(t, n)
		w.scan(&n, `SELECT COUNT(*) FROM people WHERE org_id = ?`, w.all["b"].ID)
		require.Equal(t, 1, n)
		var feeds []string
		w.scan(&feeds, `SELECT kind FROM feeds WHERE target_id = ?`, w.all["b"].ID)
		require.Equal(t, []string{"branch"}, feeds, "a place that happens to have the number of the organisation stays")
		gone, err := w.s.Get(t.Context(), w.all["a"].ID)
		require.NoError(t, err)
		require.False(t, gone.ArchivedAt.IsZero())
		require.Equal(t, w.all["b"].ID, *gone.MergedInto)
		var line models.Audit
		w.scan(&line, `SELECT * FROM audit_log WHERE action = 'org.merge'`)
		require.Equal(t, "2026年11月3日会议", line.Reason)
	})
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "d", "d/a", "a/a1", "d/b", "d/gone")
		root := w.admin("d")
		_, err := w.s.Archive(t.Context(), root, w.all["gone"].ID)
		require.NoError(t, err)
		branch, err := w.s.Create(t.Context(), root, org.Entry{ParentID: new(w.all["d"].ID), Code: "zb", Name: "支部", Kind: models.OrgBranch})
		require.NoError(t, err)
		w.all["zb"] = branch
		for name, c := range map[string]struct {
			who        auth.Actor
			what, into string
			want       error
		}{
			"itself":        {root, "a", "a", org.ErrMergeSelf},
			"below itself":  {root, "a", "a1", org.ErrMergeSelf},
			"another kind":  {root, "a", "zb", org.ErrMergeKind},
			"the district":  {root, "d", "a", org.ErrRootMoves},
			"into a closed": {root, "a", "gone", org.ErrArchived},
			"a closed":      {root, "gone", "a", org.ErrArchived},
			"out of scope":  {w.admin("a"), "a", "b", errs.ErrForbidden},
			"from outside":  {w.admin("b"), "a", "b", errs.ErrForbidden},
		} {
			require.ErrorIs(t, w.merge(c.who, c.what, c.into, "决定"), c.want, name)
		}
		require.ErrorIs(t, w.merge(root, "a", "b", ""), org.ErrMergeReason)
		_, err = w.s.Merge(t.Context(), root, w.all["a"].ID, 999, "决定")
		require.ErrorIs(t, err, errs.ErrInvalid)
	})
}

// Two merges and a move at once end in a tree, not a ring, and lose nothing.
func TestMergesAndMovesAtOnceLeaveATree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		w := plant(t, d, "d", "d/a", "d/b", "d/c", "a/a1", "b/b1", "c/c1")
		root := w.admin("d")
		var wg sync.WaitGroup
		for _, do := range []func() error{
			func() error { return w.merge(root, "a", "b", "决定") }, func() error { return w.merge(root, "b", "a", "决定") },
			func() error { return w.merge(root, "c", "a", "决定") }, func() error { return w.move(root, "b", "c1") }, func() error { return w.move(root, "a", "c1") },
		} {
			wg.Add(1)
			go func() { defer wg.Done(); _ = do() }()
		}
		wg.Wait()
		var all []models.Org
		w.scan(&all, `SELECT * FROM orgs ORDER BY id`)
		byID := map[int64]models.Org{}
		for _, o := range all {
			byID[o.ID] = o
		}
		for _, o := range all {
			if o.ParentID != nil && o.ArchivedAt.IsZero() {
				p := byID[*o.ParentID]
				require.Equal(t, fmt.Sprintf("%s%d/", p.Path, o.ID), o.Path, o.Code)
				require.True(t, p.ArchivedAt.IsZero(), "%s hangs on what is closed", o.Code)
			}
		}
	})
}

// Every column that names an organisation follows a merge, or is known not to.
func TestNoReferenceToAnOrganisationIsForgotten(t *testing.T) {
	t.Parallel()
	// Whoever becomes part of another lives by its rule about not coming.
	known := map[string]bool{"activity_rules.org_id": true, "orgs.parent_id": true, "orgs.merged_into": true, "grants.org_id": true, "draws.org_id": true}
	for _, r := range org.References() {
		known[r] = true
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		query := `SELECT m.name || '.' || f."from" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'orgs'`
		if d.Engine() == db.Postgres {
			query = `SELECT c.conrelid::regclass::text || '.' || a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
				WHERE c.contype = 'f' AND c.confrelid = 'orgs'::regclass`
		}
		var found []string
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&found, query) }))
		require.GreaterOrEqual(t, len(found), len(known)-1, "feeds name one by kind, with no foreign key")
		for _, f := range found {
			require.True(t, known[strings.TrimPrefix(f, "public.")], "%s does not follow a merge", f)
		}
	})
}
