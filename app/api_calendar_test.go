package app_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/calendar"
	"youyue/app/db"
	"youyue/app/report"
	"youyue/app/sheet"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// actor is a demo log-in with its roles.
func actor(t *testing.T, w *apitest.World, login string) auth.Actor {
	t.Helper()
	a := auth.Actor{Login: login}
	require.NoError(t, w.App.DB.Read(context.Background(), func(tx *db.Tx) error {
		if err := tx.Scan(&a.AccountID, `SELECT id FROM accounts WHERE login = ?`, login); err != nil {
			return err
		}
		return tx.Scan(&a.Grants, `SELECT g.role, g.org_id, o.path FROM grants g JOIN orgs o ON o.id = g.org_id WHERE g.account_id = ? AND g.revoked_at IS NULL`, a.AccountID)
	}))
	return a
}

// subscribed reads a feed as a calendar program does: no log-in, lines unfolded.
func subscribed(t *testing.T, w *apitest.World, f calendar.Feed) string {
	t.Helper()
	u, err := url.Parse(f.URL)
	require.NoError(t, err)
	a := w.As("").Get(u.Path).Want(http.StatusOK)
	require.Equal(t, "text/calendar; charset=utf-8", a.Header.Get("Content-Type"))
	return strings.ReplaceAll(a.Body, "\r\n ", "")
}

// event is the part of a calendar between the lines of one event.
func event(t *testing.T, text, uid string) string {
	t.Helper()
	for _, part := range strings.Split(text, "BEGIN:VEVENT") {
		if strings.Contains(part, "UID:"+uid+"@youyue") {
			return part
		}
	}
	t.Fatalf("no event %s in %s", uid, text)
	return ""
}

var sequence = regexp.MustCompile(`SEQUENCE:(\d+)`)

func TestASubscribedCalendarFollowsTheBooking(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		me := actor(t, w, "resident")
		f, err := w.App.Calendar.Subscribe(t.Context(), me, calendar.FeedMine, me.AccountID)
		require.NoError(t, err)
		show := puton(t, w, at(25, 9), nil)
		mine := apitest.Into[ticket](w.As("resident").Post(screeningPath(show.ID, "/bookings"), m{"count": 2}).Want(http.StatusCreated))
		other := apitest.Into[ticket](w.As("neighbour").Post(screeningPath(show.ID, "/bookings"), m{"count": 2}).Want(http.StatusCreated))
		text := subscribed(t, w, f)
		was := event(t, text, mine.ID)
		require.Contains(t, was, "STATUS:CONFIRMED")
		require.Contains(t, was, mine.Code[:4])
		require.NotContains(t, text, other.ID, "another's booking")

		w.As("resident").Post("/api/v1/bookings/"+mine.ID+"/cancel", nil).Want(http.StatusOK)
		now := event(t, subscribed(t, w, f), mine.ID)
		require.Contains(t, now, "STATUS:CANCELLED")
		require.NotEqual(t, sequence.FindString(was), sequence.FindString(now), "a program takes a change only with a higher number")

		// The same again is the same link; another's cannot be ended; one's own ends at once.
		again, err := w.App.Calendar.Subscribe(t.Context(), me, calendar.FeedMine, me.AccountID)
		require.NoError(t, err)
		require.Equal(t, f.URL, again.URL)
		w.Browser("neighbour").Post("/calendar/feeds/"+itoa(f.ID)+"/revoke", nil).Want(http.StatusNotFound)
		w.Browser("resident").Post("/calendar/feeds/"+itoa(f.ID)+"/revoke", nil).Want(http.StatusSeeOther)
		u, _ := url.Parse(f.URL)
		w.As("").Get(u.Path).Want(http.StatusNotFound)
		w.As("").Get("/calendar/guess.ics").Want(http.StatusNotFound)
	})
}

