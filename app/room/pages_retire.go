package room

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// retireEntry names a venue, or one room of it, that is retired or taken back.
type retireEntry struct {
	byIDIn
	Room   int64  `query:"room" form:"room"`
	Reason string `form:"reason" validate:"omitempty,plain,max=200"`
}

func (in retireEntry) target() Target {
	t := Target{VenueID: in.ID}
	if in.Room != 0 {
		t.RoomID = &in.Room
	}
	return t
}

// back is where one came from.
func (in retireEntry) back() string {
	if in.Room == 0 {
		return venuePath(in.ID)
	}
	return venuePath(in.ID) + "/rooms/" + strconv.FormatInt(in.Room, 10)
}

type retireData struct {
	In      retireEntry
	Path    string
	Back    string
	Name    string
	Text    string
	Uses    web.Table
	Stands  bool // nothing is in the way
	Refusal string
}

func (s *Service) retirePage(ctx context.Context, a auth.Actor, in retireEntry) (web.Page, error) {
	return s.retiring(ctx, a, in, nil)
}

// retiring shows what is to come at a place before it is retired; bad is why it was not.
func (s *Service) retiring(ctx context.Context, a auth.Actor, in retireEntry, bad *errs.Error) (web.Page, error) {
	var name string
	text := "retire.text.venue"
	if in.Room != 0 {
		r, err := s.roomOf(ctx, in.ID, in.Room)
		if err != nil {
			return web.Page{}, err
		}
		name, text = r.Title(), "retire.text."+string(r.Kind)
	} else {
		v, err := s.Venue(ctx, in.ID)
		if err != nil {
			return web.Page{}, err
		}
		name = v.Name
	}
	found, err := s.Uses(ctx, a, in.target())
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := retireData{In: in, Path: venuePath(in.ID) + "/retire", Back: in.back(), Name: name, Text: w.t(text), Stands: len(found) == 0,
		Uses: web.Table{Caption: w.t("retire.uses", "n", len(found)), Columns: []string{w.t("retire.when"), w.t("retire.where"), w.t("retire.what")}}}
	for _, u := range found {
		what := w.t("retire.kind." + useKind(u.Kind))
		if u.Who != "" {
			what += " · " + u.Who
		}
		d.Uses.Rows = append(d.Uses.Rows, web.Row{Href: u.Path, Cells: []web.Cell{{Text: w.frame.Span(u.Start, u.End)}, {Text: u.Resource}, {Text: what}}})
	}
	p := web.Page{Template: "room/retire", Title: "retire.title", TitleArgs: map[string]any{"what": name}, Layout: web.LayoutStaff, Styles: deskStyles}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

// useKind is the kind of a use as it has words; what other features add later is "other".
func useKind(kind string) string {
	switch kind {
	case Source, "room_series", "activity", "contest", "lecture", "screening", "scoring":
		return kind
	}
	return "other"
}

func (s *Service) retireForm(ctx context.Context, a auth.Actor, in retireEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if err := s.Retire(ctx, a, in.target(), in.Reason); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil && in.Room == 0:
		return httpapi.SeeOther("/venues", "retire.done", nil), nil
	case bad == nil:
		return httpapi.SeeOther(venuePath(in.ID), "retire.done", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	p, err := s.retiring(ctx, a, in, bad)
	return httpapi.Show(p), err
}

func (s *Service) restoreForm(ctx context.Context, a auth.Actor, in retireEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if err := s.Restore(ctx, a, in.target()); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(venuePath(in.ID), "retire.restored", nil), nil
	case bad.Kind != errs.Conflict:
		return httpapi.Answer{}, bad
	}
	p, err := s.venueShown(ctx, a, in.ID, bad)
	if errs.As(err) == errs.ErrNotFound { // the venue itself is retired
		err = bad
	}
	return httpapi.Show(p), err
}

// goneRow is a retired place with the button that takes it back.
type goneRow struct {
	Name   string
	When   string
	Action string
	Room   int64
}

// gone lists what the actor may take back: of one venue, or with 0 the venues themselves.
func (s *Service) gone(ctx context.Context, a auth.Actor, venue int64) ([]goneRow, error) {
	all, err := s.Gone(ctx, a)
	w := s.words(ctx)
	var out []goneRow
	for _, r := range all {
		if (r.Kind == "") != (venue == 0) || venue != 0 && r.VenueID != venue {
			continue
		}
		row := goneRow{Name: r.Name, When: w.frame.DateTime(r.RetiredAt), Action: venuePath(r.VenueID) + "/restore"}
		if r.Kind != "" {
			row.Room = r.ID
		}
		out = append(out, row)
	}
	return out, err
}
