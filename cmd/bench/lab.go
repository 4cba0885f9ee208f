package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"youyue/app"
	"youyue/app/db"
	"youyue/app/db/pgtest"
	"youyue/app/soak"
	"youyue/configs"

	"github.com/jackc/pgx/v5"
)

// What every measured database holds before a measurement.
const (
	accounts   = 1000   // each with a token
	screenings = 2000   // open, all seats free
	small      = 10_000 // bookings stored from before
	secretText = "a secret of the bench, of no use anywhere else: 0123456789abcdef"
)

// lab is the throw-away PostgreSQL server, the program, and prepared databases.
type lab struct {
	plan    plan
	dir     string
	cluster *pgtest.Cluster
	admin   *pgx.Conn
	program soak.Program // less its database
	base    world        // template of the PostgreSQL copies
	copies  int
}

// world is what the load generator must know of a database.
type world struct {
	url    string
	name   string // of the PostgreSQL database
	tokens []string
	events []int64
	seats  []int64 // of the plan, for sale
}

func newLab(ctx context.Context, p plan) (l *lab, err error) {
	l = &lab{plan: p}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if l.dir, err = os.MkdirTemp("", "youyue-bench-"); err != nil {
		return l, err
	}
	progress("building the program")
	l.program.Log = filepath.Join(l.dir, "server.log")
	if l.program.Binary, err = soak.Build(ctx, l.dir); err != nil {
		return l, err
	}
	secret := filepath.Join(l.dir, "secret")
	if err = os.WriteFile(secret, []byte(secretText), 0o600); err != nil {
		return l, err
	}
	l.program.Env = []string{"YOUYUE_SECRET_FILE=" + secret, "YOUYUE_RATE_LIMIT=off"}
	progress("starting PostgreSQL")
	if l.cluster, err = pgtest.Start(pgtest.Options{Durability: pgtest.Durable}); err != nil {
		return l, err
	}
	if l.admin, err = pgx.Connect(ctx, l.cluster.URL()); err != nil {
		return l, err
	}
	progress("filling the database that copies are taken of")
	l.base.name = "base"
	if _, err = l.admin.Exec(ctx, "CREATE DATABASE base TEMPLATE template0"); err != nil {
		return l, err
	}
	l.base.url = l.url("base")
	return l, l.fill(ctx, &l.base, small)
}

func (l *lab) close() error {
	var all []error
	if l.admin != nil {
		all = append(all, l.admin.Close(context.Background()))
	}
	if l.cluster != nil {
		all = append(all, l.cluster.Stop())
	}
	return errors.Join(append(all, os.RemoveAll(l.dir))...)
}

func (l *lab) url(database string) string {
	u, err := url.Parse(l.cluster.URL())
	if err != nil {
		panic(err) // the cluster's own
	}
	u.Path = "/" + database
	return u.String()
}

// copy makes a fresh database out of the base, so that every repetition starts
// from the same state.
func (l *lab) copy(ctx context.Context) (world, error) {
	l.copies++
	w := l.base
	w.name = "run_" + strconv.Itoa(l.copies)
	w.url = l.url(w.name)
	_, err := l.admin.Exec(ctx, "CREATE DATABASE "+w.name+" TEMPLATE base STRATEGY file_copy")
	return w, err
}

func (l *lab) drop(ctx context.Context, w world) error {
	_, err := l.admin.Exec(ctx, "DROP DATABASE "+w.name+" WITH (FORCE)")
	return err
}

// calm lets the disk finish what a measurement before has left.
func (l *lab) calm(ctx context.Context) error {
	_, err := l.admin.Exec(ctx, "CHECKPOINT")
	return err
}

// serve runs fn against the program on a database; group is "on" or "off".
func (l *lab) serve(ctx context.Context, w world, group string, fn func(s *soak.Server) error) error {
	p := l.program
	p.Env = append([]string{"YOUYUE_DATABASE_URL=" + w.url, "YOUYUE_GROUP_COMMIT=" + group}, p.Env...)
	s, err := p.Start(ctx)
	if err != nil {
		return err
	}
	err = fn(s)
	if stopErr := s.Terminate(); stopErr != nil {
		return errors.Join(err, stopErr)
	}
	code, waitErr := s.Wait(ctx)
	if waitErr == nil && code != 0 {
		waitErr = fmt.Errorf("the server ended with %d", code)
	}
	return errors.Join(err, waitErr)
}

// fill migrates and seeds a database through the program, and adds accounts,
// screenings and stored bookings set-wise.
func (l *lab) fill(ctx context.Context, w *world, stored int) error {
	seed := l.program
	seed.Env = append([]string{"YOUYUE_DATABASE_URL=" + w.url, "YOUYUE_DEMO=on"}, seed.Env...)
	if _, err := seed.Run(ctx, "seed", "--demo"); err != nil {
		return err
	}
	c, err := configs.Load("", append([]string{"YOUYUE_DATABASE_URL=" + w.url}, l.program.Env...))
	if err != nil {
		return err
	}
	a, err := app.New(ctx, c, app.Options{})
	if err != nil {
		return err
	}
	err = errors.Join(w.people(ctx, a), w.programme(ctx, a), a.Close())
	if err != nil || stored == 0 {
		return err
	}
	return store(ctx, w.url, stored)
}

// people makes accounts with tokens, several at once.
func (w *world) people(ctx context.Context, a *app.App) error {
	w.tokens = make([]string, accounts)
	next := make(chan int, accounts)
	for i := range accounts {
		next <- i
	}
	close(next)
	var all sync.WaitGroup
	failed := make(chan error, 16)
	for range 16 {
		all.Go(func() {
			for i := range next {
				login := fmt.Sprintf("bench%04d", i)
				_, err := a.Accounts.AddAccount(ctx, login, "压测"+strconv.Itoa(i), "")
				if err == nil {
					w.tokens[i], err = a.Accounts.IssueToken(ctx, login, "bench")
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// eventColumns are what a screening of the bench has from the one it copies.
const eventColumns = `kind, resource_id, org_id, title, plan_id, audience, state, starts_at, ends_at, opens_at, closes_at,
	cancel_until, remind_hours, max_seats, for_sale, created_at`

// programme opens screenings. They share one evening: a hall's calendar has no
// room for so many, and seats are what is measured.
func (w *world) programme(ctx context.Context, a *app.App) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		var model int64
		if err := tx.Scan(&model, `SELECT id FROM events WHERE kind = 'screening' AND state = 'open' AND audience = 'public'
			AND reserved = 0 AND starts_at > ? ORDER BY starts_at LIMIT 1`, tx.Now().Add(48*time.Hour)); err != nil {
			return err
		}
		if _, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO events (`+eventColumns+`, seat_map) SELECT `+eventColumns+`, replace(seat_map, 't', 'f') FROM events, n WHERE id = ?`,
			screenings, model); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO screenings (id, film_id, oath_min, runtime_min, cleanup_min)
			SELECT e.id, s.film_id, s.oath_min, s.runtime_min, s.cleanup_min FROM events e, screenings s
			WHERE s.id = ? AND e.id NOT IN (SELECT id FROM screenings)`, model); err != nil {
			return err
		}
		if err := tx.Scan(&w.events, `SELECT id FROM events ORDER BY id DESC LIMIT ?`, screenings); err != nil {
			return err
		}
		return tx.Scan(&w.seats, `SELECT id FROM seats WHERE plan_id = (SELECT plan_id FROM events WHERE id = ?) AND kind <> 'not_for_sale' ORDER BY ord`, model)
	})
}
