package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// submit is send with the fields as name, value, name, value …
func submit(w *apitest.World, who, path string, pairs ...string) *apitest.Answer {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return send(w, who, path, q)
}

// status of a booking, as its scheduler sees it.
func roomStatus(w *apitest.World, id string) string {
	return apitest.Into[booked](w.As("scheduler").Get("/api/v1/room-bookings/" + id).Want(http.StatusOK)).Status
}

// wanted asks for the dance room for a branch, whose requests need a yes.
func wanted(t *testing.T, w *apitest.World, who string, day, from, to int) string {
	t.Helper()
	body := hours(day, from, to)
	body["org_id"], body["purpose"] = branchOf(t, w, who), "排练 "+who
	b := apitest.Into[booked](w.As(who).Post(roomBookings(roomNamed(t, w, "yzn-old", "舞蹈室")), body).Want(http.StatusCreated))
	require.Equal(t, "pending", b.Status)
	return b.ID
}

func branchOf(t *testing.T, w *apitest.World, login string) (id int64) {
	t.Helper()
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&id, `SELECT g.org_id FROM grants g JOIN accounts a ON a.id = g.account_id WHERE a.login = ? AND g.role = 'branch'`, login)
	}))
	return id
}

// The desk: what waits, who is behind it, and decisions that name whom they decline
// before they are made.
func TestRoomDesk(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	first, second, third := wanted(t, w, "branch", 26, 14, 16), wanted(t, w, "branch2", 26, 15, 17), wanted(t, w, "branch3", 27, 14, 16)
	page := w.Browser("scheduler").Get("/room-desk").Want(http.StatusOK).Body
	require.Contains(t, page, "要答复的 5 个", "two of them are the demo's; what partners lend waits for them")
	require.Contains(t, page, "后面排着 1 个")
	require.NotContains(t, page, "多功能厅")
	require.NotContains(t, w.Browser("auditor").Get("/room-desk").Want(http.StatusOK).Body, `name="approve"`, "reads, and changes nothing")
	require.Contains(t, w.Browser("clerk").Get("/room-desk").Want(http.StatusOK).Body, "排练 branch2")
	w.Browser("resident").Get("/room-desk").Want(http.StatusForbidden)

	require.Contains(t, submit(w, "scheduler", "/room-desk").Want(http.StatusUnprocessableEntity).Body, "打勾")
	check := submit(w, "scheduler", "/room-desk", "approve", first, "approve", second, "decline", third).Want(http.StatusOK).Body
	require.Contains(t, check, "会谢绝同一时间的 1 个申请")
	require.Contains(t, check, "和前面批准的是同一时间")
	require.Contains(t, check, fmt.Sprintf(`name="rivals" value="%s %s"`, first, second))
	require.NotContains(t, check, fmt.Sprintf(`name="approve" value="%s"`, second))
	require.Equal(t, "pending", roomStatus(w, first), "nothing is done yet")

	unnamed := submit(w, "scheduler", "/room-desk", "confirm", "on", "approve", first).Want(http.StatusOK).Body
	require.Contains(t, unnamed, "没有办成")
	require.Equal(t, "pending", roomStatus(w, first), "a rival that was not named is not declined")
	submit(w, "scheduler", "/room-desk", "confirm", "on", "approve", first, "rivals", first+" "+second, "decline", third, "usual", "room.no.fit").Want(http.StatusSeeOther)
	require.Equal(t, []string{"booked", "declined", "declined"}, []string{roomStatus(w, first), roomStatus(w, second), roomStatus(w, third)})
	require.Contains(t, w.Browser("branch3").Get("/room-bookings/"+third).Want(http.StatusOK).Body, "用途和这个场地不合适")

	// Another time, from those offered or typed; it is held until the booker answers.
	again := wanted(t, w, "branch3", 27, 14, 16)
	one := w.Browser("scheduler").Get("/room-requests/" + again).Want(http.StatusOK).Body
	offered := regexp.MustCompile(`name="to" value="(\d+ [^"]+)"`).FindStringSubmatch(one)
	require.NotNil(t, offered, "times to offer")
	require.Contains(t, submit(w, "scheduler", "/room-requests/"+again+"/propose", "to", "other", "date", "2026-11-27", "time", "x").Want(http.StatusUnprocessableEntity).Body, "href=\"#f-time\"")
	submit(w, "clerk", "/room-requests/"+again+"/approve").Want(http.StatusForbidden)
	submit(w, "scheduler", "/room-requests/"+again+"/propose", "to", offered[1], "reason", "要布置会场").Want(http.StatusSeeOther)
	require.Equal(t, "proposed", roomStatus(w, again))
	submit(w, "branch3", "/room-bookings/"+again+"/accept").Want(http.StatusSeeOther)
	require.Equal(t, "booked", roomStatus(w, again))
	submit(w, "scheduler", "/room-requests/"+again+"/decline", "usual", "room.no.other").Want(http.StatusConflict)
}

