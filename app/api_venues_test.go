package app_test

import (
	"net/http"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/room"

	"github.com/stretchr/testify/require"
)

type madeID struct {
	ID int64 `json:"id"`
}

// A venue is furnished by the API: rooms, tables, equipment, hours, days that are
// otherwise and rules; each counts for the next booking, and each fault is named.
func TestVenuesByTheAPI(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	orgs := map[string]int64{}
	for _, code := range []string{"yzn", "yfy", "binhe"} {
		orgs[code] = orgCalled(t, w, code)
	}
	_, err := w.App.Accounts.AddAccount(t.Context(), "local8", "街道排期（示例）", "")
	require.NoError(t, err)
	require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), "local8", auth.Scheduler, "xinghua"))
	venue := m{"code": "park", "name": "主题公园", "org_id": orgs["yfy"], "address": "漪汾苑（示例）"}
	w.As("clerk").Post("/api/v1/venues", venue).Refused(http.StatusForbidden, "forbidden")
	require.Contains(t, w.As("scheduler").Post("/api/v1/venues", m{"code": "x", "name": "x", "org_id": 99999}).Refused(http.StatusUnprocessableEntity, "request.invalid").Body, `"org_id"`)
	v := apitest.Into[madeID](w.As("local8").Post("/api/v1/venues", venue).Want(http.StatusCreated))
	require.Contains(t, w.As("scheduler").Post("/api/v1/venues", venue).Refused(http.StatusUnprocessableEntity, "request.invalid").Body, `"code"`)
	w.As("local8").Post("/api/v1/venues", m{"code": "y", "name": "y", "org_id": orgs["yzn"]}).Refused(http.StatusForbidden, "forbidden")
	at := "/api/v1/venues/" + itoa(v.ID)
	venue["name"] = "核心价值观主题公园"
	w.As("local8").Do(http.MethodPut, at, venue).Want(http.StatusOK)
	require.Contains(t, w.As("").Get("/api/v1/venues?per_page=100").Want(http.StatusOK).Body, "核心价值观主题公园")

	hall := m{"venue_id": v.ID, "kind": "room", "name": "凉亭", "use": "reading", "capacity": 20, "cleanup_min": 10}
	r := apitest.Into[madeID](w.As("local8").Post("/api/v1/rooms", hall).Want(http.StatusCreated))
	w.As("local8").Post("/api/v1/rooms", m{"venue_id": v.ID, "kind": "unit", "name": "1号桌"}).Refused(http.StatusUnprocessableEntity, "request.invalid")
	table := apitest.Into[madeID](w.As("local8").Post("/api/v1/rooms", m{"venue_id": v.ID, "whole_id": r.ID, "kind": "unit", "name": "1号桌", "capacity": 4}).Want(http.StatusCreated))
	w.As("local8").Post("/api/v1/rooms", m{"venue_id": v.ID, "kind": "equipment", "name": "音响"}).Want(http.StatusCreated)
	hall["name"] = "大凉亭"
	w.As("local8").Do(http.MethodPut, "/api/v1/rooms/"+itoa(r.ID), hall).Want(http.StatusOK)
	hall["kind"] = "equipment"
	w.As("local8").Do(http.MethodPut, "/api/v1/rooms/"+itoa(r.ID), hall).Refused(http.StatusUnprocessableEntity, "request.invalid")

	w.As("resident").Post(roomBookings(table.ID), hours(25, 9, 10)).Refused(http.StatusConflict, "room.closed_then")
	week := []m{}
	for day := 1; day <= 8; day++ {
		week = append(week, m{"day": day, "opens": 480, "closes": 720}, m{"day": day, "opens": 840, "closes": 1260})
	}
	w.As("local8").Do(http.MethodPut, at+"/hours", m{"hours": []m{{"day": 1, "opens": 600, "closes": 540}}}).Refused(http.StatusUnprocessableEntity, "request.invalid")
	w.As("scheduler").Do(http.MethodPut, at+"/hours", m{"hours": week}).Want(http.StatusOK)
	w.As("resident").Post(roomBookings(table.ID), hours(25, 9, 10)).Want(http.StatusCreated)
	w.As("resident").Post(roomBookings(table.ID), hours(25, 12, 13)).Refused(http.StatusConflict, "room.closed_then")

	w.As("local8").Do(http.MethodPut, at+"/exceptions", m{"reason": "x"}).Refused(http.StatusUnprocessableEntity, "request.invalid")
	w.As("local8").Do(http.MethodPut, at+"/exceptions", m{"day": "2026-11-26", "hours": []m{}, "reason": "消杀"}).Want(http.StatusOK)
	w.As("resident").Post(roomBookings(table.ID), hours(26, 9, 10)).Refused(http.StatusConflict, "room.closed_then")
	w.As("local8").Do(http.MethodPut, at+"/exceptions", m{"day": "2026-11-26", "drop": true}).Want(http.StatusOK)
	w.As("resident").Post(roomBookings(table.ID), hours(26, 9, 10)).Want(http.StatusCreated)

	rule := m{"room_id": table.ID, "who": "resident", "ahead_days": 2, "ahead_min": 0, "longest_min": 60, "per_week": 0, "approve": true, "desk_percent": 0, "cancel_min": 0,
		"grace_min": 0, "strikes": 0, "strike_days": 1, "pause_days": 1}
	w.As("local8").Do(http.MethodPut, at+"/rules", m{"who": "resident", "ahead_days": 0, "longest_min": 60}).Refused(http.StatusUnprocessableEntity, "request.invalid")
	w.As("local8").Do(http.MethodPut, at+"/rules", rule).Want(http.StatusOK)
	w.As("resident").Post(roomBookings(table.ID), hours(25, 15, 17)).Refused(http.StatusUnprocessableEntity, "room.too_long")
	w.As("resident").Post(roomBookings(table.ID), hours(27, 9, 10)).Refused(http.StatusConflict, "room.too_early")
	require.Equal(t, "pending", apitest.Into[booked](w.As("resident").Post(roomBookings(table.ID), hours(25, 15, 16)).Want(http.StatusCreated)).Status)
	require.Contains(t, w.As("").Get(at+"/hours?room_id="+itoa(table.ID)).Want(http.StatusOK).Body, `"ahead_days":2`)
	w.As("local8").Do(http.MethodPut, at+"/rules", m{"room_id": table.ID, "who": "resident", "drop": true}).Want(http.StatusOK)
	require.Equal(t, "booked", apitest.Into[booked](w.As("neighbour").Post(roomBookings(table.ID), hours(27, 9, 10)).Want(http.StatusCreated)).Status)
	require.Zero(t, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE (action LIKE 'room.%' OR action LIKE 'venue.%') AND (after LIKE '%{%' OR after LIKE '%0x%')`), "the log is for people")
	for action, says := range map[string]string{"venue.save": "name=", "room.hours": "Mon=08:00-12:00, Mon=14:00-21:00", "room.exception": "day=2026-11-26, hours=closed, reason=消杀",
		"room.rule": "who=resident, room=" + itoa(table.ID) + ", ahead_days=2"} {
		require.NotZero(t, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = ? AND after LIKE ?`, action, "%"+says+"%"), action)
	}
}

