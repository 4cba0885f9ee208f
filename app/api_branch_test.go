package app_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/booking"
	"youyue/app/sheet"

	"github.com/stretchr/testify/require"
)

type rollBody struct {
	Party     int                `json:"party"`
	Attendees []booking.Attendee `json:"attendees"`
	Seats     []booking.SeatRef  `json:"seats"`
	SameNames []string           `json:"same_names"`
}

type blockBody struct {
	ID       int64             `json:"id"`
	Status   string            `json:"status"`
	Count    int               `json:"count"`
	Seats    []booking.SeatRef `json:"seats"`
	Deadline string            `json:"deadline"`
	Reason   string            `json:"reason"`
	Booking  string            `json:"booking_id"`
}

func rollOf(id string) string { return "/api/v1/bookings/" + id + "/attendees" }

func people(names ...string) m {
	list := make([]m, len(names))
	for i, n := range names {
		list[i] = m{"name": n}
	}
	return m{"attendees": list}
}

func TestAttendeesThroughTheAPI(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"audience": "branches"})
		b := book(w, "branch", s.ID, m{"count": 4})
		path := rollOf(b.ID)
		empty := apitest.Into[rollBody](w.As("branch").Get(path).Want(http.StatusOK))
		require.Empty(t, empty.Attendees)
		require.Equal(t, 4, empty.Party)

		got := apitest.Into[rollBody](w.As("branch").Post(path, m{"attendees": []m{{"name": "王芳", "seat_id": b.Seats[1].ID}, {"name": "王芳"}}}).Want(http.StatusOK))
		require.Equal(t, []string{"王芳"}, got.SameNames, "a warning, not a fault")
		require.Equal(t, b.Seats[1].Label, got.Attendees[0].SeatLabel)
		more := people("王芳", "王芳", "李强")
		more["seating"] = "in_order"
		in := apitest.Into[rollBody](w.As("branch").Post(path, more).Want(http.StatusOK))
		require.Equal(t, got.Attendees[0].ID, in.Attendees[0].ID, "who stays keeps the id")
		for i, a := range in.Attendees {
			require.Equal(t, b.Seats[i].ID, *a.SeatID)
		}
		before := w.As("branch").Get(path).Body
		for name, c := range map[string]call{
			"one too many":       {as: "branch", body: people("a", "b", "c", "d", "e"), status: 422, code: "booking.too_many_names", has: `"over":1`},
			"no name":            {as: "branch", body: people("a", ""), status: 422, code: "request.invalid", has: `"field":"attendees[1].name"`},
			"marks":              {as: "branch", body: people("a\u202eb"), status: 422, code: "request.invalid", has: `"field":"attendees[0].name"`},
			"too long":           {as: "branch", body: people(strings.Repeat("长", 41)), status: 422, code: "request.invalid"},
			"a seat twice":       {as: "branch", body: m{"attendees": []m{{"name": "a", "seat_id": b.Seats[0].ID}, {"name": "b", "seat_id": b.Seats[0].ID}}}, status: 422, code: "request.invalid", has: `"field":"attendees[1].seat_id"`},
			"nobody's seat":      {as: "branch", body: m{"attendees": []m{{"name": "a", "seat_id": 999999}}}, status: 422, code: "request.invalid"},
			"unknown seating":    {as: "branch", body: m{"attendees": []m{}, "seating": "best"}, status: 422, code: "request.invalid"},
			"another branch":     {as: "branch2", body: people("a"), status: 404, code: "not_found"},
			"who only looks":     {as: "auditor", body: people("a"), status: 403, code: "forbidden"},
			"at the door":        {as: "cinema", body: people("a"), status: 403, code: "forbidden"},
			"nobody":             {body: people("a"), status: 401, code: "sign_in"},
			"no such booking":    {as: "branch", path: rollOf("0"), body: people("a"), status: 404, code: "not_found"},
			"words for a number": {as: "branch", body: `{"attendees":[{"name":"a","seat_id":"5排7座"}]}`, status: 400, code: "request.wrong_type"},
		} {
			if c.path == "" {
				c.path = path
			}
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		require.Equal(t, before, w.As("branch").Get(path).Body, "a refusal changes nothing")
		w.As("scheduler").Post(path, people("代写的")).Want(http.StatusOK)
		w.As("branch").Post("/api/v1/bookings/"+b.ID+"/cancel", m{}).Want(http.StatusOK)
		w.As("branch").Post(path, people("a")).Refused(http.StatusConflict, "booking.not_booked")
		sound(t, w)
	})
}

