package screening

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func doorPath(id int64) string { return "/door/" + strconv.FormatInt(id, 10) }

type doorsData struct{ Cards []card }

func (s *Service) doorsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	shows, err := s.Tonight(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	var d doorsData
	for _, v := range shows {
		c := s.card(w, v)
		c.Href, c.Left = doorPath(v.ID), nil
		c.Chips = append(c.Chips, web.Chip{Tone: web.ToneInfo, Text: w.t("door.booked", "n", v.Taken)})
		d.Cards = append(d.Cards, c)
	}
	return web.Page{Template: "door/list", Title: "door.title", Layout: web.LayoutStaff, Data: d}, nil
}

type doorPageIn struct {
	pathID
	Search string `query:"q" validate:"max=300"`
	Door   string `query:"door" validate:"max=50"`
}

// scanEntry is a scan as the forms send it; the form's key is its nonce, so a
// form sent twice is one scan.
type scanEntry struct {
	pathID
	Nonce  string  `form:"idempotency_key" validate:"max=100"`
	Code   string  `form:"code" validate:"required,max=300"`
	Seats  []int64 `form:"seats" validate:"max=400"`
	Listed bool    `form:"listed"` // from the list, where ticking no seat means nobody
	Door   string  `form:"door" validate:"max=50"`
	Reason string  `form:"reason" validate:"omitempty,plain,max=500"`
}

var scanLabels = map[string]string{"code": "door.code", "reason": "request.reason", "door": "door.which"}

// doorSeat is one seat of a party at the door.
type doorSeat struct {
	booking.SeatRef
	In   bool
	At   models.Instant
	Door string
}

type doorParty struct {
	DoorEntry
	Show  string // the code in two groups
	Seats []doorSeat
	All   bool // everybody is in
}

// scanResult is what the last scan did, in words.
type scanResult struct {
	Tone  web.Tone
	Title string
	Lines []string
	Code  string // to take it back
	Seats []int64
}

type doorData struct {
	Show    Show
	Count   DoorCount
	Search  string
	Door    string
	Parties []doorParty
	Result  *scanResult
	Form    web.Form
}

func (s *Service) doorPage(ctx context.Context, a auth.Actor, in doorPageIn) (web.Page, error) {
	return s.atDoor(ctx, a, scanEntry{pathID: in.pathID, Door: in.Door}, in.Search, nil, nil)
}

func (s *Service) atDoor(ctx context.Context, a auth.Actor, in scanEntry, search string, result *scanResult, bad *errs.Error) (web.Page, error) {
	v, entries, count, err := s.Door(ctx, a, in.ID, search)
	if err != nil {
		return web.Page{}, err
	}
	seated, err := s.Seated(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	d := doorData{Show: v, Count: count, Search: search, Door: in.Door, Result: result,
		Form: web.Form{Errors: httpapi.Faults(ctx, bad, scanLabels), Values: map[string]string{"door": in.Door}}}
	for _, e := range entries {
		p := doorParty{DoorEntry: e, Show: booking.ShowCode(e.Code), All: e.Arrived >= len(e.Seats)}
		for _, seat := range e.Seats {
			x, in := seated[e.ID][seat.ID]
			p.Seats = append(p.Seats, doorSeat{seat, in, x.At, x.Door})
		}
		d.Parties = append(d.Parties, p)
	}
	page := web.Page{Template: "door/door", Title: "door.at", TitleArgs: map[string]any{"title": v.FilmTitle}, Layout: web.LayoutStaff,
		Styles: []string{"booking", "hall"}, Scripts: []string{"checkin", "live"}, Data: &d}
	if bad != nil {
		page.Status = bad.Kind.Status()
		if !isInvalid(bad) {
			d.Result, d.Form.Errors = &scanResult{Tone: web.ToneWarn, Title: httpapi.Say(ctx, bad)}, nil
		}
	}
	return page, nil
}

func (s *Service) scanForm(ctx context.Context, a auth.Actor, in scanEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && in.Listed && len(in.Seats) == 0 {
		bad = errNobody
	}
	var got booking.Arrivals
	if bad == nil {
		var err error
		got, err = s.CheckIn(ctx, a, booking.Scan{Code: in.Code, Nonce: in.Nonce, Seats: in.Seats, EventID: in.ID, Door: strings.TrimSpace(in.Door)})
		if err != nil {
			bad = errs.As(err)
		}
	}
	var result *scanResult
	if bad == nil {
		r := s.scanned(ctx, got)
		result = &r
	} else if !httpapi.ShownAgain(bad) && bad.Code != booking.ErrUnknownCode.Code {
		return httpapi.Answer{}, bad
	}
	page, err := s.atDoor(ctx, a, in, "", result, bad)
	return httpapi.Show(page), err
}

// errNobody: a list entry was sent with no seat ticked.
var errNobody = errs.New(errs.Invalid, "checkin.nobody")

// scanned puts a scan into words: who came just now, who was in already since
// when and by which door, who is missing.
func (s *Service) scanned(ctx context.Context, got booking.Arrivals) scanResult {
	w := s.words(ctx)
	refs := func(all []booking.Arrival) []booking.SeatRef {
		out := make([]booking.SeatRef, len(all))
		for i, x := range all {
			out[i] = booking.SeatRef{ID: x.SeatID, Label: x.Label}
		}
		return out
	}
	r := scanResult{Tone: web.ToneOK, Code: got.Code}
	r.Title = w.t("door.just_now", "n", len(got.Checked), "name", got.Name)
	if len(got.Checked) > 0 {
		r.Lines = append(r.Lines, seatWords(w, refs(got.Checked)))
		for _, x := range got.Checked {
			r.Seats = append(r.Seats, x.SeatID)
		}
	}
	if len(got.Already) > 0 {
		first := got.Already[0]
		key := "door.already"
		if first.Door != "" {
			key = "door.already_by"
		}
		line := w.t(key, "seats", seatWords(w, refs(got.Already)), "at", first.At, "door", first.Door)
		if len(got.Checked) == 0 {
			r.Tone, r.Title = web.ToneWarn, w.t("door.second", "name", got.Name)
			for _, x := range got.Already {
				r.Seats = append(r.Seats, x.SeatID)
			}
		}
		r.Lines = append(r.Lines, line)
	}
	if len(got.Missing) > 0 {
		r.Lines = append(r.Lines, w.t("door.missing", "seats", seatWords(w, got.Missing)))
	}
	return r
}

func (s *Service) undoScanForm(ctx context.Context, a auth.Actor, in scanEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && strings.TrimSpace(in.Reason) == "" {
		bad = errs.FieldFault("reason", "required")
	}
	var result *scanResult
	if bad != nil {
		result = &scanResult{Tone: web.ToneWarn, Title: s.words(ctx).t("door.undo_again"), Code: in.Code, Seats: in.Seats}
	} else {
		got, err := s.UndoCheckIn(ctx, a, booking.Scan{Code: in.Code, Seats: in.Seats, EventID: in.ID}, in.Reason)
		if err != nil {
			bad = errs.As(err)
		} else {
			result = &scanResult{Tone: web.ToneInfo, Title: s.words(ctx).t("door.undone", "name", got.Name)}
		}
	}
	if bad != nil && !httpapi.ShownAgain(bad) && bad.Code != booking.ErrUnknownCode.Code {
		return httpapi.Answer{}, bad
	}
	page, err := s.atDoor(ctx, a, in, "", result, bad)
	return httpapi.Show(page), err
}
