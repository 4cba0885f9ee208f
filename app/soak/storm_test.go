package soak_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// buyer is one of a rush: the server it goes to and what it was told last.
type buyer struct {
	base   string
	answer answer
}

// sellOut lets n buyers loose on one screening, each on a connection of its own.
// Every seat is wanted by name by several; every third buyer takes whatever
// there is; and who is refused takes the seats that the refusal offers, while
// it offers any.
func sellOut(t *testing.T, p *place, screening int64, n int, bases ...string) []buyer {
	t.Helper()
	seats := p.seats(t, screening)
	path := fmt.Sprintf("/api/v1/screenings/%d/bookings", screening)
	buyers := make([]buyer, n)
	start := make(chan struct{})
	var ready, all sync.WaitGroup
	for i := range buyers {
		b := &buyers[i]
		b.base = bases[i%len(bases)]
		ready.Add(1)
		all.Go(func() {
			c := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
			defer c.CloseIdleConnections()
			hello := sendTo(t.Context(), c, b.base, http.MethodGet, "/healthz", "", "", nil) // connected before the start
			ready.Done()
			if b.answer = hello; hello.err != nil {
				return
			}
			<-start
			body := fmt.Sprintf(`{"seats":[%d]}`, seats[i%len(seats)].ID)
			if i%3 == 0 {
				body = `{"count":1}`
			}
			for try := 0; ; try++ {
				a := sendTo(t.Context(), c, b.base, http.MethodPost, path, p.booker(i), fmt.Sprintf("buyer-%d-%d-%d", screening, i, try), []byte(body))
				if b.answer = a; a.code != "screening.seat_taken" {
					return
				}
				next := offered(a)
				if len(next) == 0 {
					return
				}
				body = fmt.Sprintf(`{"seats":[%d]}`, next[0])
			}
		})
	}
	ready.Wait()
	close(start)
	all.Wait()
	return buyers
}

// requireSoldOut: each seat once, to somebody who was told so; everybody else
// was refused in so many words, and nobody met a fault of the server.
func requireSoldOut(t *testing.T, p *place, screening int64, buyers []buyer) {
	t.Helper()
	sold := map[int64]int{}
	refused := map[string]int{}
	for _, b := range buyers {
		require.NoError(t, b.answer.err)
		if b.answer.status != http.StatusCreated {
			require.Equal(t, http.StatusConflict, b.answer.status, b.answer.body)
			refused[b.answer.code]++
			continue
		}
		got := decode[placed](t, b.answer)
		require.Len(t, got.Seats, 1)
		sold[got.Seats[0].ID]++
	}
	require.Len(t, sold, 172)
	for id, n := range sold {
		require.Equal(t, 1, n, "seat %d", id)
	}
	require.Equal(t, len(buyers)-172, refused["screening.full"]+refused["screening.seat_taken"], "%v", refused)
	require.False(t, slices.ContainsFunc(p.seats(t, screening), func(s seat) bool { return s.State != "taken" }))
	require.Empty(t, p.sweep(t))
	var n struct{ Bookings, Lines, Notices int }
	p.scan(t, &n, `SELECT COUNT(*) AS bookings,
		(SELECT COUNT(*) FROM audit_log WHERE action = 'booking.book' AND subject_id IN (SELECT id FROM bookings WHERE event_id = ?)) AS lines,
		(SELECT COUNT(*) FROM outbox WHERE kind = 'booked' AND substr(subject, 9) IN (SELECT id FROM bookings WHERE event_id = ?)) AS notices
		FROM bookings WHERE event_id = ?`, screening, screening, screening)
	require.Equal(t, []int{172, 172, 172}, []int{n.Bookings, n.Lines, n.Notices})
}

func offered(a answer) []int64 {
	var refusal struct {
		Alternatives []struct{ Seats []seat }
	}
	if unmarshal(a.body, &refusal) != nil || len(refusal.Alternatives) == 0 {
		return nil
	}
	return ids(refusal.Alternatives[0].Seats)
}

