package main

import (
	"context"
	"fmt"

	"youyue/app"
	"youyue/jobs"
)

type lectureCmd struct {
	Deadlines lectureDeadlinesCmd `cmd:"" help:"List deadlines of orders that would be others by the present working calendar. Nothing is changed."`
}

type lectureDeadlinesCmd struct{}

// Run prints a line for each deadline that was told by an older calendar and would
// be another one today: the order, the step, what was told, what it would be.
func (lectureDeadlinesCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		all, err := a.Lectures.Differences(ctx)
		if err != nil {
			return err
		}
		const layout = "2006-01-02 15:04"
		for _, d := range all {
			now := "not known: its year is not published"
			if !d.Now.IsZero() {
				now = d.Now.In(a.Config.Timezone).Format(layout)
			}
			fmt.Printf("%s %s: told %s by version %d, now %s\n", d.OrderID, d.Step, d.DueAt.In(a.Config.Timezone).Format(layout), d.Calendar, now)
		}
		fmt.Printf("deadlines that would be others: %d; none was changed\n", len(all))
		return nil
	})
}
