package cinema

import (
	"context"
	"net/http"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/app/venue"
	"youyue/app/web/locales"
	"youyue/models"
)

type hoursSpan struct {
	StartsAt      models.Instant `json:"starts_at" validate:"required"`
	EndsAt        models.Instant `json:"ends_at" validate:"required"`
	Projectionist string         `json:"projectionist" validate:"omitempty,plain,max=40"`
	Note          string         `json:"note" validate:"omitempty,plain,max=200"`
}

type hoursPattern struct {
	From     string `json:"from" validate:"required,max=20"`            // first day, 2026-12-01
	To       string `json:"to" validate:"required,max=20"`              // last day
	Weekdays []int  `json:"weekdays" validate:"max=7,dive,min=1,max=7"` // Monday is 1; none means every day
	Start    string `json:"start" validate:"required,max=10"`           // 18:00
	End      string `json:"end" validate:"required,max=10"`             // 22:00, or 24:00
	Note     string `json:"note" validate:"omitempty,plain,max=200"`
}

type releasesIn struct {
	httpapi.PathID
	Spans   []hoursSpan   `json:"spans" validate:"max=400,dive"`
	Pattern *hoursPattern `json:"pattern"`
	Replace bool          `json:"replace"` // take back what is released on those days besides
}

type hallBlocksIn struct {
	httpapi.PathID
	Spans   []hoursSpan   `json:"spans" validate:"max=400,dive"`
	Pattern *hoursPattern `json:"pattern"`
	Skip    bool          `json:"skip_clashes"` // leave out what clashes instead of refusing all
}

// screeningHoursView is hours of a screening hall, and what becomes of them.
type screeningHoursView struct {
	StartsAt models.Instant       `json:"starts_at"`
	EndsAt   models.Instant       `json:"ends_at"`
	Fate     Fate                 `json:"fate" validate:"oneof=added there gone clash"`
	Clashes  []screening.BusyWith `json:"clashes"`
}

type hoursDone struct {
	Items []screeningHoursView `json:"items"`
}

func viewHours(p HoursPlan) hoursDone {
	out := hoursDone{Items: make([]screeningHoursView, len(p.Rows))}
	for i, r := range p.Rows {
		out.Items[i] = screeningHoursView{r.Start, r.End, r.Fate, r.Clashes}
		if r.Clashes == nil {
			out.Items[i].Clashes = []screening.BusyWith{}
		}
	}
	return out
}

type releaseView struct {
	ID            int64          `json:"id"`
	StartsAt      models.Instant `json:"starts_at"`
	EndsAt        models.Instant `json:"ends_at"`
	Projectionist string         `json:"projectionist"`
	Note          string         `json:"note"`
}

type hoursIn struct {
	httpapi.PathID
	list.Query
	From models.Instant `query:"from"`
	To   models.Instant `query:"to"`
}

type takeBackIn struct {
	httpapi.PathID
	StartsAt models.Instant `json:"starts_at" validate:"required"`
	EndsAt   models.Instant `json:"ends_at" validate:"required"`
	Reason   string         `json:"reason" validate:"omitempty,plain,max=200"`
}

