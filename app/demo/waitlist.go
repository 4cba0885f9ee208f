package demo

import (
	"context"
	"errors"

	"youyue/app"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/screening"
	"youyue/models"
)

// waitingList shows a screening that is sold out, with two callers who wait for
// seats. It does so once, at the last public screening with nothing reserved.
func waitingList(ctx context.Context, a *app.App) error {
	var n int
	var ids []int64
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Scan(&n, `SELECT COUNT(*) FROM waitlist_entries`); err != nil {
			return err
		}
		return tx.Scan(&ids, `SELECT id FROM events WHERE kind = 'screening' AND state = 'open' AND audience = 'public' AND reserved = 0
			AND taken <= 8 AND starts_at > ? ORDER BY starts_at DESC`, tx.Now())
	})
	if err != nil || n > 0 || len(ids) < 2 {
		return err // with one alone it is needed as it is
	}
	neighbour, err := Actor(ctx, a, "neighbour")
	if err != nil {
		return err
	}
	for count := 20; count > 0; {
		_, err := a.Screenings.Book(ctx, neighbour, screening.Wish{ScreeningID: ids[0], Party: models.Party{Count: count}})
		switch {
		case errors.Is(err, booking.ErrFull):
			count--
		case err != nil:
			return err
		}
	}
	if _, err := a.Screenings.Book(ctx, neighbour, screening.Wish{ScreeningID: ids[0], Party: models.Party{Count: 4, Wheelchairs: 4}}); err != nil && !errors.Is(err, booking.ErrFull) {
		return err
	}
	clerk, err := Actor(ctx, a, "clerk")
	if err != nil {
		return err
	}
	for _, w := range []struct {
		name  string
		count int
	}{{"王桂英（示例）", 3}, {"马建军（示例）", 2}} {
		_, err := a.Screenings.Join(ctx, clerk, screening.Wish{ScreeningID: ids[0], Party: models.Party{Count: w.count},
			Caller: booking.Caller{Name: w.name}, Channel: models.ChannelPhone})
		if err != nil && !errors.Is(err, booking.ErrSeatsThere) {
			return err
		}
	}
	return nil
}
