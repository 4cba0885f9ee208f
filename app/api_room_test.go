package app_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// booked is what these tests read of a booking of a room.
type booked struct {
	ID     string `json:"id"`
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	Status string `json:"status"`
	RoomID int64  `json:"room_id"`
	Start  string `json:"start"`
	Name   string `json:"name"`
}

// roomNamed finds a room of the demo district.
func roomNamed(t *testing.T, w *apitest.World, venue, name string) int64 {
	t.Helper()
	all, err := w.App.Rooms.Rooms(t.Context(), room.Filter{Kind: "any"})
	require.NoError(t, err)
	for _, r := range all {
		if r.VenueCode == venue && r.Title() == name {
			return r.ID
		}
	}
	t.Fatalf("no room %q", name)
	return 0
}

func roomBookings(id int64) string { return fmt.Sprintf("/api/v1/rooms/%d/bookings", id) }

func hours(day, from, to int) m {
	return m{"start": at(day, from), "end": at(day, to), "purpose": "打球", "attendees": 2}
}

// The contract: 201 with id, code and status; the same key the same answer; 409 with
// what is in the way and what is free; the addresses of bookings know rooms too.
func TestRoomContract(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	first := apitest.Into[booked](w.As("resident").With("Idempotency-Key", "one").Post(roomBookings(table), hours(25, 9, 10)).Want(http.StatusCreated))
	require.Equal(t, "booked", first.Status)
	again := apitest.Into[booked](w.As("resident").With("Idempotency-Key", "one").Post(roomBookings(table), hours(25, 9, 10)).Want(http.StatusCreated))
	require.Equal(t, first, again)
	type taken struct {
		Conflicts   []m               `json:"conflicts"`
		Suggestions []room.Suggestion `json:"suggestions"`
	}
	no := apitest.Into[taken](w.As("branch").Post(roomBookings(table), hours(25, 9, 10)).Refused(http.StatusConflict, "booking.resource_taken"))
	require.Len(t, no.Conflicts, 1)
	require.NotEmpty(t, no.Suggestions)

	w.As("").Get(fmt.Sprintf("/api/v1/rooms/%d/availability?from=2026-11-25&to=2026-11-26", table)).Want(http.StatusOK)
	w.As("").Post("/api/v1/availability/search", m{"resources": []m{{"id": table}, {"use": "dance"}}, "duration_min": 60, "from": "2026-11-25", "to": "2026-11-26"}).Want(http.StatusOK)
	w.As("").Get("/api/v1/rooms?q=舞蹈").Want(http.StatusOK)
	w.As("").Get(fmt.Sprintf("/api/v1/rooms/%d", table)).Want(http.StatusOK)

	mine := apitest.Into[page[booked]](w.As("resident").Get("/api/v1/bookings?when=upcoming").Want(http.StatusOK))
	require.Contains(t, mine.Items, booked{ID: first.ID, Code: first.Code, Kind: "room", Status: "booked", Name: "刘建国（示例）"})
	require.Equal(t, "room", apitest.Into[booked](w.As("resident").Get("/api/v1/bookings/"+first.ID).Want(http.StatusOK)).Kind)
	moved := apitest.Into[booked](w.As("resident").Post("/api/v1/bookings/"+first.ID+"/move", m{"start": at(25, 11), "end": at(25, 12)}).Want(http.StatusOK))
	require.Equal(t, "2026-11-25T03:00:00Z", moved.Start)
	w.Clock.Set(time.Date(2026, 11, 25, 2, 45, 0, 0, time.UTC))
	w.As("clerk").Post("/api/v1/checkins", m{"code": first.Code, "nonce": "1"}).Want(http.StatusOK)
	w.As("resident").Post("/api/v1/bookings/"+first.ID+"/cancel", nil).Refused(http.StatusConflict, "booking.not_booked")

	series := hours(27, 18, 19)
	series["rrule"] = "FREQ=WEEKLY;COUNT=3"
	w.As("branch").Post(roomBookings(table)+"/preview", series).Want(http.StatusOK)
	w.As("branch").Post(roomBookings(table), series).Want(http.StatusCreated)
	w.As("resident").Post(roomBookings(table), series).Refused(http.StatusConflict, "booking.resource_taken")
}

