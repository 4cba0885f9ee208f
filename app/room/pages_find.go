package room

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// findMost is how many things are looked for together by form.
const findMost = 4

type findIn struct {
	Places  []string `query:"place" validate:"max=8,dive,max=60"` // the number of a resource, "use:dance", or ""
	Minutes int      `query:"minutes" validate:"min=0,max=1440"`
	From    string   `query:"from" validate:"max=10"`
	To      string   `query:"to" validate:"max=10"`
	People  int      `query:"people" validate:"min=0,max=10000"`
}

type findOptions struct {
	Group   string
	Options []web.Choice
}

type findPick struct {
	Name, Label, Value string
	Groups             []findOptions
}

// togetherCard is a time at which all are free, and where each is booked.
type togetherCard struct {
	When  string
	Names []string
	Links []web.Link
}

type findData struct {
	In      findIn
	Form    web.Form
	Picks   []findPick
	Lengths []web.Choice
	Asked   bool
	Cards   []togetherCard
	Days    web.Table // the days that have no such time
}

// findPage looks for the first times at which several places, teams and things are
// free together, and says of each day before why not.
func (s *Service) findPage(ctx context.Context, _ auth.Actor, in findIn) (web.Page, error) {
	w, today := s.words(ctx), models.DayOf(s.db.Now(), s.zone)
	if in.Minutes == 0 {
		in.Minutes = 60
	}
	if in.From == "" {
		in.From = today.String()
	}
	if in.To == "" {
		in.To = today.Add(13).String()
	}
	groups, rooms, err := s.findable(ctx, w)
	if err != nil {
		return web.Page{}, err
	}
	d := findData{In: in, Asked: strings.Join(in.Places, "") != ""}
	for i := range findMost {
		p := findPick{Name: fmt.Sprintf("place-%d", i), Label: w.t("find.place", "n", i+1), Groups: groups}
		if i < len(in.Places) {
			p.Value = in.Places[i]
		}
		d.Picks = append(d.Picks, p)
	}
	for _, n := range []int{30, 60, 90, 120, 180, 240, 480} {
		d.Lengths = append(d.Lengths, web.Choice{Value: strconv.Itoa(n), Label: w.t("room.minutes", "n", n)})
	}
	d.Form = web.Form{Values: map[string]string{"from": in.From, "to": in.To}}
	page := web.Page{Template: "room/find", Title: "find.title", Styles: []string{"booking", "room"}, Data: &d}
	if !d.Asked {
		return page, nil
	}
	found, err := s.findTogether(ctx, in)
	if err != nil {
		bad := errs.As(err)
		if !shownAgain(bad) {
			return page, err
		}
		d.Asked, page.Status = false, bad.Kind.Status()
		d.Form.Errors = httpapi.Faults(ctx, bad, map[string]string{"from": "find.from", "to": "find.to", "resources": "find.what", "attendees": "find.people"})
		return page, nil
	}
	for _, t := range found.Times {
		d.Cards = append(d.Cards, w.together(t, rooms))
	}
	d.Days = w.hindered(found.Days, s)
	return page, nil
}

func (s *Service) findTogether(ctx context.Context, in findIn) (Found, error) {
	from, to, err := s.dayRange(in.From, in.To)
	if err != nil {
		return Found{}, err
	}
	q := Search{Minutes: in.Minutes, From: from, To: to, Capacity: in.People}
	for _, p := range in.Places {
		if p == "" {
			continue
		}
		if use, ok := strings.CutPrefix(p, "use:"); ok {
			q.Wanted = append(q.Wanted, Wanted{Use: use})
			continue
		}
		id, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return Found{}, errs.FieldFault("resources", "unknown")
		}
		q.Wanted = append(q.Wanted, Wanted{ID: id})
	}
	return s.FirstFree(ctx, q)
}

// findable is what can be looked for: any room of a use, each room with its tables and
// what goes along, by venue, and whatever else has time of its own; with the rooms by number.
func (s *Service) findable(ctx context.Context, w words) ([]findOptions, map[int64]Room, error) {
	var all []Room
	for _, kind := range []models.RoomKind{"", models.RoomEquipment} {
		rows, err := s.Rooms(ctx, Filter{Kind: kind})
		if err != nil {
			return nil, nil, err
		}
		all = append(all, rows...)
	}
	var others []resource
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) { others, err = otherResources(tx); return err }); err != nil {
		return nil, nil, err
	}
	anyOf := findOptions{Group: w.t("find.any")}
	has, byID := map[string]bool{}, map[int64]Room{}
	for _, r := range all {
		has[r.Use], byID[r.ID] = true, r
	}
	for _, use := range models.RoomUses() {
		if has[use] && use != "equipment" {
			anyOf.Options = append(anyOf.Options, web.Choice{Value: "use:" + use, Label: w.t("find.any_of", "use", w.t("room.use."+use))})
		}
	}
	out := []findOptions{anyOf}
	add := func(group string, id int64, label string) {
		i := slices.IndexFunc(out, func(g findOptions) bool { return g.Group == group })
		if i < 0 {
			i, out = len(out), append(out, findOptions{Group: group})
		}
		out[i].Options = append(out[i].Options, web.Choice{Value: strconv.FormatInt(id, 10), Label: label})
	}
	for _, r := range all {
		add(r.Venue, r.ID, r.Title())
	}
	for _, r := range others {
		add(w.t("find.kind."+r.Kind), r.ID, r.Name)
	}
	return out, byID, nil
}

// together is a time in words, with a way to book each room of it; what is of the
// same house goes along with the first room.
func (w words) together(t Together, rooms map[int64]Room) togetherCard {
	c := togetherCard{When: w.span(models.Span{Start: t.Start, End: t.End})}
	for _, named := range t.Resources {
		r, ok := rooms[named.ID]
		if !ok {
			c.Names = append(c.Names, named.Name)
			continue
		}
		c.Names = append(c.Names, r.Title()+" · "+r.Venue)
		if r.Kind == models.RoomEquipment {
			continue
		}
		href := bookHref(r.ID, Slot{t.Start, t.End}, "")
		for _, other := range t.Resources {
			if x := rooms[other.ID]; len(c.Links) == 0 && x.Kind == models.RoomEquipment && x.VenueID == r.VenueID {
				href += "&resources=" + strconv.FormatInt(x.ID, 10)
			}
		}
		c.Links = append(c.Links, web.Link{Href: href, Text: w.t("find.book", "room", r.Title()), Icon: "room"})
	}
	return c
}

// hindered says of each day without such a time what is in the way.
func (w words) hindered(days []SearchDay, s *Service) web.Table {
	t := web.Table{Caption: w.t("find.not_then"), Columns: []string{w.t("find.day"), w.t("find.why")}}
	for _, d := range days {
		if d.Found {
			continue
		}
		var why []string
		for _, h := range d.Why {
			why = append(why, w.hindrance(h))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: w.frame.Date(d.Day.At(0, s.zone))}, {Text: strings.Join(why, w.t("find.and"))}}})
	}
	return t
}

func (w words) hindrance(h Hindrance) string {
	return w.t("find.why."+h.Code, "what", h.Resource, "span", w.frame.Span(h.From, h.Until))
}
