package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"youyue/app/apitest"

	"github.com/stretchr/testify/require"
)

type workday struct{ Date, Kind, Name, Lunar, Festival string }

type workYear struct {
	Year    int
	Known   bool
	Version int64
	Source  string
	Hours   string
	Days    []workday
}

func (y workYear) on(date string) workday {
	for _, d := range y.Days {
		if d.Date == date {
			return d
		}
	}
	return workday{}
}

type workChange struct {
	Version  int64
	Changes  []struct{ Date, From, To, Name string }
	Affected []struct{ Title, Path, State string }
}

func TestTheWorkingCalendarOfAYear(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		visitor, admin := w.As(""), w.As("admin")
		y := apitest.Into[workYear](visitor.Get("/api/v1/workdays").Want(http.StatusOK))
		require.Equal(t, []any{2026, true, 365, "8:30-12:00 14:30-18:00"}, []any{y.Year, y.Known, len(y.Days), y.Hours})
		require.Equal(t, workday{"2026-10-01", "holiday", "国庆节", "八月廿一", "National Day"}, y.on("2026-10-01"))
		require.Equal(t, "makeup", y.on("2026-10-10").Kind)
		require.Equal(t, "rest", y.on("2026-11-28").Kind)
		next := apitest.Into[workYear](visitor.Get("/api/v1/workdays?year=2027").Want(http.StatusOK))
		require.False(t, next.Known)
		require.Equal(t, "unknown", next.on("2027-01-04").Kind, "a Monday, but who knows")

		// A Thursday becomes a day off: what stands on it is told before anything is written.
		s := puton(t, w, at(26, 9), nil)
		days := []m{{"date": "2026-11-26", "kind": "holiday", "name": "临时放假"}}
		for _, d := range y.Days {
			if d.Kind == "holiday" || d.Kind == "makeup" {
				days = append(days, m{"date": d.Date, "kind": d.Kind, "name": d.Name})
			}
		}
		list := m{"source": "通知", "days": days, "version": y.Version, "dry_run": true}
		w.As("auditor").Do(http.MethodPut, "/api/v1/workdays/2026", list).Refused(http.StatusForbidden, "forbidden")
		look := apitest.Into[workChange](admin.Do(http.MethodPut, "/api/v1/workdays/2026", list).Want(http.StatusOK))
		require.Len(t, look.Changes, 1)
		require.Equal(t, []string{"2026-11-26", "work", "holiday"}, []string{look.Changes[0].Date, look.Changes[0].From, look.Changes[0].To})
		met := false
		for _, a := range look.Affected {
			met = met || a.Path == screeningPath(s.ID, "")[len("/api/v1"):]
		}
		require.True(t, met, "%v", look.Affected)
		require.Equal(t, "work", apitest.Into[workYear](visitor.Get("/api/v1/workdays?year=2026")).on("2026-11-26").Kind, "a look changes nothing")

		list["dry_run"] = false
		done := apitest.Into[workChange](admin.Do(http.MethodPut, "/api/v1/workdays/2026", list).Want(http.StatusOK))
		require.Equal(t, y.Version+1, done.Version)
		require.Equal(t, "holiday", apitest.Into[workYear](visitor.Get("/api/v1/workdays?year=2026")).on("2026-11-26").Kind)
		admin.Do(http.MethodPut, "/api/v1/workdays/2026", list).Refused(http.StatusConflict, "workdays.changed") // it names the version before
		list["version"] = 0
		admin.Do(http.MethodPut, "/api/v1/workdays/2026", list).Refused(http.StatusConflict, "workdays.same")

		list["days"] = []m{{"date": "2026-11-25", "kind": "makeup", "name": "补班"}, {"date": "2025-11-25", "kind": "holiday", "name": "别年"}}
		no := admin.Do(http.MethodPut, "/api/v1/workdays/2026", list).Refused(http.StatusUnprocessableEntity, "workdays.faults")
		require.Contains(t, no.Body, "2026-11-25 is a working day anyway")
		require.Contains(t, no.Body, "Not a date of 2026")
	})
}

var digestField = regexp.MustCompile(`name="digest" value="([^"]+)"`)

// The pages: look, see what is met, then do; with a row at fault nothing is written.
func TestAnAdministratorEntersAYear(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		admin := w.Browser("admin")
		page := admin.Get("/workdays?year=2027").Want(http.StatusOK)
		require.Contains(t, page.Body, "还没有公布2027年的放假安排")
		page = w.Browser("").Get("/workdays?year=2026").Want(http.StatusOK)
		require.Contains(t, page.Body, "全年 248 个工作日")
		require.NotContains(t, page.Body, "/workdays/import", "a visitor only looks")
		w.Browser("auditor").Get("/workdays/import").Want(http.StatusForbidden)

		form := url.Values{"year": {"2027"}, "source": {"示例通知"}, "text": {"日期\t到\t安排\t节日\n2027-01-01\t2027-01-03\t放假\t元旦\n2027-01-40\t\t放假\t元旦\n2027-01-04\t\t补\t元旦\n2027-01-02\t\t放假\t元旦"}}
		page = send(w, "admin", "/workdays/import", form).Want(http.StatusUnprocessableEntity)
		for _, fault := range []string{"第3行“日期”：看不懂这个日期", "第4行“安排”：只能写“放假”或“上班”", "第5行“日期”：2027-01-02在第2行已经写过"} {
			require.Contains(t, page.Body, fault)
		}
		form.Set("text", "2027年1月1日\t2027/1/3\t放假\t元旦\n2027.1.9\t\t上班\t元旦")
		page = send(w, "admin", "/workdays/import", form).Want(http.StatusOK)
		require.Contains(t, page.Body, "1月1日（周五） – 1月3日（周日）")
		form.Set("digest", digestField.FindStringSubmatch(page.Body)[1])
		form.Set("source", "另一份通知")
		send(w, "admin", "/workdays/import", form).Want(http.StatusConflict) // not what was looked at
		form.Set("source", "示例通知")
		send(w, "admin", "/workdays/import", form).Want(http.StatusSeeOther)
		require.Contains(t, admin.Get("/workdays?year=2027").Want(http.StatusOK).Body, "示例通知")

		send(w, "admin", "/workdays/hours", url.Values{"year": {"2026"}, "hours": {"9:00-8:00"}}).Want(http.StatusUnprocessableEntity)
		send(w, "admin", "/workdays/hours", url.Values{"year": {"2026"}, "hours": {"9：00–12:00 14:00-17:00"}}).Want(http.StatusSeeOther)
		require.Equal(t, "9:00-12:00 14:00-17:00", apitest.Into[workYear](w.As("").Get("/api/v1/workdays")).Hours)
		sound(t, w)
	})
}