func TestAFeedEndsWithTheRole(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		secretary, scheduler := actor(t, w, "branch"), actor(t, w, "scheduler")
		branch := secretary.OrgsWith(auth.HallAsk)[0]
		f, err := w.App.Calendar.Subscribe(t.Context(), secretary, calendar.FeedBranch, branch)
		require.NoError(t, err)
		q := ask(t, w, "branch", at(26, 14))
		require.Contains(t, event(t, subscribed(t, w, f), "request-"+itoa(q.ID)), "STATUS:TENTATIVE")

		places, err := w.App.Calendar.Places(t.Context(), scheduler)
		require.NoError(t, err)
		hallAt := slices.IndexFunc(places, func(p calendar.Place) bool { return p.Kind == "hall" })
		hall, err := w.App.Calendar.Subscribe(t.Context(), scheduler, calendar.FeedPlace, places[hallAt].ID)
		require.NoError(t, err)
		require.Contains(t, event(t, subscribed(t, w, hall), "request-"+itoa(q.ID)), "STATUS:TENTATIVE")
		w.As("branch").Post(requestPath(q.ID, "/withdraw"), m{"reason": "改期"}).Want(http.StatusOK)
		require.Contains(t, event(t, subscribed(t, w, f), "request-"+itoa(q.ID)), "STATUS:CANCELLED")

		_, err = w.App.Calendar.Subscribe(t.Context(), secretary, calendar.FeedPlace, places[hallAt].ID)
		require.ErrorIs(t, err, calendar.ErrFeedTarget, "a hall's calendar says who asked")
		_, err = w.App.Calendar.Subscribe(t.Context(), actor(t, w, "branch2"), calendar.FeedBranch, branch)
		require.ErrorIs(t, err, calendar.ErrFeedTarget)

		require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE grants SET revoked_at = ? WHERE account_id = ?`, tx.Now(), secretary.AccountID)
			return err
		}))
		u, _ := url.Parse(f.URL)
		w.As("").Get(u.Path).Want(http.StatusNotFound)
	})
}

func TestTheSameFeedAtOnceIsOneLink(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		me := actor(t, w, "resident")
		var wg sync.WaitGroup
		urls := make(chan string, 8)
		for range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				f, err := w.App.Calendar.Subscribe(context.Background(), me, calendar.FeedMine, me.AccountID)
				if err == nil {
					urls <- f.URL
				}
			}()
		}
		wg.Wait()
		close(urls)
		one := ""
		for u := range urls {
			if one == "" {
				one = u
			}
			require.Equal(t, one, u)
		}
		require.NotEmpty(t, one)
	})
}

func TestTheMonthOfAHall(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		q := ask(t, w, "branch", at(26, 14))
		month := w.Browser("scheduler").Get("/calendar?month=2026-11").Want(http.StatusOK)
		require.Contains(t, month.Body, `href="/hall-requests/`+itoa(q.ID)+`"`)
		require.Contains(t, month.Body, "2026年11月")
		w.Browser("scheduler").Get("/calendar?month=2026-11&place=999").Want(http.StatusNotFound)
		w.Browser("resident").Get("/calendar").Want(http.StatusForbidden)
		for _, look := range []string{"day", "week", "timeline"} {
			page := w.Browser("scheduler").Get("/calendar?view=" + look + "&date=2026-11-26").Want(http.StatusOK)
			require.Contains(t, page.Body, `href="/hall-requests/`+itoa(q.ID)+`"`, look)
			require.Contains(t, page.Body, "十月十八", look)
			require.Contains(t, page.Body, "待定", look)
		}
		w.Browser("scheduler").Get("/calendar?view=week&date=2026-11-26&state=queued").Want(http.StatusOK)
		text, err := sheet.Text([]byte(w.Browser("scheduler").Get("/calendar.xlsx?month=2026-11").Want(http.StatusOK).Body))
		require.NoError(t, err)
		require.Contains(t, text, "2026-11-26\t周四\t14:00")
		require.Contains(t, text, "包场申请\t1921\t共建第一党支部（示例）\t60")
	})
}

// calendarView is what the API says of a stretch of the calendar.
type calendarView struct {
	Resources []struct {
		ID    int64
		Venue string
	}
	Items []calendarItem
	Days  []struct {
		Date, Kind, Lunar, Festival string
		Known                       bool
	}
	Total int
}

type calendarItem struct {
	ID         int64
	ResourceID int64 `json:"resource_id"`
	Kind       string
	Start      string
	Title      string
	Who        string
	State      string
	Movable    bool
}

func calendarOf(w *apitest.World, login, query string) calendarView {
	return apitest.Into[calendarView](w.As(login).Get("/api/v1/calendar?" + query).Want(http.StatusOK))
}

func TestTheCalendarShowsWhatHoldsTimeAndWhoQueues(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		first, second := ask(t, w, "branch", at(26, 14)), ask(t, w, "branch2", at(26, 15))
		show := puton(t, w, at(25, 9), nil)
		const day = "from=2026-11-25T00:00:00%2B08:00&to=2026-11-27T00:00:00%2B08:00"
		got := map[string]calendarItem{}
		v := calendarOf(w, "scheduler", day)
		for _, x := range v.Items {
			got[x.Kind+" "+itoa(x.ID)] = x
		}
		require.Equal(t, "pending", got["hall_request "+itoa(first.ID)].State)
		require.Equal(t, "queued", got["hall_request "+itoa(second.ID)].State, "it holds no time, and is shown as a rival")
		require.Equal(t, "firm", got["screening "+itoa(show.ID)].State)
		require.NotEmpty(t, got["hall_request "+itoa(first.ID)].Who)
		require.True(t, got["screening "+itoa(show.ID)].Movable)
		require.Equal(t, "2026-11-26", v.Days[1].Date)
		require.Equal(t, "十月十八", v.Days[1].Lunar)

		require.Len(t, calendarOf(w, "scheduler", day+"&state=queued").Items, 1)
		for _, x := range calendarOf(w, "scheduler", day+"&kind=screening").Items {
			require.Equal(t, "screening", x.Kind)
		}
		require.Empty(t, calendarOf(w, "scheduler", day+"&kind=room_booking&resource="+itoa(got["screening "+itoa(show.ID)].ResourceID)).Items)
		w.As("scheduler").Get("/api/v1/calendar?"+day+"&resource=999999").Refused(http.StatusNotFound, "not_found")
		w.As("scheduler").Get("/api/v1/calendar?"+day+"&org=999999").Refused(http.StatusNotFound, "not_found")
		w.As("scheduler").Get("/api/v1/calendar?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z").Refused(http.StatusUnprocessableEntity, "calendar.span")
		w.As("resident").Get("/api/v1/calendar?" + day).Want(http.StatusForbidden)
		dates, moments := calendarOf(w, "scheduler", "from=2026-12-01&to=2026-12-02"), calendarOf(w, "scheduler", "from=2026-12-01T00:00:00%2B08:00&to=2026-12-03T00:00:00%2B08:00")
		require.Equal(t, moments, dates, "two dates are both whole days")
		w.As("scheduler").Get("/api/v1/calendar?from=tomorrow&to=2026-12-02").Want(http.StatusUnprocessableEntity)
	})
}

// manyRooms puts up n rooms in a venue of the district's, each taken for an hour
// on every day of November, and once from before the month into it.
func manyRooms(t *testing.T, w *apitest.World, n int) {
	t.Helper()
	require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
		var org int64
		if err := tx.Scan(&org, `SELECT id FROM orgs WHERE path = '/1/'`); err != nil {
			return err
		}
		var venue int64
		if err := tx.Scan(&venue, `INSERT INTO venues (org_id, code, name, created_at) VALUES (?, 'many', '百间楼', ?) RETURNING id`, org, tx.Now()); err != nil {
			return err
		}
		for i := range n {
			var id int64
			if err := tx.Scan(&id, `INSERT INTO resources (kind, org_id, name, created_at) VALUES ('room', ?, ?, ?) RETURNING id`, org, "房间"+itoa(int64(i)), tx.Now()); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO rooms (id, venue_id, kind, capacity, audience) VALUES (?, ?, 'room', 20, 'all')`, id, venue); err != nil {
				return err
			}
			for day := range 30 {
				from := models.InstantOf(time.Date(2026, 11, 1+day, 1, 0, 0, 0, time.UTC))
				to := from.Add(time.Hour)
				if day == 0 {
					from = from.Add(-48 * time.Hour)
				}
				if _, err := tx.Exec(`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id) VALUES (?, ?, ?, 'fair', 1)`, id, from, to); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// TestAPageOfTheCalendarCostsTenQueriesAtMost counts them, whatever the number of
// rooms, and holds what reaches into the month from before it to be there.
func TestAPageOfTheCalendarCostsTenQueriesAtMost(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		who := w.Browser("scheduler")
		cost := func(path string) int64 {
			before := w.App.DB.Statements()
			who.Get(path).Want(http.StatusOK)
			return w.App.DB.Statements() - before
		}
		paths := []string{"/calendar?view=month&date=2026-11-20", "/calendar?view=week&date=2026-11-20", "/calendar?view=day&date=2026-11-20",
			"/calendar?view=timeline&date=2026-11-20", "/calendar/sheet?view=week&date=2026-11-20", "/calendar.xlsx?view=month&date=2026-11-20"}
		few := map[string]int64{}
		for _, p := range paths {
			few[p] = cost(p)
		}
		manyRooms(t, w, 60)
		for _, p := range paths {
			got := cost(p)
			require.LessOrEqual(t, got, int64(10), p)
			require.LessOrEqual(t, got, few[p]+1, "%s: one question more for the kind that came, none for sixty rooms", p)
		}
		november := calendarOf(w, "scheduler", "from=2026-11-01T00:00:00%2B08:00&to=2026-12-01T00:00:00%2B08:00&kind=fair")
		require.Len(t, november.Items, 60*30, "the one that began in October too")
		require.Empty(t, calendarOf(w, "scheduler", "from=2026-11-30T10:00:00%2B08:00&to=2026-12-01T00:00:00%2B08:00&kind=fair").Items, "an end is no overlap")
	})
}

