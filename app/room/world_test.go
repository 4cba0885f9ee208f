package room_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/notify"
	"youyue/app/pause"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// world is one venue with a table-tennis room of two tables, a dance room with
// buffers, and a projector.
type world struct {
	*room.Service
	db        *db.DB
	pauses    *pause.Service
	venue     int64
	org       int64
	whole     room.Room
	tables    [2]room.Room
	dance     room.Room
	projector room.Room
	staff     auth.Actor
	days      *models.WorkCalendar
}

// newWorld furnishes an empty database. It is open from 8 to 22 every day, also on
// holidays.
func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{db: d, days: &models.WorkCalendar{}}
	notices := notify.New(notify.Config{DB: d, Zone: shanghai})
	w.pauses = pause.New(d, notices, shanghai)
	w.Service = room.New(room.Config{DB: d, Notices: notices, Pauses: w.pauses, Zone: shanghai,
		Days: func(*db.Tx) (models.WorkCalendar, error) { return *w.days, nil }})
	w.write(t, func(tx *db.Tx) error {
		return tx.Scan(&w.org, `INSERT INTO orgs (path, code, name, kind, created_at) VALUES ('/1/', 'wbl', '中心', 'centre', ?) RETURNING id`, tx.Now())
	})
	w.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE orgs SET path = ?`, fmt.Sprintf("/%d/", w.org))
		return err
	})
	w.staff = w.actor(t, "staff", auth.Scheduler)
	v, err := w.SaveVenue(t.Context(), w.staff, 0, room.VenueEntry{Code: "v", Name: "活动中心", OrgID: w.org})
	require.NoError(t, err)
	w.venue = v.ID
	w.hours(t, 8*60, 22*60)
	w.whole = w.room(t, room.Entry{Kind: models.RoomWhole, Name: "乒乓球室", Use: "table_tennis", Capacity: 12})
	for i := range w.tables {
		w.tables[i] = w.room(t, room.Entry{Kind: models.RoomUnit, WholeID: &w.whole.ID, Name: fmt.Sprintf("%d号台", i+1), Use: "table_tennis", Capacity: 4})
	}
	w.dance = w.room(t, room.Entry{Kind: models.RoomWhole, Name: "舞蹈室", Use: "dance", Capacity: 30, SetupMin: 10, CleanupMin: 20})
	w.projector = w.room(t, room.Entry{Kind: models.RoomEquipment, Name: "投影仪"})
	return w
}

func (w *world) hours(t testing.TB, opens, closes int) {
	t.Helper()
	var week []models.OpeningHours
	for day := 1; day <= models.HoursHoliday; day++ {
		week = append(week, models.OpeningHours{Day: day, Opens: opens, Closes: closes})
	}
	require.NoError(t, w.SetHours(t.Context(), w.staff, room.Target{VenueID: w.venue}, week))
}

func (w *world) room(t testing.TB, e room.Entry) room.Room {
	t.Helper()
	e.VenueID = w.venue
	r, err := w.SaveRoom(t.Context(), w.staff, 0, e)
	require.NoError(t, err)
	return r
}

// actor registers an account, with roles at the centre.
func (w *world) actor(t testing.TB, login string, roles ...auth.Role) auth.Actor {
	t.Helper()
	a := auth.Actor{Login: login, Name: login}
	w.write(t, func(tx *db.Tx) error {
		return tx.Scan(&a.AccountID, `INSERT INTO accounts (login, name, created_at) VALUES (?, ?, ?) RETURNING id`, login, login, tx.Now())
	})
	for _, r := range roles {
		a.Grants = append(a.Grants, auth.Grant{Role: r, OrgID: w.org, Path: fmt.Sprintf("/%d/", w.org)})
	}
	return a
}

func (w *world) write(t testing.TB, fn func(tx *db.Tx) error) {
	t.Helper()
	require.NoError(t, w.db.Write(context.Background(), fn))
}

// at is an hour and minute of a day of the month in which the clock begins,
// November 2026, in Taiyuan.
func at(day, hour, minute int) models.Instant {
	return models.InstantOf(time.Date(2026, 11, day, hour, minute, 0, 0, shanghai))
}

// each runs fn on both engines, on a Monday at nine.
func each(t *testing.T, fn func(t *testing.T, w *world, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newWorld(t, d), clock) })
}
