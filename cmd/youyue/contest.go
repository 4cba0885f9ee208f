package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"youyue/app"
	"youyue/jobs"
)

type contestCmd struct {
	Recompute recomputeCmd `cmd:"" help:"Compute the results of a contest again and compare them to the bit."`
}

type recomputeCmd struct {
	ID int64 `arg:"" help:"Number of the contest."`
}

// errDiffers ends the command with a failure, so that a script notices.
var errDiffers = errors.New("at least one result differs")

// Run prints each stored result with its hashes, and whether it comes out again.
func (r recomputeCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		all, err := a.Scoring.Recompute(ctx, r.ID)
		if err != nil {
			return err
		}
		differs := false
		for _, x := range all {
			word := "same"
			if !x.Same {
				word, differs = "DIFFERS: "+x.Difference, true
			}
			fmt.Fprintf(os.Stdout, "round %d %s, result %d (%s)\n  input  %s\n  result %s\n  %s\n", x.RoundID, x.Title, x.Number, x.Why, x.InputHash, x.ResultHash, word)
		}
		if len(all) == 0 {
			fmt.Fprintln(os.Stdout, "no result yet")
		}
		if differs {
			return errDiffers
		}
		return nil
	})
}
