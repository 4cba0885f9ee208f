package app_test

import (
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type lessonRecord struct {
	State    string `json:"state"`
	Revision int    `json:"revision"`
	Version  int    `json:"version"`
	Facts    string `json:"facts"`
	Host     string `json:"host"`
	Notes    string `json:"notes"`
	Reason   string `json:"reason"`
	Counts   struct {
		Expected int      `json:"expected"`
		Arrived  int      `json:"arrived"`
		Absent   int      `json:"absent"`
		Names    []string `json:"absent_names"`
	} `json:"counts"`
	Versions []struct {
		Revision int `json:"revision"`
	} `json:"versions"`
}

// pastLesson is the last lesson of the demo branch, without its record, and its
// branch.
func pastLesson(t *testing.T, w *apitest.World) (booking string, org int64) {
	t.Helper()
	last := apitest.Into[page[ticket]](w.As("branch").Get("/api/v1/bookings").Want(http.StatusOK))
	for _, b := range last.Items {
		if w.As("branch").Get("/api/v1/bookings/"+b.ID+"/record").Status != http.StatusOK {
			continue
		}
		if r := apitest.Into[lessonRecord](w.As("branch").Get("/api/v1/bookings/" + b.ID + "/record")); r.State == "none" && r.Counts.Arrived == 20 {
			return b.ID, *b.OrgID
		}
	}
	t.Fatal("the demo has no lesson without a record")
	return "", 0
}

func TestALessonsRecordByTheAPI(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		id, org := pastLesson(t, w)
		path := "/api/v1/bookings/" + id + "/record"
		r := apitest.Into[lessonRecord](w.As("branch").Get(path).Want(http.StatusOK))
		require.Equal(t, []int{24, 20, 4}, []int{r.Counts.Expected, r.Counts.Arrived, r.Counts.Absent})
		require.Len(t, r.Counts.Names, 4, "the door knew whose seats they were")
		body := m{"version": 0, "host": "陈书记", "oath": true, "notes": "交流发言三人"}
		for name, c := range map[string]call{
			"a visitor":               {method: "GET", path: path, status: 401, code: "sign_in"},
			"a resident":              {as: "resident", method: "GET", path: path, status: 403, code: "forbidden"},
			"the cinema":              {as: "cinema", method: "GET", path: path, status: 403, code: "forbidden"},
			"another branch":          {as: "branch2", method: "GET", path: path, status: 404, code: "not_found"},
			"another branch saves":    {as: "branch2", method: "PUT", path: path, body: body, status: 404, code: "not_found"},
			"an auditor saves":        {as: "auditor", method: "PUT", path: path, body: body, status: 403, code: "forbidden"},
			"a scheduler saves":       {as: "scheduler", method: "PUT", path: path, body: body, status: 403, code: "forbidden"},
			"a clerk signs":           {as: "clerk", path: path + "/sign", body: m{"version": 1, "facts": r.Facts}, status: 403, code: "forbidden"},
			"nothing to sign":         {as: "branch", path: path + "/sign", body: m{"version": 1, "facts": r.Facts}, status: 409, code: "lesson.stale"},
			"a correction of nothing": {as: "branch", method: "PUT", path: path, body: m{"version": 0, "host": "x", "oath": true, "reason": "错"}, status: 409, code: "lesson.not_signed"},
			"long notes":              {as: "branch", method: "PUT", path: path, body: m{"version": 0, "notes": string(make([]byte, 2001))}, status: 400, code: "request.encoding"},
			"no reason":               {as: "branch", method: "PUT", path: path, body: m{"version": 0, "counts": m{"expected": 24, "arrived": 21}}, status: 422, code: "request.invalid", has: `"counts.reason"`},
			"no such booking":         {as: "branch", method: "GET", path: "/api/v1/bookings/x/record", status: 404, code: "not_found"},
			"another branch's year":   {as: "branch2", method: "GET", path: "/api/v1/lessons?org=" + itoa(org), status: 404, code: "not_found"},
			"whose year":              {as: "branch", method: "GET", path: "/api/v1/lessons", status: 422, code: "request.invalid", has: `"org"`},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		w.As("auditor").Get(path).Want(http.StatusOK)

		// A clerk and the secretary from one version: the second hears of the first.
		w.As("clerk").Do(http.MethodPut, path, body).Want(http.StatusOK)
		late := call{as: "branch", method: "PUT", path: path, body: m{"version": 0, "host": "何书记", "oath": true}, status: 409, code: "lesson.stale", has: "交流发言三人"}.run(t, w)
		require.Contains(t, late.Body, "赵代办（示例）")
		body["version"], body["counts"] = 1, m{"expected": 24, "arrived": 21, "absent_names": []string{"甲", "乙"}, "reason": "一位走了侧门"}
		r = apitest.Into[lessonRecord](w.As("branch").Do(http.MethodPut, path, body).Want(http.StatusOK))
		r = apitest.Into[lessonRecord](w.As("branch").Post(path+"/sign", m{"version": r.Version, "facts": r.Facts}).Want(http.StatusOK))
		require.Equal(t, []any{"signed", 21, 3}, []any{r.State, r.Counts.Arrived, r.Counts.Absent})
		call{as: "clerk", method: "PUT", path: path, body: m{"version": r.Version}, status: 409, code: "lesson.signed"}.run(t, w)
		call{as: "clerk", method: "PUT", path: path, body: m{"version": r.Version, "host": "x", "oath": true, "reason": "错"}, status: 403, code: "lesson.secretary"}.run(t, w)
		body["version"], body["reason"] = r.Version, "主持人写错"
		r = apitest.Into[lessonRecord](w.As("branch").Do(http.MethodPut, path, body).Want(http.StatusOK))
		require.Equal(t, []any{"corrected", 2, "主持人写错"}, []any{r.State, r.Revision, r.Reason})
		old := apitest.Into[lessonRecord](w.As("auditor").Get(path + "?revision=1").Want(http.StatusOK))
		require.Equal(t, []any{"signed", 2}, []any{old.State, len(old.Versions)})

		year := apitest.Into[struct {
			Items  []lessonRecord `json:"items"`
			Signed int            `json:"signed"`
			Total  struct{ Expected, Arrived, Absent int }
		}](w.As("branch").Get("/api/v1/lessons?org=" + itoa(org)).Want(http.StatusOK))
		require.Equal(t, []any{3, 3, 64, 59, 5}, []any{len(year.Items), year.Signed, year.Total.Expected, year.Total.Arrived, year.Total.Absent})
	})
}