// form posts a form as a person on the pages.
func form(w *apitest.World, login, path string, fields url.Values) *apitest.Answer {
	return w.Browser(login).With("Content-Type", "application/x-www-form-urlencoded").Post(path, fields.Encode())
}

// danceRoom is a room of the demo district that can be had by the hour.
func danceRoom(t *testing.T, w *apitest.World) int64 {
	t.Helper()
	var id int64
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&id, `SELECT r.id FROM resources r JOIN rooms m ON m.id = r.id WHERE r.name = '舞蹈室' ORDER BY r.id LIMIT 1`)
	}))
	return id
}

// danced books the dance room for an hour as a resident, and finds it on the calendar.
func danced(t *testing.T, w *apitest.World, login string, hour int, purpose string) calendarItem {
	t.Helper()
	room := danceRoom(t, w)
	w.As(login).Post("/api/v1/rooms/"+itoa(room)+"/bookings", m{"start": at(25, hour), "end": at(25, hour+1), "purpose": purpose, "attendees": 8}).Want(http.StatusCreated)
	return onCalendar(t, w, purpose)
}

func onCalendar(t *testing.T, w *apitest.World, purpose string) calendarItem {
	t.Helper()
	for _, x := range calendarOf(w, "scheduler", "from=2026-11-25T00:00:00%2B08:00&to=2026-11-26T00:00:00%2B08:00&resource="+itoa(danceRoom(t, w))).Items {
		if x.Title == purpose {
			return x
		}
	}
	t.Fatalf("%s is not on the calendar", purpose)
	return calendarItem{}
}

