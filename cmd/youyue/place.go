package main

import (
	"context"
	"fmt"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/org"
	"youyue/app/venue"
	"youyue/jobs"
	"youyue/models"
)

// commandLine is who acts when an operator types a command: it may do all, and
// the audit log says so.
var commandLine = auth.Actor{Login: "command line"}

type orgCmd struct {
	Add orgAddCmd `cmd:"" help:"Add an organisation; the first of a new installation is made this way."`
}

type orgAddCmd struct {
	Code   string `arg:"" help:"Short code, unique."`
	Name   string `required:"" help:"As people are to read it."`
	Kind   string `default:"centre" enum:"centre,subdistrict,station,branch,partner,school,team" help:"${enum}."`
	Parent string `help:"Code of the organisation it hangs on; empty for a root."`
}

// Run adds the organisation.
func (o orgAddCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		return a.DB.Write(ctx, func(tx *db.Tx) error {
			e := org.Entry{Code: o.Code, Name: o.Name, Kind: models.OrgKind(o.Kind)}
			if o.Parent != "" {
				p, err := org.ByCode(tx, o.Parent)
				if err != nil {
					return fmt.Errorf("parent %s: %w", o.Parent, err)
				}
				e.ParentID = &p.ID
			}
			_, err := org.Create(tx, commandLine, e)
			return err
		})
	})
}

type hallCmd struct {
	Add hallAddCmd `cmd:"" help:"Add a hall with the assumed 172-seat plan."`
}

type hallAddCmd struct {
	Code    string `arg:"" help:"Short code, unique."`
	Org     string `arg:"" help:"Code of the organisation that runs it."`
	Name    string `required:"" help:"As people are to read it."`
	Venue   string `required:"" help:"The house it is in."`
	Address string `required:"" help:"Street and number."`
	Phone   string `help:"Of the house."`
	Route   string `help:"How to get there."`
}

// Run adds the hall.
func (h hallAddCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		return a.DB.Write(ctx, func(tx *db.Tx) error {
			o, err := org.ByCode(tx, h.Org)
			if err != nil {
				return fmt.Errorf("organisation %s: %w", h.Org, err)
			}
			return venue.Create(tx, &venue.Hall{Name: h.Name, OrgID: o.ID, Hall: models.Hall{PersonSeats: models.UsualPersonSeats, Code: h.Code, Venue: h.Venue,
				Address: h.Address, Phone: h.Phone, Route: h.Route}}, models.CinemaHallPlan())
		})
	})
}
