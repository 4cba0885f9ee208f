package door

import (
	"context"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/screening"
	"youyue/app/web"
	"youyue/models"
)

type walkInEntry struct {
	httpapi.Keyed
	httpapi.PathID
	People int    `form:"people" validate:"required,min=1,max=400"`
	Name   string `form:"name" validate:"omitempty,plain,max=40"`
	Door   string `form:"door" validate:"max=50"`
}

// walkInForm seats somebody who has not booked, and says where.
func (s *Service) walkInForm(ctx context.Context, a auth.Actor, in walkInEntry, bad *errs.Error) (httpapi.Answer, error) {
	view := doorState{scanEntry: scanEntry{PathID: in.PathID, Door: in.Door}, bad: bad}
	if bad == nil {
		got, err := s.WalkIn(ctx, a, booking.WalkIn{EventID: in.ID, Party: models.Party{Count: in.People}, Name: in.Name,
			Door: strings.TrimSpace(in.Door), Key: in.Key})
		if err != nil {
			view.bad = errs.As(err)
		} else {
			r := s.scanned(ctx, got)
			if len(got.Checked) > 0 {
				r.Title = s.words(ctx).T("door.walked_in", "name", got.Name, "seats", screening.SeatWords(s.words(ctx), seatsOf(got.Checked)))
				r.Lines = nil
			}
			view.result = &r
		}
	}
	switch {
	case view.bad == nil:
	case !httpapi.ShownAgain(view.bad):
		return httpapi.Answer{}, view.bad
	case view.bad.Code == booking.ErrFull.Code: // the door has a way out of its own
		view.bad = view.bad.Worded("walkin.full")
	}
	page, err := s.atDoor(ctx, a, view)
	return httpapi.Show(page), err
}

type noShowsEntry struct {
	httpapi.Keyed
	httpapi.PathID
	Bookings []string `form:"bookings" validate:"max=400,dive,max=40"`
	Reason   string   `form:"reason" validate:"required,plain,max=500"`
	Door     string   `form:"door" validate:"max=50"`
}

type noShow struct {
	ID     string
	Name   string
	Branch string
	Party  int
	Here   int
	Left   int
	Seats  string
	Ticked bool
}

type noShowsData struct {
	Show    screening.Show
	Door    string
	Back    string
	Parties []noShow
	Refusal string
	Form    web.Form
}

var noShowLabels = map[string]string{"reason": "request.reason"}

// noShowsPage lists who has not come, for staff to say whose seats are let go.
func (s *Service) noShowsPage(ctx context.Context, a auth.Actor, in doorPageIn) (web.Page, error) {
	e := noShowsEntry{PathID: in.PathID, Door: in.Door, Reason: s.words(ctx).T("noshow.usual")}
	return s.lettingGo(ctx, a, e, nil)
}

func (s *Service) lettingGo(ctx context.Context, a auth.Actor, in noShowsEntry, bad *errs.Error) (web.Page, error) {
	v, entries, _, err := s.Door(ctx, a, in.ID, "")
	if err != nil {
		return web.Page{}, err
	}
	w, now := s.words(ctx), s.db.Now()
	d := noShowsData{Show: v, Door: in.Door, Back: doorPath(v.ID, "", in.Door),
		Form: web.Form{Errors: httpapi.Faults(ctx, bad, noShowLabels), Values: map[string]string{"reason": in.Reason}}}
	if from, open := booking.ReleaseOpen(v.Event, now); !open {
		refusal := booking.ErrDoorOver.With("ends_at", v.EndsAt).With("until", booking.RecordUntil(v.Event))
		if now.Before(from) {
			refusal = booking.ErrReleaseLater.With("from", from)
		}
		d.Refusal, d.Form.Errors = httpapi.Say(ctx, refusal), nil
	}
	for _, e := range entries {
		if e.Missing() > 0 && e.Status == models.BookingBooked {
			d.Parties = append(d.Parties, noShow{e.ID, e.Name, e.Branch, e.Party, e.Arrived, e.Missing(), screening.SeatWords(w, e.Who.Missing), slices.Contains(in.Bookings, e.ID)})
		}
	}
	p := web.Page{Template: "door/noshows", Title: "noshow.title", Layout: web.LayoutStaff, Styles: []string{"hall"}, Data: d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) noShowsForm(ctx context.Context, a auth.Actor, in noShowsEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && len(in.Bookings) == 0 {
		bad = errNoParty
	}
	if bad == nil {
		got, err := s.ReleaseNoShows(ctx, a, booking.LettingGo{EventID: in.ID, Bookings: in.Bookings, Reason: in.Reason, Key: in.Key})
		if err == nil {
			return httpapi.SeeOther(doorPath(in.ID, "", in.Door), "noshow.done", map[string]any{"n": got.Seats, "free": got.Free}), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.lettingGo(ctx, a, in, bad)
	return httpapi.Show(page), err
}

// errNoParty: seats are to be let go, and no party is ticked.
var errNoParty = errs.New(errs.Invalid, "walkin.no_party")
