package audit_test

import (
	"context"
	"testing"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/list"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

func write(t *testing.T, d *db.DB, lines ...models.Audit) {
	t.Helper()
	require.NoError(t, d.Write(ctx, func(tx *db.Tx) error {
		for i := range lines {
			l := audit.By(tx, auth.Actor{AccountID: 5, Login: lines[i].Actor}, models.ChannelOnline)
			l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.Reason = lines[i].Action, "booking", lines[i].SubjectID, lines[i].OrgID, lines[i].Reason
			lines[i] = l
		}
		return audit.Write(tx, lines...)
	}))
}

func orgs(t *testing.T, d *db.DB, paths ...string) []int64 {
	t.Helper()
	ids := make([]int64, len(paths))
	require.NoError(t, d.Write(ctx, func(tx *db.Tx) error {
		for i, p := range paths {
			_, err := tx.One(&ids[i], `INSERT INTO orgs (path, code, name, kind, created_at) VALUES (?, ?, ?, 'station', ?) RETURNING id`, p, p, "站 "+p, tx.Now())
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

func auditor(path string) auth.Actor {
	return auth.Actor{AccountID: 9, Grants: []auth.Grant{{Role: auth.Auditor, Path: path}}}
}

func TestNothingIsChangedOrTakenOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, models.Audit{Actor: "clerk", Action: "booking.book", SubjectID: "1", Reason: "as it was"})
		for _, q := range []string{`UPDATE audit_log SET reason = 'else'`, `DELETE FROM audit_log`} {
			err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
			require.Equal(t, "audit_log_append_only", db.Constraint(err), q)
		}
		got, err := audit.New(d, time.UTC).List(ctx, auditor("/1/"), audit.Filter{})
		require.NoError(t, err)
		require.EqualValues(t, 1, got.Total)
		require.Equal(t, "as it was", got.Items[0].Reason)
	})
}

func TestARolledBackActLeavesNoLine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		_ = d.Write(ctx, func(tx *db.Tx) error {
			if err := audit.Write(tx, audit.By(tx, auth.Actor{}, models.ChannelJob)); err != nil {
				return err
			}
			return context.Canceled
		})
		got, err := audit.New(d, time.UTC).List(ctx, auditor("/1/"), audit.Filter{})
		require.NoError(t, err)
		require.Zero(t, got.Total)
	})
}

func TestAuditorsSeeTheirOwnTree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		id := orgs(t, d, "/1/", "/1/2/", "/1/20/", "/1/2/3/")
		write(t, d,
			models.Audit{Actor: "a", Action: "x.y", SubjectID: "none"},
			models.Audit{Actor: "a", Action: "x.y", SubjectID: "2", OrgID: &id[1]},
			models.Audit{Actor: "a", Action: "x.y", SubjectID: "20", OrgID: &id[2]},
			models.Audit{Actor: "a", Action: "x.y", SubjectID: "3", OrgID: &id[3]})
		s := audit.New(d, time.UTC)
		for path, want := range map[string][]string{"/1/": {"3", "20", "2", "none"}, "/1/2/": {"3", "2"}, "/1/20/": {"20"}} {
			got, err := s.List(ctx, auditor(path), audit.Filter{})
			require.NoError(t, err)
			var seen []string
			for _, l := range got.Items {
				seen = append(seen, l.SubjectID)
			}
			require.Equal(t, want, seen, path)
		}
		got, err := s.List(ctx, auth.Actor{AccountID: 9, Grants: []auth.Grant{{Role: auth.Clerk, Path: "/1/"}}}, audit.Filter{})
		require.NoError(t, err)
		require.Zero(t, got.Total)
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, models.Audit{Actor: "one", Action: "booking.book", SubjectID: "7"})
		clock.Advance(time.Hour)
		write(t, d, models.Audit{Actor: "two", Action: "booking.cancel", SubjectID: "7"}, models.Audit{Actor: "two", Action: "bookingx", SubjectID: "8"})
		s := audit.New(d, time.UTC)
		for name, c := range map[string]struct {
			f    audit.Filter
			want int64
		}{
			"All": {audit.Filter{}, 3}, "Actor": {audit.Filter{Actor: "two"}, 2}, "Action": {audit.Filter{Action: "booking.book"}, 1},
			"Kind": {audit.Filter{Action: "booking."}, 2}, "Subject": {audit.Filter{SubjectKind: "booking", SubjectID: "7"}, 2},
			"From": {audit.Filter{From: clock.Instant()}, 2}, "To": {audit.Filter{To: clock.Instant()}, 1},
			"Page": {audit.Filter{Query: list.Query{Page: 2, PerPage: 2}}, 3}, "Quote": {audit.Filter{Actor: "' OR 1=1 --"}, 0},
		} {
			got, err := s.List(ctx, auditor("/1/"), c.f)
			require.NoError(t, err, name)
			require.Equal(t, c.want, got.Total, name)
		}
	})
}

func TestAFileHoldsWhatSeveralPagesShow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lines := make([]models.Audit, list.MaxPerPage+5)
		for i := range lines {
			lines[i] = models.Audit{Actor: "a", Action: "x.y"}
		}
		write(t, d, lines...)
		got, total, err := audit.New(d, time.UTC).Export(ctx, auditor("/1/"), audit.Filter{Query: list.Query{Page: 2, PerPage: 7}})
		require.NoError(t, err)
		require.Len(t, got, len(lines))
		require.EqualValues(t, len(lines), total)
	})
}
