package activity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Time is when a session is.
type Time struct{ Start, End models.Instant }

// SharePlan is a number of places kept for some, until so long before the first session.
type SharePlan struct {
	Who    models.ShareWho
	OrgID  int64
	Name   string
	Places int
	Until  models.Instant // zero: a day before
}

// Repeat says when the sessions of a plan are: from the first one on by a rule of
// whole days, at the same time of day. Slots are one after the other on one day.
type Repeat struct {
	First Time
	Rule  string // see models.ParseRecurrence; "" is the first alone
	Slots bool
	Times int // how many, 1 at least
}

// Times lists the sessions of a rule by the working calendar: the second working day
// of every month, the 15th of every lunar one, moved on where a holiday is. It
// returns models.ErrBadRule, and models.ErrUnknownYear when one of them depends on
// the holidays of a year that are not published.
func (s *Service) Times(ctx context.Context, r Repeat) (out []Time, err error) {
	n, long := min(max(r.Times, 1), maxSessions), r.First.End.Sub(r.First.Start)
	if r.Slots || r.Rule == "" {
		for i := range n {
			if i > 0 && !r.Slots {
				break
			}
			start := r.First.Start.Add(time.Duration(i) * long)
			out = append(out, Time{start, start.Add(long)})
		}
		return out, nil
	}
	rule, err := models.ParseRecurrence(r.Rule)
	if err != nil {
		return nil, err
	}
	var days models.WorkCalendar
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { days, err = s.Days(tx); return err }); err != nil {
		return nil, err
	}
	first := models.DayOf(r.First.Start, s.Zone)
	at := r.First.Start.Sub(first.At(0, s.Zone))
	for _, o := range rule.Days(first, first.Add(int(maxAhead/(24*time.Hour))), 0, days) {
		if len(out) == n {
			break
		}
		switch o.Fate {
		case models.Unknown:
			return nil, models.ErrUnknownYear.With("year", o.Year).At(errs.Field{Name: "times", Code: "other"})
		case models.Stands, models.Moved:
			start := o.Day.At(0, s.Zone).Add(at)
			out = append(out, Time{start, start.Add(long)})
		case models.Skipped, models.Merged:
		}
	}
	return out, nil
}

// Plan is an activity as an organiser enters it. Along is what goes along with the
// room.
type Plan struct {
	models.Activity
	Along     []int64
	Sessions  []Time
	Shares    []SharePlan
	Questions []models.ActivityQuestion
}

// check fills the usual values in and names every fault at once.
func (s *Service) check(p *Plan, now models.Instant) error {
	var faults []errs.Field
	bad := func(name, code string) { faults = append(faults, errs.Field{Name: name, Code: code}) }
	for _, x := range []struct {
		name     string
		text     *string
		required bool
	}{{"title", &p.Title, true}, {"summary", &p.Summary, true}, {"place", &p.Place, true}, {"detail", &p.Detail, false},
		{"teacher", &p.Teacher, false}, {"address", &p.Address, false}} {
		if *x.text = strings.TrimSpace(*x.text); x.required && *x.text == "" {
			bad(x.name, "required")
		}
	}
	if !models.ValidActivityKind(p.Kind) {
		bad("kind", "unknown")
	}
	if !slices.Contains(models.ActivityAudiences(), p.Audience) {
		bad("audience", "unknown")
	}
	p.Signup, p.Choose = orElse(p.Signup, models.SignupSession), orElse(p.Choose, models.ChooseFirst)
	if p.MaxParty == 0 {
		p.MaxParty = min(usualParty, max(p.Capacity, 1))
	}
	if p.Capacity < 1 || p.Capacity > models.MaxPlaces {
		bad("capacity", "other")
	}
	if p.OpensAt.IsZero() {
		p.OpensAt = now
	}
	if len(p.Sessions) == 0 || len(p.Sessions) > maxSessions {
		bad("sessions", "required")
	}
	slices.SortFunc(p.Sessions, func(x, y Time) int { return int(x.Start.Sub(y.Start)) })
	for i, t := range p.Sessions {
		if !t.Start.Before(t.End) || !t.Start.After(now) || t.Start.Sub(now) > maxAhead {
			bad(fmt.Sprintf("sessions[%d].start", i), "other")
		}
	}
	switch {
	case p.Choose != models.ChooseDraw:
	case !p.EntriesUntil.After(now):
		bad("entries_until", "other")
	case len(p.Sessions) > 0 && drawnBy(p.Sessions[0].Start).Before(p.EntriesUntil.Add(drawLeast)):
		bad("entries_until", "draw_late")
	}
	if p.Choose == models.ChooseDraw && s.Draws == nil {
		bad("choose", "other")
	}
	if p.Home {
		// Whoever says yes knows who goes, to each visit.
		p.Approval, p.Signup, p.StaffMin = true, models.SignupSession, max(p.StaffMin, models.HomeTeam)
	}
	if p.NoMedicalData() && len(p.Questions) > 0 {
		bad("questions", "no_medical")
	}
	if p.MaxAge > 0 && p.MaxAge < p.MinAge {
		bad("max_age", "other")
	}
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

func orElse[T comparable](v, usual T) T {
	var zero T
	if v == zero {
		return usual
	}
	return v
}
