package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// waiter is one line of the list that the staff of a hall sees.
type waiter struct {
	Wait   Wait
	Number int // in the order, 0 for an offer
	Chip   web.Chip
	How    string // by which way, and since when
	Passed string
	Up     bool // may move there
	Down   bool
	Reply  bool // a desk may answer for the party
	Seats  string
	Form   web.Form
}

type waitersData struct {
	Show   Show
	Lines  []waiter
	Orders bool // may change the order
	Errors []web.FieldError
}

// waitersPage is the waiting list of a screening, for its staff.
func (s *Service) waitersPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.waiters(ctx, a, in.ID, waiterMove{}, nil)
}

func (s *Service) waiters(ctx context.Context, a auth.Actor, event int64, in waiterMove, bad *errs.Error) (web.Page, error) {
	v, all, err := s.List(ctx, a, event)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := waitersData{Show: v, Orders: a.CanAt(auth.ScreeningWrite, v.OrgPath), Errors: httpapi.Faults(ctx, bad, map[string]string{"reason": "waitlist.reason"})}
	for i, x := range all {
		_, desk := x.answers(a)
		line := waiter{Wait: x, Chip: s.waitChip(w, x), Reply: desk && x.State == models.WaitOffered,
			How: w.T("waitlist.since", "how", w.T("waitlist.channel."+string(x.Channel)), "at", x.CreatedAt)}
		if x.State == models.Waiting {
			line.Number, line.Up = i+1, i > 0
			line.Down = i+1 < len(all) && all[i+1].State == models.Waiting
		} else {
			line.Seats = w.T("waitlist.offered_until", "seats", SeatWords(w, x.Seats), "at", x.Deadline)
		}
		if x.Passed > 0 {
			line.Passed = w.T("waitlist.passed", "n", x.Passed)
		}
		if bad != nil && x.ID == in.ID {
			line.Form = web.Form{Values: map[string]string{"reason": in.Reason}, Errors: d.Errors}
		}
		d.Lines = append(d.Lines, line)
	}
	p := web.Page{Template: "waitlist/list", Title: "waitlist.list_title", TitleArgs: map[string]any{"title": v.FilmTitle}, Layout: web.LayoutStaff,
		Styles: []string{"waitlist"}, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

type waiterMove struct {
	httpapi.PathID
	Direction booking.Direction `form:"direction" validate:"required,oneof=up down"`
	Reason    string            `form:"reason" validate:"required,plain,max=500"`
}

// moveForm changes the order by one place. The reason is asked for beside the buttons.
func (s *Service) moveForm(ctx context.Context, a auth.Actor, in waiterMove, bad *errs.Error) (httpapi.Answer, error) {
	x, err := s.Wait(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		if _, err := s.MoveWait(ctx, a, in.ID, in.Direction, in.Reason); err == nil {
			return httpapi.SeeOther(showPath(x.EventID)+"/waitlist", "waitlist.done.move", nil), nil
		} else {
			bad = errs.As(err)
		}
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.waiters(ctx, a, x.EventID, in, bad)
	return httpapi.Show(page), err
}
