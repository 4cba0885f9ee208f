package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// otherHall adds a small hall and returns it with one seat of a screening there.
func otherHall(t *testing.T, w *apitest.World) (hall, seat int64) {
	t.Helper()
	var orgID int64
	require.NoError(t, w.App.DB.Read(context.Background(), func(tx *db.Tx) error { return tx.Scan(&orgID, `SELECT org_id FROM resources WHERE kind = 'hall'`) }))
	h := venue.Hall{Hall: models.Hall{Code: "small", Venue: "区文明实践中心"}, Name: "小影厅", OrgID: orgID}
	specs := []models.SeatSpec{{Ord: 0, Row: 1, RowTag: "1", Number: "1", Col: 1, Left: -1, Kind: models.SeatStandard},
		{Ord: 1, Row: 1, RowTag: "1", Number: "2", Col: 2, Left: 0, Kind: models.SeatNotForSale, Reason: "坏了"}}
	require.NoError(t, w.App.DB.Write(context.Background(), func(tx *db.Tx) error { return venue.Create(tx, &h, specs) }))
	s := puton(t, w, at(26, 9), m{"hall_id": h.ID})
	return h.ID, seats(w, s.ID).Seats[0].ID
}

func TestBookingsAreRefusedClearlyAndStoreNothing(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		hall := count(t, w, `SELECT MIN(id) FROM halls`)
		_, alien := otherHall(t, w)
		v := seats(w, s.ID)
		all := inState(v, "free")
		late := puton(t, w, at(24, 9), m{"hall_id": hall, "booking_opens_at": at(23, 18)})
		early := puton(t, w, at(24, 13), m{"hall_id": hall, "booking_closes_at": at(23, 10)})
		branches := puton(t, w, at(27, 9), m{"hall_id": hall, "audience": "branches"})
		theirs := count(t, w, `SELECT MAX(id) FROM orgs WHERE code = 'yzn-zb2'`)
		station := count(t, w, `SELECT MAX(id) FROM orgs WHERE code = 'yzn'`)
		before := count(t, w, `SELECT COUNT(*) FROM bookings`)
		moveTo(t, w, at(23, 11))
		path := screeningPath(s.ID, "/bookings")
		for name, c := range map[string]call{
			"nothing asked":           {as: "resident", path: path, body: m{}, status: 422, code: "screening.seats_or_count"},
			"no body":                 {as: "resident", path: path, status: 422, code: "screening.seats_or_count"},
			"no seats":                {as: "resident", path: path, body: m{"seats": []int64{}}, status: 422, code: "screening.seats_or_count"},
			"no people":               {as: "resident", path: path, body: m{"count": 0}, status: 422, code: "screening.seats_or_count"},
			"seats and people":        {as: "resident", path: path, body: m{"seats": all[:1], "count": 1}, status: 422, code: "screening.seats_or_count"},
			"173 seats":               {as: "resident", path: path, body: m{"seats": append(append([]int64{}, all...), alien)}, status: 422, code: "screening.too_many"},
			"173 people":              {as: "resident", path: path, body: m{"count": 173}, status: 422, code: "screening.too_many"},
			"one more than allowed":   {as: "resident", path: path, body: m{"count": 21}, status: 422, code: "screening.too_many", has: `"max_seats":20`},
			"more than any hall":      {as: "resident", path: path, body: m{"count": 401}, status: 422, code: "request.invalid", has: `"field":"count"`},
			"fewer than nobody":       {as: "resident", path: path, body: m{"count": -1}, status: 422, code: "request.invalid"},
			"unknown seat":            {as: "resident", path: path, body: m{"seats": []int64{all[0], 999999}}, status: 422, code: "screening.unknown_seat", has: `"field":"seats[1]"`},
			"seat below nought":       {as: "resident", path: path, body: m{"seats": []int64{-1}}, status: 422, code: "screening.unknown_seat"},
			"seat of another hall":    {as: "resident", path: path, body: m{"seats": []int64{alien}}, status: 422, code: "screening.unknown_seat"},
			"one seat twice":          {as: "resident", path: path, body: m{"seats": []int64{all[0], all[0]}}, status: 422, code: "screening.unknown_seat"},
			"unknown preference":      {as: "resident", path: path, body: m{"count": 2, "preference": "roof"}, status: 422, code: "request.invalid", has: `"field":"preference"`},
			"not open yet":            {as: "resident", path: screeningPath(late.ID, "/bookings"), body: m{"count": 2}, status: 409, code: "screening.not_open_yet", has: `"opens_at":"2026-11-23T10:00:00Z"`},
			"booking closed":          {as: "resident", path: screeningPath(early.ID, "/bookings"), body: m{"count": 2}, status: 409, code: "screening.booking_closed"},
			"for branches":            {as: "resident", path: screeningPath(branches.ID, "/bookings"), body: m{"count": 2}, status: 403, code: "screening.branches_only"},
			"which branch":            {as: "clerk", path: screeningPath(branches.ID, "/bookings"), body: m{"count": 2}, status: 422, code: "screening.which_branch"},
			"another branch":          {as: "branch", path: screeningPath(branches.ID, "/bookings"), body: m{"count": 2, "org_id": theirs}, status: 422, code: "request.invalid", has: `"field":"org_id"`},
			"no branch at all":        {as: "clerk", path: screeningPath(branches.ID, "/bookings"), body: m{"count": 2, "org_id": station}, status: 403, code: "screening.not_branch"},
			"for whom one may not":    {as: "resident", path: path, body: m{"count": 2, "person_id": 999999}, status: 422, code: "request.invalid", has: `"field":"person_id"`},
			"caller without a desk":   {as: "resident", path: path, body: m{"count": 2, "caller": m{"name": "张三"}}, status: 403, code: "booking.desk_only"},
			"channel without a desk":  {as: "branch", path: path, body: m{"count": 2, "channel": "phone"}, status: 403, code: "booking.desk_only"},
			"the job's own channel":   {as: "clerk", path: path, body: m{"count": 2, "channel": "job"}, status: 422, code: "request.invalid"},
			"unknown screening":       {as: "resident", path: screeningPath(999999, "/bookings"), body: m{"count": 2}, status: 404, code: "not_found"},
			"no screening":            {as: "resident", path: "/api/v1/screenings/abc/bookings", body: m{"count": 2}, status: 404, code: "not_found"},
			"nobody":                  {path: path, body: m{"count": 2}, status: 401, code: "sign_in"},
			"wrong token":             {path: path, header: [2]string{"Authorization", "Bearer yy_x"}, body: m{"count": 2}, status: 401, code: "bad_token"},
			"words for numbers":       {as: "resident", path: path, body: `{"count":"two"}`, status: 400, code: "request.wrong_type"},
			"words for seats":         {as: "resident", path: path, body: `{"seats":["5排7座"]}`, status: 400, code: "request.wrong_type"},
			"a list":                  {as: "resident", path: path, body: `[]`, status: 400, code: "request.wrong_type"},
			"unknown field":           {as: "resident", path: path, body: `{"count":2,"price":1}`, status: 400, code: "request.unknown_field"},
			"broken JSON":             {as: "resident", path: path, body: `{"count":2`, status: 400, code: "request.malformed"},
			"invalid UTF-8":           {as: "clerk", path: path, body: "{\"count\":2,\"caller\":{\"name\":\"\xff\"}}", status: 400, code: "request.encoding"},
			"NUL":                     {as: "clerk", path: path, body: `{"count":2,"caller":{"name":"a\u0000"}}`, status: 400, code: "request.encoding"},
			"XML":                     {as: "resident", path: path, header: [2]string{"Content-Type", "text/xml"}, body: `<count>2</count>`, status: 415, code: "request.media_type"},
			"more than a megabyte":    {as: "resident", path: path, body: `{"preference":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, code: "request.too_large"},
			"wheelchairs, too many":   {as: "resident", path: path, body: m{"count": 10, "wheelchairs": 10}, status: 409, code: "screening.full"},
			"for a caller, too late":  {as: "clerk", path: screeningPath(early.ID, "/bookings"), body: m{"count": 2, "caller": m{"name": "张三"}}, status: 409, code: "screening.booking_closed"},
			"caller's number, broken": {as: "clerk", path: path, body: m{"count": 2, "caller": m{"name": "张三", "phone": "12"}}, status: 422, code: "request.invalid"},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		require.Equal(t, before, count(t, w, `SELECT COUNT(*) FROM bookings`))
		require.Equal(t, v, seats(w, s.ID))
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM people WHERE name = '张三'`))
		sound(t, w)
	})
}