type rulesIn struct {
	httpapi.PathID
	ReleasedOnly bool                `json:"released_only"`
	Confirm      models.ConfirmOrder `json:"confirm" validate:"required,oneof=none after_scheduler before_scheduler"`
	LeadHours    *int                `json:"lead_hours" validate:"omitempty,min=0,max=720"`
	PersonSeats  *int                `json:"person_seats" validate:"omitempty,min=0,max=400"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "cinema"
	httpapi.API(r, http.MethodGet, "/api/v1/halls/:id/releases", auth.HallCalendar,
		httpapi.Op{Summary: "Hours that the cinema has released, from now on when no time is named", Tag: tag},
		func(ctx context.Context, a auth.Actor, in hoursIn) (list.Of[releaseView], error) {
			rows, err := s.ReleasesOf(ctx, a, in.ID, models.Span{Start: in.From, End: in.To})
			views := make([]releaseView, len(rows))
			for i, x := range rows {
				views[i] = releaseView{x.ID, x.StartsAt, x.EndsAt, x.Projectionist, x.Note}
			}
			_, per, off := in.Window()
			from := min(off, len(views))
			return list.New(in.Query, views[from:min(from+per, len(views))], int64(len(views))), err
		})
	refusals := []*errs.Error{ErrHoursFaults, ErrHoursUsed}
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/releases", auth.HallRelease,
		httpapi.Op{Summary: "Release hours for party lessons: spans, a weekly pattern, or both; what is released already is left", Tag: tag, Errors: refusals},
		func(ctx context.Context, a auth.Actor, in releasesIn) (hoursDone, error) {
			w := HoursWish{HallID: in.ID, Kind: HoursRelease}
			if in.Replace {
				w.Period = PeriodReplace
			}
			return s.applyAPI(ctx, a, w, in.Spans, in.Pattern)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/releases/withdraw", auth.HallRelease,
		httpapi.Op{Summary: "Take released hours back, wholly or in part; what somebody has is refused", Tag: tag, Errors: []*errs.Error{ErrHoursUsed, ErrNoHours}},
		func(ctx context.Context, a auth.Actor, in takeBackIn) (list.Of[releaseView], error) {
			err := s.TakeBack(ctx, a, in.ID, models.Span{Start: in.StartsAt, End: in.EndsAt}, in.Reason)
			return list.New(list.Query{}, []releaseView{}, 0), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/halls/:id/blocks", auth.HallRelease,
		httpapi.Op{Summary: "Keep hours for the cinema itself, with the reason as the note", Tag: tag, Errors: refusals},
		func(ctx context.Context, a auth.Actor, in hallBlocksIn) (hoursDone, error) {
			w := HoursWish{HallID: in.ID, Kind: HoursBlock}
			if in.Skip {
				w.Clashes = ClashSkip
			}
			return s.applyAPI(ctx, a, w, in.Spans, in.Pattern)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/hall-blocks/:id/lift", auth.HallRelease,
		httpapi.Op{Summary: "End a block; who queues for the time moves up", Tag: tag, Status: http.StatusNoContent},
		func(ctx context.Context, a auth.Actor, in httpapi.PathID) (httpapi.None, error) {
			return httpapi.None{}, s.Lift(ctx, a, in.ID)
		})
	httpapi.API(r, http.MethodPut, "/api/v1/halls/:id/rules", auth.HallRules,
		httpapi.Op{Summary: "Whether only released hours can be had, whether the cinema confirms before or after the scheduler, how early a branch asks, how many seats a person may have (0: no limit); a number left out stays", Tag: tag,
			Status: http.StatusNoContent, Errors: []*errs.Error{ErrHoursOutside}},
		func(ctx context.Context, a auth.Actor, in rulesIn) (httpapi.None, error) {
			rules := venue.Rules{Hours: venue.AllHours, Confirm: in.Confirm, LeadHours: or(in.LeadHours, venue.Unchanged), PersonSeats: or(in.PersonSeats, venue.Unchanged)}
			if in.ReleasedOnly {
				rules.Hours = venue.OnlyReleased
			}
			return httpapi.None{}, s.SetRules(ctx, a, in.ID, rules)
		})
}

// applyAPI does what spans and pattern come to; faulty rows are named by their place.
func (s *Service) applyAPI(ctx context.Context, a auth.Actor, w HoursWish, spans []hoursSpan, p *hoursPattern) (hoursDone, error) {
	for i, x := range spans {
		w.Rows = append(w.Rows, HoursRow{Span: models.Span{Start: x.StartsAt, End: x.EndsAt}, Line: i + 1, Projectionist: x.Projectionist, Note: x.Note})
	}
	if p != nil {
		in := patternEntry{From: p.From, To: p.To, Start: p.Start, End: p.End, Note: p.Note}
		for _, d := range p.Weekdays {
			in.Weekdays = append(in.Weekdays, time.Weekday(d%days))
		}
		rows, bad := s.patternRows(in)
		if bad != nil {
			return hoursDone{}, bad
		}
		for _, row := range rows {
			row.Line = len(w.Rows) + 1
			w.Rows = append(w.Rows, row)
		}
	}
	plan, err := s.ApplyHours(ctx, a, w, "")
	if bad := errs.As(err); err != nil && bad.Code == ErrHoursFaults.Code {
		named := make([]string, len(plan.Faults))
		for i, f := range plan.Faults {
			named[i] = f.Words(locales.Match("", a.Lang))
		}
		return hoursDone{}, bad.Add("faults", named)
	}
	return viewHours(plan), err
}
