package screening

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) blockPages(r *httpapi.Router) {
	httpapi.Page(r, "/block-requests/new", auth.HallAsk, s.blockAskPage)
	httpapi.Form(r, "/block-requests", auth.HallAsk, httpapi.LimitBooking, s.blockAskForm)
	httpapi.Page(r, "/block-requests/:id", auth.SignedIn, s.blockPage)
	httpapi.Form(r, "/block-requests/:id/approve", auth.HallDecide, httpapi.LimitNone, s.blockApproveForm)
	httpapi.Form(r, "/block-requests/:id/decline", auth.HallDecide, httpapi.LimitNone, s.blockDeclineForm)
	httpapi.Form(r, "/block-requests/:id/withdraw", auth.HallAnswer, httpapi.LimitNone, s.blockWithdrawForm)
}

// blockEntry is a request for a block, in a link that fills the form or in the form.
type blockEntry struct {
	httpapi.Keyed
	ScreeningID int64          `query:"screening_id" form:"screening_id"`
	Count       int            `query:"count" form:"count" validate:"min=0,max=400"`
	Preference  models.Zone    `query:"preference" form:"preference" validate:"omitempty,oneof=front middle back"`
	OrgID       int64          `query:"org_id" form:"org_id"`
	Note        string         `query:"note" form:"note" validate:"omitempty,plain,max=500"`
	Channel     models.Channel `query:"channel" form:"channel" validate:"omitempty,oneof=online phone window visit"`
}

var blockLabels = map[string]string{"count": "show.count", "org_id": "ask.org", "note": "block.note"}

type blockAskData struct {
	Show     Show
	Facts    []web.Fact
	Count    web.Stepper
	Zones    web.Choices
	Orgs     web.Choices
	Branches []models.Org
	OrgID    int64
	Channels web.Choices
	Form     web.Form
	Refusal  string
	Closed   bool
}

func (s *Service) blockAskPage(ctx context.Context, a auth.Actor, in blockEntry) (web.Page, error) {
	return s.askingBlock(ctx, a, in, nil)
}

func (s *Service) askingBlock(ctx context.Context, a auth.Actor, in blockEntry, refusal *errs.Error) (web.Page, error) {
	v, err := s.Get(ctx, in.ScreeningID)
	if err != nil {
		return web.Page{}, err
	}
	branches, err := s.Branches(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := blockAskData{Show: v, OrgID: in.OrgID, Closed: !v.Bookable(s.db.Now()) || v.BranchOrgID != nil || v.Free() == 0,
		Form: web.Form{Errors: httpapi.Faults(ctx, refusal, blockLabels), Values: map[string]string{"note": in.Note}}}
	p := web.Page{Template: "branch/block_ask", Title: "block.ask_title", Styles: []string{"booking"}, Scripts: []string{"stepper"}}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
		if !refusal.OfFields() && refusal.Code != ErrWhichBranch.Code {
			d.Refusal, d.Form.Errors = refused(ctx, w, refusal), nil
		}
	}
	left := s.left(w, v)
	d.Facts = []web.Fact{{Label: w.T("fact.film"), Text: v.FilmTitle, Href: showPath(v.ID)}, {Label: w.T("fact.time"), Text: w.DateTime(v.StartsAt)},
		{Label: w.T("fact.hall"), Text: v.HallName}, {Label: w.T("block.left"), Text: left.Text}}
	if in.Count == 0 {
		in.Count = min(max(usualHeadcount, v.MaxSeats), max(v.Free(), 1))
	}
	d.Count = web.Stepper{Name: "count", Label: w.T("show.count"), Unit: w.T("show.people"), Value: in.Count, Min: 1, Max: max(v.Free(), in.Count),
		Hint: w.T("block.count_hint", "max", v.MaxSeats), Error: d.Form.Error("count")}
	zone := in.Preference
	if zone == "" {
		zone = models.ZoneMiddle
	}
	d.Zones = web.Choices{Name: "preference", Legend: w.T("show.zone"), Value: string(zone), Options: []web.Choice{
		{Value: string(models.ZoneFront), Label: w.T("show.front")}, {Value: string(models.ZoneMiddle), Label: w.T("show.middle")},
		{Value: string(models.ZoneBack), Label: w.T("show.back")}}}
	switch {
	case len(branchesOf(a)) == 1:
	case len(branches) > maxCards:
		d.Branches = branches
	default:
		d.Orgs = web.Choices{Name: "org_id", Legend: w.T("ask.org"), Value: strconv.FormatInt(in.OrgID, 10), Error: d.Form.Error("org_id")}
		for _, b := range branches {
			d.Orgs.Options = append(d.Orgs.Options, web.Choice{Value: strconv.FormatInt(b.ID, 10), Label: b.Name})
		}
	}
	if len(branchesOf(a)) == 0 && a.Can(auth.BookForOthers) {
		d.Channels = deskChannels(w, in.Channel)
	}
	p.Data = &d
	return p, nil
}

