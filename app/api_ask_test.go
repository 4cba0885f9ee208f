package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type lentSession struct {
	ID         int64
	StartsAt   models.Instant  `json:"starts_at"`
	EndsAt     models.Instant  `json:"ends_at"`
	State      string          `json:"state"`
	OwnerOK    string          `json:"owner_ok"`
	OwnerUntil *models.Instant `json:"owner_until"`
}

type lentActivity struct {
	ID         int64
	OwnerOK    string          `json:"owner_ok"`
	OwnerUntil *models.Instant `json:"owner_until"`
	Sessions   []lentSession
}

type askAnswer struct {
	ID       int64
	Title    string
	Venue    string
	Deadline models.Instant
	Waiting  int
	Times    []struct {
		ID         int64
		Start, End models.Instant
		State      string
		Reason     string
	}
}

// borrow opens an activity in the hall that the demo's sports centre lends.
func borrow(t *testing.T, w *apitest.World, signup, title string, starts ...models.Instant) lentActivity {
	t.Helper()
	var sessions []m
	for _, at := range starts {
		sessions = append(sessions, m{"start": at, "end": at.Add(time.Hour)})
	}
	return apitest.Into[lentActivity](w.As("scheduler").Post("/api/v1/activities", m{"org_id": 1, "kind": "yoga", "title": title, "summary": "一起舒展", "place": "多功能厅",
		"room_id": roomNamed(t, w, "binhe-sport", "多功能厅"), "audience": "all", "capacity": 20, "max_party": 4, "signup": signup, "sessions": sessions}).Want(http.StatusCreated))
}

func lent(w *apitest.World, id int64) lentActivity {
	return apitest.Into[lentActivity](w.As("").Get(lentPath(id)).Want(http.StatusOK))
}

func lentPath(id int64, more ...any) string {
	return fmt.Sprintf("/api/v1/activities/%d", id) + fmt.Sprint(more...)
}

// askOf is what the sports centre is asked for under a title, the newest first.
func askOf(t *testing.T, w *apitest.World, title string) askAnswer {
	t.Helper()
	all := apitest.Into[struct{ Items []askAnswer }](w.As("partner").Get("/api/v1/room-asks?whose=all&per_page=100").Want(http.StatusOK))
	for _, k := range all.Items {
		if k.Title == title {
			return k
		}
	}
	t.Fatalf("%s is not asked for", title)
	return askAnswer{}
}

func (k askAnswer) path(more string) string { return fmt.Sprintf("/api/v1/room-asks/%d%s", k.ID, more) }

