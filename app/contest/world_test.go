package contest_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/draw"
	"youyue/app/idem"
	"youyue/app/secret"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// world is a district with a square, a hall for rain and a drum to lend.
type world struct {
	*bookingtest.World
	Contests *contest.Service
	Draws    *draw.Service
	Clock    *dbtest.Clock
	Staff    auth.Actor
	square   int64
	indoors  int64
	drum     int64
	keys     int
}

var zone = time.FixedZone("CST", 8*60*60)

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, build(t, d, clock)) })
}

// one is each on the embedded engine alone, for what no engine decides.
func one(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	clock := dbtest.NewClock()
	fn(t, build(t, dbtest.Open(t, db.SQLite, clock), clock))
}

func build(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	w := &world{World: bookingtest.New(t, d, booking.Options{}), Clock: clock}
	box, err := secret.New(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	w.Draws = draw.New(draw.Config{DB: d, Sealer: box, Zone: zone})
	w.Contests = contest.New(contest.Config{DB: d, Kernel: w.Kernel, Draws: w.Draws, Notices: w.Notices, Sealer: box, Zone: zone})
	w.Staff = w.Account(t)
	w.Staff.Grants = []auth.Grant{w.Grant(t, w.Staff, auth.Scheduler, w.Centre)}
	for i, x := range []*int64{&w.square, &w.indoors, &w.drum} {
		w.Write(t, func(tx *db.Tx) error {
			return tx.Scan(x, `INSERT INTO resources (kind, name, org_id, created_at) VALUES (?, ?, ?, ?) RETURNING id`, []string{"room", "room", "equipment"}[i], []string{"广场", "大厅", "大鼓"}[i], w.Centre.ID, tx.Now())
		})
	}
	return w
}

// plan is a contest of one division with some places, entered for the next ten
// days, held in twenty.
func (w *world) plan(places int) contest.Plan {
	now := w.Clock.Instant()
	on := now.Add(20 * 24 * time.Hour)
	return contest.Plan{OrgID: w.Centre.ID, Title: "锣鼓大赛（示例）", OpensAt: now, ClosesAt: now.Add(10 * 24 * time.Hour), GiveBackAt: now.Add(5 * 24 * time.Hour),
		Slots: []contest.SlotPlan{
			{Kind: models.SlotStage, Place: "广场", Span: models.Span{Start: on, End: on.Add(4 * time.Hour)}, SetupMin: 60, ClearMin: 30, Resources: []int64{w.square}},
			{Kind: models.SlotRehearsal, Place: "大厅", Span: models.Span{Start: on.Add(-24 * time.Hour), End: on.Add(-22 * time.Hour)}, Resources: []int64{w.indoors}},
		},
		Divisions: []contest.DivisionPlan{{Name: "成人组", Places: places, MinMembers: 2, MaxMembers: 4, Substitutes: 1, MinAge: 18, MaxAge: 70, MaxLength: 480, PerTeam: 1, Heat: 0, Final: -1}}}
}

func (w *world) key() idem.Key {
	w.keys++
	return idem.Key{Scope: "test", Key: fmt.Sprint(w.keys), Body: "x"}
}

func (w *world) create(t *testing.T, p contest.Plan) contest.Contest {
	t.Helper()
	c, err := w.Contests.Create(t.Context(), w.Staff, p, w.key())
	require.NoError(t, err)
	return c
}

// form is a fit team from an organisation.
func form(c contest.Contest, org int64, team string) contest.Form {
	return contest.Form{DivisionID: c.Divisions[0].ID, Team: team, OrgID: org, Phone: "13900000000", Piece: "太平鼓", Length: 300,
		Members: []models.ContestMember{{Name: "甲", BornYear: 1970}, {Name: "乙", BornYear: 1980}, {Name: "丙", BornYear: 1990, Substitute: true}}}
}

func (w *world) enter(t *testing.T, a auth.Actor, c contest.Contest, f contest.Form) contest.Entry {
	t.Helper()
	e, err := w.Contests.Enter(t.Context(), a, c.ID, f, idem.Key{})
	require.NoError(t, err)
	return e
}

func (w *world) decide(t *testing.T, uid string, to models.EntryState, reason string) contest.Entry {
	t.Helper()
	e, err := w.Contests.Decide(t.Context(), w.Staff, uid, to, reason)
	require.NoError(t, err)
	return e
}

func (w *world) notices(t *testing.T, kind string) (n int) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox'`, kind)
	})
	return n
}

func (w *world) occupied(t *testing.T, resource int64) (spans []models.Span) {
	t.Helper()
	var rows []struct{ StartsAt, EndsAt models.Instant }
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&rows, `SELECT starts_at, ends_at FROM occupancies WHERE resource_id = ? AND source_kind = ? ORDER BY starts_at`, resource, contest.Source)
	})
	for _, r := range rows {
		spans = append(spans, models.Span{Start: r.StartsAt, End: r.EndsAt})
	}
	return spans
}
