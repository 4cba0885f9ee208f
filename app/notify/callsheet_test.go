package notify

import (
	"bytes"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var notFound = errs.ErrNotFound

func pageOf(n int) list.Query { return list.Query{PerPage: n} }

// district is a centre with two stations.
func district(t *testing.T, w *world) (centre, north, south models.Org) {
	t.Helper()
	centre = models.Org{ID: 1, Path: "/1/", Code: "c", Name: "中心", Kind: models.OrgCentre, CreatedAt: w.clock.Instant()}
	north = models.Org{ID: 2, ParentID: &centre.ID, Path: "/1/2/", Code: "n", Name: "北站", Kind: models.OrgStation, CreatedAt: w.clock.Instant()}
	south = models.Org{ID: 20, ParentID: &centre.ID, Path: "/1/20/", Code: "s", Name: "南站", Kind: models.OrgStation, CreatedAt: w.clock.Instant()}
	for _, o := range []models.Org{centre, north, south} {
		w.insert(t, &o)
	}
	return centre, north, south
}

func actor(id int64, role auth.Role, o models.Org) auth.Actor {
	return auth.Actor{AccountID: id, Login: string(role), Grants: []auth.Grant{{Role: role, OrgID: o.ID, Path: o.Path}}}
}

func TestTheCallSheetIsTheStationsOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.SMS = nil
		centre, north, south := district(t, w)
		me := w.account(t, "", "")
		caller := models.Person{Name: "张建华", OrgID: &north.ID, PhoneEnc: w.box.Seal("+8613900008826"), CreatedAt: clock.Instant()}
		w.insert(t, &caller)
		w.enqueue(t, Notice{Person: caller.ID, Kind: Booked, Subject: "booking:1", Vars: film},
			Notice{Person: caller.ID, Kind: Reminder, Subject: "booking:1", Vars: film, DueAt: clock.Instant().Add(time.Hour)},
			Notice{Account: 999, Kind: Booked, Subject: "hall_request:8", Vars: film})

		clerk, far := actor(me, auth.Clerk, north), actor(me, auth.Clerk, south)
		l, err := w.Calls(t.Context(), clerk, CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Len(t, l.Items, 1, "the reminder is not due, and the other line belongs to nobody here")
		c := l.Items[0]
		require.Equal(t, []any{"张建华", "+8613900008826", "北站", true}, []any{c.Name, c.Phone, c.Org, c.MayTick})
		l, err = w.Calls(t.Context(), actor(me, auth.Clerk, centre), CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Len(t, l.Items, 2, "the centre gets what belongs to nobody")
		l, err = w.Calls(t.Context(), far, CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Empty(t, l.Items)

		auditor := actor(me, auth.Auditor, centre)
		l, err = w.Calls(t.Context(), auditor, CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Equal(t, []any{"张*华", "139****8826", false}, []any{l.Items[0].Name, l.Items[0].Phone, l.Items[0].MayTick})
		_, err = w.TickCall(t.Context(), auditor, c.ID)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.TickCall(t.Context(), far, c.ID)
		require.ErrorIs(t, err, notFound)

		clock.Advance(time.Minute)
		told, err := w.TickCall(t.Context(), clerk, c.ID)
		require.NoError(t, err)
		require.True(t, told.Told())
		require.Equal(t, "刘明", told.DoneBy)
		clock.Advance(time.Minute)
		again, err := w.TickCall(t.Context(), clerk, c.ID)
		require.NoError(t, err)
		require.Equal(t, told.SentAt, again.SentAt, "again changes nothing")
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM audit_log WHERE action = 'callsheet.done' AND person_id = ? AND actor_id = ?`, caller.ID, me))
		l, err = w.Calls(t.Context(), clerk, CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Empty(t, l.Items)
		l, err = w.Calls(t.Context(), clerk, CallsDone, list.Query{})
		require.NoError(t, err)
		require.Len(t, l.Items, 1)
	})
}

func TestACallBelongsToThePlaceOfItsBooking(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		_, north, south := district(t, w)
		me := w.account(t, "", "")
		nobody := w.person(t, 0, "", "")
		now := clock.Instant()
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			for _, q := range []struct {
				sql  string
				args []any
			}{
				{`INSERT INTO resources (id, kind, org_id, name, created_at) VALUES (1, 'hall', 20, '4号厅', ?)`, []any{now}},
				{`INSERT INTO halls (id, code, venue, address) VALUES (1, 'h4', '影城', '路')`, nil},
				{`INSERT INTO seat_plans (id, hall_id, version, created_at) VALUES (1, 1, 1, ?)`, []any{now}},
				{`INSERT INTO events (id, kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at, cancel_until, max_seats, seat_map, for_sale, created_at)
					VALUES (1, 'screening', 1, 20, '《1921》', 1, 'public', 'open', ?, ?, ?, ?, ?, 6, '', 0, ?)`, []any{now, now.Add(time.Hour), now, now, now, now}},
				{`INSERT INTO bookings (id, event_id, code, name, party, status, channel, created_by, created_at) VALUES ('b1', 1, 'c', 'n', 1, 'booked', 'phone', 1, ?)`, []any{now}},
			} {
				if _, err := tx.Exec(q.sql, q.args...); err != nil {
					return err
				}
			}
			return w.Enqueue(tx, Notice{Person: nobody, Kind: Booked, Subject: "booking:b1", Vars: film})
		}))
		l, err := w.Calls(t.Context(), actor(me, auth.Clerk, south), CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Len(t, l.Items, 1)
		l, err = w.Calls(t.Context(), actor(me, auth.Clerk, north), CallsWaiting, list.Query{})
		require.NoError(t, err)
		require.Empty(t, l.Items)
	})
}

func TestThePagesOfInboxAndCallSheet(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	_, north, _ := district(t, w)
	me := w.account(t, "", "")
	caller := models.Person{Name: "<b>张</b>", OrgID: &north.ID, CreatedAt: clock.Instant()}
	w.insert(t, &caller)
	render, err := web.New(web.Config{})
	require.NoError(t, err)
	show := func(l locales.Lang, p web.Page, err error) string {
		require.NoError(t, err)
		var buf bytes.Buffer
		require.NoError(t, render.Render(&buf, web.Frame{Lang: l, Zone: shanghai, Now: clock.Instant(), CSRF: "tok"}, p))
		return buf.String()
	}
	clerk, auditor := actor(me, auth.Clerk, north), actor(me, auth.Auditor, north)

	page, err := w.inboxPage(t.Context(), clerk, list.Query{})
	require.Contains(t, show(locales.ZhCN, page, err), "没有消息")
	page, err = w.callsPage(t.Context(), clerk, callsIn{})
	require.Contains(t, show(locales.ZhCN, page, err), "没有人等着电话通知")

	w.enqueue(t, Notice{Account: me, Kind: Booked, Subject: "booking:1", Vars: film}, Notice{Person: caller.ID, Kind: Booked, Subject: "booking:1", Vars: film})
	_, err = w.SendDue(t.Context(), clock.Instant())
	require.NoError(t, err)
	page, err = w.inboxPage(t.Context(), clerk, list.Query{})
	html := show(locales.En, page, err)
	for _, want := range []string{"Booked: 《长津湖》", "Thu 3 Dec, 19:00", `href="/bookings/1"`, `action="/inbox/read"`, ">New<"} {
		require.Contains(t, html, want)
	}
	page, err = w.callsPage(t.Context(), clerk, callsIn{})
	html = show(locales.ZhCN, page, err)
	for _, want := range []string{"&lt;b&gt;张&lt;/b&gt;", "没有电话，请上门或托人", "12月3日（周四）19:00", `/done"`, "☐ 已通知", "打印时间"} {
		require.Contains(t, html, want)
	}
	page, err = w.callsPage(t.Context(), auditor, callsIn{})
	require.NotContains(t, show(locales.ZhCN, page, err), `/done"`)
	page, err = w.callsPage(t.Context(), clerk, callsIn{State: CallsDone})
	require.Contains(t, show(locales.ZhCN, page, err), "看等着通知的")
}
