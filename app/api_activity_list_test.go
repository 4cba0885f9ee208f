package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// A month of a service becomes activities and orders of lectures; it is done when as
// much has been held as was planned, and both stay with it when the list is replaced.
func TestAMonthOfAServiceBecomesActivitiesAndLectures(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	org, year := orgID(w, "cxb"), 2027
	type imported struct {
		ListID int64 `json:"list_id"`
		Digest string
	}
	write := func(text string) {
		body := m{"org_id": org, "year": year, "text": text}
		body["digest"] = apitest.Into[imported](w.As("scheduler").Post("/api/v1/service-lists/import", body).Want(http.StatusOK)).Digest
		w.As("scheduler").Post("/api/v1/service-lists/import", body).Want(http.StatusOK)
	}
	board := func() (cell int64, state string) {
		got := apitest.Into[struct {
			Rows []struct {
				Cells []struct {
					ID    int64
					State string
				}
			}
		}](w.As("").Get(fmt.Sprintf("/api/v1/service-lists?org_id=%d&year=%d", org, year)).Want(http.StatusOK))
		return got.Rows[0].Cells[0].ID, got.Rows[0].Cells[0].State
	}
	type cellView struct {
		Held       int
		State      string
		Activities []int64
		Talks      []struct {
			ID   string
			Held bool
		}
	}
	cell := func(id int64) cellView {
		return apitest.Into[cellView](w.As("").Get("/api/v1/service-cells/" + itoa(id)).Want(http.StatusOK))
	}
	write("服务\t类别\t1月\n宣讲进社区\t宣讲\t讲党史×2")
	id, state := board()
	require.Equal(t, "planned", state)

	order := w.As("scheduler").With("Idempotency-Key", "talk-1")
	w.As("resident").Post("/api/v1/service-cells/"+itoa(id)+"/talks", m{"heads": 30}).Refused(http.StatusForbidden, "forbidden")
	made := apitest.Into[cellView](order.Post("/api/v1/service-cells/"+itoa(id)+"/talks", m{"heads": 30}).Want(http.StatusCreated))
	require.Equal(t, made, apitest.Into[cellView](order.Post("/api/v1/service-cells/"+itoa(id)+"/talks", m{"heads": 30}).Want(http.StatusCreated)), "ordered once")
	require.Len(t, made.Talks, 1)
	got := apitest.Into[m](w.As("scheduler").Get("/api/v1/lecture-orders/" + made.Talks[0].ID).Want(http.StatusOK))
	require.Equal(t, "submitted", got["state"])

	start := time.Date(2027, 1, 12, 9, 0, 0, 0, time.FixedZone("", 8*3600))
	form(w, "scheduler", "/activities", map[string][]string{"org_id": {itoa(org)}, "cell": {itoa(id)}, "kind": {"talk"}, "title": {"讲党史"}, "summary": {"一起听"}, "place": {"会议室"}, "audience": {"all"},
		"date": {start.Format("2006-01-02")}, "start": {"09:00"}, "times": {"2"}, "repeat": {"slots"}, "capacity": {"20"}}).Want(http.StatusSeeOther)
	require.Len(t, cell(id).Activities, 1)

	write("服务\t类别\t1月\t2月\n宣讲进社区\t宣讲\t讲党史×2\t讲家风")
	next, _ := board()
	require.NotEqual(t, id, next)
	require.Equal(t, []int{1, 1}, []int{len(cell(next).Activities), len(cell(next).Talks)}, "they go along with the new list")
	w.Clock.Set(start.Add(90 * time.Minute))
	require.Equal(t, []any{1, "due"}, []any{cell(next).Held, cell(next).State})
	w.Clock.Set(start.Add(3 * time.Hour))
	require.Equal(t, []any{2, "done"}, []any{cell(next).Held, cell(next).State}, "as much was held as was planned")

	w.As("scheduler").Post("/api/v1/service-lists/roll-back", m{"org_id": org, "year": year}).Want(http.StatusNoContent)
	back, state := board()
	require.Equal(t, []any{id, "done"}, []any{back, state})
	require.Equal(t, []int{1, 1}, []int{len(cell(back).Activities), len(cell(back).Talks)}, "and back with the old one")
	w.As("scheduler").Post("/api/v1/service-lists/roll-back", m{"org_id": org, "year": year}).Refused(http.StatusConflict, "service.no_earlier")
	w.Clock.Set(start.Add(30 * 24 * time.Hour))
	w.As("scheduler").Post("/api/v1/service-cells/"+itoa(back)+"/talks", m{"heads": 30}).Refused(http.StatusConflict, "service.month_over")
}
