package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"youyue/app/apitest"

	"github.com/stretchr/testify/require"
)

func TestScreeningsOutsideTheRulesAreNotPutOn(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		good := m{"film_id": film(t, w, "1921"), "starts_at": at(25, 9), "audience": "public"}
		but := func(pairs ...any) m {
			out := m{}
			for k, v := range good {
				out[k] = v
			}
			for i := 0; i < len(pairs); i += 2 {
				out[pairs[i].(string)] = pairs[i+1] //nolint:forcetypeassert // a test
			}
			return out
		}
		w.As("scheduler").Post("/api/v1/films", m{"title": "短期授权", "runtime_min": 90, "licence_from": at(1, 0), "licence_to": at(25, 10)}).Want(http.StatusCreated)
		short := film(t, w, "短期授权")
		before := count(t, w, `SELECT COUNT(*) FROM screenings`)
		const path = "/api/v1/screenings"
		for name, c := range map[string]call{
			"a resident":              {as: "resident", path: path, body: good, status: 403, code: "forbidden"},
			"the cinema":              {as: "cinema", path: path, body: good, status: 403, code: "forbidden"},
			"an auditor":              {as: "auditor", path: path, body: good, status: 403, code: "forbidden"},
			"licence ends in between": {as: "scheduler", path: path, body: but("film_id", short), status: 422, code: "screening.licence", has: `"licence_to":"2026-11-25T02:00:00Z"`},
			"in the past":             {as: "scheduler", path: path, body: but("starts_at", at(22, 9)), status: 422, code: "screening.past"},
			"right now":               {as: "scheduler", path: path, body: but("starts_at", at(23, 9)), status: 422, code: "screening.past"},
			"too far":                 {as: "scheduler", path: path, body: but("starts_at", "2029-01-01T09:00:00Z"), status: 422, code: "screening.far"},
			"the hall is taken":       {as: "scheduler", path: path, body: but("starts_at", at(24, 18)), status: 409, code: "screening.hall_busy", has: `"alternatives":[{`},
			"opens after it closes":   {as: "scheduler", path: path, body: but("booking_opens_at", at(24, 9), "booking_closes_at", at(24, 8)), status: 422, code: "screening.window"},
			"closes after the start":  {as: "scheduler", path: path, body: but("booking_closes_at", at(25, 10)), status: 422, code: "screening.window"},
			"unknown film":            {as: "scheduler", path: path, body: but("film_id", 999999), status: 422, code: "request.invalid", has: `"field":"film_id"`},
			"unknown hall":            {as: "scheduler", path: path, body: but("hall_id", 999999), status: 422, code: "request.invalid", has: `"field":"hall_id"`},
			"unknown audience":        {as: "scheduler", path: path, body: but("audience", "friends"), status: 422, code: "request.invalid", has: `"field":"audience"`},
			"share over the whole":    {as: "scheduler", path: path, body: but("reserved_percent", 101), status: 422, code: "request.invalid", has: `"field":"reserved_percent"`},
			"no start":                {as: "scheduler", path: path, body: but("starts_at", "0001-01-01T00:00:00Z"), status: 422, code: "request.invalid", has: `"field":"starts_at"`},
			"calling off, no reason":  {as: "scheduler", path: path + "/1/cancel", body: m{}, status: 422, code: "request.invalid", has: `"field":"reason"`},
			"calling off, unknown":    {as: "scheduler", path: path + "/999999/cancel", body: m{"reason": "x"}, status: 404, code: "not_found"},
		} {
			t.Run(name, func(t *testing.T) { c.run(t, w) })
		}
		require.Equal(t, before, count(t, w, `SELECT COUNT(*) FROM screenings`))
	})
}

// Spans are half-open: what ends when another begins does not clash with it.
func TestScreeningsMayTouch(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		more := m{"oath_min": 0, "cleanup_min": 3} // 137 + 3 minutes
		puton(t, w, "2026-11-25T08:00:00+08:00", more)
		puton(t, w, "2026-11-25T10:20:00+08:00", more)
		body := m{"film_id": film(t, w, "1921"), "starts_at": "2026-11-25T12:39:59+08:00", "audience": "public", "oath_min": 0}
		w.As("scheduler").Post("/api/v1/screenings", body).Refused(http.StatusConflict, "screening.hall_busy")
		body["starts_at"] = "2026-11-25T12:40:00+08:00"
		w.As("scheduler").Post("/api/v1/screenings", body).Want(http.StatusCreated)
	})
}

