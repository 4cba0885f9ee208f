package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"youyue/app"
	"youyue/app/demo"
	"youyue/configs"
	"youyue/jobs"
)

// with runs fn on the product and closes it.
func (c *cli) with(ctx context.Context, fn func(a *app.App, r *jobs.Runner) error) error {
	a, r, err := c.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(fn(a, r), a.Close())
}

type migrateCmd struct{}

// Run migrates; opening the product already has.
func (migrateCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		if err := a.DB.Ready(ctx); err != nil {
			return err
		}
		fmt.Println("the schema is up to date")
		return nil
	})
}

type seedCmd struct {
	Demo bool `help:"The demo district; the only seed there is." required:""`
}

// Run seeds a new database, or tops the programme of an old one up.
func (seedCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		fresh, added, err := demo.Seed(ctx, a)
		if err != nil {
			return err
		}
		if fresh {
			fmt.Println("the demo district is in place")
		}
		fmt.Printf("screenings added: %d\n", added)
		return nil
	})
}

type openapiCmd struct{}

// Run prints the document. It needs no configuration and no database: routes
// are declared on an empty one in memory.
func (openapiCmd) Run(ctx context.Context) error {
	cfg, err := configs.Load("", []string{"YOUYUE_DEMO=on", "YOUYUE_DATABASE_URL=sqlite::memory:"})
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Options{})
	if err != nil {
		return err
	}
	if _, err := jobs.All(a); err != nil {
		return errors.Join(err, a.Close())
	}
	doc, err := a.Edge.DocumentJSON()
	if err == nil {
		_, err = os.Stdout.Write(doc)
	}
	return errors.Join(err, a.Close())
}

type jobCmd struct {
	Name string `arg:"" help:"Name of the job, as /jobs lists it."`
}

// Run runs one job now; another node that is at it makes this one stand back.
func (j jobCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(_ *app.App, r *jobs.Runner) error {
		res, err := r.RunOnce(ctx, j.Name)
		if err != nil {
			return err
		}
		fmt.Printf("%s: done %d\n", j.Name, res.Done)
		return nil
	})
}

type healthCmd struct {
	Listen string `default:"127.0.0.1:8080" env:"YOUYUE_LISTEN" help:"Where the server listens."`
}

// Run asks /readyz; it is the container's health check and needs no configuration.
func (h healthCmd) Run(ctx context.Context) error {
	host, port, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", res.Status)
	}
	return nil
}
