package activity_test

import (
	"strings"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/pause"
	"youyue/app/secret"
	"youyue/app/workdays"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var zone = time.FixedZone("CST", 8*3600)

type world struct {
	*bookingtest.World
	*activity.Service
	clock *dbtest.Clock
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	w := &world{World: bookingtest.New(t, d, booking.Options{}), clock: clock}
	box, err := secret.New([]byte(strings.Repeat("s", secret.MinSecret)))
	require.NoError(t, err)
	days := models.NewWorkCalendar(1, nil, published(t, 2026))
	w.Service = activity.New(activity.Config{DB: d, Kernel: w.Kernel, Notices: w.Notices, Pauses: pause.New(d, w.Notices, zone), Sealer: box, Signer: box, Zone: zone,
		Days: func(*db.Tx) (models.WorkCalendar, error) { return days, nil }})
	return w
}

func published(t *testing.T, year int) models.WorkYear {
	t.Helper()
	y, ok := workdays.Published(year)
	require.True(t, ok)
	return y
}

// open opens an activity of the station's, two days ahead.
func (w *world) open(t *testing.T, edits ...func(*activity.Plan)) activity.View {
	t.Helper()
	start := w.clock.Instant().Add(48 * time.Hour)
	p := activity.Plan{Activity: models.Activity{OrgID: w.Station.ID, Kind: "reading", Title: "读书会", Summary: "一起读书", Place: "阅览室", Audience: models.ForAll, Capacity: 12, MaxParty: 4},
		Sessions: []activity.Time{{Start: start, End: start.Add(time.Hour)}}}
	for _, edit := range edits {
		edit(&p)
	}
	v, err := w.Create(t.Context(), w.Staff, p)
	require.NoError(t, err)
	return v
}

func (w *world) join(t *testing.T, a auth.Actor, v activity.View, party int) (activity.Signed, error) {
	t.Helper()
	return w.SignUp(t.Context(), a, activity.Wish{ActivityID: v.ID, Party: party})
}