func TestPastAndCancelledScreeningsTakeNobody(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s, off := puton(t, w, at(24, 9), nil), puton(t, w, at(24, 13), nil)
		mine := book(w, "resident", off.ID, m{"count": 2})
		w.As("scheduler").Post(screeningPath(off.ID, "/cancel"), m{"reason": "设备检修"}).Want(http.StatusOK)
		w.As("scheduler").Post(screeningPath(off.ID, "/cancel"), m{"reason": "设备检修"}).Refused(http.StatusConflict, "screening.over")
		w.As("resident").Post(screeningPath(off.ID, "/bookings"), m{"count": 2}).Refused(http.StatusConflict, "screening.over")
		require.Equal(t, "cancelled", apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+mine.ID).Want(http.StatusOK)).Status)
		moveTo(t, w, at(24, 9))
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"count": 2}).Refused(http.StatusConflict, "screening.booking_closed")
		moveTo(t, w, at(24, 20))
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"count": 2}).Refused(http.StatusConflict, "screening.over")
		sound(t, w)
	})
}

func TestSeatsOutOfOrderAreNotSold(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		hall, _ := otherHall(t, w)
		s := puton(t, w, at(28, 9), m{"hall_id": hall})
		v := seats(w, s.ID)
		require.Equal(t, []string{"free", "blocked"}, []string{v.Seats[0].State, v.Seats[1].State})
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"seats": []int64{v.Seats[1].ID}}).Refused(http.StatusConflict, "screening.not_for_sale")
		w.As("scheduler").Post("/api/v1/screenings", m{"film_id": film(t, w, "1921"), "starts_at": at(29, 8), "audience": "public"}).
			Refused(http.StatusUnprocessableEntity, "screening.which_hall")
	})
}

