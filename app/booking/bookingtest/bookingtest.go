// Package bookingtest builds what a booking needs: organisations, the 172-seat
// hall, accounts, an open event and a kernel that sells it. Times count from
// the clock of the database that a test opened.
package bookingtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/app/venue"
	"youyue/models"
)

// World is a district with one hall. The centre runs the hall; a station and a
// party branch hang below it.
type World struct {
	DB      *db.DB
	Notices *notify.Service
	Kernel  *booking.Service
	Centre  models.Org
	Station models.Org
	Branch  models.Org
	Hall    venue.Hall
	Plan    *models.SeatPlan
	Staff   auth.Actor // scheduler of the centre: may do all that is done at the desk and the door

	accounts atomic.Int64
	events   atomic.Int64
}

// New builds a world in a migrated, empty database. The kernel ends with the test.
func New(t testing.TB, d *db.DB, o booking.Options) *World {
	t.Helper()
	w := &World{DB: d}
	w.Notices, w.Kernel = Node(t, d, o)
	w.Write(t, func(tx *db.Tx) error {
		for _, x := range []struct {
			org    *models.Org
			parent *models.Org
			code   string
			kind   models.OrgKind
		}{
			{&w.Centre, nil, "centre", models.OrgCentre},
			{&w.Station, &w.Centre, "station", models.OrgStation},
			{&w.Branch, &w.Station, "branch", models.OrgBranch},
		} {
			if err := addOrg(tx, x.org, x.parent, x.code, x.kind); err != nil {
				return err
			}
		}
		return nil
	})
	w.Hall, w.Plan = w.AddHall(t, "hall172", models.CinemaHallPlan())
	w.Staff = w.Account(t)
	w.Staff.Grants = []auth.Grant{w.Grant(t, w.Staff, auth.Scheduler, w.Centre)}
	return w
}

// Node is what one more server has on a database: its own notices and kernel.
func Node(t testing.TB, d *db.DB, o booking.Options) (*notify.Service, *booking.Service) {
	t.Helper()
	n := notify.New(notify.Config{DB: d})
	k := booking.New(d, n, o)
	t.Cleanup(k.Close)
	return n, k
}

func addOrg(tx *db.Tx, o, parent *models.Org, code string, kind models.OrgKind) error {
	*o = models.Org{Code: code, Name: code, Kind: kind, Path: "?" + code, CreatedAt: tx.Now()}
	above := "/"
	if parent != nil {
		o.ParentID, above = &parent.ID, parent.Path
	}
	if err := tx.Insert(o); err != nil {
		return err
	}
	o.Path = above + strconv.FormatInt(o.ID, 10) + "/"
	_, err := tx.Exec(`UPDATE orgs SET path = ? WHERE id = ?`, o.Path, o.ID)
	return err
}