func TestABookingIsMovedAfterWhatItMeetsWasShownAndTakenBack(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		x := danced(t, w, "resident", 9, "合唱排练")
		other := danced(t, w, "neighbour", 14, "太极拳")
		require.True(t, x.Movable)
		path := "/calendar/move/room_booking/" + itoa(x.ID)
		look := func(from, until string) string {
			return w.Browser("scheduler").Get(path + "?date=2026-11-25&from=" + from + "&until=" + until).Want(http.StatusOK).Body
		}
		button := `<input type="hidden" name="start"`
		met := look("14:30", "15:30")
		require.Contains(t, met, "太极拳", "what stands in the way is named")
		require.NotContains(t, met, button)
		require.Contains(t, look("16:00", "17:30"), button)
		require.Equal(t, x.Start, onCalendar(t, w, "合唱排练").Start, "looking moves nothing")

		to := url.Values{"to": {itoa(x.ResourceID)}, "start": {"2026-11-25T16:00:00+08:00"}, "end": {"2026-11-25T17:30:00+08:00"}, "reason": {"地板打蜡"}}
		for _, login := range []string{"resident", "auditor", "cinema"} {
			form(w, login, path, to).Want(http.StatusForbidden)
		}
		there := form(w, "scheduler", path, to).Want(http.StatusSeeOther).Header.Get("Location")
		require.Equal(t, "2026-11-25T08:00:00Z", onCalendar(t, w, "合唱排练").Start)
		var told int
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&told, `SELECT COUNT(*) FROM outbox WHERE kind = 'room_moved'`)
		}))
		require.Positive(t, told, "the booker is told")

		bar := w.Browser("scheduler").Get(there).Want(http.StatusOK).Body
		require.Contains(t, bar, `name="undo" value="on"`)
		back := url.Values{"to": {itoa(x.ResourceID)}, "start": {"2026-11-25T09:00:00+08:00"}, "end": {"2026-11-25T10:00:00+08:00"}, "undo": {"on"}}
		form(w, "scheduler", path, back).Want(http.StatusSeeOther)
		require.Equal(t, x.Start, onCalendar(t, w, "合唱排练").Start)

		clash := url.Values{"to": {itoa(x.ResourceID)}, "start": {other.Start}, "end": {"2026-11-25T15:00:00+08:00"}}
		form(w, "scheduler", path, clash).Want(http.StatusConflict)
		require.Equal(t, x.Start, onCalendar(t, w, "合唱排练").Start)
	})
}