func orgCalled(t *testing.T, w *apitest.World, code string) (id int64) {
	t.Helper()
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&id, `SELECT id FROM orgs WHERE code = ?`, code) }))
	return id
}

// The same by plain forms; what cannot be read is shown again beside what was typed.
func TestVenuePages(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	org, owner := itoa(orgCalled(t, w, "binti")), itoa(orgCalled(t, w, "qsn"))
	again := submit(w, "scheduler", "/venues/new", "name", "滨体小院", "org_id", org).Want(http.StatusUnprocessableEntity).Body
	require.Contains(t, again, `href="#f-code"`)
	require.Contains(t, again, `value="滨体小院"`)
	submit(w, "clerk", "/venues/new", "name", "滨体小院", "code", "yard", "org_id", org).Want(http.StatusForbidden)
	path := submit(w, "scheduler", "/venues/new", "name", "滨体小院", "code", "yard", "org_id", org, "owner_id", owner).Want(http.StatusSeeOther).Header.Get("Location")
	require.Contains(t, w.Browser("auditor").Get(path).Want(http.StatusOK).Body, "青少年阅读成长中心")
	require.NotContains(t, w.Browser("auditor").Get(path).Body, "/edit")
	submit(w, "scheduler", path+"/edit", "name", "滨体小院", "code", "yard", "org_id", org, "owner_id", "0").Want(http.StatusSeeOther)
	require.NotContains(t, w.Browser("auditor").Get(path).Body, "青少年阅读成长中心")

	require.Contains(t, submit(w, "scheduler", path+"/rooms/new", "kind", "room", "name", "院子", "capacity", "x").Want(http.StatusUnprocessableEntity).Body, `href="#f-capacity"`)
	submit(w, "scheduler", path+"/rooms/new", "kind", "room", "name", "院子", "use", "meeting", "capacity", "30", "step_min", "30", "accessible", "on", "house_rules", "不放鞭炮").Want(http.StatusSeeOther)
	submit(w, "scheduler", path+"/rooms/new", "kind", "equipment", "name", "棋盘").Want(http.StatusSeeOther)
	yard := roomNamed(t, w, "yard", "院子")
	whole := path + "/rooms/new?whole=" + itoa(yard)
	require.Contains(t, w.Browser("scheduler").Get(whole).Want(http.StatusOK).Body, `value="1号台"`, "a table is like its room")
	submit(w, "scheduler", path+"/rooms/new", "kind", "unit", "whole", itoa(yard), "name", "1号台", "capacity", "4", "step_min", "30").Want(http.StatusSeeOther)
	table := roomNamed(t, w, "yard", "院子 · 1号台")
	submit(w, "scheduler", path+"/rooms/"+itoa(table), "kind", "unit", "whole", itoa(yard), "name", "石桌", "capacity", "4", "step_min", "30").Want(http.StatusSeeOther)
	roomNamed(t, w, "yard", "院子 · 石桌")
	w.Browser("scheduler").Get("/venues/1/rooms/" + itoa(table)).Want(http.StatusNotFound)

	require.Contains(t, submit(w, "scheduler", path+"/hours", "h1", "8-").Want(http.StatusUnprocessableEntity).Body, `href="#f-h1"`)
	submit(w, "scheduler", path+"/hours", "h1", "8:00-12:00，14:00～21:00", "h2", "8:00–24:00", "h3", "8:00至20:00").Want(http.StatusSeeOther)
	require.Contains(t, w.Browser("clerk").Get(path).Want(http.StatusOK).Body, "8:00–12:00, 14:00–21:00")
	submit(w, "scheduler", path+"/hours?room="+itoa(yard), "room", itoa(yard), "h3", "9:00-10:00").Want(http.StatusSeeOther)
	w.As("resident").Post(roomBookings(yard), hours(25, 11, 12)).Refused(http.StatusConflict, "room.closed_then")
	submit(w, "scheduler", path+"/hours", "room", itoa(yard)).Want(http.StatusSeeOther)
	w.As("resident").Post(roomBookings(yard), hours(25, 11, 12)).Want(http.StatusCreated)
	require.Contains(t, submit(w, "scheduler", path+"/exceptions", "day", "", "hours", "9:00-").Want(http.StatusUnprocessableEntity).Body, `href="#f-day"`)
	submit(w, "scheduler", path+"/exceptions", "day", "2026-12-02", "hours", "", "reason", "年终盘点").Want(http.StatusSeeOther)
	require.Contains(t, w.Browser("scheduler").Get(path+"/hours").Want(http.StatusOK).Body, "年终盘点")
	submit(w, "scheduler", path+"/exceptions", "day", "2026-12-02", "drop", "on").Want(http.StatusSeeOther)
	require.NotContains(t, w.Browser("scheduler").Get(path+"/hours").Body, "年终盘点")

	form := []string{"room", itoa(table), "who", "resident", "ahead_days", "7", "longest_min", "90", "strike_days", "30", "pause_days", "7", "approve", "on"}
	require.Contains(t, submit(w, "scheduler", path+"/rules", "who", "resident", "ahead_days", "900").Want(http.StatusUnprocessableEntity).Body, `href="#f-ahead_days"`)
	submit(w, "scheduler", path+"/rules", form...).Want(http.StatusSeeOther)
	own := w.Browser("scheduler").Get(path + "/rules?room=" + itoa(table)).Want(http.StatusOK).Body
	require.Contains(t, own, "和场馆一样", "its own can be taken back")
	d, err := w.App.Rooms.Detail(t.Context(), table)
	require.NoError(t, err)
	require.Equal(t, []any{7, 90, true}, []any{d.Rules[0].AheadDays, d.Rules[0].LongestMin, d.Rules[0].Approve})
	submit(w, "scheduler", path+"/rules", "room", itoa(table), "who", "resident", "ahead_days", "1", "longest_min", "1", "strike_days", "1", "pause_days", "1", "drop", "on").Want(http.StatusSeeOther)
	d, err = w.App.Rooms.Detail(t.Context(), table)
	require.NoError(t, err)
	require.Equal(t, 14, d.Rules[0].AheadDays, "the usual one")
	all, err := w.App.Rooms.Rooms(t.Context(), room.Filter{Kind: "equipment", Query: "棋盘"})
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// A room is retired by whoever runs it, on the venue's pages or by program: what is to
// come is shown first and is in the way; then it is gone, its past stays, and it comes back.
func TestRoomsAndVenuesAreRetired(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	clockAt(w, 24, 22, 0) // sessions of staff last a day
	got := apitest.Into[booked](w.As("resident").Post(roomBookings(table), hours(25, 9, 10)).Want(http.StatusCreated))
	api := "/api/v1/rooms/" + itoa(table)
	w.As("resident").Get(api + "/uses").Want(http.StatusForbidden)
	require.Contains(t, w.As("scheduler").Get(api+"/uses").Want(http.StatusOK).Body, "/room-bookings/"+got.ID)
	require.Contains(t, w.As("scheduler").Post(api+"/retire", m{"reason": "坏了"}).Refused(http.StatusConflict, "room.in_use").Body, `"uses"`)
	venue := int64(count(t, w, `SELECT venue_id FROM rooms WHERE id = ?`, table))
	page := "/venues/" + itoa(venue)
	shown := w.Browser("scheduler").Get(page + "/retire?room=" + itoa(table)).Want(http.StatusOK).Body
	require.Contains(t, shown, "/room-bookings/"+got.ID)
	require.Contains(t, shown, "/closures/new?place=room+"+itoa(table))
	require.NotContains(t, shown, `name="reason"`)
	submit(w, "scheduler", page+"/retire", "room", itoa(table)).Want(http.StatusConflict)

	clockAt(w, 25, 9, 15)
	_, err := w.Runner.RunOnce(t.Context(), "release_no_shows")
	require.NoError(t, err)
	require.Contains(t, w.Browser("scheduler").Get(page+"/retire?room="+itoa(table)).Want(http.StatusOK).Body, `name="reason"`)
	submit(w, "resident", page+"/retire", "room", itoa(table)).Want(http.StatusForbidden)
	closure := apitest.Into[madeID](w.As("scheduler").Post("/api/v1/closures", m{"room_id": table, "start": at(26, 8), "end": at(26, 18), "reason": "换台面"}).Want(http.StatusCreated)).ID
	submit(w, "scheduler", page+"/retire", "room", itoa(table), "reason", "坏了").Want(http.StatusSeeOther)
	w.As("resident").Post(roomBookings(table), hours(26, 9, 10)).Refused(http.StatusNotFound, "not_found")
	for _, path := range []string{"/rooms/" + itoa(table), api, api + "/availability?from=2026-11-26&to=2026-11-27"} {
		w.Browser("resident").Get(path).Want(http.StatusNotFound)
	}
	require.NotContains(t, w.As("scheduler").Get("/api/v1/calendar?from=2026-11-26&to=2026-11-27").Want(http.StatusOK).Body, `"id":`+itoa(table)+`,`)
	require.Contains(t, w.Browser("resident").Get("/room-bookings/"+got.ID).Want(http.StatusOK).Body, "1号台", "the past is read as before")
	w.Browser("scheduler").Get("/room-bookings/" + got.ID).Want(http.StatusOK)
	told := func(days string) int {
		return strings.Count(w.Browser("scheduler").Get("/reports/occupancy?"+days).Want(http.StatusOK).Body, "乒乓球室 · 1号台")
	}
	require.Greater(t, told("from=2026-11-23&to=2026-11-25"), told("from=2026-11-26&to=2026-11-27"), "reports of the time before have it")
	require.Contains(t, w.As("scheduler").Get("/api/v1/retired").Want(http.StatusOK).Body, "1号台")
	require.Contains(t, w.Browser("scheduler").Get(page).Want(http.StatusOK).Body, page+"/restore")

	// Its room was given away meanwhile, at a time for which the table is closed.
	w.As("neighbour").Post(roomBookings(roomNamed(t, w, "yzn-old", "乒乓球室")), hours(26, 14, 15)).Want(http.StatusCreated)
	w.As("scheduler").Post(api+"/restore", m{}).Refused(http.StatusConflict, "room.closed_apart")
	refused := submit(w, "scheduler", page+"/restore", "room", itoa(table)).Want(http.StatusConflict).Body
	require.Contains(t, refused, "换台面")
	require.Contains(t, refused, `href="/closures/`+itoa(closure)+`"`)
	w.As("scheduler").Post("/api/v1/closures/"+itoa(closure)+"/lift", m{}).Want(http.StatusOK)
	submit(w, "scheduler", page+"/restore", "room", itoa(table)).Want(http.StatusSeeOther)
	w.As("resident").Post(roomBookings(table), hours(26, 9, 10)).Want(http.StatusCreated)
	require.Equal(t, 2, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action IN ('room.retire', 'room.restore') AND subject_id = ?`, itoa(table)))
	w.As("scheduler").Post("/api/v1/venues/"+itoa(venue)+"/retire", m{}).Refused(http.StatusConflict, "room.in_use")
}
