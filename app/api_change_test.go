package app_test

import (
	"net/http"
	"sync"
	"testing"

	"youyue/app/apitest"
	"youyue/app/booking"

	"github.com/stretchr/testify/require"
)

// changed is what a change answers.
type changed struct {
	ticket
	Before   []booking.SeatRef `json:"before"`
	Unseated []string          `json:"unseated"`
}

func seatsPath(id string) string { return "/api/v1/bookings/" + id + "/seats" }

func TestAPartyChangesItsSeats(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		free := inState(seats(w, s.ID), "free")
		b := book(w, "resident", s.ID, m{"seats": free[10:12]})
		other := book(w, "branch", s.ID, m{"seats": free[12:14]})
		got := apitest.Into[changed](w.As("resident").Post(seatsPath(b.ID), m{"seats": free[9:11]}).Want(http.StatusOK))
		require.Equal(t, free[9:11], ids(got.Seats), "shifted by one")
		require.Equal(t, b.Seats, got.Before)
		require.Equal(t, []any{b.ID, b.Code, "booked"}, []any{got.ID, got.Code, got.Status})
		require.Empty(t, got.Unseated)

		no := w.As("resident").Post(seatsPath(b.ID), m{"seats": free[11:13]}).Refused(http.StatusConflict, "screening.seat_taken")
		ways := apitest.Into[refused](no)
		require.NotEmpty(t, ways.Alternatives)
		require.Equal(t, got.Seats, apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+b.ID).Want(http.StatusOK)).Seats, "a refusal leaves the old ones")
		w.As("resident").Post(seatsPath(b.ID), m{"seats": ids(ways.Alternatives[0].Seats)}).Want(http.StatusOK)

		more := apitest.Into[changed](w.As("resident").Post(seatsPath(b.ID), m{"count": 5, "preference": "back"}).Want(http.StatusOK))
		require.Len(t, more.Seats, 5)
		require.Equal(t, "one_row", more.Together)
		fewer := apitest.Into[changed](w.As("resident").Post(seatsPath(b.ID), m{"count": 1}).Want(http.StatusOK))
		require.Subset(t, ids(more.Seats), ids(fewer.Seats))
		require.Equal(t, 1, apitest.Into[struct {
			Party int `json:"party"`
		}](w.As("resident").Get("/api/v1/bookings/"+b.ID).Want(http.StatusOK)).Party)

		for _, c := range []call{
			{as: "resident", path: seatsPath(b.ID), body: m{}, status: 422, code: "screening.seats_or_count"},
			{as: "resident", path: seatsPath(b.ID), body: m{"count": 1, "seats": free[:1]}, status: 422, code: "screening.seats_or_count"},
			{as: "resident", path: seatsPath(b.ID), body: m{"count": 173}, status: 422, code: "screening.too_many"},
			{as: "resident", path: seatsPath(b.ID), body: m{"seats": []int{0}}, status: 422, code: "screening.unknown_seat"},
			{as: "resident", path: seatsPath(b.ID), body: m{"count": 1, "preference": "roof"}, status: 422, code: "request.invalid"},
			{as: "resident", path: seatsPath(other.ID), body: m{"count": 1}, status: 404, code: "not_found"},
			{as: "branch2", path: seatsPath(b.ID), body: m{"count": 1}, status: 404, code: "not_found"},
			{as: "auditor", path: seatsPath(b.ID), body: m{"count": 1}, status: 403, code: "forbidden"},
			{as: "cinema", path: seatsPath(b.ID), body: m{"count": 1}, status: 403, code: "forbidden"},
			{as: "", path: seatsPath(b.ID), body: m{"count": 1}, status: 401, code: "sign_in"},
		} {
			c.run(t, w)
		}
		sound(t, w)
	})
}

