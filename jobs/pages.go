package jobs

import (
	"context"
	"errors"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
)

type jobsPage struct {
	Jobs   []Status
	MayRun bool
	Notice string // locale key of what stopped the last press, "" for nothing
	Name   string // the job it speaks of
}

// Pages declares the page of the jobs.
func (r *Runner) Pages(x *httpapi.Router) {
	httpapi.Page(x, "/jobs", auth.JobRead, func(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
		return r.page(ctx, a, "", "")
	})
	httpapi.Form(x, "/jobs/:name/run", auth.JobRun, httpapi.LimitNone,
		func(ctx context.Context, a auth.Actor, in named, bad *errs.Error) (httpapi.Answer, error) {
			if bad != nil {
				return httpapi.Answer{}, bad
			}
			res, err := r.runBy(ctx, a, in.Name)
			for _, known := range []*errs.Error{ErrRunning, ErrFailed} {
				if errors.Is(err, known) {
					p, err := r.page(ctx, a, "err."+known.Code, in.Name)
					p.Status = known.Kind.Status()
					return httpapi.Show(p), err
				}
			}
			return httpapi.SeeOther("/jobs", "job.ran", map[string]any{"name": locales.T(httpapi.Lang(ctx), "job.name."+in.Name, nil), "n": res.Done}), err
		})
}

func (r *Runner) page(ctx context.Context, a auth.Actor, notice, name string) (web.Page, error) {
	all, err := r.List(ctx)
	return web.Page{Template: "job/list", Title: "job.title", Layout: web.LayoutStaff,
		Data: jobsPage{Jobs: all, MayRun: a.Can(auth.JobRun), Notice: notice, Name: name}}, err
}
