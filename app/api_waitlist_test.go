package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

type wait struct {
	ID       int64  `json:"id"`
	State    string `json:"state"`
	Count    int    `json:"count"`
	Position int    `json:"position"`
	Ahead    int    `json:"ahead"`
	Seats    []any  `json:"seats"`
	Deadline string `json:"deadline"`
	Booking  string `json:"booking_id"`
	Code     string `json:"code"`
}

// fill sells a screening out, in parties of twenty; they come back.
func fill(t *testing.T, w *apitest.World, s show, who string) []ticket {
	t.Helper()
	var out []ticket
	for free := inState(seats(w, s.ID), "free"); len(free) > 0; free = inState(seats(w, s.ID), "free") {
		out = append(out, book(w, who, s.ID, m{"seats": free[:min(len(free), 20)]}))
	}
	require.Zero(t, apitest.Into[show](w.As("").Get(screeningPath(s.ID, "")).Want(http.StatusOK)).Free)
	return out
}

// linkOf is the path of the latest offer that was left for an entry.
func linkOf(t *testing.T, w *apitest.World, id int64) string {
	t.Helper()
	var text string
	require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
		return tx.Scan(&text, `SELECT vars FROM outbox WHERE kind = 'waitlist_offer' AND subject = ? LIMIT 1`, "waitlist:"+itoa(id))
	}))
	var vars map[string]string
	require.NoError(t, json.Unmarshal([]byte(text), &vars))
	return vars["path"]
}

