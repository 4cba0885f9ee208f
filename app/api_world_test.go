package app_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/screening"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// m is a JSON body.
type m = map[string]any

// show, ticket, request and page are what these tests read of the answers.
type show struct {
	ID        int64  `json:"id"`
	Status    string `json:"status"`
	Bookable  bool   `json:"bookable"`
	Total     int    `json:"seats_total"`
	Free      int    `json:"seats_free"`
	Taken     int    `json:"seats_taken"`
	Reserved  int    `json:"seats_reserved"`
	Version   int64  `json:"version"`
	Branch    string `json:"branch"`
	Audience  string `json:"audience"`
	StartsAt  string `json:"starts_at"`
	FilmStart string `json:"film_starts_at"`
	EndsAt    string `json:"ends_at"`
}

type ticket struct {
	ID       string            `json:"id"`
	Code     string            `json:"code"`
	Seats    []booking.SeatRef `json:"seats"`
	Status   string            `json:"status"`
	Name     string            `json:"name"`
	OrgID    *int64            `json:"org_id"`
	Channel  string            `json:"channel"`
	Together string            `json:"together"`
	Ticket   string            `json:"ticket"`
}

type request struct {
	ID        int64             `json:"id"`
	Status    string            `json:"status"`
	Holds     bool              `json:"holds"`
	Deadline  string            `json:"deadline"`
	Proposed  string            `json:"proposed_starts_at"`
	Screening int64             `json:"screening_id"`
	Reason    string            `json:"reason"`
	Rivals    []screening.Rival `json:"rivals"`
}

type page[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}

// refused is what a conflict says besides its code.
type refused struct {
	Detail       string           `json:"detail"`
	Alternatives []booking.Option `json:"alternatives"`
}

// at is an hour of a day of November 2026 in Taiyuan; the world begins on
// Monday the 23rd at nine.
func at(day, hour int) string { return fmt.Sprintf("2026-11-%02dT%02d:00:00+08:00", day, hour) }

func film(t *testing.T, w *apitest.World, title string) int64 {
	t.Helper()
	type film struct {
		ID    int64  `json:"id"`
		Title string `json:"title"`
	}
	for _, f := range apitest.Into[page[film]](w.As("").Get("/api/v1/films?per_page=100").Want(http.StatusOK)).Items {
		if f.Title == title {
			return f.ID
		}
	}
	t.Fatalf("no film %q", title)
	return 0
}

// puton schedules a public screening with nothing reserved, changed by more.
func puton(t *testing.T, w *apitest.World, start string, more m) show {
	t.Helper()
	body := m{"film_id": film(t, w, "1921"), "starts_at": start, "audience": "public", "reserved_percent": 0}
	for k, v := range more {
		body[k] = v
	}
	return apitest.Into[show](w.As("scheduler").Post("/api/v1/screenings", body).Want(http.StatusCreated))
}

func screeningPath(id int64, more string) string {
	return fmt.Sprintf("/api/v1/screenings/%d%s", id, more)
}

func requestPath(id int64, more string) string {
	return fmt.Sprintf("/api/v1/hall-requests/%d%s", id, more)
}

func seats(w *apitest.World, id int64) screening.SeatsView {
	return apitest.Into[screening.SeatsView](w.As("").Get(screeningPath(id, "/seats")).Want(http.StatusOK))
}

// free lists seats in a state, in plan order.
func inState(v screening.SeatsView, state string) []int64 {
	var out []int64
	for _, s := range v.Seats {
		if s.State == state {
			out = append(out, s.ID)
		}
	}
	return out
}

func book(w *apitest.World, who string, id int64, body m) ticket {
	return apitest.Into[ticket](w.As(who).Post(screeningPath(id, "/bookings"), body).Want(http.StatusCreated))
}

func ids(refs []booking.SeatRef) []int64 {
	out := make([]int64, len(refs))
	for i, r := range refs {
		out[i] = r.ID
	}
	return out
}

// sound holds the world to the kernel's invariant, and its halls to released hours.
func sound(t *testing.T, w *apitest.World) {
	t.Helper()
	breaches, err := w.App.Kernel.Sweep(context.Background())
	require.NoError(t, err)
	require.Empty(t, breaches)
	breaches, err = w.App.Screenings.SweepHours(context.Background())
	require.NoError(t, err)
	require.Empty(t, breaches)
}

// count is the one number of a query.
func count(t *testing.T, w *apitest.World, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, w.App.DB.Read(context.Background(), func(tx *db.Tx) error { return tx.Scan(&n, query, args...) }))
	return n
}

func moveTo(t *testing.T, w *apitest.World, moment string) {
	t.Helper()
	i, err := models.ParseInstant(moment)
	require.NoError(t, err)
	w.Clock.Set(i.Time())
}

// call is a request and what must, and must not, come back.
type call struct {
	as     string
	method string // POST when empty
	path   string
	body   any
	header [2]string
	status int
	code   string
	has    string
	hasNot string
}

func (c call) run(t *testing.T, w *apitest.World) *apitest.Answer {
	t.Helper()
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	client := w.As(c.as)
	if c.header[0] != "" {
		client = client.With(c.header[0], c.header[1])
	}
	a := client.Do(method, c.path, c.body)
	require.Equal(t, c.status, a.Status, a.Body)
	require.Equal(t, c.code, a.Code(), a.Body)
	if c.has != "" {
		require.Contains(t, a.Body, c.has)
	}
	if c.hasNot != "" {
		require.NotContains(t, a.Body, c.hasNot)
	}
	return a
}

const soon = 200 * time.Millisecond

// hostile is what people type to break things, and what one of them is called.
var hostile = strings.Join([]string{`<script>alert(1)</script>`, `'); DROP TABLE bookings; --`}, " ")
