package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"youyue/app/soak"

	"github.com/jackc/pgx/v5"
)

// roomDays is how far ahead the rooms of the measurement can be booked: 50 rooms,
// open day and night, are some 139,000 half hours.
const roomDays = 58

// roomFill puts up a venue's rooms, always open, in which each may book as often as they like.
var roomFill = []string{
	calendarFill[0], calendarFill[1], calendarFill[2],
	`INSERT INTO opening_hours (venue_id, day, opens, closes) SELECT v.id, d, 0, 1440 FROM venues v, generate_series(1, 9) d WHERE v.code = 'bench'`,
	`INSERT INTO room_rules (venue_id, who, ahead_days, ahead_min, longest_min, per_week, approve, desk_percent, cancel_min, grace_min)
	SELECT id, 'resident', 60, 0, 120, 0, FALSE, 0, 0, 15 FROM venues WHERE code = 'bench'`,
	`VACUUM ANALYZE`,
}

// measureRooms books half hours at random, beside pgbench that books seats, so
// that the two can be told apart by more than this machine's mood.
func measureRooms(ctx context.Context, l *lab, f *figures) error {
	for n := range l.plan.reps {
		raw, err := l.pgbench(ctx, rawAnywhere)
		if err != nil {
			return fmt.Errorf("pgbench: %w", err)
		}
		w, err := l.copy(ctx)
		if err != nil {
			return err
		}
		rooms, err := putUpRooms(ctx, w.url)
		if err != nil {
			return err
		}
		if err := l.calm(ctx); err != nil {
			return err
		}
		var got load
		err = l.serve(ctx, w, "on", func(s *soak.Server) error {
			got, err = rush(ctx, l.plan, s.URL, connections, 201, w.anyHalfHour(rooms))
			return err
		})
		if err != nil {
			return err
		}
		if err := l.drop(ctx, w); err != nil {
			return err
		}
		share := 100 * float64(got.refused) / float64(got.ok+got.refused)
		f.rooms, f.roomsTaken, f.ratioRooms = append(f.rooms, got.rate()), append(f.roomsTaken, share), append(f.ratioRooms, got.rate()/raw)
		progress("rooms %d/%d: %.0f/s, %.1f %% were taken (%.2f of pgbench)", n+1, l.plan.reps, got.rate(), share, got.rate()/raw)
	}
	return nil
}

func putUpRooms(ctx context.Context, url string) (ids []int64, err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	for i, q := range roomFill {
		if _, err := c.Exec(ctx, q); err != nil {
			return nil, fmt.Errorf("rooms, step %d: %w", i, err)
		}
	}
	rows, err := c.Query(ctx, `SELECT m.id FROM rooms m JOIN venues v ON v.id = m.venue_id AND v.code = 'bench'`)
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	return ids, closed(ctx, c, err)
}

// anyHalfHour books a random half hour from tomorrow on in a random room.
func (w world) anyHalfHour(rooms []int64) func(worker, i int) request {
	first := time.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
	return func(worker, i int) request {
		start := first.Add(time.Duration(rand.IntN(roomDays*48)) * 30 * time.Minute)
		return request{method: "POST", path: "/api/v1/rooms/" + strconv.FormatInt(rooms[rand.IntN(len(rooms))], 10) + "/bookings",
			token: w.tokens[worker%len(w.tokens)], key: "room-" + strconv.Itoa(worker) + "-" + strconv.Itoa(i),
			body: `{"start":"` + start.Format(time.RFC3339) + `","end":"` + start.Add(30*time.Minute).Format(time.RFC3339) + `","purpose":"练习","attendees":2}`}
	}
}

// roomRows are the rows of the document.
func (f *figures) roomRows() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| room bookings a second | %s |\n", f.rooms.cells("%.0f"))
	fmt.Fprintf(&b, "| of those asked for, taken already, %% | %s |\n", f.roomsTaken.cells("%.1f"))
	fmt.Fprintf(&b, "| room bookings : raw pgbench | %s |\n", f.ratioRooms.cells("%.2f"))
	return b.String()
}