// Who may do what to whose booking: the booker, the desk, the place's scheduler, the
// partner who lends it, and nobody else.
func TestRoomRolesAndOwnership(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	for login, role := range map[string]auth.Role{"clerk8": auth.Clerk, "scheduler8": auth.Scheduler, "auditor8": auth.Auditor} {
		_, err := w.App.Accounts.AddAccount(t.Context(), login, "别处的人（示例）", "")
		require.NoError(t, err)
		require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), login, role, "xinghua"))
	}
	dance, gym := roomNamed(t, w, "yzn-old", "舞蹈室"), roomNamed(t, w, "binhe-sport", "多功能厅")
	b := apitest.Into[booked](w.As("resident").Post(roomBookings(dance), hours(26, 9, 10)).Want(http.StatusCreated))
	lent := apitest.Into[booked](w.As("resident").Post(roomBookings(gym), hours(26, 14, 15)).Want(http.StatusCreated))
	require.Equal(t, "pending", lent.Status)
	path := "/api/v1/bookings/" + b.ID
	move := m{"start": at(26, 11), "end": at(26, 12)}
	for _, who := range []string{"branch", "cinema", "partner", "leader", "clerk8", "scheduler8", "auditor8"} {
		w.As(who).Get(path).Refused(http.StatusNotFound, "not_found")
		w.As(who).Get("/api/v1/room-bookings/"+b.ID).Refused(http.StatusNotFound, "not_found")
		w.As(who).Post(path+"/cancel", nil).Refused(http.StatusNotFound, "not_found")
		w.As(who).Post(path+"/move", move).Refused(http.StatusNotFound, "not_found")
		w.As(who).Post(path+"/approve", nil).Refused(http.StatusNotFound, "not_found")
	}
	for _, who := range []string{"auditor", "admin"} { // see, and change nothing
		w.As(who).Get(path).Want(http.StatusOK)
		w.As(who).Post(path+"/cancel", nil).Refused(http.StatusForbidden, "forbidden")
		w.As(who).Post(path+"/move", move).Refused(http.StatusForbidden, "forbidden")
		w.As(who).Post("/api/v1/bookings/"+lent.ID+"/approve", nil).Refused(http.StatusForbidden, "forbidden")
	}
	w.As("resident").Post("/api/v1/bookings/"+lent.ID+"/approve", nil).Refused(http.StatusForbidden, "forbidden")
	w.As("clerk").Post("/api/v1/bookings/"+lent.ID+"/approve", nil).Refused(http.StatusForbidden, "forbidden")
	require.Equal(t, "booked", apitest.Into[booked](w.As("partner").Post("/api/v1/bookings/"+lent.ID+"/approve", nil).Want(http.StatusOK)).Status)
	w.As("scheduler").Post(path+"/move", move).Want(http.StatusOK)
	w.As("clerk").Post(path+"/cancel", m{"channel": "phone"}).Want(http.StatusOK)

	closing := m{"room_id": dance, "start": at(26, 9), "end": at(26, 12), "reason": "检修"}
	w.As("clerk").Post("/api/v1/closures", closing).Refused(http.StatusForbidden, "forbidden")
	w.As("scheduler8").Post("/api/v1/closures", closing).Refused(http.StatusForbidden, "forbidden")
	type closed struct {
		ID     int64                `json:"id"`
		Status models.ClosureStatus `json:"status"`
	}
	c := apitest.Into[closed](w.As("scheduler").Post("/api/v1/closures", closing).Want(http.StatusCreated))
	require.Equal(t, models.ClosureClosed, c.Status)
	w.As("resident").Post(roomBookings(dance), hours(26, 10, 11)).Refused(http.StatusConflict, "booking.resource_taken")
	w.As("scheduler").Post(fmt.Sprintf("/api/v1/closures/%d/lift", c.ID), nil).Want(http.StatusOK)
	called := hours(26, 10, 11)
	called["caller"], called["channel"], called["read_back"] = m{"name": "王奶奶"}, "phone", true
	own := apitest.Into[booked](w.As("clerk8").Post(roomBookings(dance), called).Want(http.StatusCreated))
	w.As("clerk8").Get("/api/v1/bookings/" + own.ID).Want(http.StatusOK)
	w.As("resident").Get("/api/v1/bookings/"+own.ID).Refused(http.StatusNotFound, "not_found")
}