func TestBranchesBookForThemselvesAndTheDeskForAnybody(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"audience": "branches", "reserved_percent": 20})
		own := book(w, "branch", s.ID, m{"count": 5})
		one := apitest.Into[ticket](w.As("branch").Get("/api/v1/bookings/" + own.ID).Want(http.StatusOK))
		require.NotNil(t, one.OrgID)
		require.Equal(t, "共建第一党支部（示例）", one.Name)
		reserved := inState(seats(w, s.ID), "reserved")
		require.Len(t, reserved, 34)
		w.As("branch").Post(screeningPath(s.ID, "/bookings"), m{"seats": reserved[:2]}).Refused(http.StatusConflict, "screening.seat_taken")
		zb2 := count(t, w, `SELECT id FROM orgs WHERE code = 'yzn-zb2'`)
		desk := book(w, "clerk", s.ID, m{"seats": reserved[:2], "org_id": zb2, "channel": "phone", "read_back": true})
		seen := apitest.Into[ticket](w.As("branch2").Get("/api/v1/bookings/" + desk.ID).Want(http.StatusOK))
		require.Equal(t, "phone", seen.Channel)

		public := puton(t, w, at(25, 13), nil)
		caller := book(w, "clerk", public.ID, m{"count": 2, "caller": m{"name": "刘桂英", "phone": "139 0000 8826"}, "channel": "phone"})
		got := apitest.Into[ticket](w.As("clerk").Get("/api/v1/bookings/" + caller.ID).Want(http.StatusOK))
		require.Equal(t, "刘桂英", got.Name)
		keyed := w.As("clerk").With("Idempotency-Key", "call-1")
		wish := m{"count": 1, "caller": m{"name": "李大爷"}, "channel": "phone"}
		first := keyed.Post(screeningPath(public.ID, "/bookings"), wish).Want(http.StatusCreated)
		require.Equal(t, first.Body, keyed.Post(screeningPath(public.ID, "/bookings"), wish).Want(http.StatusCreated).Body)
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM people WHERE name = '李大爷'`), "noted once")
		silent := book(w, "clerk", public.ID, m{"count": 1, "caller": m{"name": "王奶奶"}, "channel": "window"})
		require.Equal(t, "window", apitest.Into[ticket](w.As("clerk").Get("/api/v1/bookings/"+silent.ID).Want(http.StatusOK)).Channel)
		sound(t, w)
	})
}
