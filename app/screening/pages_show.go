package screening

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func showPath(id int64) string { return "/screenings/" + strconv.FormatInt(id, 10) }

// seatWish is what a reader asks of a screening, in a link or in a form.
type seatWish struct {
	Count       int         `query:"count" form:"count" validate:"min=0,max=400"`
	Preference  models.Zone `query:"preference" form:"preference" validate:"omitempty,oneof=front middle back"`
	Aisle       bool        `query:"aisle" form:"aisle"`
	Wheelchairs int         `query:"wheelchairs" form:"wheelchairs" validate:"min=0,max=10"`
	Companions  int         `query:"companions" form:"companions" validate:"min=0,max=10"`
	Seats       []int64     `query:"seats" form:"seats" validate:"max=400"`
	For         string      `query:"for" form:"for" validate:"max=40"`
	OrgID       int64       `query:"org_id" form:"org_id"`
}

func (w seatWish) party() models.Party {
	p := models.Party{Count: w.Count, Zone: w.Preference, Wheelchairs: w.Wheelchairs, Companions: w.Companions}
	if w.Aisle {
		p.Aisle = models.AisleWanted
	}
	return p
}

// For whom a booking is, as the form says it: "self", "person:7", "org:12",
// "org" with the branch in a field of its own, and at the desk "caller" or, for
// one who has called before, "caller:7".
const (
	forSelf   = "self"
	forOrg    = "org"
	forCaller = "caller"
)

// callerChoice is a caller the desk knows already, as the form says it.
func callerChoice(id int64) string { return forCaller + ":" + strconv.FormatInt(id, 10) }

// target splits "person:7".
func target(s string) (kind string, id int64) {
	kind, digits, _ := strings.Cut(s, ":")
	id, _ = strconv.ParseInt(digits, 10, 64) // no number is nobody: 0
	return kind, id
}

const usualParty = 2

var quickParties = []int{1, 3, 4, 6, 10, 20, 40}

type quick struct {
	N    int
	Href string
}

type showIn struct {
	httpapi.PathID
	seatWish
}

// wayOut is an alternative that one press takes.
type wayOut struct {
	Text   string
	Action string // "book", or "waitlist" to wait for seats instead
	Hidden []web.Hidden
}

type showData struct {
	Show     Show
	Film     models.Instant // when the film itself begins
	Left     web.Chip
	Open     bool   // the form is shown
	Why      string // why it is not
	Visitor  bool
	Company  Company
	Wish     seatWish
	Count    web.Stepper
	Quick    []quick
	Zones    web.Choices
	More     bool // the particular wishes are opened
	Offer    string
	Together string
	Who      whoData
	Map      web.SeatMap
	Join     joinData
	Refusal  string
	Options  []wayOut
	Errors   []web.FieldError
	Form     web.Form
	SeatsURL string
}

func (s *Service) showPage(ctx context.Context, a auth.Actor, in showIn) (web.Page, error) {
	if len(in.Seats) > 0 {
		return s.seatsPage(ctx, a, in)
	}
	v, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return s.showing(ctx, a, v, seatsForm{seatWish: in.seatWish}, nil)
}

// showing is the page of a screening; refusal is why a booking was not made.
func (s *Service) showing(ctx context.Context, a auth.Actor, v Show, in seatsForm, refusal *errs.Error) (web.Page, error) {
	if in.Count == 0 {
		in.Count = min(usualParty, v.MaxSeats)
	}
	if in.Preference == "" {
		in.Preference = models.ZoneMiddle
	}
	d, err := s.showData(ctx, a, v, in, refusal)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d.Count = web.Stepper{Name: "count", Label: w.T("show.count"), Unit: w.T("show.people"), Value: d.Wish.Count, Min: 1, Max: v.MaxSeats,
		Hint: w.T("show.count_hint", "n", v.MaxSeats), Error: d.Form.Error("count")}
	d.Zones = web.Choices{Name: "preference", Legend: w.T("show.zone"), Value: string(d.Wish.Preference), Options: []web.Choice{
		{Value: string(models.ZoneFront), Label: w.T("show.front")}, {Value: string(models.ZoneMiddle), Label: w.T("show.middle")},
		{Value: string(models.ZoneBack), Label: w.T("show.back")}}}
	d.More = d.Wish.Aisle || d.Wish.Wheelchairs > 0 || d.Wish.Companions > 0
	for _, n := range quickParties {
		if n <= v.MaxSeats && n != d.Wish.Count {
			q := url.Values{"count": {strconv.Itoa(n)}, "preference": {string(d.Wish.Preference)}}
			if d.Wish.For != "" {
				q.Set("for", d.Wish.For)
			}
			d.Quick = append(d.Quick, quick{n, showPath(v.ID) + "?" + q.Encode()})
		}
	}
	if d.Open {
		if d.Offer, d.Together, err = s.offer(ctx, w, v, d.Wish.party(), d.Company.Desk); err != nil {
			return web.Page{}, err
		}
	}
	p := web.Page{Template: "screening/show", Title: "show.title", TitleArgs: map[string]any{"title": v.FilmTitle}, Data: d,
		Styles: []string{"booking"}, Scripts: []string{"stepper", "preview"}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
	}
	return p, nil
}