func TestWhoChangesUntilWhen(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"reserved_percent": 20})
		b := book(w, "resident", s.ID, m{"count": 2})
		reserved := inState(seats(w, s.ID), "reserved")
		w.As("resident").Post(seatsPath(b.ID), m{"seats": reserved[:2]}).Refused(http.StatusConflict, "screening.seat_taken")
		w.As("clerk").Post(seatsPath(b.ID), m{"seats": reserved[:2], "channel": "phone", "read_back": true}).Want(http.StatusOK)
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.change' AND channel = 'phone' AND subject_id = ?`, b.ID))
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'changed' AND subject = ?`, "booking:"+b.ID), "told by voice")

		caller := book(w, "clerk", s.ID, m{"count": 2, "caller": m{"name": "刘桂英", "phone": "139 0000 8826"}, "channel": "phone"})
		w.As("clerk").Post(seatsPath(caller.ID), m{"count": 3}).Want(http.StatusOK)

		moveTo(t, w, at(25, 7)) // two hours before, the limit itself
		no := w.As("resident").Post(seatsPath(b.ID), m{"count": 3}).Refused(http.StatusConflict, "booking.change_late")
		require.Contains(t, no.Body, `"change_until":"2026-11-24T23:00:00Z"`)
		w.As("clerk").Post(seatsPath(b.ID), m{"count": 3}).Want(http.StatusOK)
		scanned := apitest.Into[changed](w.As("clerk").Post(seatsPath(b.ID), m{"count": 2}).Want(http.StatusOK))
		w.As("cinema").Post("/api/v1/checkins", m{"code": scanned.Code, "nonce": "1", "seats": ids(scanned.Seats)[:1]}).Want(http.StatusOK)
		w.As("clerk").Post(seatsPath(b.ID), m{"seats": ids(scanned.Seats)[1:]}).Refused(http.StatusConflict, "booking.seat_here")
		w.As("clerk").Post("/api/v1/bookings/"+caller.ID+"/cancel", nil).Want(http.StatusOK)
		w.As("clerk").Post(seatsPath(caller.ID), m{"count": 2}).Refused(http.StatusConflict, "booking.not_booked")
		moveTo(t, w, at(25, 9))
		w.As("clerk").Post(seatsPath(b.ID), m{"count": 2}).Refused(http.StatusConflict, "booking.change_late")
		sound(t, w)
	})
}

func TestAWholeHallHasNothingToChangeTo(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		q := ask(t, w, "branch", at(25, 9))
		w.As("scheduler").Post(requestPath(q.ID, "/approve"), nil).Want(http.StatusOK)
		mine := apitest.Into[page[ticket]](w.As("branch").Get("/api/v1/bookings").Want(http.StatusOK)).Items[0]
		w.As("branch").Post(seatsPath(mine.ID), m{"count": 100}).Refused(http.StatusConflict, "booking.whole_hall")
		require.NotContains(t, w.Browser("branch").Get("/bookings/"+mine.ID).Want(http.StatusOK).Body, "改座")
		require.Contains(t, w.Browser("branch").Get("/bookings/"+mine.ID+"/seats").Want(http.StatusConflict).Body, "包场的座位全归贵支部")
		sound(t, w)
	})
}

func TestAChangeWithAKeyHappensOnce(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 2})
		keyed := w.As("resident").With("Idempotency-Key", "change-1")
		var got [3]*apitest.Answer
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() { got[i] = keyed.Post(seatsPath(b.ID), m{"count": 4}) })
		}
		all.Wait()
		for _, a := range got {
			require.Equal(t, http.StatusOK, a.Status, a.Body)
			require.Equal(t, got[0].Body, a.Body)
		}
		w.As("resident").Post(seatsPath(b.ID), m{"count": 1}).Want(http.StatusOK)
		require.Equal(t, got[0].Body, keyed.Post(seatsPath(b.ID), m{"count": 4}).Want(http.StatusOK).Body, "asked again, told the same")
		keyed.Post(seatsPath(b.ID), m{"count": 5}).Refused(http.StatusUnprocessableEntity, "idempotency.reused")
		require.Equal(t, 2, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.change' AND subject_id = ?`, b.ID))
		require.Len(t, inState(seats(w, s.ID), "taken"), 1)
		sound(t, w)
	})
}

// The page works as a plain form, for the holder and for the desk.
func TestThePageForChangingSeats(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "resident", s.ID, m{"count": 2})
		path := "/bookings/" + b.ID + "/seats"
		for _, p := range []string{path, path + "?page=seats", path + "?count=4&preference=front"} {
			require.Contains(t, w.Browser("resident").Get(p).Want(http.StatusOK).Body, "现在的座位")
		}
		require.Contains(t, w.Browser("resident").Get("/bookings/"+b.ID).Want(http.StatusOK).Body, path)
		require.Contains(t, w.Browser("clerk").Get(path).Want(http.StatusOK).Body, "请念给对方听")
		require.NotContains(t, w.Browser("cinema").Get("/bookings/"+b.ID).Want(http.StatusOK).Body, path)
		w.Browser("cinema").Get(path).Want(http.StatusForbidden)
		w.Browser("branch2").Get(path).Want(http.StatusNotFound)
	})
}
