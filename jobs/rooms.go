package jobs

import (
	"context"
	"time"

	"youyue/models"
)

// Rooms keeps the bookings of rooms.
type Rooms interface {
	RemindDue(ctx context.Context, now models.Instant) (int, error)
	ReleaseNoShows(ctx context.Context, now models.Instant) (int, error)
	Materialise(ctx context.Context, now models.Instant) (int, error)
}

// RemindRooms writes reminders of rooms, a day and two hours before the start.
func RemindRooms(r Rooms) Job {
	return Job{Name: "remind_rooms", Spec: "* * * * *", Lease: time.Minute, Run: r.RemindDue}
}

// ReleaseNoShows lets rooms go to which nobody has come by the end of the grace.
func ReleaseNoShows(r Rooms) Job {
	return Job{Name: "release_no_shows", Spec: "* * * * *", Lease: time.Minute, Run: r.ReleaseNoShows}
}

// MaterialiseSeries makes the dates of recurring bookings ahead.
func MaterialiseSeries(r Rooms) Job {
	return Job{Name: "materialise_series", Spec: "10 0 * * *", Lease: 5 * time.Minute, Run: r.Materialise}
}
