package db_test

import (
	"errors"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// seedResource leaves org 1, resource 1 and an occupancy from 10:00 to 12:00.
func seedResource(tx *db.Tx) error {
	_, a := tx.Exec(`INSERT INTO orgs (id, path, code, name, kind, created_at) VALUES (1, '/1/', 'centre', 'c', 'centre', ?)`, tx.Now())
	_, b := tx.Exec(`INSERT INTO resources (id, kind, org_id, name, created_at) VALUES (1, 'hall', 1, 'hall', ?), (2, 'hall', 1, 'other', ?)`, tx.Now(), tx.Now())
	return errors.Join(a, b, occupy(tx, 1, 10, 12))
}

func hour(h int) models.Instant {
	return models.InstantOf(time.Date(2026, 11, 23, h, 0, 0, 0, time.UTC))
}

func occupy(tx *db.Tx, resource int64, from, to int) error {
	_, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES (?, ?, ?, 'test', 1)`,
		resource, hour(from), hour(to))
	return err
}

func TestConstraintsHaveOneNameOnBothEngines(t *testing.T) {
	t.Parallel()
	exec := func(query string, args ...any) func(*db.Tx) error {
		return func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err }
	}
	span := func(resource int64, from, to int) func(*db.Tx) error {
		return func(tx *db.Tx) error { return occupy(tx, resource, from, to) }
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error {
			if err := seedResource(tx); err != nil {
				return err
			}
			_, a := tx.Exec(`INSERT INTO idempotency (scope, key, body_hash, response, created_at, seen_at) VALUES ('s', 'k', '', '', ?, ?)`, tx.Now(), tx.Now())
			_, b := tx.Exec(`INSERT INTO jobs (name) VALUES ('tick')`)
			return errors.Join(a, b, tx.Insert(&models.Audit{At: tx.Now(), Actor: "test", Action: "test"}))
		})
		now := d.Now()
		for name, c := range map[string]struct {
			do   func(*db.Tx) error
			want string
		}{
			"unique":                  {exec(`INSERT INTO orgs (id, path, code, name, kind, created_at) VALUES (2, '/2/', 'centre', '', '', ?)`, now), "orgs_code_key"},
			"unique, partial":         {exec(`INSERT INTO grants (account_id, role, org_id, created_at) VALUES (1, 'clerk', 1, ?), (1, 'clerk', 1, ?)`, now, now), "grants_account_id_role_org_id_key"},
			"primary key":             {exec(`INSERT INTO jobs (name) VALUES ('tick')`), "jobs_pkey"},
			"primary key, a number":   {exec(`INSERT INTO orgs (id, path, code, name, kind, created_at) VALUES (1, '/9/', 'x', '', '', ?)`, now), "orgs_pkey"},
			"primary key, two parts":  {exec(`INSERT INTO idempotency (scope, key, body_hash, response, created_at, seen_at) VALUES ('s', 'k', '', '', ?, ?)`, now, now), "idempotency_pkey"},
			"check":                   {span(2, 12, 12), "occupancies_span"},
			"foreign key":             {exec(`INSERT INTO resources (id, kind, org_id, name, created_at) VALUES (3, 'hall', 99, '', ?)`, now), "foreign_key"},
			"foreign key, the parent": {exec(`DELETE FROM resources WHERE id = 1`), "foreign_key"},
			"overlap, inside":         {span(1, 10, 11), "occupancies_no_overlap"},
			"overlap, around":         {span(1, 9, 13), "occupancies_no_overlap"},
			"overlap, before":         {span(1, 9, 11), "occupancies_no_overlap"},
			"overlap, after":          {span(1, 11, 13), "occupancies_no_overlap"},
			"overlap, the same":       {span(1, 10, 12), "occupancies_no_overlap"},
			"touching before":         {span(1, 8, 10), ""},
			"touching after":          {span(1, 12, 14), ""},
			"another resource":        {span(2, 10, 12), ""},
			"audit, changed":          {exec(`UPDATE audit_log SET reason = 'never mind'`), "audit_log_append_only"},
			"audit, deleted":          {exec(`DELETE FROM audit_log`), "audit_log_append_only"},
			"no constraint":           {exec(`SELECT nothing FROM nowhere`), ""},
		} {
			rollback := errors.New("roll back")
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if name == "unique, partial" {
					if err := exec(`INSERT INTO accounts (id, name, created_at) VALUES (1, '', ?)`, now)(tx); err != nil {
						return err
					}
				}
				return errors.Join(c.do(tx), rollback)
			})
			require.ErrorIs(t, err, rollback, name)
			require.Equal(t, c.want, db.Constraint(err), "%s: %v", name, err)
		}
		require.Empty(t, db.Constraint(nil))
	})
}

func TestAMoveOntoAnotherSpanIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, func(tx *db.Tx) error { return errors.Join(seedResource(tx), occupy(tx, 1, 14, 16)) })
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE occupancies SET starts_at = ? WHERE starts_at = ?`, hour(11), hour(14))
			return err
		})
		require.Equal(t, "occupancies_no_overlap", db.Constraint(err))
	})
}

// One moment in two zones is one moment in the database: SQLite compares text,
// and only Instant keeps it from taking the same hours twice.
func TestOneMomentIsOneMomentInTheDatabase(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("UTC+8", 8*60*60)
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, seedResource)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES (1, ?, ?, 'test', 2)`,
				models.InstantOf(time.Date(2026, 11, 23, 19, 0, 0, 0, east)), models.InstantOf(time.Date(2026, 11, 23, 21, 0, 0, 0, east)))
			return err
		})
		require.Equal(t, "occupancies_no_overlap", db.Constraint(err), "19:00 in Taiyuan is 11:00 UTC")

		at := models.InstantOf(time.Date(2026, 11, 23, 18, 0, 0, 123456000, east))
		var got []models.Instant
		var n int
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO login_failures (login, address, at) VALUES ('l', 'a', ?)`, at)
			return errors.Join(err,
				tx.Scan(&got, `SELECT at FROM login_failures`),
				tx.Scan(&n, `SELECT COUNT(*) FROM login_failures WHERE at = ?`, models.InstantOf(at.Time())))
		})
		require.Equal(t, []models.Instant{at}, got)
		require.Equal(t, 1, n)
	})
}

func TestNoMomentIsNullAndBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		never := models.Org{Path: "/1/", Code: "never", CreatedAt: clock.Instant()}
		once := models.Org{Path: "/2/", Code: "once", CreatedAt: clock.Instant(), ArchivedAt: clock.Instant().Add(time.Microsecond)}
		write(t, d, func(tx *db.Tx) error { return errors.Join(tx.Insert(&never), tx.Insert(&once)) })
		require.NotZero(t, never.ID)
		require.NotEqual(t, never.ID, once.ID)
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
			var codes []string
			require.NoError(t, tx.Scan(&codes, `SELECT code FROM orgs WHERE archived_at IS NULL`))
			require.Equal(t, []string{"never"}, codes)

			var row models.Org
			for _, want := range []models.Org{once, never} { // the second is read over the first
				found, err := tx.One(&row, `SELECT * FROM orgs WHERE id = ?`, want.ID)
				require.NoError(t, err)
				require.True(t, found)
				require.Equal(t, want, row)
			}
			found, err := tx.One(&row, `SELECT * FROM orgs WHERE id = 0`)
			require.NoError(t, err)
			require.False(t, found)
			return nil
		}))
	})
}
