package app_test

import (
	"net/http"
	"testing"

	"youyue/app/apitest"

	"github.com/stretchr/testify/require"
)

func TestCancelFreesTheSeatsAtOnce(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 3})
		got := apitest.Into[ticket](w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", m{"reason": "有事"}).Want(http.StatusOK))
		require.Equal(t, "cancelled", got.Status)
		require.Equal(t, b.Seats, got.Seats, "what it had")
		require.Empty(t, inState(seats(w, s.ID), "taken"))
		again := apitest.Into[ticket](w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", nil).Want(http.StatusOK))
		require.Equal(t, got, again, "twice is once")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.cancel' AND subject_id = ?`, b.ID))
		book(w, "branch", s.ID, m{"seats": ids(b.Seats)})
		w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", nil).Want(http.StatusOK)
		require.Len(t, inState(seats(w, s.ID), "taken"), 3, "the next holder keeps them")
		sound(t, w)
	})
}

func TestCancelIsBoundByItsLimit(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b, c := book(w, "resident", s.ID, m{"count": 2}), book(w, "resident", s.ID, m{"count": 2})
		moveTo(t, w, at(25, 7)) // two hours before, the limit itself
		no := w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", nil).Refused(http.StatusConflict, "booking.cancel_late")
		require.Contains(t, no.Body, `"cancel_until":"2026-11-24T23:00:00Z"`)
		w.As("clerk").Post("/api/v1/bookings/"+b.ID+"/cancel", m{"channel": "phone", "reason": "来电退订", "read_back": true}).Want(http.StatusOK)
		gone := w.As("resident").Get("/api/v1/bookings/" + b.ID).Want(http.StatusOK)
		require.Contains(t, gone.Body, `"channel":"phone","read_back":true,"reason":"来电退订"`, "how it was given up is on record")
		moveTo(t, w, at(25, 9))
		w.As("clerk").Post("/api/v1/bookings/"+c.ID+"/cancel", m{"channel": "phone"}).Refused(http.StatusConflict, "booking.cancel_late")
		require.Equal(t, "phone", channelOfCancel(t, w, b.ID))
		sound(t, w)
	})
}

func channelOfCancel(t *testing.T, w *apitest.World, id string) string {
	t.Helper()
	for _, c := range []string{"online", "phone", "window", "visit"} {
		if count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.cancel' AND subject_id = ? AND channel = ?`, id, c) == 1 {
			return c
		}
	}
	return ""
}

// Whoever may not see a booking is told that there is none; whoever may see it
// and not change it is told that.
func TestBookingsBelongToTheirPeople(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		colleague(t, w, "branch1b", "yzn-zb1")
		zb1 := count(t, w, `SELECT id FROM orgs WHERE code = 'yzn-zb1'`)
		private := book(w, "resident", s.ID, m{"count": 1})
		shared := book(w, "branch", s.ID, m{"count": 1, "org_id": zb1})
		unknown := "01940000-0000-7000-8000-000000000000"
		for _, c := range []struct {
			who          string
			own, branchs int // GET
			cancelOwn    int
			cancelBranch int
		}{
			{"branch2", 404, 404, 404, 404},
			{"leader", 404, 404, 404, 404},
			{"judge", 404, 404, 404, 404},
			{"auditor", 200, 200, 403, 403},
			{"admin", 200, 200, 403, 403},
			{"cinema", 200, 200, 403, 403},
			{"branch1b", 404, 200, 404, 200},
		} {
			w.As(c.who).Get("/api/v1/bookings/" + private.ID).Want(c.own)
			w.As(c.who).Get("/api/v1/bookings/" + shared.ID).Want(c.branchs)
			w.As(c.who).Post("/api/v1/bookings/"+private.ID+"/cancel", nil).Want(c.cancelOwn)
			w.As(c.who).Post("/api/v1/bookings/"+shared.ID+"/cancel", nil).Want(c.cancelBranch)
			w.As(c.who).Get("/api/v1/bookings/"+unknown).Refused(http.StatusNotFound, "not_found")
			w.As(c.who).Post("/api/v1/bookings/"+unknown+"/cancel", nil).Refused(http.StatusNotFound, "not_found")
			all := apitest.Into[page[ticket]](w.As(c.who).Get("/api/v1/bookings?whose=all&per_page=100").Want(http.StatusOK))
			require.Equal(t, c.own == 200, has(all, private.ID), c.who)
			require.Equal(t, c.branchs == 200, has(all, shared.ID), c.who)
		}
		w.As("").Get("/api/v1/bookings/"+private.ID).Refused(http.StatusUnauthorized, "sign_in")
		w.As("resident").Get("/api/v1/bookings/not-an-id").Refused(http.StatusNotFound, "not_found")
		require.Equal(t, "booked", apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+private.ID).Want(http.StatusOK)).Status)
		sound(t, w)
	})
}

func has(p page[ticket], id string) bool {
	for _, x := range p.Items {
		if x.ID == id {
			return true
		}
	}
	return false
}

// A branch's bookings survive a change of secretary.
func TestBranchBookingsSurviveTheirSecretary(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"audience": "branches"})
		b := book(w, "branch", s.ID, m{"count": 4})
		colleague(t, w, "newcomer", "yzn-zb1")
		require.NoError(t, w.App.Accounts.RevokeByCode(t.Context(), "branch", "branch", "yzn-zb1"))
		require.NoError(t, w.App.Accounts.DisableLogin(t.Context(), "branch"))
		w.As("branch").Get("/api/v1/bookings").Refused(http.StatusUnauthorized, "bad_token")
		mine := apitest.Into[page[ticket]](w.As("newcomer").Get("/api/v1/bookings").Want(http.StatusOK))
		require.True(t, has(mine, b.ID))
		w.As("newcomer").Post("/api/v1/bookings/"+b.ID+"/cancel", nil).Want(http.StatusOK)
		sound(t, w)
	})
}

// colleague is one more secretary of a branch.
func colleague(t *testing.T, w *apitest.World, login, branch string) {
	t.Helper()
	_, err := w.App.Accounts.AddAccount(t.Context(), login, "同事（示例）", "")
	require.NoError(t, err)
	require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), login, "branch", branch))
}
