package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/models"
)

// branchLife adds what a secretary finds on a first visit: a booking with a list
// of names, some of them with a seat, and another branch's block of seats that
// waits for the scheduler. It does so once.
func branchLife(ctx context.Context, a *app.App) error {
	var n int
	if err := a.DB.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&n, `SELECT COUNT(*) FROM block_requests`) }); err != nil || n > 0 {
		return err
	}
	now := a.DB.Now()
	on, err := a.Screenings.Programme(ctx, screening.Programme{Query: list.Query{PerPage: list.MaxPerPage}, From: now.Add(48 * time.Hour),
		To: now.Add(days * 24 * time.Hour), Audience: models.AudienceBranches, Open: true})
	if err != nil || len(on.Items) == 0 {
		return err
	}
	show := on.Items[len(on.Items)-1]
	branch, err := Actor(ctx, a, "branch")
	if err != nil {
		return err
	}
	placed, err := a.Screenings.Book(ctx, branch, screening.Wish{ScreeningID: show.ID, Party: models.Party{Count: 12, Zone: models.ZoneMiddle}})
	if err != nil {
		return enough(err)
	}
	var guests []booking.Guest
	for i, name := range []string{"王芳（示例）", "李强（示例）", "赵敏（示例）", "钱进（示例）", "孙丽（示例）", "周一（示例）", "吴二（示例）", "郑三（示例）"} {
		g := booking.Guest{Name: name}
		if i < 4 {
			g.SeatID = placed.Seats[i].ID
		}
		guests = append(guests, g)
	}
	if _, err := a.Screenings.Enrol(ctx, branch, placed.ID, guests, booking.SeatedAsNamed); err != nil {
		return fmt.Errorf("demo attendees: %w", err)
	}
	other, err := Actor(ctx, a, "branch2")
	if err != nil {
		return err
	}
	_, err = a.Screenings.AskBlock(ctx, other, screening.BlockWish{ScreeningID: show.ID, Count: 36, Zone: models.ZoneBack, Note: "季度党课，全支部一起看（示例）"})
	return enough(err)
}

// enough passes over a screening that is too full to show anything.
func enough(err error) error {
	if errors.Is(err, booking.ErrFull) || errors.Is(err, booking.ErrClosed) {
		return nil
	}
	return err
}
