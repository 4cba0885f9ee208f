package workdays_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/workdays"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var (
	zone  = time.FixedZone("UTC+8", 8*60*60)
	admin = auth.Actor{AccountID: 1, Login: "admin", Grants: []auth.Grant{{Role: auth.Admin, OrgID: 1, Path: "/1/"}}}
)

func put(t *testing.T, d *db.DB, y models.WorkYear) (version int64) {
	t.Helper()
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) (err error) { version, err = workdays.Put(tx, admin, y); return err }))
	return version
}

func calendar(t *testing.T, d *db.DB, s *workdays.Service) (c models.WorkCalendar) {
	t.Helper()
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) (err error) { c, err = s.Calendar(tx); return err }))
	return c
}

func list(t *testing.T, year int) models.WorkYear {
	t.Helper()
	y, ok := workdays.Published(year)
	require.True(t, ok)
	return y
}

func TestACalendarIsItsVersions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s, other := workdays.New(d, zone), workdays.New(d, zone) // two nodes
		require.Equal(t, int64(0), calendar(t, d, s).Version)
		require.Empty(t, calendar(t, d, s).Years)

		require.Equal(t, int64(1), put(t, d, list(t, 2025)))
		require.Equal(t, int64(2), put(t, d, list(t, 2026)))
		c := calendar(t, d, s)
		require.Equal(t, models.NewWorkCalendar(2, nil, list(t, 2025), list(t, 2026)), c)
		require.Equal(t, "国庆节", c.Names[models.Day{Year: 2026, Month: 10, Day: 1}])
		calendar(t, d, other)

		put(t, d, models.WorkYear{Year: 2026, Source: "更正", Marks: list(t, 2026).Marks[1:]})
		newYear := models.Day{Year: 2026, Month: 1, Day: 1}
		for _, node := range []*workdays.Service{s, other} {
			c = calendar(t, d, node)
			require.Equal(t, int64(3), c.Version)
			require.NotContains(t, c.Marks, newYear)
		}
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
			was, err := s.CalendarAt(tx, 2)
			require.Equal(t, models.DayHoliday, was.Marks[newYear], "what was reckoned by it can be told again")
			return err
		}))
	})
}

// A version that was never committed must not be what others read under its number.
func TestARolledBackListIsForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s, undone := workdays.New(d, zone), errors.New("undone")
		require.ErrorIs(t, d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := workdays.Put(tx, admin, list(t, 2025)); err != nil {
				return err
			}
			c, err := s.Calendar(tx)
			require.True(t, c.Years[2025])
			return errors.Join(err, undone)
		}), undone)
		require.Empty(t, calendar(t, d, s).Years)
		clock.Advance(time.Second)
		require.Equal(t, int64(1), put(t, d, list(t, 2026)))
		require.Equal(t, map[int]bool{2026: true}, calendar(t, d, s).Years)
	})
}

func TestListsAtOnceGetVersionsInTurn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var all sync.WaitGroup
		for year := range 8 {
			all.Go(func() {
				assertNoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := workdays.Put(tx, admin, models.WorkYear{Year: 2030 + year, Source: "x"})
					return err
				}))
			})
		}
		all.Wait()
		c := calendar(t, d, workdays.New(d, zone))
		require.Equal(t, int64(8), c.Version)
		require.Len(t, c.Years, 8)
	})
}

func assertNoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
