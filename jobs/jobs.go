// Package jobs runs what has to happen without anybody asking. Due rows live in
// tables, so a missed tick loses nothing; a lease row per job lets any number
// of nodes tick while one runs.
package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"

	"github.com/robfig/cron/v3"
)

// ErrUnknown: there is no job of that name.
var ErrUnknown = errs.New(errs.NotFound, "job.unknown")

// ErrRunning: the job is running, here or on another node.
var ErrRunning = errs.New(errs.Conflict, "job.running")

// ErrStopped: this node is shutting down and begins nothing.
var ErrStopped = errs.New(errs.Unavailable, "job.stopped")

// errLeaseLost ends a run whose lease could not be extended in time.
var errLeaseLost = errors.New("the lease was lost while the job ran")

// Job is one kind of work. Spec is a cron line ("*/5 * * * *") or "@every 10s",
// read in the runner's zone. Run returns how much it did; it is given the
// moment of the run and ends soon after ctx does. Whatever it does may be done
// again after a crash, so it must not mind.
type Job struct {
	Name  string
	Spec  string
	Lease time.Duration // how long a dead node keeps others waiting
	Run   func(ctx context.Context, now models.Instant) (done int, err error)
}

// Result tells of one run.
type Result struct {
	Name     string
	Done     int
	Started  models.Instant
	Finished models.Instant
}

// Runner runs jobs by the clock and by hand.
type Runner struct {
	db    *db.DB
	log   *slog.Logger
	zone  *time.Location
	jobs  []entry
	cron  *cron.Cron
	node  string
	runs  atomic.Int64
	mu    sync.Mutex
	over  bool // no run begins any more; guarded by mu, as is each Add to alive
	alive sync.WaitGroup
	ctx   context.Context //nolint:containedctx // ends the runs when Stop loses patience
	end   context.CancelFunc
}

type entry struct {
	Job
	when cron.Schedule
}

// New checks the schedules and builds the runner; it starts nothing.
func New(d *db.DB, zone *time.Location, log *slog.Logger, all ...Job) (*Runner, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	r := &Runner{db: d, log: log, zone: zone, node: fmt.Sprintf("%s-%d", hex.EncodeToString(id[:]), os.Getpid())}
	r.ctx, r.end = context.WithCancel(context.Background())
	quiet := cronLog{log}
	r.cron = cron.New(cron.WithLocation(zone), cron.WithLogger(quiet),
		cron.WithChain(cron.Recover(quiet), cron.SkipIfStillRunning(quiet)))
	for _, j := range all {
		when, err := cron.ParseStandard(j.Spec)
		switch {
		case err != nil:
			return nil, fmt.Errorf("job %s: schedule: %w", j.Name, err)
		case j.Lease < time.Second:
			return nil, fmt.Errorf("job %s: lease %s is shorter than a second", j.Name, j.Lease)
		}
		if _, twice := r.find(j.Name); twice {
			return nil, fmt.Errorf("job %s: declared twice", j.Name)
		}
		r.jobs = append(r.jobs, entry{j, when})
		r.cron.Schedule(when, cron.FuncJob(func() { r.tick(j.Name) }))
	}
	return r, nil
}

// Start lets the clock run the jobs.
func (r *Runner) Start() { r.cron.Start() }

// Stop ends the ticks and waits for running jobs. When ctx ends first it
// cancels them, waits for them to notice, and returns the cause.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	ticks := r.cron.Stop()
	idle := make(chan struct{})
	go func() {
		<-ticks.Done()
		r.alive.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		r.end()
		return nil
	case <-ctx.Done():
		r.end()
		<-idle
		return ctx.Err()
	}
}

func (r *Runner) find(name string) (entry, bool) {
	for _, e := range r.jobs {
		if e.Name == name {
			return e, true
		}
	}
	return entry{}, false
}

func (r *Runner) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.alive.Add(1)
	}
	return !r.over
}

