package lecture_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/lecture"
	"youyue/app/org"
	"youyue/app/secret"
	"youyue/app/workdays"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// world is a district with a community below a sub-district, a menu and teams.
type world struct {
	*bookingtest.World
	Lectures  *lecture.Service
	Clock     *dbtest.Clock
	Calendar  models.WorkCalendar
	Community models.Org
	Resident  auth.Actor
	Clerk     auth.Actor // of the community
	Upper     auth.Actor // scheduler of the sub-district
	Topic     int64
	Teams     []int64
	Leaders   []auth.Actor
	Draw      float64
}

// house is a place to be had whenever nothing stands there.
type house struct{}

func (house) Claims(_ *db.Tx, id int64, span models.Span, _ ...int64) ([]booking.Claim, error) {
	return []booking.Claim{{ResourceID: id, Span: span}}, nil
}

// roster knows nobody by their number.
type roster struct{}

func (roster) EnsureMember(*db.Tx, auth.Actor, int64, string, string) (account, person *int64, err error) {
	return nil, nil, nil
}

func each(t *testing.T, teams int, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newWorld(t, d, clock, teams)) })
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock, teams int) *world {
	t.Helper()
	w := &world{World: bookingtest.New(t, d, booking.Options{}), Clock: clock, Draw: 1}
	w.Calendar = calendar(t, 1, 2025, 2026)
	box, err := secret.New([]byte(strings.Repeat("s", secret.MinSecret)))
	require.NoError(t, err)
	w.Lectures = lecture.New(lecture.Config{DB: d, Notices: w.Notices, Rooms: house{}, Members: roster{}, Box: box, Phone: secret.Phone, Mask: secret.MaskName, Zone: zone,
		Days: func(*db.Tx) (models.WorkCalendar, error) { return w.Calendar, nil }, Draw: func() float64 { return w.Draw }})
	seed := auth.Actor{Login: "seed", Grants: []auth.Grant{{Role: auth.Admin, Path: "/"}}}
	w.Write(t, func(tx *db.Tx) error {
		upper, err := org.Create(tx, seed, org.Entry{Code: "jiedao", Name: "街道", Kind: models.OrgSubdistrict, ParentID: &w.Centre.ID})
		require.NoError(t, err)
		w.Community, err = org.Create(tx, seed, org.Entry{Code: "shequ", Name: "社区", Kind: models.OrgStation, ParentID: &upper.ID})
		require.NoError(t, err)
		var ids []int64
		for i := range teams {
			o, err := org.Create(tx, seed, org.Entry{Code: fmt.Sprintf("team%d", i), Name: fmt.Sprintf("宣讲%02d队", i), Kind: models.OrgTeam, ParentID: &w.Centre.ID})
			require.NoError(t, err)
			e := lecture.TeamEntry{OrgID: o.ID, Kind: models.TeamLecture, Category: "policy", TravelMin: 30}
			for day := 1; day <= 7; day++ {
				e.Hours = append(e.Hours, models.LectureTeamHours{Day: day, Opens: 8 * 60, Closes: 21 * 60})
			}
			row, err := lecture.AddTeam(tx, seed, e)
			require.NoError(t, err)
			ids, w.Teams = append(ids, o.ID), append(w.Teams, row.ID)
		}
		topic, err := lecture.SaveTopic(tx, seed, lecture.TopicEntry{OrgID: w.Centre.ID, Title: "反诈知识进社区", Category: "law", LengthMin: 60, Teams: w.Teams, Publish: true})
		require.NoError(t, err)
		w.Topic = topic.ID
		w.Resident = auth.Actor{} // below, outside the transaction
		for _, id := range ids {
			w.Leaders = append(w.Leaders, auth.Actor{AccountID: id})
		}
		w.Upper.Grants = []auth.Grant{{OrgID: upper.ID, Path: upper.Path}}
		return nil
	})
	w.Resident = w.Account(t)
	w.Clerk = w.with(t, auth.Clerk, w.Community)
	w.Upper = w.with(t, auth.Scheduler, models.Org{ID: w.Upper.Grants[0].OrgID, Path: w.Upper.Grants[0].Path})
	for i, l := range w.Leaders {
		w.Leaders[i] = w.with(t, auth.Leader, models.Org{ID: l.AccountID, Path: fmt.Sprintf("%s%d/", w.Centre.Path, l.AccountID)})
	}
	return w
}

