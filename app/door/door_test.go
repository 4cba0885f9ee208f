package door_test

import (
	"fmt"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/door"
	"youyue/app/screening"
	"youyue/app/screening/screeningtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// However many parties let their seats go, whoever has one is on the lists of the door.
func TestWhoHasASeatIsOnTheListOfTheDoor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := screeningtest.New(t, d)
		svc := door.New(door.Config{DB: d, Kernel: s.Kernel, Shows: s.Shows, Live: s.Live, Zone: screeningtest.Zone})
		v, err := s.Shows.Schedule(t.Context(), s.Scheduler, screening.Plans{FilmID: s.Film.ID, StartsAt: s.At(100), Audience: models.AudiencePublic})
		require.NoError(t, err)
		clock.Set(v.StartsAt.Add(20 * time.Minute).Time())
		come := func(name string, n int) (ids []string) {
			for i := range n {
				got, err := svc.WalkIn(t.Context(), s.Scheduler, booking.WalkIn{EventID: v.ID, Party: models.Party{Count: 1}, Name: fmt.Sprint(name, i)})
				require.NoError(t, err)
				ids = append(ids, got.BookingID)
			}
			return ids
		}
		gone := come("丁", 110)
		s.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE checkins SET undone_at = ?, undo_reason = 'left'`, tx.Now())
			return err
		})
		_, err = svc.ReleaseNoShows(t.Context(), s.Scheduler, booking.LettingGo{EventID: v.ID, Bookings: gone, Reason: "left"})
		require.NoError(t, err)
		come("钟", 110)
		_, entries, count, err := svc.Door(t.Context(), s.Scheduler, v.ID, "")
		require.NoError(t, err)
		seated := 0
		for _, e := range entries {
			seated += len(e.Seats)
		}
		require.Equal(t, count.Expected, seated)
		s.MustBeClean(t)
	})
}