// Write runs fn in a transaction that must succeed.
func (w *World) Write(t testing.TB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := w.DB.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// Read runs fn with a reader that must succeed.
func (w *World) Read(t testing.TB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := w.DB.Read(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// AddHall adds a hall of the centre with a plan.
func (w *World) AddHall(t testing.TB, code string, specs []models.SeatSpec) (venue.Hall, *models.SeatPlan) {
	t.Helper()
	h := venue.Hall{Hall: models.Hall{Code: code, Venue: code, Address: code}, Name: code, OrgID: w.Centre.ID, OrgPath: w.Centre.Path}
	w.Write(t, func(tx *db.Tx) error { return venue.Create(tx, &h, specs) })
	var plan *models.SeatPlan
	w.Read(t, func(tx *db.Tx) (err error) {
		plan, err = w.Kernel.Plan(tx, *h.PlanID)
		return err
	})
	return h, plan
}

// Row is a hall of one row of n seats side by side.
func Row(n int) []models.SeatSpec {
	specs := make([]models.SeatSpec, n)
	for i := range specs {
		specs[i] = models.SeatSpec{Ord: i, Row: 1, RowTag: "1", Number: strconv.Itoa(i + 1), Col: i + 1, Left: i - 1, Kind: models.SeatStandard}
	}
	return specs
}

// Account adds an account with a login and no grants.
func (w *World) Account(t testing.TB) auth.Actor {
	t.Helper()
	return w.Accounts(t, 1)[0]
}

// Accounts adds n of them.
func (w *World) Accounts(t testing.TB, n int) []auth.Actor {
	t.Helper()
	rows := make([]models.Account, n)
	for i := range rows {
		login := fmt.Sprintf("test-%d", w.accounts.Add(1))
		rows[i] = models.Account{Login: &login, Name: login, Lang: "zh-CN", CreatedAt: w.DB.Now()}
	}
	for part := range slices.Chunk(rows, 1000) { // SQLite bounds the values of a statement
		w.Write(t, func(tx *db.Tx) error { return tx.Insert(&part) })
	}
	out := make([]auth.Actor, n)
	for i, r := range rows {
		out[i] = auth.Actor{AccountID: r.ID, Login: *r.Login, Name: r.Name, Lang: r.Lang}
	}
	return out
}

// Grant gives an account a role; the caller puts what comes back on its actor.
func (w *World) Grant(t testing.TB, a auth.Actor, r auth.Role, o models.Org) auth.Grant {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		return tx.Insert(&models.Grant{AccountID: a.AccountID, Role: string(r), OrgID: o.ID, CreatedAt: tx.Now()})
	})
	return auth.Grant{Role: r, OrgID: o.ID, Path: o.Path}
}

// Event opens an event in the hall, two days from now for two hours, sold until
// it starts, cancelled until two hours before; later events follow it. share
// is the percentage kept for phone and window, given back a day before.
func (w *World) Event(t testing.TB, share int, edits ...func(*models.Event)) models.Event {
	t.Helper()
	now := w.DB.Now()
	start := now.Add(48*time.Hour + time.Duration(w.events.Add(1)-1)*4*time.Hour)
	e := models.Event{Kind: "screening", ResourceID: w.Hall.ID, OrgID: w.Centre.ID, Title: "我和我的祖国", PlanID: w.Plan.ID,
		Audience: models.AudiencePublic, StartsAt: start, EndsAt: start.Add(2 * time.Hour), OpensAt: now.Add(-time.Hour),
		ClosesAt: start, CancelUntil: start.Add(-2 * time.Hour), RemindHours: "24,2", MaxSeats: 20}
	if share > 0 {
		e.ReleaseAt = start.Add(-24 * time.Hour)
	}
	for _, edit := range edits {
		edit(&e)
	}
	w.Write(t, func(tx *db.Tx) error { return w.Kernel.OpenEvent(tx, &e, share) })
	return e
}

// Places opens an event of n numbered places, in no hall, at the times of Event.
func (w *World) Places(t testing.TB, n int, edits ...func(*models.Event)) models.Event {
	t.Helper()
	return w.SharedPlaces(t, n, nil, edits...)
}

// SharedPlaces is Places of which some are kept for shares.
func (w *World) SharedPlaces(t testing.TB, n int, shares []models.EventShare, edits ...func(*models.Event)) models.Event {
	t.Helper()
	now := w.DB.Now()
	start := now.Add(48*time.Hour + time.Duration(w.events.Add(1)-1)*4*time.Hour)
	e := models.Event{Kind: "activity", OrgID: w.Station.ID, Title: "读书会", Audience: models.AudiencePublic, StartsAt: start,
		EndsAt: start.Add(2 * time.Hour), OpensAt: now.Add(-time.Hour), ClosesAt: start, CancelUntil: start.Add(-2 * time.Hour),
		RemindHours: "24,2", MaxSeats: 20}
	for _, edit := range edits {
		edit(&e)
	}
	w.Write(t, func(tx *db.Tx) error { return w.Kernel.OpenPlaces(tx, &e, n, shares...) })
	return e
}

// Today puts an event ten hours from now in place of two days: its door is open
// already, and it can still be booked, changed and cancelled.
func Today(e *models.Event) {
	for _, at := range []*models.Instant{&e.StartsAt, &e.EndsAt, &e.ClosesAt, &e.CancelUntil} {
		*at = at.Add(-38 * time.Hour)
	}
}

// In puts an event into another hall than the first.
func In(h venue.Hall) func(*models.Event) {
	return func(e *models.Event) { e.ResourceID, e.PlanID = h.ID, *h.PlanID }
}

// Seats lists the ids of a plan's seats in plan order.
func Seats(p *models.SeatPlan) []int64 {
	ids := make([]int64, len(p.Seats))
	for i, s := range p.Seats {
		ids[i] = s.ID
	}
	return ids
}

// Chosen is an order of an account for seats it names, without a key.
func Chosen(e models.Event, a auth.Actor, seats ...int64) booking.Order {
	return booking.Order{Ask: booking.Ask{EventID: e.ID, Seats: seats}, Actor: a, HolderID: &a.AccountID, Name: a.Name, Channel: models.ChannelOnline}
}

// Together is an order of an account for n seats that the kernel chooses.
func Together(e models.Event, a auth.Actor, n int) booking.Order {
	o := Chosen(e, a)
	o.Party = models.Party{Count: n}
	return o
}

// Keyed gives an order an Idempotency-Key, as the HTTP edge does.
func Keyed(o booking.Order, key string) booking.Order {
	o.Key = idem.Key{Scope: fmt.Sprintf("account:%d POST /api/v1/screenings/:id/bookings", o.Actor.AccountID),
		Key: key, Body: fmt.Sprint(o.EventID, o.Seats, o.Party)}
	return o
}

// Saved reads an event as it is now.
func (w *World) Saved(t testing.TB, id int64) (e models.Event) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) (err error) {
		e, err = booking.Event(tx, id)
		return err
	})
	return e
}

// MustBook books and expects it to work.
func (w *World) MustBook(t testing.TB, o booking.Order) booking.Placed {
	t.Helper()
	p, err := w.Kernel.Book(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Cancel cancels on behalf of an actor, as a feature does.
func (w *World) Cancel(id string, c booking.Cancelling) (b models.Booking, err error) {
	return CancelOn(w.DB, w.Kernel, id, c)
}

// CancelOn is Cancel on another node.
func CancelOn(d *db.DB, k *booking.Service, id string, c booking.Cancelling) (b models.Booking, err error) {
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		old, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		b, err = k.Cancel(tx, old, e, c)
		return err
	})
	return b, err
}

// Stuck plants rows that cannot be written any more, on the embedded engine: one of
// many that a job comes across.
func (w *World) Stuck(t testing.TB, table, where string) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`CREATE TRIGGER stuck_` + table + ` BEFORE UPDATE ON ` + table + ` WHEN ` + where + ` BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
		return err
	})
}

// MustBeClean holds the whole database to the kernel's invariant.
func (w *World) MustBeClean(t testing.TB) {
	t.Helper()
	breaches, err := w.Kernel.Sweep(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

// ChangeOn changes the seats of a booking on one node, as a feature does.
func ChangeOn(d *db.DB, k *booking.Service, id string, c booking.Changing) (done booking.Changed, err error) {
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		b, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		done, err = k.Change(tx, b, e, c)
		return err
	})
	return done, err
}

// Change is ChangeOn on the world's own node.
func (w *World) Change(id string, c booking.Changing) (booking.Changed, error) {
	return ChangeOn(w.DB, w.Kernel, id, c)
}
