package soak_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// TestASoftStopAnswersWhatIsInFlight: 120 bookings are held up in the middle of
// their way by a lock of ours when the server is told to stop. New connections
// are refused; every one of the 120 gets its answer, and the process ends well.
func TestASoftStopAnswersWhatIsInFlight(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		const n = 120
		id := p.open(t)
		seats := p.seats(t, id)
		held, release := make(chan struct{}), make(chan struct{})
		hold := make(chan error, 1)
		go func() {
			hold <- p.db.Write(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE events SET version = version WHERE id = ?`, id)
				close(held)
				<-release
				return err
			})
		}()
		<-held
		answers := make([]answer, n)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				answers[i] = p.post(context.Background(), fmt.Sprintf("/api/v1/screenings/%d/bookings", id), p.booker(i),
					fmt.Sprintf("stop-%d", i), map[string]any{"seats": []int64{seats[i%100].ID}})
			})
		}
		await(t, func() bool { return p.inFlight(t) > n }) // and the question itself
		require.NoError(t, p.server.Terminate())
		at := time.Now()
		await(t, func() bool { return p.refused(t) })
		close(release)
		require.NoError(t, <-hold)
		all.Wait()
		code, err := p.server.Wait(t.Context())
		require.NoError(t, err)
		require.Zero(t, code)
		require.Less(t, time.Since(at), 30*time.Second)
		booked := 0
		for i, a := range answers {
			require.NoError(t, a.err)
			if a.status == http.StatusCreated {
				booked++
				continue
			}
			require.Equal(t, http.StatusConflict, a.status, "%d: %s", i, a.body)
			require.Equal(t, "screening.seat_taken", a.code)
		}
		require.Equal(t, 100, booked)
		require.Empty(t, p.sweep(t))
		var stored int
		p.scan(t, &stored, `SELECT COUNT(*) FROM bookings WHERE event_id = ?`, id)
		require.Equal(t, booked, stored)
	})
}

var gauge = regexp.MustCompile(`(?m)^youyue_http_in_flight (\d+)$`)

func (p *place) inFlight(t *testing.T) int {
	t.Helper()
	m := gauge.FindStringSubmatch(p.get(t.Context(), "/metrics", "").body)
	require.NotNil(t, m)
	n, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return n
}

// refused reports that nobody listens any more.
func (p *place) refused(t *testing.T) bool {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return sendTo(t.Context(), c, p.server.URL, http.MethodGet, "/healthz", "", "", nil).err != nil
}
