package lesson_test

import (
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/lesson"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// world is a district where a branch of four has booked a film.
type world struct {
	*bookingtest.World
	Lessons   *lesson.Service
	Clock     *dbtest.Clock
	Event     models.Event
	Booking   booking.Placed
	Secretary auth.Actor
	Clerk     auth.Actor
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := &world{World: bookingtest.New(t, d, booking.Options{}), Clock: clock}
		w.Lessons = lesson.New(d, w.Notices, time.UTC)
		w.Event = w.World.Event(t, 0)
		w.screened(t, w.Event)
		w.Secretary = w.with(t, auth.Branch, w.Branch)
		w.Secretary.Name = "陈书记"
		w.Clerk = w.with(t, auth.Clerk, w.Station)
		w.Booking = w.MustBook(t, w.order(w.Event, 4))
		fn(t, w)
	})
}

// order is the branch's for n seats.
func (w *world) order(e models.Event, n int) booking.Order {
	o := bookingtest.Together(e, w.Secretary, n)
	o.OrgID, o.ForBranch, o.Name = &w.Branch.ID, true, w.Branch.Name
	return o
}

// screened puts a film behind an event of the kernel.
func (w *world) screened(t *testing.T, e models.Event) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		f := models.Film{Title: fmt.Sprintf("1921（%d）", e.ID), RuntimeMin: 120, LicenceFrom: tx.Now(), LicenceTo: tx.Now().Add(time.Hour), CreatedAt: tx.Now()}
		if err := tx.Insert(&f); err != nil {
			return err
		}
		return tx.Insert(&models.Screening{ID: e.ID, FilmID: f.ID, OathMin: 15, RuntimeMin: 120, CleanupMin: 20})
	})
}

// with is a new account that holds a role somewhere.
func (w *world) with(t *testing.T, r auth.Role, o models.Org) auth.Actor {
	t.Helper()
	a := w.Account(t)
	a.Grants = []auth.Grant{w.Grant(t, a, r, o)}
	return a
}

func (w *world) execute(t *testing.T, query string, args ...any) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
}

// list names the people of the booking; those who share an index with a seat of
// it are given that seat.
func (w *world) list(t *testing.T, names []string, seats []int64) {
	t.Helper()
	for i, n := range names {
		var seat any
		if i < len(seats) {
			seat = seats[i]
		}
		w.execute(t, `INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) VALUES (?, ?, ?, ?, ?)`, w.Booking.ID, i+1, n, seat, w.Clock.Instant())
	}
}

func (w *world) seats() []int64 {
	var out []int64
	for _, s := range w.Booking.Seats {
		out = append(out, s.ID)
	}
	return out
}

// arrive checks seats of the booking in.
func (w *world) arrive(t *testing.T, seats ...int64) {
	t.Helper()
	_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: w.Booking.Code, Nonce: fmt.Sprint(seats), Seats: seats})
	require.NoError(t, err)
}

func (w *world) begin() { w.Clock.Set(w.Event.StartsAt.Time()) }
func (w *world) end()   { w.Clock.Set(w.Event.EndsAt.Time()) }

func (w *world) read(t *testing.T, a auth.Actor) lesson.Record {
	t.Helper()
	r, err := w.Lessons.Record(t.Context(), a, w.Booking.ID, 0)
	require.NoError(t, err)
	return r
}

func (w *world) save(t *testing.T, a auth.Actor, e lesson.Entry) lesson.Record {
	t.Helper()
	r, err := w.Lessons.Save(t.Context(), a, w.Booking.ID, e)
	require.NoError(t, err)
	return r
}

// sign signs what stands, as the secretary who has just read it.
func (w *world) sign(t *testing.T) lesson.Record {
	t.Helper()
	seen := w.read(t, w.Secretary)
	r, err := w.Lessons.Sign(t.Context(), w.Secretary, w.Booking.ID, seen.Version, seen.Facts)
	require.NoError(t, err)
	return r
}

func yes() *bool { v := true; return &v }

func full(version int) lesson.Entry {
	return lesson.Entry{Version: version, Host: "陈书记", Oath: yes(), Notes: "重温入党誓词\n观影后讨论"}
}
