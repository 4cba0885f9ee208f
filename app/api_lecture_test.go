package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// lectureOrder is what these tests read of an order.
type lectureOrder struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	DueAt   string `json:"due_at"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Name    string `json:"name"`
	Team    *struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	} `json:"team"`
	StartsAt string `json:"starts_at"`
	Face     *int   `json:"face"`
}

type titled struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

func lecturePath(id, more string) string { return "/api/v1/lecture-orders/" + id + more }

// menu finds a topic by what somebody types.
func menu(w *apitest.World, q string) []titled {
	return apitest.Into[page[titled]](w.As("").Get("/api/v1/topics?q=" + url.QueryEscape(q)).Want(http.StatusOK)).Items
}

// station is the community of a code.
func station(t *testing.T, w *apitest.World, code string) (id int64) {
	t.Helper()
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&id, `SELECT id FROM orgs WHERE code = ?`, code)
	}))
	return id
}

func teamID(t *testing.T, w *apitest.World, name string) int64 {
	t.Helper()
	for _, x := range apitest.Into[page[titled]](w.As("").Get("/api/v1/teams?per_page=100").Want(http.StatusOK)).Items {
		if x.Name == name {
			return x.ID
		}
	}
	t.Fatalf("no team %s", name)
	return 0
}

// The four steps by the API: ordered once however often it is sent, dispatched
// with reasons, accepted, delivered, rated.
func TestTheFourStepsByTheAPI(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		require.Len(t, menu(w, "红色"), 1)
		topic := menu(w, "HS g")[0]
		require.Equal(t, "红色故事会", topic.Title, "by the initials of its pinyin")
		require.Empty(t, menu(w, "%"), "what is typed is no pattern")
		body := m{"org_id": station(t, w, "yzn"), "topic_id": topic.ID, "audience": "young", "heads": 40, "first_at": at(28, 10), "place_kind": "address",
			"address": "迎泽南 9 号楼", "contact": "李老师", "phone": "13935108826"}
		w.As("").Post("/api/v1/lecture-orders", body).Refused(http.StatusUnauthorized, "sign_in")
		first := apitest.Into[lectureOrder](w.As("resident").With("Idempotency-Key", "k1").Post("/api/v1/lecture-orders", body).Want(http.StatusCreated))
		again := apitest.Into[lectureOrder](w.As("resident").With("Idempotency-Key", "k1").Post("/api/v1/lecture-orders", body).Want(http.StatusCreated))
		require.Equal(t, first.ID, again.ID)
		require.Equal(t, "submitted", first.State)
		require.Equal(t, "2026-11-24T02:00:00Z", first.DueAt, "eight working hours from Monday at nine")
		o := first.ID
		for who, want := range map[string]int{"resident": 200, "clerk": 200, "scheduler": 200, "auditor": 200, "admin": 200, "branch": 404, "leader": 404, "cinema": 404} {
			a := w.As(who).Get(lecturePath(o, ""))
			require.Equal(t, want, a.Status, who)
			if who != "resident" {
				require.NotContains(t, a.Body, "9 号楼", who)
			}
			if who == "auditor" {
				require.Contains(t, a.Body, "刘**", "masked")
				require.NotContains(t, a.Body, "8826")
			}
		}
		w.As("resident").Get(lecturePath(o, "/suggestions")).Refused(http.StatusForbidden, "forbidden")
		type suggestion struct {
			Team titled `json:"team"`
			Off  string `json:"off"`
			Why  []struct {
				Code string `json:"code"`
			} `json:"why"`
		}
		ranked := apitest.Into[page[suggestion]](w.As("auditor").Get(lecturePath(o, "/suggestions")).Want(http.StatusOK)).Items
		require.Contains(t, []string{"「五老」宣讲团", "退役军人军属烈属宣讲团"}, ranked[0].Team.Name, "who offers the topic")
		require.NotEmpty(t, ranked[0].Why)
		w.As("auditor").Post(lecturePath(o, "/dispatch"), m{"mode": "rotation"}).Refused(http.StatusForbidden, "forbidden")
		team := teamID(t, w, "「五老」宣讲团")
		w.As("clerk").Post(lecturePath(o, "/dispatch"), m{"mode": "direct", "team_id": team, "starts_at": at(28, 22)}).Refused(http.StatusConflict, "lecture.team_cannot")
		w.As("clerk").Post(lecturePath(o, "/dispatch"), m{"mode": "direct", "team_id": team}).Want(http.StatusOK)
		w.As("leader").Post(lecturePath(o, "/propose"), m{"starts_at": at(29, 10), "reason": "那天有课"}).Want(http.StatusOK)
		got := apitest.Into[lectureOrder](w.As("leader").Post(lecturePath(o, "/accept"), nil).Want(http.StatusOK))
		require.Equal(t, "accepted", got.State)
		require.Equal(t, "迎泽南 9 号楼", got.Address, "the team on duty knows where to go")
		w.As("clerk").Post(lecturePath(o, "/return"), m{"reason": "x"}).Refused(http.StatusConflict, "lecture.not_now")
		w.As("leader").Post(lecturePath(o, "/start"), nil).Refused(http.StatusConflict, "lecture.too_early")
		// Nobody else's session fits beside it: the way belongs to it.
		near := apitest.Into[lectureOrder](w.As("branch").Post("/api/v1/lecture-orders", m{"org_id": station(t, w, "yzn"), "topic_id": topic.ID, "audience": "young", "heads": 20, "first_at": at(28, 11)}).Want(http.StatusCreated))
		w.As("clerk").Post(lecturePath(near.ID, "/dispatch"), m{"mode": "direct", "team_id": team}).Refused(http.StatusConflict, "lecture.team_cannot")
		w.As("branch").Post(lecturePath(near.ID, "/cancel"), m{}).Want(http.StatusOK)
		w.As("branch").Post(lecturePath(near.ID, "/reopen"), m{"reason": "x", "first_at": at(29, 11)}).Refused(http.StatusConflict, "lecture.not_now")

		w.Clock.Set(time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC))
		w.As("leader").Post(lecturePath(o, "/start"), nil).Want(http.StatusOK)
		w.Clock.Advance(time.Hour)
		got = apitest.Into[lectureOrder](w.As("leader").Post(lecturePath(o, "/finish"), m{"heads": 37, "note": "孩子们问了很多"}).Want(http.StatusOK))
		require.Equal(t, "to_rate", got.State)
		require.Empty(t, got.Address)
		w.As("clerk").Post(lecturePath(o, "/rate"), m{"face": 3}).Refused(http.StatusForbidden, "forbidden")
		w.As("resident").Post(lecturePath(o, "/rate"), m{"face": 4}).Want(http.StatusUnprocessableEntity)
		got = apitest.Into[lectureOrder](w.As("resident").Post(lecturePath(o, "/rate"), m{"face": 2, "text": "还行"}).Want(http.StatusOK))
		require.Equal(t, "closed", got.State)
		require.Equal(t, 2, *got.Face)
		require.Nil(t, apitest.Into[lectureOrder](w.As("leader").Get(lecturePath(o, "")).Want(http.StatusOK)).Face, "who said it is not the team's to know")
		w.As("resident").Post(lecturePath(o, "/rate"), m{"face": 3}).Refused(http.StatusConflict, "lecture.rated")
		w.As("resident").Post(lecturePath(o, "/reopen"), m{"reason": "有一半没讲到", "first_at": "2026-12-05T10:00:00+08:00"}).Want(http.StatusOK)
	})
}

// A clerk orders for a caller with the same rights; a wish becomes an order; a
// room is taken with the team.
func TestOrdersForOthersWishesAndRooms(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	org := station(t, w, "yzn")
	body := m{"org_id": org, "wish": "教大家看懂药盒", "audience": "old", "heads": 15, "from": "2026-11-26", "until": "2026-12-12", "caller": m{"name": "王奶奶", "phone": "13935100001"}, "channel": "phone", "read_back": true}
	w.As("resident").Post("/api/v1/lecture-orders", body).Refused(http.StatusForbidden, "booking.desk_only")
	o := apitest.Into[lectureOrder](w.As("clerk").Post("/api/v1/lecture-orders", body).Want(http.StatusCreated))
	require.Equal(t, "王奶奶", o.Name)
	w.As("clerk").Post(lecturePath(o.ID, "/dispatch"), m{"mode": "open", "topic_id": menu(w, "送医")[0].ID}).Want(http.StatusOK)
	require.Equal(t, "dispatched", apitest.Into[lectureOrder](w.As("scheduler").Get(lecturePath(o.ID, "")).Want(http.StatusOK)).State)
	for body, code := range map[*m]string{
		{"org_id": org, "topic_id": 999999, "audience": "old", "heads": 5, "first_at": at(28, 10)}: "lecture.no_topic",
		{"org_id": org, "wish": "x", "audience": "old", "heads": 5, "first_at": at(23, 10)}:        "lecture.past",
		{"org_id": 999999, "wish": "x", "audience": "old", "heads": 5, "first_at": at(28, 10)}:     "request.invalid",
		{"org_id": org, "wish": "x", "audience": "old", "heads": 5}:                                "request.invalid",
	} {
		w.As("resident").Post("/api/v1/lecture-orders", *body).Refused(http.StatusUnprocessableEntity, code)
	}
	var room int64
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&room, `SELECT m.id FROM rooms m JOIN resources r ON r.id = m.id WHERE m.kind = 'room' ORDER BY m.id LIMIT 1`)
	}))
	require.NotZero(t, room)
	team := teamID(t, w, "「五老」宣讲团")
	var ids []string
	for range 2 {
		o := apitest.Into[lectureOrder](w.As("resident").Post("/api/v1/lecture-orders", m{"org_id": org, "topic_id": menu(w, "反诈")[0].ID, "audience": "old", "heads": 12, "first_at": at(26, 10), "place_kind": "room", "room_id": room}).Want(http.StatusCreated))
		ids = append(ids, o.ID)
	}
	w.As("clerk").Post(lecturePath(ids[0], "/dispatch"), m{"mode": "direct", "team_id": team}).Want(http.StatusOK)
	w.As("clerk").Post(lecturePath(ids[1], "/dispatch"), m{"mode": "open"}).Want(http.StatusOK)
	got := apitest.Into[lectureOrder](w.As("leader").Post(lecturePath(ids[0], "/accept"), nil).Want(http.StatusOK))
	require.Equal(t, "accepted", got.State)
	require.Contains(t, w.As("leader").Post(lecturePath(ids[1], "/accept"), nil).Refused(http.StatusConflict, "booking.resource_taken").Body, "conflicts")
}

// Every page of the feature for everyone it is for, and by link for whoever holds
// one: opening changes nothing, one press does.
func TestPagesOfLectures(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	form := func(c *apitest.Client, path, body string) *apitest.Answer {
		return c.With("Content-Type", "application/x-www-form-urlencoded").Post(path, body)
	}
	topic := itoa(menu(w, "反诈")[0].ID)
	mine := apitest.Into[page[lectureOrder]](w.As("resident").Get("/api/v1/lecture-orders?mine=true").Want(http.StatusOK)).Items
	require.NotEmpty(t, mine)
	var accepted, returned string
	for _, o := range mine {
		switch o.State {
		case "accepted":
			accepted = o.ID
		case "returned":
			returned = o.ID
		}
	}
	for path, who := range map[string][]string{
		"/lectures": {"", "resident", "clerk"}, "/lectures?q=fzzs": {""}, "/lectures/teams": {"", "scheduler"}, "/lectures/order?topic=" + topic: {"resident", "clerk", "branch"},
		"/lectures/order": {"resident"}, "/lectures/wish": {"resident"}, "/lectures/orders": {"resident"}, "/lectures/orders/" + accepted: {"resident", "clerk", "leader", "auditor"},
		"/lectures/orders/" + returned: {"resident", "scheduler"}, "/lectures/orders/" + accepted + "/cancel": {"resident", "clerk"}, "/lectures/board": {"clerk", "auditor"},
		"/lectures/duty": {"leader"}, "/lectures/wishes": {"clerk", "auditor"}, "/lectures/callbacks": {"clerk"}, "/lectures/all": {"clerk", "auditor"}, "/lectures/teams/new": {"scheduler"}, "/lectures/report": {"scheduler", "auditor"},
		"/lectures/topics": {"scheduler"}, "/lectures/topics/new": {"scheduler"}, "/lectures/topics/" + topic: {"scheduler"},
		"/lectures/teams/" + itoa(teamID(t, w, "「五老」宣讲团")): {"leader", "scheduler"},
	} {
		for _, x := range who {
			require.Equal(t, http.StatusOK, w.Browser(x).Get(path).Status, "%s as %q", path, x)
		}
	}
	require.Equal(t, http.StatusNotFound, w.Browser("branch").Get("/lectures/orders/"+accepted).Status)
	require.Equal(t, http.StatusNotFound, w.Browser("leader").Get("/lectures/teams/"+itoa(teamID(t, w, "思政教育宣讲团"))).Status)
	require.Equal(t, "PK", w.Browser("auditor").Get("/lectures/report.xlsx").Want(http.StatusOK).Body[:2])

	require.Contains(t, form(w.Browser("resident"), "/lectures/order", "topic="+topic+"&org_id="+itoa(station(t, w, "yzn"))).Body, "大约多少人", "what is missing is named")
	sent := form(w.Browser("resident"), "/lectures/order", "topic="+topic+"&org_id="+itoa(station(t, w, "yzn"))+"&heads=25&audience=old&place_kind=own").Want(http.StatusSeeOther)
	order := strings.TrimPrefix(sent.Header.Get("Location"), "/lectures/orders/")
	require.Equal(t, http.StatusSeeOther, form(w.Browser("clerk"), "/lectures/orders/"+order+"/dispatch", "mode=direct&team="+itoa(teamID(t, w, "「五老」宣讲团"))).Status)
	var vars string
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&vars, `SELECT vars FROM outbox WHERE kind = 'lecture_offer' ORDER BY id DESC LIMIT 1`)
	}))
	_, rest, _ := strings.Cut(vars, "/lecture-offers/")
	link := "/lecture-offers/" + rest[:strings.IndexByte(rest, '"')]
	visitor := w.Browser("")
	for range 3 {
		require.Contains(t, visitor.Get(link).Want(http.StatusOK).Body, "能来，接单")
		visitor.Do(http.MethodHead, link, nil).Want(http.StatusOK)
		visitor.Get(link + "/accept").Want(http.StatusMethodNotAllowed)
	}
	require.Equal(t, "dispatched", apitest.Into[lectureOrder](w.As("clerk").Get(lecturePath(order, ""))).State, "opened, and nothing changed")
	require.Equal(t, http.StatusNotFound, form(visitor, "/lecture-offers/AAAA/accept", "").Status)
	require.Equal(t, http.StatusSeeOther, form(visitor, link+"/accept", "").Status, "one press, no log-in")
	require.Equal(t, "accepted", apitest.Into[lectureOrder](w.As("clerk").Get(lecturePath(order, ""))).State)
	require.Equal(t, http.StatusConflict, form(visitor, link+"/start", "").Status)

	require.Equal(t, http.StatusSeeOther, form(w.Browser("resident"), "/lectures/wish", "text=%E6%95%99%E5%A4%AA%E6%9E%81&audience=old&org_id="+itoa(station(t, w, "yzn"))).Status)
	require.Contains(t, w.Browser("clerk").Get("/lectures/wishes").Body, "教太极")
	wishes := apitest.Into[page[titled]](w.As("clerk").Get("/api/v1/lecture-wishes").Want(http.StatusOK)).Items
	require.Contains(t, w.Browser("clerk").Get("/lectures/order?wish_id="+itoa(wishes[0].ID)).Want(http.StatusOK).Body, "的心愿")
	require.Equal(t, http.StatusSeeOther, form(w.Browser("resident"), "/lectures/orders/"+returned+"/edit", "topic="+topic+"&org_id="+itoa(station(t, w, "yzn"))+"&heads=31&audience=old").Status)
	require.Contains(t, w.Browser("clerk").Get("/lectures/orders/"+returned).Body, "和别的单合并")
	require.Contains(t, w.Browser("clerk").Get("/lectures/orders/"+returned+"/merge?into="+order).Want(http.StatusOK).Body, "合并成一场")
	require.Equal(t, http.StatusSeeOther, form(w.Browser("clerk"), "/lectures/orders/"+returned+"/merge", "into="+order).Status)
	require.Equal(t, http.StatusSeeOther, form(w.Browser("scheduler"), "/lectures/teams", "name=%E4%BF%AE%E9%9E%8B%E9%98%9F&kind=volunteer&category=relief&parent_id="+itoa(station(t, w, "yzn"))+"&leader=%E7%8E%8B%E5%B8%88%E5%82%85&phone=13935100077").Status)
	require.Contains(t, w.Browser("scheduler").Get("/lectures/teams/"+itoa(teamID(t, w, "修鞋队"))).Want(http.StatusOK).Body, "王师傅")
	require.Equal(t, http.StatusSeeOther, form(w.Browser("leader"), "/lectures/teams/"+itoa(teamID(t, w, "「五老」宣讲团"))+"/off", "from_day=2026-12-20&until_day=2026-12-21").Status)
	require.Equal(t, http.StatusSeeOther, form(w.Browser("scheduler"), "/lectures/topics", "title=%E5%A4%AA%E6%9E%81&category=arts&length_min=60&publish=on&org_id="+itoa(station(t, w, "wbl"))).Status)
	require.Len(t, menu(w, "tj"), 1)
}

// A room is wanted by a lecture that is being accepted and by somebody who books it,
// at the same moment: one has it, the other is told, and of the lecture nothing is
// half taken.
func TestALectureAndABookingNeverShareARoom(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		var room int64
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&room, `SELECT m.id FROM rooms m JOIN resources r ON r.id = m.id WHERE m.kind = 'room' ORDER BY m.id LIMIT 1`)
		}))
		team, topic := teamID(t, w, "「五老」宣讲团"), menu(w, "反诈")[0].ID
		for round := range 3 {
			start := at(26, 9+2*round)
			o := apitest.Into[lectureOrder](w.As("resident").Post("/api/v1/lecture-orders", m{"org_id": station(t, w, "yzn"), "topic_id": topic, "audience": "old", "heads": 12,
				"first_at": start, "place_kind": "room", "room_id": room}).Want(http.StatusCreated))
			w.As("clerk").Post(lecturePath(o.ID, "/dispatch"), m{"mode": "direct", "team_id": team}).Want(http.StatusOK)
			var accept, book *apitest.Answer
			var wg sync.WaitGroup
			wg.Go(func() { accept = w.As("leader").Post(lecturePath(o.ID, "/accept"), nil) })
			wg.Go(func() {
				book = w.As("neighbour").With("Idempotency-Key", start).Post("/api/v1/rooms/"+itoa(room)+"/bookings", m{"start": start, "end": at(26, 10+2*round)})
			})
			wg.Wait()
			var team, rooms int
			require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
				if err := tx.Scan(&team, `SELECT COUNT(*) FROM occupancies c JOIN lecture_sessions s ON s.id = c.source_id JOIN lecture_orders o ON o.session_id = s.id WHERE c.source_kind = 'lecture' AND o.id = ?`, o.ID); err != nil {
					return err
				}
				return tx.Scan(&rooms, `SELECT COUNT(*) FROM occupancies WHERE source_kind = 'lecture' AND resource_id = ?`, room)
			}))
			if accept.Status == http.StatusOK {
				book.Refused(http.StatusConflict, "booking.resource_taken")
				require.GreaterOrEqual(t, team, 2, "team and room together")
				w.As("resident").Post(lecturePath(o.ID, "/cancel"), m{}).Want(http.StatusOK)
			} else {
				accept.Refused(http.StatusConflict, "booking.resource_taken")
				require.Equal(t, http.StatusCreated, book.Status, book.Body)
				require.Zero(t, team, "nothing half taken")
				require.Zero(t, rooms)
			}
		}
	})
}
