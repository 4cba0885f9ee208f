package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/soak"

	"github.com/jackc/pgx/v5"
)

// A sub-district's rooms and their bookings: two a day in each room for a year.
const (
	calendarRooms    = 50
	calendarBookings = 36_500
)

// calendarFill puts up the rooms in a venue of a sub-district, and books them from
// half a year ago until half a year ahead.
var calendarFill = []string{
	`INSERT INTO venues (org_id, code, name, created_at) SELECT id, 'bench', '压测活动中心', now() FROM orgs WHERE kind = 'subdistrict' ORDER BY id LIMIT 1`,
	`INSERT INTO resources (kind, org_id, name, created_at) SELECT 'room', v.org_id, '房间 ' || n, now() FROM venues v, generate_series(1, 50) n WHERE v.code = 'bench'`,
	`INSERT INTO rooms (id, venue_id, kind, capacity, audience) SELECT r.id, v.id, 'room', 30, 'all' FROM resources r JOIN venues v ON v.org_id = r.org_id AND v.code = 'bench' WHERE r.name LIKE '房间 %'`,
	`INSERT INTO room_bookings (uid, code, room_id, name, starts_at, ends_at, purpose, attendees, status, holds, channel, created_by, created_at, cancel_until)
	SELECT gen_random_uuid(), 'B' || lpad((row_number() OVER ())::text, 7, '0'), m.id, '压测', t, t + interval '90 minutes', '合唱排练', 12, 'booked', TRUE, 'online', 1, now(), t
	FROM rooms m JOIN venues v ON v.id = m.venue_id AND v.code = 'bench', generate_series(0, 364) d, (VALUES (9), (15)) h(hour),
		LATERAL (SELECT date_trunc('day', now()) - interval '182 days' + d * interval '1 day' + (hour - 8) * interval '1 hour') x(t)`,
	`INSERT INTO occupancies (resource_id, starts_at, ends_at, source_kind, source_id)
	SELECT b.room_id, b.starts_at, b.ends_at, 'room_booking', b.id FROM room_bookings b JOIN rooms m ON m.id = b.room_id JOIN venues v ON v.id = m.venue_id AND v.code = 'bench'`,
	`VACUUM ANALYZE`,
}

// look is one page of the calendar: how long its answer took, what it asked of the
// database, and what it weighs.
type look struct {
	name    string
	times   latency
	queries float64
	bytes   int
}

// measureCalendar asks for pages of the calendar of a sub-district, one after the
// other, as the one scheduler who looks at it does.
func measureCalendar(ctx context.Context, l *lab, f *figures) error {
	w, err := l.copy(ctx)
	if err != nil {
		return err
	}
	c, err := pgx.Connect(ctx, w.url)
	if err != nil {
		return err
	}
	for i, q := range calendarFill {
		if _, err := c.Exec(ctx, q); err != nil {
			return fmt.Errorf("calendar, step %d: %w", i, err)
		}
	}
	err = c.QueryRow(ctx, `SELECT count(*), (SELECT org_id FROM venues WHERE code = 'bench') FROM room_bookings b JOIN rooms m ON m.id = b.room_id JOIN venues v ON v.id = m.venue_id WHERE v.code = 'bench'`).
		Scan(&f.calendarStored, &f.calendarOrg)
	if err := closed(ctx, c, err); err != nil {
		return err
	}
	if f.calendarStored != calendarBookings {
		return fmt.Errorf("calendar: %d bookings stored, want %d", f.calendarStored, calendarBookings)
	}
	signedIn := *l
	signedIn.program.Env = append([]string{"YOUYUE_DEMO=on"}, l.program.Env...) // the demo's log-ins have passwords
	return signedIn.serve(ctx, w, "on", func(s *soak.Server) error {
		who, err := scheduler(ctx, s.URL)
		if err != nil {
			return err
		}
		of := "&org=" + strconv.FormatInt(f.calendarOrg, 10)
		day := time.Now()
		month := url.Values{"from": {day.AddDate(0, 0, -15).Format(time.RFC3339)}, "to": {day.AddDate(0, 0, 16).Format(time.RFC3339)}}
		for _, x := range []struct{ name, path string }{
			{"month", "/calendar?view=month" + of}, {"week", "/calendar?view=week" + of}, {"day", "/calendar?view=day" + of},
			{"timeline", "/calendar?view=timeline" + of}, {"month as JSON", "/api/v1/calendar?" + month.Encode() + of},
		} {
			got, err := who.look(ctx, l.plan, x.name, x.path)
			if err != nil {
				return err
			}
			f.calendar = append(f.calendar, got)
			progress("calendar, %s: p50 %s, p99 %s, %.0f queries, %d bytes", got.name, got.times.at(.5), got.times.at(.99), got.queries, got.bytes)
		}
		return nil
	})
}

func closed(ctx context.Context, c *pgx.Conn, err error) error {
	if closeErr := c.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// visitor is somebody with a browser session.
type visitor struct {
	client *http.Client
	base   string
}

// scheduler signs the demo's scheduler in by the form.
func scheduler(ctx context.Context, base string) (visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return visitor{}, err
	}
	v := visitor{&http.Client{Jar: jar}, base}
	form := strings.NewReader(url.Values{"login": {"scheduler"}, "password": {"scheduler"}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/login/password", form)
	if err != nil {
		return v, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	_, err = v.body(req)
	return v, err
}

func (v visitor) body(req *http.Request) ([]byte, error) {
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(res.Body)
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d", req.URL.Path, res.StatusCode)
	}
	return b, err
}

func (v visitor) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return nil, err
	}
	return v.body(req)
}

// statements is the program's own count of what it has asked the database.
func (v visitor) statements(ctx context.Context) (float64, error) {
	b, err := v.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(line, "youyue_db_statements_total "); ok {
			return strconv.ParseFloat(strings.TrimSpace(n), 64)
		}
	}
	return 0, fmt.Errorf("metrics: no youyue_db_statements_total")
}

func (v visitor) look(ctx context.Context, p plan, name, path string) (look, error) {
	x := look{name: name}
	for until := time.Now().Add(p.warm); time.Now().Before(until); {
		if _, err := v.get(ctx, path); err != nil {
			return x, err
		}
	}
	before, err := v.statements(ctx)
	if err != nil {
		return x, err
	}
	for until := time.Now().Add(p.length); time.Now().Before(until); {
		since := time.Now()
		b, err := v.get(ctx, path)
		if err != nil {
			return x, err
		}
		x.times, x.bytes = append(x.times, time.Since(since)), len(b)
	}
	after, err := v.statements(ctx)
	x.queries = (after - before) / float64(len(x.times))
	slices.Sort(x.times)
	return x, err
}

// looks are the rows of the document.
func (f *figures) looks() string {
	if len(f.calendar) == 0 {
		return "| not measured | | | | | |\n"
	}
	var b strings.Builder
	ms := func(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000) }
	for _, x := range f.calendar {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.1f | %s kB |\n", x.name, ms(x.times.at(.5)), ms(x.times.at(.9)), ms(x.times.at(.99)), x.queries, thousands(x.bytes/1000))
	}
	return b.String()
}
