// Command youyue is the whole product in one binary: the server, its jobs, and
// the few things an operator does by hand.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // a minimal image has no zone files

	"youyue/app"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/configs"
	"youyue/jobs"

	"github.com/alecthomas/kong"
)

// cli is the command line; each command is a type with Run.
type cli struct {
	Config string `help:"YAML file; YOUYUE_… variables go over it." short:"c" placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Serve pages and API and run the jobs."`
	Migrate migrateCmd `cmd:"" help:"Bring the database schema up to date."`
	Seed    seedCmd    `cmd:"" help:"Fill a new database with the demo district."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the API document."`
	Job     jobCmd     `cmd:"" help:"Run one job now."`
	Org     orgCmd     `cmd:"" help:"Organisations of a new installation."`
	Hall    hallCmd    `cmd:"" help:"Halls of a new installation."`
	Contest contestCmd `cmd:"" help:"Results of contests."`
	Lecture lectureCmd `cmd:"" help:"Orders of lectures and services."`
	User    userCmd    `cmd:"" help:"Accounts, roles and tokens."`
	Draw    drawCmd    `cmd:"" help:"Draws anyone can replay."`
	Health  healthCmd  `cmd:"" help:"Ask the running server whether it is ready."`
}

func main() {
	var c cli
	k := kong.Parse(&c, kong.Name("youyue"), kong.Description("Youyue · 文明有约: one calendar for a district's civic life."), kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	k.BindTo(ctx, (*context.Context)(nil))
	err := k.Run(&c)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "youyue:", words(err))
		os.Exit(1)
	}
}

// words is an error for the operator: refusals of the product in its own words.
func words(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind == errs.Internal {
		return err.Error()
	}
	// What the error was wrapped in says about what: "organisation x: …".
	lines := []string{strings.TrimSuffix(err.Error(), e.Error()) + httpapi.Say(context.Background(), e)}
	for _, f := range e.Fields {
		lines = append(lines, f.Name+": "+httpapi.SayField(context.Background(), f))
	}
	return strings.Join(lines, "\n  ")
}

// load reads the configuration and makes the log that it asks for.
func (c *cli) load() (configs.Config, *slog.Logger, error) {
	cfg, err := configs.Load(c.Config, os.Environ())
	if err != nil {
		return cfg, nil, err
	}
	opts := &slog.HandlerOptions{Level: cfg.LogLevel}
	var h slog.Handler = slog.NewJSONHandler(os.Stderr, opts)
	if cfg.LogFormat == configs.LogText {
		h = slog.NewTextHandler(os.Stderr, opts)
	}
	log := slog.New(h)
	slog.SetDefault(log)
	return cfg, log, nil
}

// open builds the product on a migrated database.
func (c *cli) open(ctx context.Context) (*app.App, *jobs.Runner, error) {
	cfg, log, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	if err := makeDataDir(cfg.DatabaseURL); err != nil {
		return nil, nil, err
	}
	a, err := app.New(ctx, cfg, app.Options{Log: log})
	if err != nil {
		return nil, nil, err
	}
	if _, err := a.DB.Migrate(ctx); err != nil {
		_ = a.Close()
		return nil, nil, err
	}
	r, err := jobs.All(a)
	if err != nil {
		_ = a.Close()
		return nil, nil, err
	}
	return a, r, nil
}