// showData is what both ways of choosing seats share.
func (s *Service) showData(ctx context.Context, a auth.Actor, v Show, in seatsForm, refusal *errs.Error) (showData, error) {
	w, now := s.words(ctx), s.db.Now()
	c, err := s.Company(ctx, a, v)
	if err != nil {
		return showData{}, err
	}
	if kind, id := target(in.For); kind == forCaller && id != 0 && c.Desk {
		if c.Caller, err = s.Caller(ctx, a, id); err != nil {
			return showData{}, err
		}
	}
	d := showData{Show: v, Film: v.FilmStart(), Left: s.left(w, v), Visitor: !a.SignedIn(), Company: c, Wish: in.seatWish,
		Open: v.Bookable(now) && v.BranchOrgID == nil && v.Free()+c.reserved(v) > 0, SeatsURL: showPath(v.ID) + "/seats"}
	if d.Open && v.Audience == models.AudienceBranches && a.SignedIn() && len(c.Branches) == 0 {
		d.Open, d.Why = false, httpapi.Say(ctx, booking.ErrBranchesOnly)
	}
	d.Errors = httpapi.Faults(ctx, refusal, bookLabels)
	d.Form = web.Form{Values: in.values(), Errors: d.Errors}
	d.Who = s.who(w, a, v, c, in, d.Form)
	if d.Join, err = s.joining(ctx, a, w, d); err != nil {
		return showData{}, err
	}
	if refusal != nil && !refusal.OfFields() && refusal.Code != ErrWhichBranch.Code {
		d.Refusal, d.Options, d.Errors = refused(ctx, w, refusal), waysOut(w, in, refusal), nil
	}
	return d, nil
}

// reserved counts the seats that only the desk may take.
func (c Company) reserved(v Show) int {
	if c.Desk {
		return v.Reserved
	}
	return 0
}

// offer says which seats a party would get at this moment.
func (s *Service) offer(ctx context.Context, w web.Words, v Show, party models.Party, desk bool) (seats, together string, err error) {
	plan, err := s.Plan(ctx, v)
	if err != nil {
		return "", "", err
	}
	choice, ok := models.ChooseSeats(plan, func(o int) bool {
		st := models.SeatState(v.SeatMap[o])
		return st == models.SeatFree || (desk && st == models.SeatReserved)
	}, party)
	if !ok {
		return "", w.T("show.no_offer", "n", party.Count), nil
	}
	refs := make([]booking.SeatRef, len(choice.Ords))
	for i, o := range choice.Ords {
		refs[i] = booking.SeatRef{ID: plan.Seats[o].ID, Label: plan.Seats[o].Label()}
	}
	if len(refs) == 1 {
		return SeatList(w, refs), "", nil
	}
	return SeatList(w, refs), w.T("together." + string(choice.Together)), nil
}

// refused is a refusal in words for a page: one that has nothing to offer says so.
func refused(ctx context.Context, w web.Words, e *errs.Error) string {
	if e.Code == booking.ErrSeatTaken.Code && e.Args["instead"] == "" {
		return w.T("show.taken_all", "seats", e.Args["seats"])
	}
	return httpapi.Say(ctx, e)
}

// waysOut turns what a refusal offers into forms of one button.
func waysOut(w web.Words, in seatsForm, e *errs.Error) []wayOut {
	var out []wayOut
	if options, ok := e.Extra["alternatives"].([]booking.Option); ok {
		for _, o := range options {
			way := wayOut{Text: w.T("show.take", "seats", SeatList(w, o.Seats)), Action: "book", Hidden: in.whom()}
			for _, seat := range o.Seats {
				way.Hidden = append(way.Hidden, web.Hidden{Name: "seats", Value: strconv.FormatInt(seat.ID, 10)})
			}
			out = append(out, way)
		}
	}
	if free, ok := e.Extra["free"].(int); ok && free > 0 {
		out = append(out, wayOut{Text: w.T("show.take_fewer", "n", free), Action: "book", Hidden: append(in.whom(),
			web.Hidden{Name: "count", Value: strconv.Itoa(free)}, web.Hidden{Name: "preference", Value: string(in.Preference)})})
	}
	return append(out, waitInstead(w, in, e)...)
}

func (s *Service) seatsPage(ctx context.Context, a auth.Actor, in showIn) (web.Page, error) {
	v, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	return s.choosing(ctx, a, v, seatsForm{seatWish: in.seatWish}, nil)
}

// choosing is the page with the seat map.
func (s *Service) choosing(ctx context.Context, a auth.Actor, v Show, in seatsForm, refusal *errs.Error) (web.Page, error) {
	d, err := s.showData(ctx, a, v, in, refusal)
	if err != nil {
		return web.Page{}, err
	}
	plan, err := s.Plan(ctx, v)
	if err != nil {
		return web.Page{}, err
	}
	opt := web.SeatMapOptions{Mode: web.SeatsShow, Limit: v.MaxSeats, Mine: d.Company.Mine, Chosen: in.Seats, Reserved: d.Company.Desk,
		Door: web.DoorNone, PollURL: fmt.Sprintf("/api/v1/screenings/%d/seats", v.ID), LiveURL: fmt.Sprintf("/api/v1/screenings/%d/events", v.ID), Version: strconv.FormatInt(v.Version, 10)}
	if d.Open {
		opt.Mode = web.SeatsChoose
	}
	if d.Map, err = web.NewSeatMap(plan, v.SeatMap, opt); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "screening/seats", Title: "seats.title", TitleArgs: map[string]any{"title": v.FilmTitle}, Data: d,
		Styles: []string{"seatmap", "booking"}, Scripts: []string{"seatmap"}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
	}
	return p, nil
}
