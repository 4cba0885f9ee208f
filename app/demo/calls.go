package demo

import (
	"context"
	"fmt"

	"youyue/app"
	"youyue/app/booking"
	"youyue/app/screening"
	"youyue/models"
)

// calls adds what a clerk finds at the desk on a first visit: a caller with two
// seats who rang again because one more is coming.
func calls(ctx context.Context, a *app.App) error {
	clerk, err := Actor(ctx, a, "clerk")
	if err != nil {
		return err
	}
	shows, err := a.Screenings.DeskShows(ctx)
	if err != nil || len(shows) == 0 {
		return err
	}
	p, err := a.Screenings.Book(ctx, clerk, screening.Wish{ScreeningID: shows[len(shows)-1].ID, Party: models.Party{Count: 2, Zone: models.ZoneBack},
		Caller: booking.Caller{Name: "刘桂英（示例）", Phone: "13900008826"}, Channel: models.ChannelPhone, ReadBack: true})
	if err != nil {
		return fmt.Errorf("demo caller: %w", err)
	}
	_, err = a.Screenings.ChangeSeats(ctx, clerk, p.ID, screening.NewSeats{Count: 3, Channel: models.ChannelPhone, ReadBack: true})
	if err != nil {
		return fmt.Errorf("demo change of seats: %w", err)
	}
	return nil
}