func (s *Service) blockAskForm(ctx context.Context, a auth.Actor, in blockEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && in.Count == 0 {
		bad = errs.FieldFault("count", "required")
	}
	if bad == nil {
		v, err := s.AskBlock(ctx, a, BlockWish{ScreeningID: in.ScreeningID, Count: in.Count, Zone: in.Preference, OrgID: in.OrgID,
			Note: strings.TrimSpace(in.Note), Channel: in.Channel, Key: in.Key})
		if err == nil {
			return httpapi.SeeOther(blockPath(v.ID), "block.asked", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	if bad.Code == idem.ErrReused.Code {
		bad = errAgain
	}
	page, err := s.askingBlock(ctx, a, in, bad)
	return httpapi.Show(page), err
}

type blockMove struct {
	httpapi.PathID
	Reason string `form:"reason" validate:"omitempty,plain,max=500"`
}

type blockData struct {
	Block   BlockView
	Chip    web.Chip
	Next    string
	Facts   []web.Fact
	History []web.Moment
	Decides bool
	Answers bool
	Ticket  bool // the booking can be looked at
	Back    web.Link
	Form    web.Form
	Refusal string
}

func (s *Service) blockPage(ctx context.Context, a auth.Actor, in httpapi.PathID) (web.Page, error) {
	return s.blockShown(ctx, a, blockMove{PathID: in}, nil)
}

func (s *Service) blockShown(ctx context.Context, a auth.Actor, in blockMove, refusal *errs.Error) (web.Page, error) {
	v, err := s.Block(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	open := v.Status == models.BlockPending
	decider := a.CanAt(auth.HallDecide, v.PlacePath)
	d := blockData{Block: v, Chip: blockChip(w, v), Facts: blockFacts(w, v), History: blockHistory(w, v), Decides: decider && open,
		Answers: open && !decider && a.CanAt(auth.HallAnswer, v.OrgPath), Ticket: v.Status == models.BlockApproved,
		Next: w.T("block.next."+string(v.Status), "deadline", v.Deadline), Back: web.Link{Href: "/branch", Text: w.T("branch.title")},
		Form: web.Form{Errors: httpapi.Faults(ctx, refusal, moveLabels), Values: map[string]string{"reason": in.Reason}}}
	p := web.Page{Template: "branch/block", Title: "block.title", TitleArgs: map[string]any{"title": v.FilmTitle}, Styles: []string{"booking", "hall"}}
	if decider || !a.Can(auth.HallAsk) {
		p.Layout, d.Back = web.LayoutStaff, web.Link{Href: "/hall", Text: w.T("week.title")}
		d.Next = w.T("block.decide."+string(v.Status), "deadline", v.Deadline)
	}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
		if refusal.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, refusal), nil
		}
	}
	p.Data = &d
	return p, nil
}

func blockFacts(w web.Words, v BlockView) []web.Fact {
	facts := []web.Fact{{Label: w.T("fact.film"), Text: v.FilmTitle, Href: showPath(v.EventID)}, {Label: w.T("fact.time"), Text: w.DateTime(v.StartsAt)},
		{Label: w.T("fact.hall"), Text: v.HallName}, {Label: w.T("request.org"), Text: v.OrgName},
		{Label: w.T("block.seats"), Text: w.T("block.seats_of", "n", v.Seats, "seats", SeatList(w, v.Held))},
		{Label: w.T("block.hall_now"), Text: seatCount(w, Show{Event: models.Event{Taken: v.Taken, ForSale: v.ForSale}, Held: v.Waiting})}}
	if v.Note != "" {
		facts = append(facts, web.Fact{Label: w.T("block.note"), Text: v.Note})
	}
	if v.Reason != "" {
		facts = append(facts, web.Fact{Label: w.T("request.reason"), Text: v.Reason})
	}
	return facts
}

func blockChip(w web.Words, v BlockView) web.Chip {
	tone := map[models.BlockStatus]web.Tone{models.BlockPending: web.ToneWarn, models.BlockApproved: web.ToneOK}[v.Status]
	if tone == "" {
		tone = web.ToneOff
	}
	return web.Chip{Tone: tone, Text: w.T("request.status." + string(v.Status))}
}

func blockHistory(w web.Words, v BlockView) []web.Moment {
	var out []web.Moment
	if !v.DecidedAt.IsZero() {
		c := blockChip(w, v)
		out = append(out, web.Moment{At: v.DecidedAt, Title: c.Text, Text: v.Reason, Tone: c.Tone})
	}
	return append(out, web.Moment{At: v.CreatedAt, Title: w.T("request.asked"), Who: v.OrgName, Tone: web.ToneInfo})
}

// blockInList is a request in a list, with its deadline while it counts.
func blockInList(w web.Words, v BlockView) RequestCard {
	c := RequestCard{Card: Card{Href: blockPath(v.ID), Start: v.StartsAt, Title: w.T("block.card", "title", v.FilmTitle),
		Place: w.T("block.line", "org", v.OrgName, "n", v.Seats), Chips: []web.Chip{blockChip(w, v)}}}
	if v.Status == models.BlockPending {
		c.Until = v.Deadline
	}
	return c
}

// blockMoved answers a move: on with it, or the page again with what was in the way.
func (s *Service) blockMoved(ctx context.Context, a auth.Actor, in blockMove, flash string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(blockPath(in.ID), flash, nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	page, err := s.blockShown(ctx, a, in, bad)
	return httpapi.Show(page), err
}

func (s *Service) blockApproveForm(ctx context.Context, a auth.Actor, in blockMove, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.ApproveBlock(ctx, a, in.ID)
	}
	return s.blockMoved(ctx, a, in, "request.approved", err)
}

func (s *Service) blockDeclineForm(ctx context.Context, a auth.Actor, in blockMove, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.DeclineBlock(ctx, a, in.ID, strings.TrimSpace(in.Reason))
	}
	return s.blockMoved(ctx, a, in, "request.declined", err)
}

func (s *Service) blockWithdrawForm(ctx context.Context, a auth.Actor, in blockMove, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.WithdrawBlock(ctx, a, in.ID, in.Reason)
	}
	return s.blockMoved(ctx, a, in, "block.withdrawn", err)
}