// calendar is the working calendar of published years.
func calendar(t *testing.T, version int64, years ...int) models.WorkCalendar {
	t.Helper()
	var lists []models.WorkYear
	for _, y := range years {
		list, ok := workdays.Published(y)
		require.True(t, ok)
		lists = append(lists, list)
	}
	return models.NewWorkCalendar(version, nil, lists...)
}

// with is a new account that holds a role somewhere.
func (w *world) with(t *testing.T, r auth.Role, o models.Org) auth.Actor {
	t.Helper()
	a := w.Account(t)
	a.Grants = []auth.Grant{w.Grant(t, a, r, o)}
	return a
}

// ask is an order of the resident's for three days ahead at ten, and at three.
func (w *world) ask(edits ...func(*lecture.Ask)) lecture.Ask {
	today := models.DayOf(w.Clock.Instant(), zone)
	in := lecture.Ask{OrgID: w.Community.ID, TopicID: w.Topic, Audience: models.AudienceOld, Heads: 30, PlaceKind: models.PlaceOwn, Phone: "139 3510 8826",
		Times: lecture.Times{First: today.Add(3).At(10*60, zone), Second: today.Add(3).At(15*60, zone)}}
	for _, edit := range edits {
		edit(&in)
	}
	return in
}

func (w *world) placed(t *testing.T, edits ...func(*lecture.Ask)) lecture.Order {
	t.Helper()
	o, err := w.Lectures.Place(t.Context(), w.Resident, w.ask(edits...))
	require.NoError(t, err)
	return o
}

// sent is an order that was offered to a team, or to all.
func (w *world) sent(t *testing.T, d lecture.Dispatching, edits ...func(*lecture.Ask)) lecture.Order {
	t.Helper()
	o, err := w.Lectures.Dispatch(t.Context(), w.Clerk, w.placed(t, edits...).ID, d)
	require.NoError(t, err)
	return o
}

// taken is an order that the first team has accepted.
func (w *world) taken(t *testing.T, edits ...func(*lecture.Ask)) lecture.Order {
	t.Helper()
	o := w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]}, edits...)
	o, err := w.Lectures.Accept(t.Context(), w.Leaders[0], o.ID)
	require.NoError(t, err)
	return o
}

func (w *world) get(t *testing.T, id string) lecture.Order {
	t.Helper()
	o, err := w.Lectures.Get(t.Context(), w.Clerk, id)
	require.NoError(t, err)
	return o
}

// state is where an order stands, a draft too, which staff do not see.
func (w *world) state(t *testing.T, id string) (state models.LectureState) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error { return tx.Scan(&state, `SELECT state FROM lecture_orders WHERE id = ?`, id) })
	return state
}

// jobs runs what the clock runs.
func (w *world) jobs(t *testing.T) {
	t.Helper()
	for _, run := range []func() (int, error){
		func() (int, error) { return w.Lectures.EscalateDue(t.Context(), w.Clock.Instant()) },
		func() (int, error) { return w.Lectures.OfferNext(t.Context(), w.Clock.Instant()) },
		func() (int, error) { return w.Lectures.FinishDue(t.Context(), w.Clock.Instant()) },
		func() (int, error) { return w.Lectures.CloseUnrated(t.Context(), w.Clock.Instant()) },
	} {
		_, err := run()
		require.NoError(t, err)
	}
}

// links are the words behind the paths of notices of a kind, the last first.
func (w *world) links(t *testing.T, kind, prefix string) []string {
	t.Helper()
	var vars []string
	w.Read(t, func(tx *db.Tx) error {
		return tx.Scan(&vars, `SELECT vars FROM outbox WHERE kind = ? ORDER BY id DESC`, kind)
	})
	var out []string
	for _, v := range vars {
		if _, rest, ok := strings.Cut(v, prefix); ok {
			word, _, _ := strings.Cut(rest, `"`)
			out = append(out, word)
		}
	}
	return out
}

func (w *world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	w.Read(t, func(tx *db.Tx) error { return tx.Scan(&n, query, args...) })
	return n
}

// leaderOf leads the team that has an order in hand; the first where none has.
func (w *world) leaderOf(t *testing.T, id string) auth.Actor {
	t.Helper()
	o, err := w.Lectures.Get(t.Context(), w.Resident, id)
	require.NoError(t, err)
	for i, team := range w.Teams {
		if team == o.TeamID {
			return w.Leaders[i]
		}
	}
	return w.Leaders[0]
}