// The secretary of a past lesson is reminded through the product's own jobs.
func TestTheDemoLessonIsRemindedOf(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		id, _ := pastLesson(t, w)
		res, err := w.Runner.RunOnce(t.Context(), "remind_record")
		require.NoError(t, err)
		require.Equal(t, 1, res.Done)
		_, err = w.App.Notices.SendDue(t.Context(), w.Now())
		require.NoError(t, err)
		inbox := w.Browser("branch").Get("/inbox").Want(http.StatusOK)
		require.Contains(t, inbox.Body, "请补党课记录")
		require.Contains(t, inbox.Body, "/bookings/"+id+"/record")
		w.Clock.Advance(5 * 24 * time.Hour)
		res, err = w.Runner.RunOnce(t.Context(), "remind_record")
		require.NoError(t, err)
		require.Equal(t, 1, res.Done)
	})
}

func TestALessonsPagesAndFiles(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		id, org := pastLesson(t, w)
		path := "/bookings/" + id + "/record"
		for who, want := range map[string]int{"branch": 200, "clerk": 200, "scheduler": 200, "auditor": 200, "branch2": 404, "resident": 403, "cinema": 403} {
			for _, p := range []string{path, path + "/sheet.xlsx"} {
				require.Equal(t, want, w.Browser(who).Get(p).Status, "%s %s", who, p)
			}
		}
		require.Equal(t, http.StatusNotFound, w.Browser("branch2").Get("/lessons?org="+itoa(org)).Status)
		require.Contains(t, w.Browser("branch").Get("/lessons").Want(http.StatusOK).Body, path)
		many := w.Browser("auditor").Get("/lessons").Want(http.StatusOK).Body
		require.Contains(t, many, "/lessons?org="+itoa(org))
		require.NotContains(t, many, "应到", "names, and no numbers to compare")
		file := w.Browser("auditor").Get("/lessons/sheet.xlsx?org=" + itoa(org)).Want(http.StatusOK)
		require.Contains(t, file.Header.Get("Content-Disposition"), "filename")
		require.Equal(t, "PK", file.Body[:2])

		form := func(who, path, body string) *apitest.Answer {
			return w.Browser(who).With("Content-Type", "application/x-www-form-urlencoded").Post(path, body)
		}
		require.Equal(t, http.StatusForbidden, form("auditor", path, "version=0&host=x").Status)
		require.Equal(t, http.StatusForbidden, form("clerk", path+"/sign", "version=1").Status)
		require.Equal(t, http.StatusSeeOther, form("clerk", path, "version=0&host=%E9%99%88&oath=yes&notes=first").Status)
		// Both are on the page of who came second, with the version to save over.
		late := form("branch", path, "version=0&host=%E4%BD%95&oath=no&notes=second")
		require.Equal(t, http.StatusConflict, late.Status)
		for _, text := range []string{"first", "second", "赵代办（示例）", `name="version" value="1"`} {
			require.Contains(t, late.Body, text)
		}
		// A fault keeps the version that was read: a later save cannot hide behind it.
		require.Contains(t, form("branch", path, "version=0&expected=abc").Body, `name="version" value="0"`)
		require.Equal(t, http.StatusConflict, form("branch", path+"/correct", "version=1&reason=x").Status)
		require.Equal(t, string(models.LessonDraft), apitest.Into[lessonRecord](w.As("branch").Get("/api/v1"+path)).State)
	})
}
