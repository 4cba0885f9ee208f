package app_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/calendar"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// relocation is what the API says of a move.
type relocation struct {
	Was, Now struct {
		ResourceID int64 `json:"resource_id"`
		Start, End models.Instant
	}
}

// item is an entry of the calendar between two days of November.
func item(t *testing.T, w *apitest.World, kind string, id int64) calendarItem {
	t.Helper()
	for _, x := range calendarOf(w, "scheduler", "from=2026-11-23T00:00:00%2B08:00&to=2026-12-05T00:00:00%2B08:00&kind="+kind).Items {
		if x.ID == id {
			return x
		}
	}
	t.Fatalf("%s %d is not on the calendar", kind, id)
	return calendarItem{}
}

// toldOf counts who has heard of something inside the product.
func toldOf(t *testing.T, w *apitest.World, kind string) int {
	t.Helper()
	return count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox'`, kind)
}

// reading is an activity of an hour in the dance room.
func reading(w *apitest.World, title string, room int64, hour int) act {
	return opened(w, m{"title": title, "room_id": room, "sessions": []m{{"start": at(25, hour), "end": at(25, hour+1)}}})
}

func TestEveryKindMovesByItsOwnRulesAndBack(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		room := danceRoom(t, w)
		show := puton(t, w, at(25, 9), nil)
		other := puton(t, w, at(27, 9), nil)
		mine := book(w, "resident", show.ID, m{"count": 2})
		session := reading(w, "读书会", room, 10)
		signed := apitest.Into[signed](w.As("resident").Post(activityPath(session.ID, "/signups"), m{"session_id": session.Sessions[0].ID, "party": 1}).Want(http.StatusCreated))
		danced(t, w, "neighbour", 14, "太极拳")
		closed := closedRoom(t, w, room, 18)

		scheduler := actor(t, w, "scheduler")
		version := func(kind string, id, place int64) string {
			f, err := w.App.Calendar.Subscribe(t.Context(), scheduler, calendar.FeedPlace, place)
			require.NoError(t, err)
			uid := kind + "-" + itoa(id) + "-" + itoa(place)
			if kind == "screening" {
				uid = "event-" + itoa(id)
			}
			return sequence.FindString(event(t, subscribed(t, w, f), uid))
		}
		for _, x := range []struct {
			kind       string
			id         int64
			clash, end string // a time that is taken
			free, till string
			told       string // the kind of notice that the booker gets
		}{
			{"screening", show.ID, other.StartsAt, later(t, show, other.StartsAt), at(28, 9), later(t, show, at(28, 9)), "screening_moved"},
			{"activity", session.Sessions[0].ID, at(25, 14), at(25, 15), at(26, 15), at(26, 16), "session_moved"},
			{"room_closure", closed, at(25, 13), at(25, 15), at(27, 8), at(27, 12), ""},
		} {
			path := "/api/v1/calendar/" + x.kind + "/" + itoa(x.id) + "/move"
			was := item(t, w, x.kind, x.id)
			require.True(t, was.Movable, x.kind)
			a := w.As("scheduler").Post(path, m{"start": x.clash, "end": x.end}).Refused(http.StatusConflict, "booking.resource_taken")
			refused := apitest.Into[struct{ Conflicts []m }](a)
			require.NotEmpty(t, refused.Conflicts, x.kind)
			require.Equal(t, was, item(t, w, x.kind, x.id), "a refusal moves nothing")
			for _, login := range []string{"resident", "auditor", "partner"} {
				w.As(login).Post(path, m{"start": x.free, "end": x.till}).Want(http.StatusForbidden)
			}

			tries := w.Browser("scheduler").Get("/calendar/move/" + x.kind + "/" + itoa(x.id) + "?" + asked(t, x.free, x.till)).Want(http.StatusOK).Body
			require.Contains(t, tries, `<input type="hidden" name="start"`, x.kind)
			require.Equal(t, was, item(t, w, x.kind, x.id), "looking moves nothing")
			w.Clock.Set(w.Now().Time().Add(time.Minute))
			old := version(x.kind, x.id, was.ResourceID)
			moved := apitest.Into[relocation](w.As("scheduler").Post(path, m{"start": x.free, "end": x.till, "reason": "检修"}).Want(http.StatusOK))
			require.Equal(t, instant(t, x.free), instant(t, item(t, w, x.kind, x.id).Start))
			require.NotEqual(t, old, version(x.kind, x.id, was.ResourceID), "calendars that are subscribed to follow")
			if x.told != "" {
				require.Equal(t, 1, toldOf(t, w, x.told), "%s: told once", x.kind)
			}
			w.Clock.Set(w.Now().Time().Add(time.Minute))
			w.As("scheduler").Post(path, m{"resource_id": moved.Was.ResourceID, "start": moved.Was.Start, "end": moved.Was.End}).Want(http.StatusOK)
			require.Equal(t, was, item(t, w, x.kind, x.id), "taken back, it is as it was")
		}
		sound(t, w)

		// A link that somebody else wrote takes no button anywhere but to a move.
		for _, text := range []string{"%2e%2e/%2e%2e/closures/1/lift?x=", "cinema_block"} {
			page := w.Browser("scheduler").Get("/calendar?" + url.Values{"moved": {text + ".1.1.1.1.1"}}.Encode()).Want(http.StatusOK).Body
			require.NotContains(t, page, `action="/calendar/move/`, text)
		}

		// What a ticket says of it, and what its people can do in one press.
		form(w, "scheduler", "/calendar/move/screening/"+itoa(show.ID), url.Values{"start": {at(26, 9)}, "end": {later(t, show, at(26, 9))}, "reason": {"检修"}}).Want(http.StatusSeeOther)
		page := w.Browser("resident").Get("/bookings/" + mine.ID).Want(http.StatusOK).Body
		require.Contains(t, page, "时间改了：原来")
		require.Contains(t, page, "检修")
		form(w, "neighbour", "/bookings/"+mine.ID+"/keep", nil).Want(http.StatusNotFound)
		form(w, "auditor", "/bookings/"+mine.ID+"/keep", nil).Want(http.StatusForbidden)
		form(w, "resident", "/bookings/"+mine.ID+"/keep", nil).Want(http.StatusSeeOther)
		form(w, "resident", "/bookings/"+mine.ID+"/cancel", url.Values{"reason": {"来不了"}}).Want(http.StatusSeeOther)
		w.Clock.Set(w.Now().Time().Add(time.Minute))
		after := book(w, "neighbour", show.ID, m{"count": 1})
		require.NotContains(t, w.Browser("neighbour").Get("/bookings/"+after.ID).Want(http.StatusOK).Body, "时间改了", "who booked afterwards knows no other time")
		require.Equal(t, "confirmed", apitest.Into[struct{ Status string }](w.As("resident").Get("/api/v1/signups/"+signed.ID).Want(http.StatusOK)).Status)
	})
}

