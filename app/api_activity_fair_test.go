package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/app/sheet"

	"github.com/stretchr/testify/require"
)

// Twice a warning, then a pause at that station alone; an appeal lifts it; it ends by
// itself; and whoever is paused signs up those they look after all the same.
func TestWhoDoesNotComeIsWarnedThenPaused(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		kept := apitest.Into[struct{ ID int64 }](w.As("resident").Post("/api/v1/people", m{"name": "老母亲", "relation": "parent"}).Want(http.StatusCreated)).ID
		said := func(kind string) int {
			return count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox'`, kind)
		}
		missed := func(door bool) {
			a := opened(w, m{"capacity": 20})
			join(w, "resident", a.ID, m{"party": 1})
			other := join(w, "judge", a.ID, m{"party": 1})
			w.Clock.Set(a.Sessions[0].StartsAt.Time())
			if door {
				w.As("clerk").Post("/api/v1/checkins/batch", m{"device": "门口", "session_id": a.Sessions[0].ID,
					"scans": []m{{"nonce": fmt.Sprint("n", a.ID), "code": other.Code}}}).Want(http.StatusOK)
			}
			w.Clock.Set(a.Sessions[0].EndsAt.Time())
			_, err := w.App.Kernel.FinishDue(t.Context(), w.Now())
			require.NoError(t, err)
			struck, err := w.App.Activities.Strike(t.Context(), w.Now())
			require.NoError(t, err)
			require.Zero(t, struck, "a device may bring scans back still")
			w.Clock.Advance(3 * time.Hour)
			struck, err = w.App.Activities.Strike(t.Context(), w.Now())
			require.NoError(t, err)
			if door {
				require.Equal(t, 1, struck)
			} else {
				require.Zero(t, struck, "nobody stood at the door")
			}
			struck, err = w.App.Activities.Strike(t.Context(), w.Now())
			require.NoError(t, err)
			require.Zero(t, struck, "once")
		}
		missed(false)
		missed(true)
		missed(true)
		require.Equal(t, []int{2, 0}, []int{said("activity_warned"), said("activity_paused")})
		missed(true)
		require.Equal(t, []int{2, 1}, []int{said("activity_warned"), said("activity_paused")})

		next := opened(w, m{"capacity": 20})
		w.As("resident").Post(activityPath(next.ID, "/signups"), m{"party": 1}).Refused(http.StatusConflict, "activity.paused")
		require.Equal(t, "confirmed", join(w, "resident", next.ID, m{"party": 1, "person_id": kept}).Status, "for somebody else as before")
		require.Equal(t, "confirmed", join(w, "neighbour", next.ID, m{"party": 1}).Status)
		elsewhere := opened(w, m{"org_id": orgID(w, "binti")})
		require.Equal(t, "confirmed", join(w, "resident", elsewhere.ID, m{"party": 1}).Status, "at that station alone")

		type paused struct {
			Items []struct {
				ID     int64
				Until  time.Time
				Appeal string
			}
		}
		mine := apitest.Into[paused](w.As("resident").Get("/api/v1/pauses").Want(http.StatusOK)).Items
		require.Len(t, mine, 1)
		require.Empty(t, apitest.Into[paused](w.As("neighbour").Get("/api/v1/pauses").Want(http.StatusOK)).Items)
		path := fmt.Sprintf("/api/v1/pauses/%d", mine[0].ID)
		w.As("neighbour").Post(path+"/appeal", m{"why": "x"}).Refused(http.StatusNotFound, "not_found")
		w.As("resident").Post(path+"/appeal", m{"why": "住院了"}).Want(http.StatusOK)
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE after LIKE '%住院%' OR reason LIKE '%住院%'`), "the log keeps nobody's illness")
		require.NotZero(t, said("activity_appeal"))
		w.As("resident").Post(path+"/answer", m{"verdict": "lift"}).Refused(http.StatusForbidden, "forbidden")
		w.As("scheduler").Post(path+"/answer", m{"verdict": "lift", "words": "祝早日康复"}).Want(http.StatusOK)
		w.As("scheduler").Post(path+"/answer", m{"verdict": "keep"}).Refused(http.StatusConflict, "pause.not_paused")
		require.Equal(t, "confirmed", join(w, "resident", next.ID, m{"party": 1}).Status)

		missed(true) // the excused time counts no more: this is the third again
		more := opened(w, m{"capacity": 20, "sessions": []m{{"start": w.Now().Add(480 * time.Hour), "end": w.Now().Add(481 * time.Hour)}}})
		w.As("resident").Post(activityPath(more.ID, "/signups"), m{"party": 1}).Refused(http.StatusConflict, "activity.paused")
		w.Clock.Advance(15 * 24 * time.Hour)
		require.Equal(t, "confirmed", join(w, "resident", more.ID, m{"party": 1}).Status, "it ends by itself")
		sound(t, w)
	})
}

// Nobody goes alone, and the address is read by its giver and by who goes there, on the day.
func TestAnAddressIsReadByWhoGoesThereOnTheDay(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	const address = "迎泽南社区 3号楼 2单元 501"
	a := named(w, "送医入户")
	session := a.Sessions[0].ID
	w.Clock.Set(a.Sessions[0].StartsAt.Add(-10 * time.Hour).Time()) // the evening before; sessions of staff last a day
	w.As("scheduler").Post("/api/v1/activities", m{"org_id": orgID(w, "yzn"), "kind": "health", "title": "评估", "summary": "量血压", "place": "站里", "audience": "elders", "capacity": 5,
		"sessions": []m{{"start": w.Now().Add(48 * time.Hour), "end": w.Now().Add(49 * time.Hour)}}, "questions": []m{{"kind": "text", "label": "有什么病"}}}).Want(http.StatusUnprocessableEntity)
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1}).Want(http.StatusUnprocessableEntity)
	got := join(w, "resident", a.ID, m{"party": 1, "address": address})
	require.Equal(t, "asked", got.Status)
	require.Zero(t, count(t, w, `SELECT COUNT(*) FROM activity_signups WHERE address_enc LIKE '%单元%'`), "sealed")

	decide := func() *apitest.Answer {
		return form(w, "scheduler", "/signups/"+got.ID+"/decide", url.Values{"yes": {"on"}})
	}
	duty := func(who string, accounts ...int64) *apitest.Answer {
		return w.As(who).Do(http.MethodPut, fmt.Sprintf("/api/v1/sessions/%d/duty", session), m{"accounts": accounts})
	}
	leader, partner, resident := accountID(t, w, "leader"), accountID(t, w, "partner"), accountID(t, w, "resident")
	require.Contains(t, decide().Body, "至少要 2 个人")
	duty("resident", leader, partner).Refused(http.StatusForbidden, "forbidden")
	duty("scheduler", leader, resident).Want(http.StatusUnprocessableEntity)
	duty("scheduler", leader).Want(http.StatusOK)
	require.Contains(t, decide().Body, "至少要 2 个人")
	duty("scheduler", leader, partner).Want(http.StatusOK)
	decide()
	require.Equal(t, "confirmed", apitest.Into[signed](w.As("resident").Get("/api/v1/signups/"+got.ID).Want(http.StatusOK)).Status)
	duty("scheduler", leader).Refused(http.StatusConflict, "activity.two_people")

	everyone := []string{"", "resident", "neighbour", "branch", "scheduler", "partner", "cinema", "clerk", "admin", "auditor", "judge", "leader"}
	reads := func() (out []string) {
		for _, who := range everyone {
			for _, path := range []string{"/signups/" + got.ID, activityPath(a.ID, ""), "/api/v1/signups/" + got.ID, fmt.Sprintf("/activities/%d/people", a.ID),
				"/visits", "/api/v1/visits", fmt.Sprintf("/sessions/%d/door", session), fmt.Sprintf("/sessions/%d/sheet", session), "/api/v1/audit", "/audit"} {
				reader := w.Browser(who)
				if strings.HasPrefix(path, "/api/") {
					reader = w.As(who)
				}
				if strings.Contains(reader.Get(path).Body, "2单元 501") {
					out = append(out, who+" "+path)
				}
			}
		}
		return out
	}
	mine := []string{"resident /signups/" + got.ID}
	require.Contains(t, w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people", a.ID)).Want(http.StatusOK).Body, "周队长", "who runs it sees who goes")
	require.Equal(t, mine, reads(), "the evening before its giver alone")
	w.Clock.Set(a.Sessions[0].StartsAt.Add(-2 * time.Hour).Time())
	require.ElementsMatch(t, append([]string{"leader /visits", "leader /api/v1/visits", "partner /visits", "partner /api/v1/visits"}, mine...), reads(), "on the day who goes there, and nobody else")
	book, err := sheet.Text([]byte(w.Browser("scheduler").Get(fmt.Sprintf("/activities/%d/people.xlsx", a.ID)).Want(http.StatusOK).Body))
	require.NoError(t, err)
	require.NotContains(t, book, "2单元")
	w.Clock.Advance(24 * time.Hour)
	require.Equal(t, mine, reads(), "after it its giver alone")
}

func accountID(t *testing.T, w *apitest.World, login string) int64 {
	t.Helper()
	return int64(count(t, w, `SELECT id FROM accounts WHERE login = ?`, login))
}

// The door goes by names: whoever keeps nobody is led to write the child down first.
func TestAChildIsWrittenDownBeforeItIsSignedUp(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	var id int64
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&id, `SELECT id FROM activities WHERE audience = 'children' AND state = 'open' ORDER BY id LIMIT 1`)
	}))
	page := func() string { return w.Browser("neighbour").Get("/activities/" + itoa(id)).Want(http.StatusOK).Body }
	require.Contains(t, page(), `href="/people/new"`)
	w.As("neighbour").Post("/api/v1/people", m{"name": "小邻居", "relation": "child"}).Want(http.StatusCreated)
	require.NotContains(t, page(), `href="/people/new"`)
	require.Contains(t, page(), "小邻居")
}