// Each partner says yes to what it lends, and to nothing else.
func TestPartnersAnswerForTheirPlaces(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	waits := func(who string) []string {
		var out []string
		for _, m := range regexp.MustCompile(`name="approve" value="([^"]+)"`).FindAllStringSubmatch(w.Browser(who).Get("/room-desk").Want(http.StatusOK).Body, -1) {
			out = append(out, m[1])
		}
		return out
	}
	sport, reading := waits("partner"), waits("partner2")
	require.Len(t, sport, 2, "a booking, and the eight evenings of a class, each a row")
	require.Len(t, reading, 1)
	class, sport := sport[0], sport[1:]
	if !strings.HasPrefix(class, "ask:") {
		class, sport = sport[0], []string{class}
	}
	ask := "/room-asks/" + strings.TrimPrefix(class, "ask:")
	require.Contains(t, w.Browser("partner").Get("/room-desk").Body, "共 8 次")
	w.Browser("partner2").Get(ask).Want(http.StatusNotFound)
	require.Contains(t, submit(w, "partner", ask, "answer", "approve").Want(http.StatusUnprocessableEntity).Body, "打勾")
	require.Contains(t, submit(w, "partner", "/room-desk", "approve", class).Want(http.StatusOK).Body, "同意以后时间就是他们的")
	submit(w, "partner2", "/room-desk", "confirm", "on", "approve", class)
	require.Contains(t, waits("partner"), class, "it is not the other partner's to give")
	submit(w, "partner", "/room-desk", "confirm", "on", "approve", class).Want(http.StatusSeeOther)
	w.Browser("partner").Get("/room-requests/" + reading[0]).Want(http.StatusNotFound)
	submit(w, "partner", "/room-requests/"+reading[0]+"/approve").Want(http.StatusNotFound)
	submit(w, "partner2", "/room-requests/"+reading[0]+"/approve").Want(http.StatusSeeOther)
	require.Equal(t, "booked", roomStatus(w, reading[0]))
	submit(w, "partner", "/room-desk", "confirm", "on", "decline", sport[0], "reason", "当天有比赛").Want(http.StatusSeeOther)
	require.Equal(t, "declined", roomStatus(w, sport[0]))
	require.Empty(t, waits("partner"))
}

// A closure names every booking it hits with a slot for each, and is decided on one
// page; what has changed meanwhile is shown anew.
func TestClosurePages(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	whole := roomNamed(t, w, "yzn-old", "乒乓球室")
	b := apitest.Into[booked](w.As("resident").Post(roomBookings(table), hours(25, 9, 10)).Want(http.StatusCreated))
	entry := []string{"place", "room " + itoa(whole), "date", "2026-11-25", "time", "08:00", "until", "12:00", "reason", "检修灯具"}
	require.Contains(t, submit(w, "scheduler", "/closures/new", "place", "").Want(http.StatusUnprocessableEntity).Body, `href="#f-date"`)
	submit(w, "clerk", "/closures/new", entry...).Want(http.StatusForbidden)
	path := submit(w, "scheduler", "/closures/new", entry...).Want(http.StatusSeeOther).Header.Get("Location")
	page := w.Browser("scheduler").Get(path).Want(http.StatusOK).Body
	require.Contains(t, page, "会碰到 1 个预约")
	options := regexp.MustCompile(`<option value="(`+b.ID+`[^"]*)"`).FindAllStringSubmatch(page, -1)
	require.Len(t, options, 2, "another slot, or the end")
	require.Contains(t, w.Browser("clerk").Get(path).Want(http.StatusOK).Body, "刘建国")
	require.Contains(t, w.Browser("scheduler").Get("/closures").Want(http.StatusOK).Body, "检修灯具")

	late := apitest.Into[booked](w.As("neighbour").Post(roomBookings(table), hours(25, 10, 11)).Want(http.StatusCreated))
	stale := submit(w, "scheduler", path+"/approve", "hits", options[0][1]).Want(http.StatusConflict).Body
	require.Contains(t, stale, late.ID, "who came meanwhile is shown")
	fresh := regexp.MustCompile(`<option value="(` + late.ID + ` [^"]*)" selected`).FindStringSubmatch(stale)
	require.NotNil(t, fresh)
	options = regexp.MustCompile(`<option value="(`+b.ID+`[^"]*)"`).FindAllStringSubmatch(stale, -1)
	submit(w, "scheduler", path+"/approve", "hits", options[1][1], "hits", fresh[1]).Want(http.StatusSeeOther)
	require.Equal(t, "cancelled", roomStatus(w, b.ID))
	require.Equal(t, "proposed", roomStatus(w, late.ID))
	w.As("resident").Post(roomBookings(table), hours(25, 9, 10)).Refused(http.StatusConflict, "booking.resource_taken")
	submit(w, "scheduler", path+"/approve").Want(http.StatusConflict)

	calendar := w.Browser("scheduler").Get("/calendar?view=day&date=2026-11-25").Want(http.StatusOK).Body
	require.Contains(t, calendar, `href="`+path+`"`, "the calendar leads to it")
	w.Browser("scheduler").Get(path + "/lift").Want(http.StatusOK)
	submit(w, "scheduler", path+"/lift").Want(http.StatusSeeOther)
	w.Browser("scheduler").Get(path + "/lift").Want(http.StatusConflict)
	w.As("resident").Post(roomBookings(table), hours(25, 8, 9)).Want(http.StatusCreated)
	closures, err := w.App.Rooms.ClosuresAt(t.Context(), actor(t, w, "scheduler"))
	require.NoError(t, err)
	require.Empty(t, closures)
}