// tick is a run by the clock: that another node was first is no news.
func (r *Runner) tick(name string) {
	_, err := r.RunOnce(r.ctx, name)
	if err != nil && !errors.Is(err, ErrRunning) && r.ctx.Err() == nil {
		r.log.Error("job failed", "job", name, "cause", err)
	}
}

// RunOnce runs a job now and returns what it did, or why it failed. ErrUnknown,
// ErrRunning and ErrStopped say that it did not run.
func (r *Runner) RunOnce(ctx context.Context, name string) (Result, error) {
	j, ok := r.find(name)
	if !ok {
		return Result{}, ErrUnknown.With("name", name)
	}
	if !r.enter() {
		return Result{}, ErrStopped
	}
	defer r.alive.Done()
	res := Result{Name: name, Started: r.db.Now()}
	l := lease{db: r.db, job: name, owner: fmt.Sprintf("%s-%d", r.node, r.runs.Add(1)), span: j.Lease}
	if taken, err := l.take(ctx); err != nil || !taken {
		if err == nil {
			err = ErrRunning.With("name", name)
		}
		return res, err
	}
	done, runErr := r.guarded(ctx, j, &l, res.Started)
	res.Done, res.Finished = done, r.db.Now()
	if err := l.finish(ctx, res, runErr); err != nil {
		return res, errors.Join(runErr, fmt.Errorf("job %s: record: %w", name, err))
	}
	if done > 0 || runErr != nil {
		r.log.InfoContext(ctx, "job ran", "job", name, "done", done, "duration", res.Finished.Sub(res.Started), "failed", runErr != nil)
	}
	return res, runErr
}

// guarded runs the job while the lease is kept alive; a panic becomes an error.
func (r *Runner) guarded(ctx context.Context, j entry, l *lease, now models.Instant) (done int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(r.ctx, func() { cancel(r.ctx.Err()) })
	defer stop()
	var keeper sync.WaitGroup
	keeper.Go(func() { l.keep(ctx, r.log, cancel) })
	defer keeper.Wait()
	defer cancel(nil)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			r.log.Error("job panicked", "job", j.Name, "panic", p, "stack", string(debug.Stack()))
		}
		if cause := context.Cause(ctx); errors.Is(cause, errLeaseLost) {
			err = errors.Join(cause, err)
		}
	}()
	return j.Run(ctx, now)
}

// Status is what the admin page shows of a job. Zero instants: never.
type Status struct {
	Name     string
	Spec     string
	Running  bool
	Started  models.Instant // of the last run
	Finished models.Instant
	Duration time.Duration
	Done     int
	Error    string         // of the last run that failed
	FailedAt models.Instant // when that was; before Finished when a later run went well
	Next     models.Instant
}

// Healthy reports whether the last finished run went well.
func (s Status) Healthy() bool { return s.FailedAt.IsZero() || s.FailedAt.Before(s.Finished) }

// List tells of all jobs in the order they were declared.
func (r *Runner) List(ctx context.Context) ([]Status, error) {
	rows, err := readRows(ctx, r.db)
	if err != nil {
		return nil, err
	}
	now := r.db.Now()
	out := make([]Status, len(r.jobs))
	for i, j := range r.jobs {
		row := rows[j.Name]
		out[i] = Status{Name: j.Name, Spec: j.Spec, Running: row.LeaseOwner != "" && row.LeaseUntil.After(now),
			Started: row.StartedAt, Finished: row.FinishedAt, Duration: time.Duration(row.DurationMs) * time.Millisecond,
			Done: row.Done, Error: row.Error, FailedAt: row.FailedAt, Next: models.InstantOf(j.when.Next(now.In(r.zone)))}
	}
	return out, nil
}

// cronLog passes on what the scheduler says of failures.
type cronLog struct{ log *slog.Logger }

// Info is the scheduler's chatter.
func (c cronLog) Info(msg string, kv ...any) { c.log.Debug("cron: "+msg, kv...) }

// Error is a panic outside a run.
func (c cronLog) Error(err error, msg string, kv ...any) {
	c.log.Error("cron: "+msg, append(kv, "cause", err)...)
}
