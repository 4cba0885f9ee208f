package calendar

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

type sourceIn struct {
	Kind string `path:"kind" validate:"max=40"`
	ID   int64  `path:"id"`
}

type moveIn struct {
	sourceIn
	Place int64  `query:"place"` // which of what it takes is meant
	To    int64  `query:"to"`    // the place wanted
	Date  string `query:"date" validate:"max=10"`
	From  string `query:"from" validate:"max=5"`
	Until string `query:"until" validate:"max=5"`
}

// conflict is what is in the way, in words.
type conflict struct {
	item
	When string
}

type moveData struct {
	Placed
	In        moveIn
	Now       item
	Fixed     string // why its kind cannot be moved, and what to do instead; "" when it can
	Form      web.Form
	Groups    []group[option]
	Checked   bool // a time has been asked for
	Refusal   string
	Conflicts []conflict
	Facts     []web.Fact
	Start     models.Instant
	End       models.Instant
	Back      string
}

// span reads a date and two times of day; until earlier than from is past midnight.
func (s *Service) span(date, from, until string) (models.Span, bool) {
	start, ok := models.LocalInstant(date, from, s.zone)
	end, also := models.LocalInstant(date, until, s.zone)
	if ok && also && !start.Before(end) {
		d := models.DayOf(end, s.zone).Add(1)
		t := end.In(s.zone)
		end = d.At(t.Hour()*60+t.Minute(), s.zone)
	}
	return models.Span{Start: start, End: end}, ok && also
}

func (s *Service) movePage(ctx context.Context, a auth.Actor, in moveIn) (web.Page, error) {
	return s.moving(ctx, a, in, "", nil)
}

// moving is the dialog: what it is, where it could be, and, once a time has been
// asked for, everything that the move would meet and the button that does it.
func (s *Service) moving(ctx context.Context, a auth.Actor, in moveIn, reason string, bad *errs.Error) (web.Page, error) {
	p, err := s.Find(ctx, a, in.Kind, in.ID, in.Place)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := moveData{Placed: p, In: in, Now: w.item(p.Entry, map[int64]Place{p.At.ID: p.At}), Checked: in.Date != "",
		Back: look{lookIn: lookIn{View: lookTimeline}}.link("/calendar", lookTimeline, models.DayOf(p.Span.Start, s.zone))}
	if d.In.To == 0 {
		d.In.To = p.At.ID
	}
	page := web.Page{Template: "calendar/move", Title: "calendar.move_title", Layout: web.LayoutStaff, Styles: []string{"calendar"}, Data: &d}
	if bad != nil {
		page.Status = bad.Kind.Status()
	}
	if s.kinds[in.Kind].Mover == nil {
		if d.Fixed = w.t("calendar.fixed.other"); locales.Has(w.frame.Lang, "calendar.fixed."+in.Kind) {
			d.Fixed = w.t("calendar.fixed." + in.Kind)
		}
		return page, nil
	}
	for _, x := range p.Where {
		if n := len(d.Groups); n == 0 || d.Groups[n-1].Venue != x.Venue {
			d.Groups = append(d.Groups, group[option]{Venue: x.Venue})
		}
		g := &d.Groups[len(d.Groups)-1]
		g.Rows = append(g.Rows, option{id(x.ID), x.Title(), x.ID == d.In.To})
	}
	if !d.Checked {
		from, to := p.Span.Start.In(s.zone), p.Span.End.In(s.zone)
		d.In.Date, d.In.From, d.In.Until = from.Format(time.DateOnly), from.Format("15:04"), to.Format("15:04")
	}
	d.Form = web.Form{Values: map[string]string{"date": d.In.Date, "from": d.In.From, "until": d.In.Until, "reason": reason}}
	if !d.Checked {
		return page, nil
	}
	span, ok := s.span(d.In.Date, d.In.From, d.In.Until)
	if !ok {
		d.Checked, page.Status = false, errs.Invalid.Status()
		d.Form.Errors = httpapi.Faults(ctx, errs.FieldFault("date", "other"), map[string]string{"date": "calendar.date"})
		return page, nil
	}
	d.Start, d.End = span.Start, span.End
	plan, err := s.Plan(ctx, a, in.Kind, in.ID, in.Place, models.Relocation{ResourceID: d.In.To, Span: span})
	if err != nil {
		return page, err
	}
	if plan.Refusal == nil {
		plan.Refusal = bad
	}
	s.meet(ctx, w, &d, plan)
	return page, nil
}