// rollForm sends the page's form; file is an Excel file or nil.
func rollForm(t *testing.T, w *apitest.World, who, id, do, text string, file []byte) *apitest.Answer {
	t.Helper()
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	require.NoError(t, f.WriteField("text", text))
	require.NoError(t, f.WriteField("do", do))
	if file == nil {
		require.NoError(t, f.WriteField("file", "")) // as a browser sends a field that was left empty
	} else {
		part, err := f.CreateFormFile("file", "名单.xlsx")
		require.NoError(t, err)
		_, err = part.Write(file)
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	return w.Browser(who).With("Content-Type", f.FormDataContentType()).Post("/bookings/"+id+"/attendees", b.String())
}

// An Excel file with ten planted faults: ten are named, nothing is written, and
// what was read stands in the box to be corrected.
func TestAnExcelListWithTenFaultsNamesTenAndWritesNothing(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"audience": "branches"})
		b := book(w, "branch", s.ID, m{"count": 40})
		rows := make([][]any, 30)
		for i := range rows {
			rows[i] = []any{i + 1, fmt.Sprintf("党员%c", '一'+rune(i)), b.Seats[i].Label, "13900000000"}
		}
		rows[1][1] = ""                        // 3
		rows[4][1] = strings.Repeat("长", 41)   // 6
		rows[7][1] = "李\u202e强"                // 9
		rows[9][1] = "13900008826"             // 11
		rows[12][2] = b.Seats[0].Label         // 14
		rows[15][2] = "99排99座"                 // 17
		rows[18][2] = "靠窗"                     // 20
		rows[20][1] = " 　"                     // 22
		rows[22][2] = b.Seats[3].Label         // 24
		rows[25][1], rows[25][2] = "周一、吴二", "" // two people in one cell: no fault
		rows[28][1] = "…"                      // 30
		book, err := sheet.Write(sheet.Sheet{Name: "名单", Head: []string{"序号", "姓名", "座位", "电话"}, Rows: rows})
		require.NoError(t, err)
		a := rollForm(t, w, "branch", b.ID, "file", "", book).Want(http.StatusUnprocessableEntity)
		text := html.UnescapeString(a.Body)
		for _, line := range []int{3, 6, 9, 11, 14, 17, 20, 22, 24, 30} {
			require.Contains(t, text, fmt.Sprintf("第%d行：", line))
		}
		require.Contains(t, text, "有 10 处要改")
		require.Contains(t, text, "党员"+string('一'+rune(2))+"\t"+b.Seats[2].Label)
		require.Empty(t, apitest.Into[rollBody](w.As("branch").Get(rollOf(b.ID)).Want(http.StatusOK)).Attendees)
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM attendees WHERE booking_id = ?`, b.ID))

		for _, bad := range []string{"", "no workbook"} {
			file := []byte(bad)
			if bad == "" {
				file = nil
			}
			rollForm(t, w, "branch", b.ID, "file", "王芳", file).Want(http.StatusUnprocessableEntity)
		}
	})
}

func TestTheListPageSavesWhatWasPasted(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"audience": "branches"})
		b := book(w, "branch", s.ID, m{"count": 3})
		require.Contains(t, rollForm(t, w, "branch", b.ID, "look", "1. 王芳\n2、李强", nil).Want(http.StatusOK).Body, "没有问题，还没有存")
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM attendees WHERE booking_id = ?`, b.ID))
		require.Contains(t, rollForm(t, w, "branch", b.ID, "look", "甲一、乙二、丙三、丁四、戊五", nil).Want(http.StatusUnprocessableEntity).Body, "多了 2 个人")
		rollForm(t, w, "branch", b.ID, "save", "甲一、乙二、丙三、丁四", nil).Want(http.StatusUnprocessableEntity)
		rollForm(t, w, "branch", b.ID, "in_order", "1. 王芳\r\n2、李强\r\n", nil).Want(http.StatusSeeOther)
		got := apitest.Into[rollBody](w.As("branch").Get(rollOf(b.ID)).Want(http.StatusOK)).Attendees
		require.Equal(t, b.Seats[1].Label, got[1].SeatLabel)
		require.Contains(t, w.Browser("branch").Get("/bookings/"+b.ID+"/attendees").Want(http.StatusOK).Body, "李强\t"+b.Seats[1].Label)
		page := w.Browser("branch").Get("/branch").Want(http.StatusOK).Body
		require.Contains(t, page, "名单（2 / 3 人）")
		rollForm(t, w, "branch", b.ID, "free", "王芳\n李强", nil).Want(http.StatusSeeOther)
		require.Nil(t, apitest.Into[rollBody](w.As("branch").Get(rollOf(b.ID)).Want(http.StatusOK)).Attendees[0].SeatID)
		require.Equal(t, http.StatusForbidden, rollForm(t, w, "auditor", b.ID, "save", "x", nil).Status)
		require.Equal(t, http.StatusNotFound, rollForm(t, w, "branch2", b.ID, "save", "x", nil).Status)
		require.NotContains(t, w.Browser("auditor").Get("/bookings/"+b.ID+"/attendees").Want(http.StatusOK).Body, "<textarea id=\"f-text\"")

		file := w.Browser("branch").Get("/bookings/" + b.ID + "/attendees.xlsx").Want(http.StatusOK)
		again, err := sheet.Text([]byte(file.Body))
		require.NoError(t, err)
		require.Contains(t, again, "王芳")
		rollForm(t, w, "branch", b.ID, "save", again, nil).Want(http.StatusSeeOther)
		require.Len(t, apitest.Into[rollBody](w.As("branch").Get(rollOf(b.ID)).Want(http.StatusOK)).Attendees, 2)
	})
}