func TestAWaitingListFromJoiningToTheTicket(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(26, 9), nil)
		list := screeningPath(s.ID, "/waitlist")
		require.Contains(t, w.As("neighbour").Post(list, m{"count": 2}).Refused(http.StatusConflict, "waitlist.seats_there").Body, `"seats"`)
		sold := fill(t, w, s, "resident")
		first := apitest.Into[wait](w.As("neighbour").Post(list, m{"count": 2}).Want(http.StatusCreated))
		require.Equal(t, wait{ID: first.ID, State: "waiting", Count: 2, Position: 1, Seats: []any{}}, first)
		require.Equal(t, first, apitest.Into[wait](w.As("neighbour").Post(list, m{"count": 5}).Want(http.StatusCreated)), "a second time is the first")
		second := apitest.Into[wait](w.As("leader").Post(list, m{"count": 1}).Want(http.StatusCreated))
		require.Equal(t, 2, second.Position)
		caller := apitest.Into[wait](w.As("clerk").Post(list, m{"count": 1, "caller": m{"name": "王奶奶"}, "channel": "phone"}).Want(http.StatusCreated))
		w.As("leader").Get("/api/v1/waitlist/"+itoa(first.ID)).Refused(http.StatusNotFound, "not_found")
		w.As("leader").Get(list).Refused(http.StatusForbidden, "forbidden")

		move := "/api/v1/waitlist/" + itoa(second.ID) + "/move"
		w.As("clerk").Post(move, m{"direction": "up", "reason": "x"}).Refused(http.StatusForbidden, "forbidden")
		w.As("scheduler").Post(move, m{"direction": "up"}).Want(http.StatusUnprocessableEntity)
		w.As("scheduler").Post(move, m{"direction": "up", "reason": "刚出院"}).Want(http.StatusOK)
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'waitlist.reorder' AND reason = '刚出院'`))
		w.As("scheduler").Post("/api/v1/waitlist/"+itoa(first.ID)+"/move", m{"direction": "up", "reason": "改回来"}).Want(http.StatusOK)

		w.As("resident").Post("/api/v1/bookings/"+sold[len(sold)-1].ID+"/cancel", nil).Want(http.StatusOK)
		w.As("judge").Post(screeningPath(s.ID, "/bookings"), m{"count": 20}).Refused(http.StatusConflict, "screening.full")
		offer := apitest.Into[wait](w.As("neighbour").Get("/api/v1/waitlist/" + itoa(first.ID)).Want(http.StatusOK))
		require.Equal(t, "offered", offer.State)
		require.Len(t, offer.Seats, 2)
		require.NotEmpty(t, offer.Deadline)
		sound(t, w)

		path := linkOf(t, w, first.ID)
		for range 3 { // whoever looks at a link in advance changes nothing
			require.Equal(t, offer, apitest.Into[wait](w.As("").Get("/api/v1"+path).Want(http.StatusOK)))
			require.Contains(t, w.Browser("").Get(path).Want(http.StatusOK).Body, path+"/accept")
		}
		w.As("").Post("/api/v1/offers/AAAAAAAAAAAAAAAAAAAAAA/accept", nil).Refused(http.StatusNotFound, "not_found")
		w.As("").Post("/api/v1"+path+"/accept", nil).Want(http.StatusOK)
		taken := apitest.Into[wait](w.As("").Post("/api/v1"+path+"/accept", nil).Want(http.StatusOK))
		require.Equal(t, "taken", taken.State)
		require.Equal(t, "booked", apitest.Into[ticket](w.As("neighbour").Get("/api/v1/bookings/"+taken.Booking).Want(http.StatusOK)).Status)
		w.As("").Post("/api/v1"+path+"/decline", nil).Refused(http.StatusConflict, "waitlist.taken")
		require.Contains(t, w.Browser("").Get(path).Want(http.StatusOK).Body, taken.Code[:4]+" "+taken.Code[4:])

		// The caller has no channel: the clerk phones, and answers for them.
		require.Equal(t, "offered", apitest.Into[wait](w.As("clerk").Get("/api/v1/waitlist/"+itoa(caller.ID)).Want(http.StatusOK)).State)
		require.Contains(t, w.As("clerk").Get("/api/v1/callsheet").Want(http.StatusOK).Body, "王奶奶")
		w.As("auditor").Post("/api/v1/waitlist/"+itoa(caller.ID)+"/accept", nil).Refused(http.StatusForbidden, "forbidden")
		w.As("clerk").Post("/api/v1/waitlist/"+itoa(caller.ID)+"/accept", m{"channel": "phone"}).Want(http.StatusOK)

		// Nobody answers the last one.
		moveTo(t, w, apitest.Into[wait](w.As("leader").Get("/api/v1/waitlist/"+itoa(second.ID)).Want(http.StatusOK)).Deadline)
		_, err := w.Runner.RunOnce(t.Context(), "expire_offers")
		require.NoError(t, err)
		require.Equal(t, "expired", apitest.Into[wait](w.As("leader").Get("/api/v1/waitlist/"+itoa(second.ID)).Want(http.StatusOK)).State)
		w.As("leader").Post("/api/v1/waitlist/"+itoa(second.ID)+"/accept", nil).Refused(http.StatusConflict, "waitlist.lapsed")
		sound(t, w)
	})
}

// What was offered and never booked is no booking of anybody.
func TestALapsedOfferIsNoBookingInTheList(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(26, 9), nil)
		sold := fill(t, w, s, "resident")
		e := apitest.Into[wait](w.As("neighbour").Post(screeningPath(s.ID, "/waitlist"), m{"count": 2}).Want(http.StatusCreated))
		w.As("resident").Post("/api/v1/bookings/"+sold[0].ID+"/cancel", nil).Want(http.StatusOK)
		page := func() string { return w.Browser("neighbour").Get("/bookings").Want(http.StatusOK).Body }
		require.Equal(t, 1, strings.Count(page(), `href="/waitlist/`))
		before := strings.Count(page(), `href="/bookings/`)
		w.As("neighbour").Post("/api/v1/waitlist/"+itoa(e.ID)+"/decline", nil).Want(http.StatusOK)
		require.Equal(t, before, strings.Count(page(), `href="/bookings/`))
		require.Zero(t, strings.Count(page(), `href="/waitlist/`))
		sound(t, w)
	})
}