// heard counts the notices of a kind about a title to a log-in.
func heard(t *testing.T, w *apitest.World, login, kind, title string) (n int) {
	t.Helper()
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT COUNT(*) FROM outbox o JOIN accounts a ON o.recipient = 'account:' || a.id WHERE a.login = ? AND o.kind = ? AND o.channel = 'inbox' AND o.state <> 'void' AND o.vars LIKE ?`,
			login, kind, "%"+title+"%")
	}))
	return n
}

// An activity in a partner's place: it has the time at once, opens when the partner has
// said yes, and is asked for anew when it moves.
func TestPartnerIsAskedForAnActivity(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		first, second := moment(26, 9), moment(27, 9)
		v := borrow(t, w, "term", "借来的瑜伽班", first, second)
		require.Equal(t, "wanted", v.OwnerOK)
		k := askOf(t, w, "借来的瑜伽班")
		require.Equal(t, 2, k.Waiting)
		require.Equal(t, k.Deadline, *v.OwnerUntil)
		require.Equal(t, 1, heard(t, w, "partner", "owner_asked", "借来的瑜伽班"))
		require.Zero(t, heard(t, w, "partner2", "owner_asked", "借来的瑜伽班"))

		// The calendar has it as what waits, and as settled after the yes.
		require.Equal(t, "pending", item(t, w, "activity", v.Sessions[0].ID).State)

		// The time is held; nobody signs up yet, and is told until when.
		hall := roomNamed(t, w, "binhe-sport", "多功能厅")
		w.As("resident").Post(roomBookings(hall), hours(26, 9, 10)).Refused(http.StatusConflict, "booking.resource_taken")
		join := func(who string) *apitest.Answer {
			return w.As(who).Post(lentPath(v.ID, "/signups"), m{"party": 1})
		}
		no := join("resident").Refused(http.StatusConflict, "activity.owner_asked")
		require.Equal(t, k.Deadline, apitest.Into[struct{ Until models.Instant }](no).Until)
		page := w.Browser("resident").Get(fmt.Sprintf("/activities/%d", v.ID)).Want(http.StatusOK).Body
		require.Contains(t, page, "同意后这里开放报名")
		require.NotContains(t, page, "/join\"")
		require.Contains(t, w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people", v.ID)).Body, "时间先占着")

		// It is the partner's to answer, and nobody else's.
		for who, status := range map[string]int{"partner2": http.StatusNotFound, "scheduler": http.StatusForbidden, "auditor": http.StatusForbidden, "clerk": http.StatusForbidden} {
			require.Equal(t, status, w.As(who).Post(k.path("/approve"), m{}).Status, who)
		}
		w.As("partner").Post(k.path("/decline"), m{}).Want(http.StatusUnprocessableEntity)

		// One evening of two: the term still waits. Then the other.
		w.As("partner").Post(k.path("/approve"), m{"times": []int64{k.Times[0].ID}}).Want(http.StatusOK)
		join("resident").Refused(http.StatusConflict, "activity.owner_asked")
		w.As("partner").Post(k.path("/approve"), m{"times": []int64{k.Times[0].ID, k.Times[1].ID}}).Refused(http.StatusConflict, "room.decided")
		w.As("partner").Post(k.path("/approve"), m{}).Want(http.StatusOK)
		require.Equal(t, 2, heard(t, w, "scheduler", "owner_agreed", "借来的瑜伽班"))
		require.Empty(t, lent(w, v.ID).OwnerOK)
		require.Equal(t, "firm", item(t, w, "activity", v.Sessions[0].ID).State)
		join("resident").Want(http.StatusCreated)

		// Moved: a yes to one time is none to another. What was agreed stays agreed.
		to := moment(27, 14)
		w.As("scheduler").Post(fmt.Sprintf("/api/v1/sessions/%d/move", v.Sessions[1].ID), m{"start": to, "end": to.Add(time.Hour), "reason": "老师有事"}).Want(http.StatusOK)
		v = lent(w, v.ID)
		require.Equal(t, []string{"given", "wanted"}, []string{v.Sessions[0].OwnerOK, v.Sessions[1].OwnerOK})
		require.Equal(t, 1, heard(t, w, "partner", "owner_withdrawn", "借来的瑜伽班"))
		join("neighbour").Refused(http.StatusConflict, "activity.owner_asked")
		w.As("resident").Post(roomBookings(hall), hours(27, 9, 10)).Want(http.StatusCreated)

		// No: the time is free, and the organiser is told which date and why.
		again := askOf(t, w, "借来的瑜伽班")
		require.Equal(t, 1, again.Waiting)
		w.As("partner").Post(again.path("/decline"), m{"reason": "当天有比赛"}).Want(http.StatusOK)
		require.Equal(t, 1, heard(t, w, "scheduler", "owner_refused", "当天有比赛"))
		w.As("resident").Post(roomBookings(hall), hours(27, 14, 15)).Want(http.StatusCreated)
		refused := join("neighbour").Refused(http.StatusConflict, "activity.owner_asked")
		require.Contains(t, refused.Body, "is looking for another time")
		require.Contains(t, w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people", v.ID)).Body, "当天有比赛")

		// Called off, the rest of the term is open; all of it, and the partner hears.
		w.As("scheduler").Post(fmt.Sprintf("/api/v1/sessions/%d/cancel", v.Sessions[1].ID), m{"reason": "借不到场地"}).Want(http.StatusOK)
		join("neighbour").Want(http.StatusCreated)
		w.As("scheduler").Post(lentPath(v.ID, "/cancel"), m{"reason": "老师病了"}).Want(http.StatusOK)
		require.Equal(t, 2, heard(t, w, "partner", "owner_withdrawn", "借来的瑜伽班"))
		require.Equal(t, "withdrawn", apitest.Into[askAnswer](w.As("partner").Get(k.path("")).Want(http.StatusOK)).Times[0].State)
		require.Contains(t, w.Browser("auditor").Get("/audit").Want(http.StatusOK).Body, "场馆方同意借用")
	})
}

// Nobody answers: the time is given back by the deadline; a day before the start what
// was not moved is called off, and who had signed up is told.
func TestPartnerDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	v := borrow(t, w, "session", "没人答复的课", moment(27, 9), moment(29, 9))
	k := askOf(t, w, "没人答复的课")
	expire := func() int {
		n, err := w.App.Rooms.ExpireAsks(t.Context(), w.Now())
		require.NoError(t, err)
		return n
	}
	w.As("partner").Post(k.path("/approve"), m{"times": []int64{k.Times[0].ID}}).Want(http.StatusOK)
	w.As("resident").Post(lentPath(v.ID, "/signups"), m{"party": 2}).Want(http.StatusCreated)
	w.As("resident").Post(lentPath(v.ID, "/signups"), m{"party": 2, "session_id": v.Sessions[1].ID}).Refused(http.StatusConflict, "activity.owner_asked")
	later := moment(28, 14)
	w.As("scheduler").Post(fmt.Sprintf("/api/v1/sessions/%d/move", v.Sessions[0].ID), m{"start": later, "end": later.Add(time.Hour), "reason": "改到下午"}).Want(http.StatusOK)
	require.Zero(t, expire())
	w.Clock.Advance(askOf(t, w, "没人答复的课").Deadline.Sub(w.Now()) + time.Minute)
	w.Clock.Advance(max(k.Deadline.Sub(w.Now())+time.Minute, 0))
	require.LessOrEqual(t, 2, expire(), "the demo's may be among them")
	require.Zero(t, expire())
	require.Equal(t, 2, heard(t, w, "scheduler", "owner_lapsed", "没人答复的课"))
	x := lent(w, v.ID)
	require.Equal(t, []string{"lapsed", "lapsed"}, []string{x.Sessions[0].OwnerOK, x.Sessions[1].OwnerOK})
	off := func() {
		_, err := w.App.Activities.CallOffUnplaced(t.Context(), w.Now())
		require.NoError(t, err)
	}
	w.Clock.Advance(max(moment(27, 15).Sub(w.Now()), 0))
	off()
	x = lent(w, v.ID)
	require.Equal(t, []string{"cancelled", "planned"}, []string{x.Sessions[0].State, x.Sessions[1].State}, "the one within a day")
	require.Equal(t, 1, heard(t, w, "resident", "cancelled_by_staff", "没人答复的课")+heard(t, w, "resident", "screening_cancelled", "没人答复的课"))
	off()
}

// moment is an hour of a day of the month in which the clock begins.
func moment(day, hour int) models.Instant {
	return models.InstantOf(time.Date(2026, 11, day, hour, 0, 0, 0, time.FixedZone("CST", 8*3600)))
}

type lentContest struct {
	ID        int64
	Divisions []struct {
		ID         int64
		OwnerOK    string          `json:"owner_ok"`
		OwnerUntil *models.Instant `json:"owner_until"`
	}
	Slots []struct {
		ID        int64
		OwnerOK   string `json:"owner_ok"`
		Resources []struct{ ID int64 }
	}
}

// A contest on a partner's stage: its divisions there open with the yes, a rehearsal
// keeps nobody waiting, and a moved day is asked for anew.
func TestPartnerIsAskedForAContest(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		hall, own := roomNamed(t, w, "binhe-sport", "多功能厅"), roomNamed(t, w, "yzn-old", "书法绘画室")
		division := func(name string, slot int) m {
			return m{"name": name, "places": 4, "min_members": 1, "max_members": 5, "per_team": 1, "heat": slot, "final": -1}
		}
		closes := moment(25, 18)
		slot := func(kind string, day, hour int, resources ...int64) m {
			return m{"kind": kind, "place": "台上", "starts_at": moment(day, hour), "ends_at": moment(day, hour+2), "setup_min": 30, "resources": resources}
		}
		c := apitest.Into[lentContest](w.As("scheduler").Post("/api/v1/contests", m{"org_id": 1, "title": "借台的比赛", "opens_at": w.Now(), "closes_at": closes,
			"slots":     []m{slot("stage", 27, 9, hall, own), slot("stage", 28, 9, own), slot("rehearsal", 26, 14, hall)},
			"divisions": []m{division("借来的台", 0), division("自己的台", 1)}}).Want(http.StatusCreated))
		path := fmt.Sprintf("/api/v1/contests/%d", c.ID)
		read := func() lentContest {
			return apitest.Into[lentContest](w.As("").Get(path).Want(http.StatusOK))
		}
		require.Equal(t, []string{"wanted", ""}, []string{c.Divisions[0].OwnerOK, c.Divisions[1].OwnerOK})
		require.Equal(t, []string{"pending", "pending", "firm"}, []string{item(t, w, "contest", c.Slots[0].ID).State, item(t, w, "contest", c.Slots[1].ID).State, item(t, w, "contest", c.Slots[2].ID).State})
		k := askOf(t, w, "借台的比赛")
		require.Len(t, k.Times, 2, "one row for the stage and the rehearsal")
		require.Equal(t, moment(27, 9).Add(-30*time.Minute), k.Times[1].Start, "with what it takes to set up")
		w.As("resident").Post(roomBookings(hall), hours(27, 9, 10)).Refused(http.StatusConflict, "booking.resource_taken")
		enter := func(team string, division int) *apitest.Answer {
			return w.As("resident").Post(path+"/entries", m{"division_id": c.Divisions[division].ID, "org_id": 1, "team": team, "piece": "鼓", "length": 60, "members": []m{{"name": "甲"}}})
		}
		no := enter("一队", 0).Refused(http.StatusConflict, "contest.owner_asked")
		require.Equal(t, k.Deadline, apitest.Into[struct{ Until models.Instant }](no).Until)
		enter("二队", 1).Want(http.StatusCreated)
		page := w.Browser("resident").Get(fmt.Sprintf("/contests/%d", c.ID)).Want(http.StatusOK).Body
		require.Contains(t, page, "等太原市滨河体育中心同意")
		require.NotContains(t, page, fmt.Sprintf("enter?division=%d", c.Divisions[0].ID))

		// The stage alone opens the division.
		w.As("partner").Post(k.path("/approve"), m{"times": []int64{k.Times[1].ID}}).Want(http.StatusOK)
		require.Empty(t, read().Divisions[0].OwnerOK)
		enter("一队", 0).Want(http.StatusCreated)

		// Another day is asked for alone; the rehearsal still waits under its own.
		w.As("scheduler").Post(path+"/move", m{"from": "2026-11-27", "to": "2026-11-29", "reason": "下雨"}).Want(http.StatusOK)
		again := askOf(t, w, "借台的比赛")
		require.NotEqual(t, k.ID, again.ID)
		require.Equal(t, 1, again.Waiting)
		require.Equal(t, 1, heard(t, w, "partner", "owner_withdrawn", "借台的比赛"))
		enter("三队", 0).Refused(http.StatusConflict, "contest.owner_asked")

		// No: its place is free, what else the slot takes it keeps.
		w.As("partner").Post(again.path("/decline"), m{"reason": "当天有球赛"}).Want(http.StatusOK)
		w.As("resident").Post(roomBookings(hall), hours(29, 9, 10)).Want(http.StatusCreated)
		w.As("resident").Post(roomBookings(own), hours(29, 9, 10)).Refused(http.StatusConflict, "booking.resource_taken")
		require.Contains(t, w.Browser("scheduler").Get(fmt.Sprintf("/contests/%d/staff", c.ID)).Want(http.StatusOK).Body, "当天有球赛")
		require.Equal(t, 1, heard(t, w, "scheduler", "owner_refused", "当天有球赛"))

		// In a place of one's own nobody is asked.
		w.As("scheduler").Post(path+"/move", m{"from": "2026-11-29", "to": "2026-11-30", "resources": []int64{own}, "reason": "换到自己的地方"}).Want(http.StatusOK)
		require.Empty(t, read().Divisions[0].OwnerOK)
		enter("三队", 0).Want(http.StatusCreated)
		w.As("scheduler").Post(path+"/cancel", m{"reason": "不办了"}).Want(http.StatusOK)
		require.Equal(t, 2, heard(t, w, "partner", "owner_withdrawn", "借台的比赛"), "the rehearsal too")
		require.Zero(t, apitest.Into[askAnswer](w.As("partner").Get(k.path("")).Want(http.StatusOK)).Waiting)
	})
}

// Whoever says yes for the partner and plans there has said it.
func TestPartnerWhoPlansHasAgreed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), "scheduler", auth.Partner, "binhe"))
	v := borrow(t, w, "session", "自己的场地", moment(27, 9))
	require.Empty(t, v.OwnerOK)
	require.Equal(t, "given", v.Sessions[0].OwnerOK)
	require.Zero(t, heard(t, w, "partner", "owner_asked", "自己的场地"))
	w.As("resident").Post(lentPath(v.ID, "/signups"), m{"party": 1}).Want(http.StatusCreated)
}
