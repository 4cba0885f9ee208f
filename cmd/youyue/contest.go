package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"youyue/app"
	"youyue/app/scoring"
	"youyue/jobs"
)

type contestCmd struct {
	Recompute recomputeCmd     `cmd:"" help:"Compute the results of a contest again and compare them to the bit."`
	Verify    contestVerifyCmd `cmd:"" help:"Compute the results of a downloaded file again."`
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
		return tell(all)
	})
}

type contestVerifyCmd struct {
	File string `arg:"" help:"The file, as the round's page offers it."`
}

// Run needs no configuration and no database: what the file says is computed anew.
func (v contestVerifyCmd) Run() error {
	text, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	var f scoring.Recount
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("%s: %w", v.File, err)
	}
	return tell(f.Verify())
}

// tell prints what a recomputation found; errDiffers when not all came out again.
func tell(all []scoring.Checked) error {
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
}
