package app_test

import (
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// clockAt sets the clock to an hour and minute of a day of November 2026 in Taiyuan.
func clockAt(w *apitest.World, day, hour, minute int) {
	w.Clock.Set(time.Date(2026, 11, day, hour-8, minute, 0, 0, time.UTC))
}

// A clerk books for whoever walks in and checks them in with it; who has booked is
// checked in by code, within the window.
func TestRoomsOnTheSpot(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	due := apitest.Into[booked](w.As("resident").Post(roomBookings(table), hours(25, 15, 16)).Want(http.StatusCreated))
	clockAt(w, 25, 14, 10)
	at := func(code string) *apitest.Answer { return submit(w, "clerk", "/room-desk/checkin", "code", code) }
	require.Contains(t, at(due.Code).Want(http.StatusConflict).Body, "签到", "too early")
	at("AAAA AAAA").Want(http.StatusNotFound)
	submit(w, "resident", "/room-desk/checkin", "code", due.Code).Want(http.StatusForbidden)

	clockAt(w, 25, 14, 40)
	page := w.Browser("clerk").Get("/room-desk/now").Want(http.StatusOK).Body
	require.Contains(t, page, "刘建国")
	require.Contains(t, page, "14:00–15:00", "what has begun can be had on the spot")
	walk := []string{"start", "2026-11-25T14:00:00+08:00", "end", "2026-11-25T15:00:00+08:00", "for", "caller", "name", "过路的张大爷", "channel", "window", "here", "on", "accept", "on", "attendees", "2"}
	path := submit(w, "clerk", "/rooms/"+itoa(table)+"/book", walk...).Want(http.StatusSeeOther).Header.Get("Location")
	require.Contains(t, w.Browser("clerk").Get(path).Want(http.StatusOK).Body, "已经来过")
	require.Contains(t, w.Browser("clerk").Get("/room-desk/now").Body, "有人用")
	submit(w, "clerk", "/rooms/"+itoa(table)+"/book", append(walk, "purpose", "又一个")...).Want(http.StatusConflict)
	soon := []string{"start", "2026-11-25T17:00:00+08:00", "end", "2026-11-25T18:00:00+08:00", "for", "caller", "name", "李大妈", "channel", "window", "here", "on", "accept", "on"}
	submit(w, "clerk", "/rooms/"+itoa(table)+"/book", soon...).Want(http.StatusConflict)

	at(due.Code).Want(http.StatusSeeOther)
	require.Equal(t, "attended", roomStatus(w, due.ID))
	at(due.Code).Want(http.StatusSeeOther)
	require.NotContains(t, w.Browser("clerk").Get("/room-desk/now").Body, "刘建国")
	require.NotContains(t, w.Browser("partner").Get("/room-desk/now").Want(http.StatusOK).Body, "老年人活动中心", "each sees its own places")
	clockAt(w, 25, 16, 5)
	at(due.Code).Want(http.StatusSeeOther)
}

// A link without a time leads to where one is chosen.
func TestARoomIsBookedAtATimeThatIsChosen(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := itoa(roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台"))
	for _, query := range []string{"", "?start=2026-11-26T15:00:00%2B08:00", "?start=2026-11-26T15:00:00%2B08:00&end=2026-11-26T14:00:00%2B08:00"} {
		page := w.Browser("resident").Get("/rooms/" + table + "/book" + query).Want(http.StatusOK).Body
		require.Contains(t, page, "哪一天")
		require.Contains(t, page, "/rooms/"+table+"/book?", "times to choose from")
		require.NotContains(t, page, `name="purpose"`)
	}
	require.Equal(t, "/rooms/"+table, submit(w, "resident", "/rooms/"+table+"/book", "accept", "on").Want(http.StatusSeeOther).Header.Get("Location"))
	require.Contains(t, w.Browser("resident").Get("/rooms/"+table+"/book?start=2026-11-26T15:00:00%2B08:00&end=2026-11-26T16:00:00%2B08:00").Want(http.StatusOK).Body, `name="purpose"`)
}

// Who does not come is warned, then paused until a date; may appeal; and books for
// somebody else all the time.
func TestNoShowsAreWarnedPausedAndHeard(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	mother := apitest.Into[madeID](w.As("resident").Post("/api/v1/people", m{"name": "刘奶奶", "relation": "parent"}).Want(http.StatusCreated))
	miss := func(day int) {
		b := apitest.Into[booked](w.As("resident").Post(roomBookings(table), hours(day, 9, 10)).Want(http.StatusCreated))
		clockAt(w, day, 9, 15)
		_, err := w.Runner.RunOnce(t.Context(), "release_no_shows")
		require.NoError(t, err)
		require.Equal(t, "no_show", roomStatus(w, b.ID))
	}
	inbox := func() string {
		_, err := w.Runner.RunOnce(t.Context(), "send_outbox")
		require.NoError(t, err)
		return w.Browser("resident").Get("/inbox").Want(http.StatusOK).Body
	}
	miss(24)
	require.Contains(t, inbox(), "这是第1次")
	miss(25)
	require.Contains(t, inbox(), "这是第2次")
	require.NotContains(t, inbox(), "暂停预约")
	miss(26)
	require.Contains(t, inbox(), "您3次订了没有来，到12月10日")
	w.As("resident").Post(roomBookings(table), hours(27, 9, 10)).Refused(http.StatusConflict, "room.paused")
	form := []string{"start", "2026-11-27T09:00:00+08:00", "end", "2026-11-27T10:00:00+08:00", "accept", "on", "attendees", "1"}
	refused := submit(w, "resident", "/rooms/"+itoa(table)+"/book", form...).Want(http.StatusConflict).Body
	require.Contains(t, refused, "12月10日")
	require.Contains(t, refused, `href="/pauses"`, "where one appeals")
	submit(w, "resident", "/rooms/"+itoa(table)+"/book", append(form, "for", "person:"+itoa(mother.ID))...).Want(http.StatusSeeOther)
	elsewhere := roomNamed(t, w, "wbl-centre", "健身活动室")
	w.As("resident").Post(roomBookings(elsewhere), hours(27, 9, 10)).Want(http.StatusCreated)

	pauses := w.Browser("resident").Get("/pauses").Want(http.StatusOK).Body
	require.Contains(t, pauses, "/appeal")
	require.NotContains(t, pauses, "/answer")
	require.NotContains(t, w.Browser("neighbour").Get("/pauses").Body, "刘建国")
	for _, old := range []string{"/room-pauses", "/activity-pauses"} {
		require.Equal(t, "/pauses", w.Browser("resident").Get(old).Want(http.StatusMovedPermanently).Header.Get("Location"), "notices of before link there")
	}
	type paused struct {
		Items []madeID `json:"items"`
	}
	one := apitest.Into[paused](w.As("resident").Get("/api/v1/pauses").Want(http.StatusOK)).Items[0]
	path := "/pauses/" + itoa(one.ID)
	submit(w, "neighbour", path+"/appeal", "why", "x").Want(http.StatusNotFound)
	submit(w, "resident", path+"/appeal").Want(http.StatusUnprocessableEntity)
	submit(w, "resident", path+"/appeal", "why", "那几天在住院").Want(http.StatusSeeOther)
	submit(w, "clerk", path+"/answer", "verdict", "lift").Want(http.StatusForbidden)
	require.Contains(t, w.Browser("scheduler").Get("/pauses").Want(http.StatusOK).Body, "那几天在住院")
	submit(w, "scheduler", path+"/answer", "verdict", "keep", "words", "请出示证明").Want(http.StatusSeeOther)
	require.Contains(t, w.Browser("resident").Get("/pauses").Body, "请出示证明")
	w.As("resident").Post(roomBookings(table), hours(27, 10, 11)).Refused(http.StatusConflict, "room.paused")
	submit(w, "scheduler", path+"/answer", "verdict", "lift").Want(http.StatusSeeOther)
	submit(w, "scheduler", path+"/answer", "verdict", "lift").Want(http.StatusConflict)
	w.As("resident").Post(roomBookings(table), hours(27, 10, 11)).Want(http.StatusCreated)

	// What was lifted counts for nothing: the next miss is the third again, and that
	// pause ends by itself.
	clockAt(w, 27, 10, 15)
	_, err := w.Runner.RunOnce(t.Context(), "release_no_shows")
	require.NoError(t, err)
	w.As("resident").Post(roomBookings(table), hours(30, 9, 10)).Refused(http.StatusConflict, "room.paused")
	clockAt(w, 27+14, 8, 0)
	w.As("resident").Post(roomBookings(table), m{"start": "2026-12-11T09:00:00+08:00", "end": "2026-12-11T10:00:00+08:00"}).Want(http.StatusCreated)
}

// Reminders of rooms: a day and two hours before, each once; not for what was booked
// after that moment, nor for what was moved away or cancelled.
func TestRoomReminders(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	remind := func() {
		_, err := w.Runner.RunOnce(t.Context(), "remind_rooms")
		require.NoError(t, err)
	}
	reminders := func() (n int) {
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = 'room_reminder' AND channel = 'inbox'`)
		}))
		return n
	}
	kept := apitest.Into[booked](w.As("resident").Post(roomBookings(table), hours(26, 15, 16)).Want(http.StatusCreated))
	off := apitest.Into[booked](w.As("neighbour").Post(roomBookings(table), hours(26, 16, 17)).Want(http.StatusCreated))
	remind()
	require.Zero(t, reminders(), "not yet")
	clockAt(w, 25, 15, 0)
	w.As("neighbour").Post("/api/v1/bookings/"+off.ID+"/cancel", nil).Want(http.StatusOK)
	remind()
	remind()
	require.Equal(t, 1, reminders())
	clockAt(w, 26, 12, 0)
	w.As("resident").Post(roomBookings(table), hours(26, 18, 19)).Want(http.StatusCreated)
	remind()
	require.Equal(t, 1, reminders(), "booked within the day: its confirmation is fresh")
	clockAt(w, 26, 13, 0)
	remind()
	require.Equal(t, 2, reminders(), "two hours before")
	clockAt(w, 26, 14, 50)
	w.As("resident").Post("/api/v1/bookings/"+kept.ID+"/move", m{"start": at(27, 9), "end": at(27, 10)}).Refused(http.StatusConflict, "booking.cancel_late")
	clockAt(w, 26, 16, 0)
	remind()
	require.Equal(t, 3, reminders(), "the other one, two hours before")
	clockAt(w, 26, 18, 30)
	remind()
	require.Equal(t, 3, reminders(), "what has begun is reminded of no more")
}

// The page offers what the working calendar and the lunar one know of the day: 25
// November 2026 is the 18th working day of its month, and the 17th of the lunar tenth.
func TestRepeatsOfTheCalendar(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	table := roomNamed(t, w, "yzn-old", "乒乓球室 · 1号台")
	path := "/rooms/" + itoa(table) + "/book"
	span := "start=2026-11-25T09:00:00%2B08:00&end=2026-11-25T10:00:00%2B08:00"
	page := w.Browser("branch").Get(path + "?" + span).Want(http.StatusOK).Body
	require.Contains(t, page, "每月第18个工作日")
	require.Contains(t, page, `value="FREQ=MONTHLY;X-LUNAR=17"`)
	require.Contains(t, page, "顺延到下一个工作日")
	w.Browser("branch").Get(path).Want(http.StatusOK)
	form := []string{"start", "2026-11-25T09:00:00+08:00", "end", "2026-11-25T10:00:00+08:00", "for", "org:" + itoa(branchOf(t, w, "branch")), "attendees", "2", "accept", "on",
		"repeat", "FREQ=MONTHLY;X-LUNAR=17", "day_off", "NEXT", "until", "2026-12-31"}
	made := submit(w, "branch", path, form...).Want(http.StatusSeeOther).Header.Get("Location")
	require.Contains(t, w.Browser("branch").Get(made).Want(http.StatusOK).Body, "12月25日", "the lunar 17th of the month after")
}