// Three features want the dance room at one time: one has it, and the others stay
// where they are.
func TestMovesOfDifferentKindsToOneTimeHaveOneWinner(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		room := danceRoom(t, w)
		x := danced(t, w, "resident", 9, "合唱排练")
		first, second := reading(w, "读书会", room, 11), reading(w, "瑜伽", room, 14)
		paths := []string{"/api/v1/calendar/room_booking/" + itoa(x.ID) + "/move", "/api/v1/calendar/activity/" + itoa(first.Sessions[0].ID) + "/move",
			"/api/v1/calendar/activity/" + itoa(second.Sessions[0].ID) + "/move"}
		for _, day := range []int{26, 27} {
			var wg sync.WaitGroup
			answers := make([]*apitest.Answer, len(paths))
			for i, p := range paths {
				wg.Go(func() { answers[i] = w.As("scheduler").Post(p, m{"start": at(day, 16), "end": at(day, 17)}) })
			}
			wg.Wait()
			won := 0
			for _, a := range answers {
				if a.Status == http.StatusOK {
					won++
				} else {
					a.Refused(http.StatusConflict, "booking.resource_taken")
				}
			}
			require.Equal(t, 1, won)
		}
		require.Equal(t, 3, count(t, w, `SELECT COUNT(*) FROM occupancies WHERE resource_id = ? AND (source_kind = 'room_booking' AND source_id = ?
			OR source_kind = 'activity' AND source_id IN (?, ?))`, room, x.ID, first.Sessions[0].ID, second.Sessions[0].ID), "each has one time")
	})
}

func TestWhatDoesNotMoveNamesThePageThatHelps(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	q := ask(t, w, "branch", at(26, 14))
	require.False(t, item(t, w, "hall_request", q.ID).Movable)
	w.As("scheduler").Post("/api/v1/calendar/hall_request/"+itoa(q.ID)+"/move", m{"start": at(27, 14), "end": at(27, 16)}).Refused(http.StatusConflict, "calendar.no_move")
	w.As("scheduler").Post("/api/v1/calendar/screening/999999/move", m{"start": at(27, 14), "end": at(27, 16)}).Refused(http.StatusNotFound, "not_found")
	for kind, page := range map[string]string{"hall_request": `href="/hall-requests/`, "lecture": `href="/lectures/orders/`, "contest": `href="/contests/`} {
		var id int64
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&id, `SELECT source_id FROM occupancies WHERE source_kind = ? AND starts_at > ? ORDER BY starts_at LIMIT 1`, kind, tx.Now())
		}))
		if id == 0 {
			continue
		}
		body := w.Browser("scheduler").Get("/calendar/move/" + kind + "/" + itoa(id)).Want(http.StatusOK).Body
		require.Contains(t, body, page, kind)
		require.NotContains(t, body, `name="until"`, kind)
		require.NotContains(t, body, "这一类安排不能", "%s says why in its own words", kind)
	}
}

// later is when a screening of that length ends that begins at start.
func later(t *testing.T, v show, start string) string {
	t.Helper()
	length := instant(t, v.EndsAt).Sub(instant(t, v.StartsAt))
	return instant(t, start).Add(length).String()
}

// asked is the query of the dialog for two moments of a day.
func asked(t *testing.T, from, until string) string {
	t.Helper()
	zone := time.FixedZone("CST", 8*3600)
	a, b := instant(t, from).In(zone), instant(t, until).In(zone)
	return "date=" + a.Format(time.DateOnly) + "&from=" + a.Format("15:04") + "&until=" + b.Format("15:04")
}

// closedRoom closes a room for an hour of the 25th.
func closedRoom(t *testing.T, w *apitest.World, room int64, hour int) int64 {
	t.Helper()
	a := w.As("scheduler").Post("/api/v1/closures", m{"room_id": room, "start": at(25, hour), "end": at(25, hour+1), "reason": "打蜡"})
	require.Less(t, a.Status, 300, a.Body)
	require.Contains(t, a.Body, `"closed"`)
	return apitest.Into[struct{ ID int64 }](a).ID
}