func TestBlockRequestsThroughTheAPI(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(26, 9), nil)
		const path = "/api/v1/block-requests"
		one := func(id int64, move string) string { return fmt.Sprintf("%s/%d%s", path, id, move) }
		ask := func(who string, n int) blockBody {
			return apitest.Into[blockBody](w.As(who).Post(path, m{"screening_id": s.ID, "count": n}).Want(http.StatusCreated))
		}
		first := ask("branch", 48)
		require.Equal(t, "pending", first.Status)
		require.Len(t, first.Seats, 48)
		require.NotEmpty(t, first.Deadline)
		held := apitest.Into[ticket](w.As("branch").Get("/api/v1/bookings/" + first.Booking).Want(http.StatusOK))
		require.Equal(t, "held", held.Status)
		require.Empty(t, held.Ticket, "no ticket before it is booked")
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"seats": []int64{first.Seats[0].ID}}).Refused(http.StatusConflict, "screening.seat_taken")
		w.As("cinema").Post("/api/v1/checkins", m{"code": held.Code, "nonce": "1"}).Refused(http.StatusConflict, "booking.held")
		again := w.As("branch").With("Idempotency-Key", "b1").Post(path, m{"screening_id": s.ID, "count": 30}).Want(http.StatusCreated).Body
		require.Equal(t, again, w.As("branch").With("Idempotency-Key", "b1").Post(path, m{"screening_id": s.ID, "count": 30}).Want(http.StatusCreated).Body)
		second := apitest.Into[blockBody](w.As("branch2").Post(path, m{"screening_id": s.ID, "count": 20, "preference": "back", "note": "季度党课"}).Want(http.StatusCreated))

		for name, c := range map[string]call{
			"more than there are":  {as: "branch3", path: path, body: m{"screening_id": s.ID, "count": 100}, status: 409, code: "screening.full"},
			"no count":             {as: "branch3", path: path, body: m{"screening_id": s.ID}, status: 422, code: "request.invalid"},
			"unknown screening":    {as: "branch3", path: path, body: m{"screening_id": 999999, "count": 30}, status: 422, code: "request.invalid", has: `"field":"screening_id"`},
			"which branch":         {as: "clerk", path: path, body: m{"screening_id": s.ID, "count": 30}, status: 422, code: "screening.which_branch"},
			"a resident":           {as: "resident", path: path, body: m{"screening_id": s.ID, "count": 30}, status: 403, code: "forbidden"},
			"another's":            {as: "branch2", path: one(first.ID, "/withdraw"), body: m{}, status: 404, code: "not_found"},
			"decided by oneself":   {as: "branch", path: one(first.ID, "/approve"), status: 403, code: "forbidden"},
			"without a reason":     {as: "scheduler", path: one(first.ID, "/decline"), body: m{}, status: 422, code: "request.invalid"},
			"answered for another": {as: "auditor", path: one(first.ID, "/withdraw"), body: m{}, status: 403, code: "forbidden"},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		done := apitest.Into[blockBody](w.As("scheduler").Post(one(first.ID, "/approve"), nil).Want(http.StatusOK))
		require.Equal(t, "approved", done.Status)
		require.Equal(t, "booked", apitest.Into[ticket](w.As("branch").Get("/api/v1/bookings/"+first.Booking).Want(http.StatusOK)).Status)
		w.As("scheduler").Post(one(first.ID, "/decline"), m{"reason": "x"}).Refused(http.StatusConflict, "block_request.decided")
		no := apitest.Into[blockBody](w.As("scheduler").Post(one(second.ID, "/decline"), m{"reason": "当晚另有安排"}).Want(http.StatusOK))
		require.Equal(t, "当晚另有安排", no.Reason)
		require.Len(t, apitest.Into[page[blockBody]](w.As("branch").Get(path+"?status=pending").Want(http.StatusOK)).Items, 1)
		third := apitest.Into[page[blockBody]](w.As("branch").Get(path + "?status=pending").Want(http.StatusOK)).Items[0]
		w.As("branch").Post(one(third.ID, "/withdraw"), m{}).Want(http.StatusOK)
		late := ask("branch3", 25)
		moveTo(t, w, late.Deadline)
		n, err := w.App.Screenings.ExpireDue(context.Background(), w.App.DB.Now())
		require.NoError(t, err)
		require.Positive(t, n)
		require.Equal(t, "expired", apitest.Into[blockBody](w.As("branch3").Get(one(late.ID, "")).Want(http.StatusOK)).Status)
		require.Equal(t, 48, apitest.Into[show](w.As("").Get(screeningPath(s.ID, "")).Want(http.StatusOK)).Taken)
		for _, who := range []string{"branch", "branch2", "branch3"} {
			require.Positive(t, apitest.Into[page[m]](w.As(who).Get("/api/v1/inbox").Want(http.StatusOK)).Total+1, who)
		}
		sound(t, w)
		breaches, err := w.App.Screenings.SweepBlocks(context.Background())
		require.NoError(t, err)
		require.Empty(t, breaches)
	})
}

