package jobs

import (
	"context"
	"net/http"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"
)

// statusView is a job as programs see it; null means never.
type statusView struct {
	Name       string          `json:"name"`
	Schedule   string          `json:"schedule"`
	Running    bool            `json:"running"`
	LastRun    *models.Instant `json:"last_run"`
	FinishedAt *models.Instant `json:"finished_at"`
	DurationMs int64           `json:"duration_ms"`
	Done       int             `json:"done"`
	LastError  string          `json:"last_error"`
	FailedAt   *models.Instant `json:"failed_at"`
	NextRun    *models.Instant `json:"next_run"`
}

// resultView is what a run by hand did.
type resultView struct {
	Name       string         `json:"name"`
	Done       int            `json:"done"`
	StartedAt  models.Instant `json:"started_at"`
	FinishedAt models.Instant `json:"finished_at"`
}

type named struct {
	Name string `path:"name" json:"-" validate:"max=60"`
}

// ErrFailed: a job that was run by hand failed; the list of jobs tells why.
var ErrFailed = errs.New(errs.Internal, "job.failed")

// Routes declares the API of the jobs.
func (r *Runner) Routes(x *httpapi.Router) {
	httpapi.API(x, http.MethodGet, "/api/v1/jobs", auth.JobRead,
		httpapi.Op{Summary: "Jobs with their last and next runs", Tag: "jobs"},
		func(ctx context.Context, _ auth.Actor, _ httpapi.None) (list.Of[statusView], error) {
			all, err := r.List(ctx)
			q := list.Query{PerPage: list.MaxPerPage}
			return list.Map(list.New(q, all, int64(len(all))), view), err
		})
	httpapi.API(x, http.MethodPost, "/api/v1/jobs/:name/run", auth.JobRun,
		httpapi.Op{Summary: "Run a job now", Tag: "jobs", Errors: []*errs.Error{ErrUnknown, ErrRunning, ErrStopped, ErrFailed}},
		func(ctx context.Context, a auth.Actor, in named) (resultView, error) {
			res, err := r.runBy(ctx, a, in.Name)
			return resultView{res.Name, res.Done, res.Started, res.Finished}, err
		})
}

// runBy is RunOnce for an administrator, with a line in the audit log. The run
// goes on when the browser leaves.
func (r *Runner) runBy(ctx context.Context, a auth.Actor, name string) (Result, error) {
	if _, ok := r.find(name); !ok {
		return Result{}, ErrUnknown.With("name", name)
	}
	err := r.db.Write(ctx, func(tx *db.Tx) error {
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID = "job.run", "job", name
		return audit.Write(tx, line)
	})
	if err != nil {
		return Result{}, err
	}
	res, err := r.RunOnce(context.WithoutCancel(ctx), name)
	if errs.As(err).Kind == errs.Internal && err != nil {
		r.log.ErrorContext(ctx, "job failed", "job", name, "cause", err)
		return res, ErrFailed.With("name", name).Because(err)
	}
	return res, err
}

func view(s Status) statusView {
	return statusView{s.Name, s.Spec, s.Running, optional(s.Started), optional(s.Finished),
		int64(s.Duration / time.Millisecond), s.Done, s.Error, optional(s.FailedAt), optional(s.Next)}
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}