func TestFilmsAreAddedAndChanged(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		body := m{"title": "新片", "runtime_min": 90, "licence_from": at(1, 0), "licence_to": "2027-11-01T00:00:00+08:00"}
		w.As("scheduler").Post("/api/v1/films", body).Want(http.StatusCreated)
		w.As("scheduler").Post("/api/v1/films", body).Refused(http.StatusConflict, "film.title")
		id := film(t, w, "新片")
		body["title"], body["theme"] = "新片（修复版）", "建党"
		w.As("admin").Do(http.MethodPut, "/api/v1/films/"+itoa(id), body).Want(http.StatusOK)
		require.Equal(t, id, film(t, w, "新片（修复版）"))
		w.As("scheduler").Do(http.MethodPut, "/api/v1/films/999999", m{"title": "没有", "runtime_min": 90, "licence_from": at(1, 0), "licence_to": at(2, 0)}).Refused(http.StatusNotFound, "not_found")
		body["licence_to"] = body["licence_from"]
		w.As("scheduler").Do(http.MethodPut, "/api/v1/films/"+itoa(id), body).Refused(http.StatusUnprocessableEntity, "film.dates")
		for k, v := range map[string]any{"title": "", "runtime_min": 0, "synopsis": strings.Repeat("长", 2001)} {
			bad := m{"title": "x", "runtime_min": 1, "licence_from": at(1, 0), "licence_to": at(2, 0)}
			bad[k] = v
			require.Contains(t, w.As("scheduler").Post("/api/v1/films", bad).Refused(http.StatusUnprocessableEntity, "request.invalid").Body, `"field":"`+k+`"`)
		}
		w.As("resident").Post("/api/v1/films", body).Refused(http.StatusForbidden, "forbidden")
	})
}

// Names are stored as they were typed, given back as they were, and shown on
// pages as text.
func TestHostileNamesAreOnlyNames(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		w.As("scheduler").Post("/api/v1/films", m{"title": hostile, "runtime_min": 90, "theme": hostile, "synopsis": hostile, "licence_from": at(1, 0), "licence_to": "2027-11-01T00:00:00+08:00"}).Want(http.StatusCreated)
		s := puton(t, w, at(25, 9), m{"film_id": film(t, w, hostile)})
		name := `<b>张</b>'; DROP TABLE people;--`
		b := book(w, "clerk", s.ID, m{"count": 1, "caller": m{"name": name}, "channel": "window"})
		require.Equal(t, name, apitest.Into[ticket](w.As("clerk").Get("/api/v1/bookings/"+b.ID).Want(http.StatusOK)).Name)
		wish := hallWish(t, w, at(26, 9))
		wish["purpose"], wish["film_id"] = hostile, film(t, w, hostile)
		q := apitest.Into[request](w.As("branch").Post("/api/v1/hall-requests", wish).Want(http.StatusCreated))
		w.As("scheduler").Post(requestPath(q.ID, "/decline"), m{"reason": hostile}).Want(http.StatusOK)
		require.Equal(t, hostile, look(w, "branch", q.ID).Reason)
		w.As("clerk").Get(screeningPath(s.ID, "/door?q=%27+OR+1%3D1--")).Want(http.StatusOK)

		raw, err := json.Marshal(hostile)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "<script>", "JSON escapes it too")
		for who, paths := range map[string][]string{
			"":          {"/", "/screenings", "/screenings/" + itoa(s.ID), "/screenings/" + itoa(s.ID) + "/seats"},
			"clerk":     {"/bookings/" + b.ID, "/bookings/" + b.ID + "/slip", "/door/" + itoa(s.ID), "/door/" + itoa(s.ID) + "?q=" + "%3Cscript%3Ealert(1)%3C/script%3E"},
			"branch":    {"/hall-requests/" + itoa(q.ID), "/branch"},
			"scheduler": {"/hall?from=2026-11-23", "/films", "/hall-requests/" + itoa(q.ID)},
			"auditor":   {"/audit"},
		} {
			for _, p := range paths {
				body := w.Browser(who).Get(p).Want(http.StatusOK).Body
				require.NotContains(t, body, "<script>alert", "%s %s", who, p)
				require.NotContains(t, body, "<b>张", "%s %s", who, p)
			}
		}
		sound(t, w)
	})
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		for _, path := range []string{"/api/v1/films", "/api/v1/halls", "/api/v1/screenings", "/api/v1/bookings", "/api/v1/hall-requests", "/api/v1/inbox", "/api/v1/callsheet"} {
			all := apitest.Into[page[any]](w.As("clerk").Get(path).Want(http.StatusOK))
			require.NotNil(t, all.Items, "%s: never null", path)
			w.As("clerk").Get(path+"?per_page=101").Refused(http.StatusUnprocessableEntity, "request.invalid")
			w.As("clerk").Get(path+"?page=0x1").Refused(http.StatusUnprocessableEntity, "request.invalid")
			w.As("clerk").Get(path+"?sort=%ff").Refused(http.StatusBadRequest, "request.encoding")
			require.Empty(t, apitest.Into[page[any]](w.As("clerk").Get(path+"?page=999999").Want(http.StatusOK)).Items, path)
		}
	})
}