// Whoever needs two rooms and a projector finds the next time for all, is led to book
// each, and reads of the days before why not.
func TestSeveralThingsAreFoundFreeTogether(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	dance := roomNamed(t, w, "yzn-old", "舞蹈室")
	things, err := w.App.Rooms.Rooms(t.Context(), room.Filter{Kind: models.RoomEquipment})
	require.NoError(t, err)
	projector := things[slices.IndexFunc(things, func(r room.Room) bool { return r.VenueCode == "yzn-old" })].ID
	w.As("scheduler").Post(roomBookings(dance), hours(25, 8, 21)).Want(http.StatusCreated)
	find := func(places, days string) string {
		return w.Browser("resident").Get("/rooms/find?" + places + "&minutes=60&" + days).Want(http.StatusOK).Body
	}
	text := find(fmt.Sprintf("place=%d&place=&place=%d&place=use:table_tennis", dance, projector), "from=2026-11-25&to=2026-11-27")
	require.Contains(t, text, "舞蹈室 · 迎泽南社区老年人活动中心")
	require.Contains(t, text, "舞蹈室在11月25日（周三）")
	require.Contains(t, text, fmt.Sprintf("resources=%d", projector), "what is of the same house goes along")
	link := regexp.MustCompile(fmt.Sprintf(`/rooms/%d/book\?[^"]+`, dance)).FindString(text)
	w.Browser("resident").Get(html.UnescapeString(link)).Want(http.StatusOK)
	require.Contains(t, find(fmt.Sprintf("place=%d", dance), "from=2026-11-25&to=2026-11-25"), "这些天里没有都空的时间")
	for _, bad := range []string{"place=use:dance&from=2026-11-27&to=2026-11-25", "place=use:moon&from=2026-11-25&to=2026-11-26", "place=x&from=2026-11-25&to=2026-11-26", "place=use:dance&from=soon",
		fmt.Sprintf("place=%d&people=31", dance)} {
		require.Contains(t, w.Browser("").Get("/rooms/find?"+bad).Want(http.StatusUnprocessableEntity).Body, `id="errors"`, bad)
	}
}

// Equipment goes along with a room of its venue: nobody books it alone but who decides
// there, and whoever tries is shown the rooms.
func TestEquipmentGoesAlongWithARoom(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	gym, projector := roomNamed(t, w, "wbl-centre", "健身活动室"), roomNamed(t, w, "wbl-centre", "投影仪")
	page := w.Browser("resident").Get("/rooms/" + itoa(projector)).Want(http.StatusOK).Body
	require.Contains(t, page, `href="/rooms/`+itoa(gym)+`"`)
	require.NotContains(t, page, "/book?", "no time is offered")
	refusal := w.As("resident").Post(roomBookings(projector), hours(26, 9, 10)).Refused(http.StatusUnprocessableEntity, "room.alone")
	require.Contains(t, refusal.Body, "健身活动室", "with what it goes")
	w.As("clerk").Post(roomBookings(projector), hours(26, 9, 10)).Refused(http.StatusUnprocessableEntity, "room.alone")
	form := []string{"start", "2026-11-26T09:00:00+08:00", "end", "2026-11-26T10:00:00+08:00", "accept", "on"}
	require.Contains(t, submit(w, "resident", "/rooms/"+itoa(projector)+"/book", form...).Want(http.StatusUnprocessableEntity).Body, `href="/rooms/`+itoa(gym)+`"`)
	w.As("scheduler").Post(roomBookings(projector), hours(26, 9, 10)).Want(http.StatusCreated)
	along := hours(26, 14, 15)
	along["resources"] = []int64{projector}
	w.As("resident").Post(roomBookings(gym), along).Want(http.StatusCreated)
}
