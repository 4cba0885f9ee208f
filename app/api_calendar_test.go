package app_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/calendar"
	"youyue/app/db"
	"youyue/app/sheet"

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
		hall, err := w.App.Calendar.Subscribe(t.Context(), scheduler, calendar.FeedPlace, places[0].ID)
		require.NoError(t, err)
		require.Contains(t, event(t, subscribed(t, w, hall), "request-"+itoa(q.ID)), "STATUS:TENTATIVE")
		w.As("branch").Post(requestPath(q.ID, "/withdraw"), m{"reason": "改期"}).Want(http.StatusOK)
		require.Contains(t, event(t, subscribed(t, w, f), "request-"+itoa(q.ID)), "STATUS:CANCELLED")

		_, err = w.App.Calendar.Subscribe(t.Context(), secretary, calendar.FeedPlace, places[0].ID)
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
		text, err := sheet.Text([]byte(w.Browser("scheduler").Get("/calendar.xlsx?month=2026-11").Want(http.StatusOK).Body))
		require.NoError(t, err)
		require.Contains(t, text, "2026-11-26\t周四\t14:00")
		require.Contains(t, text, "包场申请\t1921\t共建第一党支部（示例）\t60")
	})
}