func TestTwoThousandBuyersGetEachSeatOnce(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		id := p.open(t)
		requireSoldOut(t, p, id, sellOut(t, p, id, 2000, p.server.URL))
	})
}

// Two servers know of each other only through the database.
func TestTwoServersSellTheSameScreening(t *testing.T) {
	t.Parallel()
	c, err := durable()
	require.NoError(t, err)
	p := newPlace(t, binary(t), db.Postgres, postgresURL(t, c))
	other, err := p.program.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Kill() })
	id := p.open(t)
	requireSoldOut(t, p, id, sellOut(t, p, id, 1000, p.server.URL, other.URL))

	// And under kill -9 of one of the two, whose clients go to the other.
	l, seats := p.storm(t)
	survivor := *p
	survivor.server = other
	var both sync.WaitGroup
	both.Go(func() { l.rush(p, seats, clients/2, func(answer) bool { return true }) })
	both.Go(func() {
		l.rush(&survivor, seats, clients/2, func(a answer) bool {
			l.complain("the surviving server answered %d %s %v", a.status, a.body, a.err)
			return true
		})
	})
	await(t, func() bool { return l.acked.Load() >= 60 })
	require.NoError(t, p.server.Kill())
	after := l.acked.Load()
	await(t, func() bool { return l.acked.Load() >= after+20 })
	l.enough.Store(true)
	both.Wait()
	p.server = other
	l.settle(t.Context(), p)
	require.Empty(t, l.breaches(t, p))
}

// Screenings and requests for the whole hall want the same hours at the same
// moment: one of them gets the hall. A second screening is refused; a second
// request queues behind a first, or is refused when a screening was first.
func TestOneHallIsGivenOncePerHour(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		for range 6 {
			start := p.nextStart().Add(24 * 30 * time.Hour) // where the demo has nothing
			answers := make([]answer, 24)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() {
					at := start.Add(time.Duration(i%5) * 15 * time.Minute) // all overlap
					if i%2 == 0 {
						answers[i] = p.post(t.Context(), "/api/v1/screenings", p.tokens["scheduler"], "",
							map[string]any{"film_id": 1 + i%7, "starts_at": at, "audience": "branches"})
						return
					}
					answers[i] = p.post(t.Context(), "/api/v1/hall-requests", p.tokens[[]string{"branch", "branch2", "branch3"}[i/2%3]],
						fmt.Sprintf("hall-%d-%d", start.Unix(), i),
						map[string]any{"film_id": 1 + i%7, "starts_at": at, "headcount": 60, "purpose": "主题党日", "oath": i%4 == 1})
				})
			}
			all.Wait()
			holders, screenings := 0, 0
			for i, a := range answers {
				require.NoError(t, a.err)
				switch {
				case a.status == http.StatusCreated && i%2 == 0:
					screenings++
					holders++
				case a.status == http.StatusCreated:
					if decode[struct{ Holds bool }](t, a).Holds {
						holders++
					}
				default:
					require.Equal(t, http.StatusConflict, a.status, a.body)
					require.Equal(t, "screening.hall_busy", a.code)
				}
			}
			require.Equal(t, 1, holders)
			require.Equal(t, 1, p.occupied(t, start))
			if screenings == 1 {
				continue
			}
			for i, a := range answers {
				require.True(t, i%2 == 0 || a.status == http.StatusCreated, "a request is refused by another: %s", a.body)
			}
		}
		require.Empty(t, p.sweep(t))
	})
}

// occupied counts who has the hall in the two hours from start.
func (p *place) occupied(t *testing.T, start time.Time) (n int) {
	t.Helper()
	p.scan(t, &n, `SELECT COUNT(*) FROM occupancies WHERE starts_at < ? AND ends_at > ?`,
		models.InstantOf(start.Add(2*time.Hour)), models.InstantOf(start))
	return n
}