func TestTheBranchPageShowsEachBranchByItself(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), "branch", "branch", "yzn-zb5"))
		s := puton(t, w, at(24, 9), nil)
		fifth := count(t, w, `SELECT MAX(id) FROM orgs WHERE code = 'yzn-zb5'`)
		b := book(w, "branch", s.ID, m{"count": 3, "org_id": fifth})
		first := count(t, w, `SELECT MAX(id) FROM orgs WHERE code = 'yzn-zb1'`)
		form := url.Values{"screening_id": {fmt.Sprint(s.ID)}, "count": {"30"}, "org_id": {fmt.Sprint(first)}}.Encode()
		to := w.Browser("branch").With("Content-Type", "application/x-www-form-urlencoded").Post("/block-requests", form).Want(http.StatusSeeOther).Header.Get("Location")
		page := w.Browser("branch").Get("/branch").Want(http.StatusOK).Body
		one, five := strings.Index(page, "<h2>共建第一党支部"), strings.Index(page, "<h2>共建第五党支部")
		require.Positive(t, one)
		require.Positive(t, five)
		require.Contains(t, page, to)
		block, booked := strings.Index(page, to), strings.Index(page, "/bookings/"+b.ID+"/attendees")
		require.Equal(t, one < five, block < booked, "each under its branch")

		require.Contains(t, w.Browser("scheduler").Get("/hall").Want(http.StatusOK).Body, to, "the scheduler finds it in the queue")
		require.Contains(t, w.Browser("scheduler").Get(to).Want(http.StatusOK).Body, `accesskey="a"`)
		post := func(who, path, body string) int {
			return w.Browser(who).With("Content-Type", "application/x-www-form-urlencoded").Post(path, body).Status
		}
		require.Equal(t, http.StatusNotFound, post("branch2", to+"/withdraw", ""))
		require.Equal(t, http.StatusUnprocessableEntity, post("scheduler", to+"/decline", "reason="))
		require.Equal(t, http.StatusSeeOther, post("scheduler", to+"/approve", ""))
		require.Equal(t, http.StatusConflict, post("branch", to+"/withdraw", ""))
		moveTo(t, w, at(24, 13))
		_, err := w.App.Kernel.FinishDue(t.Context(), w.App.DB.Now())
		require.NoError(t, err)
		require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), "branch3", "branch", "yzn-zb5")) // the next secretary
		require.Contains(t, w.Browser("branch3").Get("/branch").Want(http.StatusOK).Body, "/bookings/"+b.ID+"/record")
		sound(t, w)
	})
}