func TestTheVenueNamesNobody(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	w.Browser("scheduler").Get("/calendar/move/screening/999999").Want(http.StatusNotFound)

	danced(t, w, "resident", 10, "老年合唱")
	var venue int64
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&venue, `SELECT venue_id FROM rooms WHERE id = ?`, danceRoom(t, w))
	}))
	public := w.Browser("").Get("/venues/" + itoa(venue) + "/calendar?date=2026-11-25").Want(http.StatusOK).Body
	require.Contains(t, public, "<b>09:50–11:10</b> 已约", "with what is kept free around it")
	require.NotContains(t, public, "老年合唱")
	door := w.Browser("scheduler").Get("/calendar/sheet?place=" + itoa(danceRoom(t, w)) + "&date=2026-11-25").Want(http.StatusOK).Body
	require.Contains(t, door, "老年合唱", "what it is")
	require.NotContains(t, door, "示例）</td>", "and not for whom")
	w.Browser("").Get("/venues/999/calendar").Want(http.StatusNotFound)
}

func TestFeedsOfARoomAVenueAndAnOrganisation(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	x := danced(t, w, "resident", 9, "合唱排练")
	scheduler := actor(t, w, "scheduler")
	var room calendar.Place
	all, err := w.App.Calendar.Places(t.Context(), scheduler)
	require.NoError(t, err)
	for _, p := range all {
		if p.ID == x.ResourceID {
			room = p
		}
	}
	uid := "room_booking-" + itoa(x.ID) + "-" + itoa(x.ResourceID)
	for kind, target := range map[calendar.FeedKind]int64{calendar.FeedPlace: room.ID, calendar.FeedVenue: room.VenueID, calendar.FeedOrg: room.OrgID} {
		f, err := w.App.Calendar.Subscribe(t.Context(), scheduler, kind, target)
		require.NoError(t, err, kind)
		require.Contains(t, event(t, subscribed(t, w, f), uid), "合唱排练", kind)
		_, err = w.App.Calendar.Subscribe(t.Context(), actor(t, w, "resident"), kind, target)
		require.ErrorIs(t, err, calendar.ErrFeedTarget, kind)
	}
	form(w, "scheduler", "/calendar/feeds", url.Values{"place": {"venue:" + itoa(room.VenueID)}}).Want(http.StatusSeeOther)
}

func TestTheUseOfPlacesIsCountedFromWhatIsTakenAndOpen(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		wish := report.Wish{From: models.Day{Year: 2026, Month: 11, Day: 25}, To: models.Day{Year: 2026, Month: 11, Day: 25}}
		use := func() report.PlaceUse {
			o, err := w.App.Reports.Occupancy(t.Context(), actor(t, w, "scheduler"), wish)
			require.NoError(t, err)
			for _, p := range o.Places {
				if p.ID == danceRoom(t, w) {
					return p
				}
			}
			t.Fatal("the dance room is not counted")
			return report.PlaceUse{}
		}
		before := use()
		require.Positive(t, before.Open)
		x := danced(t, w, "resident", 9, "合唱排练")
		after := use()
		require.Equal(t, before.Open, after.Open)
		require.GreaterOrEqual(t, after.Used-before.Used, 60)

		require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE room_bookings SET status = 'no_show' WHERE id = ?`, x.ID)
			return err
		}))
		require.Equal(t, report.Shows{Missed: 1}, use().Shows)
		text, err := sheet.Text([]byte(w.Browser("scheduler").Get("/reports/occupancy.xlsx?from=2026-11-25&to=2026-11-25").Want(http.StatusOK).Body))
		require.NoError(t, err)
		require.Contains(t, text, "舞蹈室")
		require.Contains(t, text, "100%", "nobody came")
		w.Browser("scheduler").Get("/reports/occupancy").Want(http.StatusOK)
		w.Browser("scheduler").Get("/reports/occupancy?from=2026-11-25&to=2026-11-01").Want(http.StatusUnprocessableEntity)
		w.Browser("resident").Get("/reports/occupancy").Want(http.StatusForbidden)
	})
}

// Whoever joins an activity counts on it: what nobody has to decide about any more is
// settled, also where its own word for that is "planned". Teams stand below the places.
func TestAnActivityIsSettledAndTeamsComeLast(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	v, err := w.App.Calendar.Look(t.Context(), actor(t, w, "scheduler"), calendar.Wish{Span: models.Span{Start: w.Now(), End: w.Now().Add(7 * 24 * time.Hour)}})
	require.NoError(t, err)
	i := slices.IndexFunc(v.Entries, func(e calendar.Entry) bool { return e.Kind == "activity" })
	require.GreaterOrEqual(t, i, 0, "the demo's activities take rooms")
	require.Equal(t, calendar.Firm, v.Entries[i].Stands)
	team := slices.IndexFunc(v.Places, func(p calendar.Place) bool { return p.Kind == "team" })
	require.Positive(t, team)
	for _, p := range v.Places[team:] {
		require.Equal(t, "team", p.Kind)
	}
}