// meet puts what a move would meet into words.
func (s *Service) meet(ctx context.Context, w words, d *moveData, plan Plan) {
	if plan.Refusal != nil {
		d.Refusal = httpapi.Say(ctx, plan.Refusal)
	}
	places := map[int64]Place{}
	for _, x := range plan.Where {
		places[x.ID] = x
	}
	for _, e := range plan.Conflicts {
		c := conflict{item: w.item(e, places), When: w.frame.Span(e.Span.Start, e.Span.End)}
		d.Conflicts = append(d.Conflicts, c)
	}
	d.Facts = []web.Fact{{Label: w.t("calendar.move_from"), Text: w.frame.Span(d.Span.Start, d.Span.End) + " · " + d.At.Title()},
		{Label: w.t("calendar.move_to"), Text: w.frame.Span(d.Start, d.End) + " · " + places[d.In.To].Title()}}
}

type moveEntry struct {
	sourceIn
	Place  int64          `form:"place"`
	To     int64          `form:"to"`
	Start  models.Instant `form:"start" validate:"required"`
	End    models.Instant `form:"end" validate:"required"`
	Reason string         `form:"reason" validate:"omitempty,plain,max=200"`
	Undo   bool           `form:"undo"`
}

func (s *Service) moveForm(ctx context.Context, a auth.Actor, in moveEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		was, err := s.Move(ctx, a, in.Kind, in.ID, in.Place, models.Relocation{ResourceID: in.To, Span: models.Span{Start: in.Start, End: in.End}, Reason: in.Reason})
		if err == nil {
			to := look{lookIn: lookIn{View: lookTimeline}}.link("/calendar", lookTimeline, models.DayOf(in.Start, s.zone))
			if in.Undo {
				return httpapi.SeeOther(to, "calendar.undone", nil), nil
			}
			return httpapi.SeeOther(to+"&moved="+undoText(in, was), "calendar.moved", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	from, until := in.Start.In(s.zone), in.End.In(s.zone)
	p, err := s.moving(ctx, a, moveIn{in.sourceIn, in.Place, in.To, from.Format(time.DateOnly), from.Format("15:04"), until.Format("15:04")}, in.Reason, bad)
	return httpapi.Show(p), err
}

// undoText is what the undo bar of the next page must know: what was moved, where
// it is now and where it was.
func undoText(in moveEntry, was models.Relocation) string {
	return fmt.Sprintf("%s.%d.%d.%d.%d.%d", in.Kind, in.ID, in.To, was.ResourceID, was.Span.Start.Time().Unix(), was.Span.End.Time().Unix())
}

// undo reads it; nil for anything else, for whoever sends a link writes it: the kind
// becomes part of an address. What it asks for is a move like any other, with the same
// rights and rules.
func (s *Service) undo(w words, text string) *web.Undo {
	part := strings.Split(text, ".")
	if len(part) != 6 || s.kinds[part[0]].Mover == nil {
		return nil
	}
	n := make([]int64, len(part))
	for i, p := range part[1:] {
		v, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return nil
		}
		n[i+1] = v
	}
	start, end := models.InstantOf(time.Unix(n[4], 0)), models.InstantOf(time.Unix(n[5], 0))
	hidden := []web.Hidden{{Name: "place", Value: part[2]}, {Name: "to", Value: part[3]}, {Name: "undo", Value: "on"}}
	for name, at := range map[string]models.Instant{"start": start, "end": end} {
		hidden = append(hidden, web.Hidden{Name: name, Value: at.Time().UTC().Format(time.RFC3339)})
	}
	return &web.Undo{Text: w.t("calendar.undo", "when", w.frame.Span(start, end)), Action: "/calendar/move/" + part[0] + "/" + part[1], Hidden: hidden}
}
