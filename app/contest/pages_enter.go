package contest

import (
	"context"
	"slices"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) entryPages(r *httpapi.Router) {
	httpapi.Page(r, "/contests/:id/enter", auth.SignedIn, s.enterPage)
	httpapi.Form(r, "/contests/:id/enter", auth.SignedIn, httpapi.LimitBooking, s.enterForm)
	httpapi.Page(r, "/contests/entries/:entry", auth.SignedIn, func(ctx context.Context, a auth.Actor, in byUID) (web.Page, error) {
		return s.entryPage(ctx, a, in.UID, nil)
	})
	httpapi.Page(r, "/contests/entries/:entry/edit", auth.SignedIn, s.editPage)
	httpapi.Form(r, "/contests/entries/:entry/edit", auth.SignedIn, httpapi.LimitNone, s.editForm)
	httpapi.Form(r, "/contests/entries/:entry/substitute", auth.SignedIn, httpapi.LimitNone, s.substituteForm)
	for _, reply := range []Reply{ReplyAccept, ReplyDecline} {
		httpapi.Form(r, "/contests/entries/:entry/"+string(reply), auth.SignedIn, httpapi.LimitBooking,
			func(ctx context.Context, a auth.Actor, in byUID, _ *errs.Error) (httpapi.Answer, error) {
				_, err := s.Answer(ctx, a, in.UID, reply)
				return httpapi.SeeOther(entryPath(in.UID), "contest.replied_"+string(reply), nil), err
			})
	}
	httpapi.Page(r, "/contests/entries/:entry/withdraw", auth.SignedIn, s.withdrawPage)
	httpapi.Form(r, "/contests/entries/:entry/withdraw", auth.SignedIn, httpapi.LimitNone, s.withdrawForm)
}

// entrySheet is the entry form as it is typed.
type entrySheet struct {
	httpapi.Keyed
	Division    int64          `query:"division" form:"division"`
	Team        string         `form:"team"`
	Org         int64          `form:"org"`
	Phone       string         `form:"phone"`
	Piece       string         `form:"piece"`
	Minutes     int            `form:"minutes"`
	Seconds     int            `form:"seconds"`
	Brings      string         `form:"brings"`
	Lent        []int64        `form:"lent"`
	Members     string         `form:"members" validate:"max=20000"`
	CallerName  string         `form:"caller_name" validate:"max=40"`
	CallerPhone string         `form:"caller_phone" validate:"max=20"`
	Channel     models.Channel `form:"channel" validate:"omitempty,oneof=online phone window visit"`
}

func (in entrySheet) form() Form {
	f := Form{DivisionID: in.Division, Team: in.Team, OrgID: in.Org, Phone: in.Phone, Piece: in.Piece, Length: in.Minutes*60 + in.Seconds, Brings: in.Brings,
		Lent: in.Lent, Members: roster(in.Members), Channel: in.Channel}
	if in.CallerName != "" {
		f.Caller = booking.Caller{Name: in.CallerName, Phone: in.CallerPhone}
		f.Phone, f.ReadBack = in.CallerPhone, true
	}
	return f
}

type enterPageIn struct {
	byContest
	entrySheet
}

type editIn struct {
	byUID
	entrySheet
}

type formData struct {
	Title     string
	Lead      string
	Rules     []string
	Action    string
	Back      web.Link
	Form      web.Form
	Refusal   string
	Divisions web.Choices
	Orgs      []models.Org
	Org       int64
	Lendable  []lendable
	Desk      bool
	Channels  web.Choices
	Edit      bool
}

type lendable struct {
	Named
	On bool
}

var sheetLabels = map[string]string{"team": "contest.team", "org_id": "contest.home", "phone": "contest.phone", "piece": "contest.piece", "length": "contest.length",
	"members": "contest.members", "brings": "contest.brings", "division_id": "contest.division", "caller.name": "contest.caller_name", "caller.phone": "contest.caller_phone"}

func (s *Service) enterPage(ctx context.Context, a auth.Actor, in enterPageIn) (web.Page, error) {
	return s.entering(ctx, a, in, nil)
}

func (s *Service) entering(ctx context.Context, a auth.Actor, in enterPageIn, bad *errs.Error) (web.Page, error) {
	c, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := formData{Title: w.t("contest.enter_title", "title", c.Title), Action: path(c.ID) + "/enter", Back: web.Link{Href: path(c.ID), Text: c.Title}, Desk: a.Can(auth.BookForOthers)}
	if in.Division == 0 && len(c.Divisions) > 0 {
		in.Division = c.Divisions[0].ID
	}
	d.Divisions = web.Choices{Name: "division", Legend: w.t("contest.division"), Value: strconv.FormatInt(in.Division, 10)}
	for _, x := range c.Divisions {
		d.Divisions.Options = append(d.Divisions.Options, web.Choice{Value: strconv.FormatInt(x.ID, 10), Label: x.Name, Hint: w.left(c, x).Text})
		if x.ID == in.Division {
			d.Rules = w.rules(x)
		}
	}
	d.Channels = web.Choices{Name: "channel", Legend: w.t("contest.channel"), Value: string(in.Channel), Options: []web.Choice{
		{Value: "phone", Label: w.t("audit.channel.phone")}, {Value: "window", Label: w.t("audit.channel.window")}}}
	if c.Phase(s.db.Now()) != models.EntryOpen {
		d.Refusal = w.phase(c).Text
	}
	_, rounds, err := s.RoundsOf(ctx, c.ID)
	if err != nil {
		return web.Page{}, err
	}
	for _, r := range rounds {
		if r.Ord == 1 && r.DivisionID == in.Division && r.drawn() {
			d.Lead = w.t("contest.enter_drawn", "division", r.Division.Name)
		}
	}
	return s.sheetPage(ctx, d, in.entrySheet, bad)
}

// sheetPage is the entry form with what was typed and what was wrong with it.
func (s *Service) sheetPage(ctx context.Context, d formData, in entrySheet, bad *errs.Error) (web.Page, error) {
	if bad != nil && bad.Code == ErrRoster.Code {
		bad = errs.ErrInvalid.At(bad.Fields...)
	}
	if bad != nil && bad.Kind == errs.Conflict {
		d.Refusal = httpapi.Say(ctx, bad)
	}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, bad, sheetLabels), Values: map[string]string{"team": in.Team, "phone": in.Phone, "piece": in.Piece,
		"brings": in.Brings, "members": in.Members, "caller_name": in.CallerName, "caller_phone": in.CallerPhone}}
	if d.Refusal != "" {
		d.Form.Errors = nil
	}
	for name, n := range map[string]int{"minutes": in.Minutes, "seconds": in.Seconds} {
		if n > 0 || name == "seconds" {
			d.Form.Values[name] = strconv.Itoa(n)
		}
	}
	orgs, lend, err := s.choices(ctx)
	if err != nil {
		return web.Page{}, err
	}
	d.Orgs, d.Org = orgs, in.Org
	for _, x := range lend {
		d.Lendable = append(d.Lendable, lendable{x, slices.Contains(in.Lent, x.ID)})
	}
	p := web.Page{Template: "contest/enter", Title: "contest.enter", Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) enterForm(ctx context.Context, a auth.Actor, in enterPageIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		e, err := s.Enter(ctx, a, in.ID, in.form(), in.Key)
		if err == nil {
			return httpapi.SeeOther(entryPath(e.UID), "", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.entering(ctx, a, in, bad)
	return httpapi.Show(p), err
}

func (s *Service) editPage(ctx context.Context, a auth.Actor, in editIn) (web.Page, error) {
	e, err := s.Entry(ctx, a, in.UID)
	if err != nil {
		return web.Page{}, err
	}
	in.entrySheet = entrySheet{Team: e.Team, Org: e.OrgID, Phone: e.Phone, Piece: e.Piece, Minutes: e.Length / 60, Seconds: e.Length % 60, Brings: e.Brings,
		Members: rosterText(e.Members, s.words(ctx).t("contest.spare"))}
	for _, l := range e.Lent {
		in.Lent = append(in.Lent, l.ID)
	}
	return s.editing(ctx, e, in, nil)
}

func (s *Service) editing(ctx context.Context, e Entry, in editIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := formData{Title: w.t("contest.edit_title", "team", e.Team), Action: entryPath(e.UID) + "/edit", Back: web.Link{Href: entryPath(e.UID), Text: e.Team}, Edit: true}
	if e.State == models.EntryReturned {
		d.Lead = w.t("contest.returned_why", "reason", e.Reason)
	}
	return s.sheetPage(ctx, d, in.entrySheet, bad)
}

func (s *Service) editForm(ctx context.Context, a auth.Actor, in editIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Mend(ctx, a, in.UID, in.form())
		if err == nil {
			return httpapi.SeeOther(entryPath(in.UID), "contest.mended", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	e, err := s.Entry(ctx, a, in.UID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	p, err := s.editing(ctx, e, in, bad)
	return httpapi.Show(p), err
}

type entryData struct {
	Entry     Entry
	Chip      web.Chip
	Next      string
	Facts     []web.Fact
	Members   []memberRow
	Refusal   string
	Edit      string
	Withdraw  string
	Swap      string // where a change of members posts to
	Offer     string
	MayDecide bool
}

type memberRow struct {
	No int
	models.ContestMember
}

func (w words) entryChip(e Entry) web.Chip {
	tone := map[models.EntryState]web.Tone{models.EntryWaiting: web.ToneWarn, models.EntrySubmitted: web.ToneInfo, models.EntryReturned: web.ToneWarn,
		models.EntryApproved: web.ToneOK, models.EntryDeclined: web.ToneOff, models.EntryWithdrawn: web.ToneOff}[e.State]
	return web.Chip{Tone: tone, Text: w.t("contest.entry." + string(e.State))}
}

func (s *Service) entryPage(ctx context.Context, a auth.Actor, uid string, refusal *errs.Error) (web.Page, error) {
	e, err := s.Entry(ctx, a, uid)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := entryData{Entry: e, Chip: w.entryChip(e), Next: w.t("contest.next."+string(e.State), "reason", e.Reason, "until", e.ClosesAt), Facts: w.entryFacts(e)}
	if e.State == models.EntryWaiting && e.WaitState == models.WaitOffered {
		d.Next, d.Offer = w.t("contest.next.offered", "until", e.WaitDeadline), entryPath(uid)
	}
	for i, m := range e.Members {
		d.Members = append(d.Members, memberRow{i + 1, m})
	}
	open := !s.db.Now().Before(e.OpensAt) && s.db.Now().Before(e.ClosesAt) && e.ContestState == models.ContestOn
	if e.mayEdit(a) && e.State.Living() && e.ContestState == models.ContestOn {
		d.Withdraw = entryPath(uid) + "/withdraw"
		if open && e.State != models.EntryApproved {
			d.Edit = entryPath(uid) + "/edit"
		}
		if slices.ContainsFunc(e.Members, func(m models.ContestMember) bool { return m.Substitute }) {
			d.Swap = entryPath(uid) + "/substitute"
		}
	}
	p := web.Page{Template: "contest/entry", Title: "contest.entry_title", TitleArgs: map[string]any{"team": e.Team}, Styles: []string{"draw"}, Data: &d}
	if refusal != nil {
		p.Status, d.Refusal = refusal.Kind.Status(), httpapi.Say(ctx, refusal)
	}
	return p, nil
}

func (w words) entryFacts(e Entry) []web.Fact {
	f := []web.Fact{{Label: w.t("contest.contest"), Text: e.Contest, Href: path(e.ContestID)}, {Label: w.t("contest.division"), Text: e.Division},
		{Label: w.t("contest.number"), Text: e.DrawID()}, {Label: w.t("contest.home"), Text: e.Org}, {Label: w.t("contest.leader"), Text: e.LeaderName},
		{Label: w.t("contest.piece"), Text: "《" + e.Piece + "》 " + w.minutes(e.Length)}}
	if e.Phone != "" {
		f = append(f, web.Fact{Label: w.t("contest.phone"), Text: e.Phone})
	}
	if e.Brings != "" {
		f = append(f, web.Fact{Label: w.t("contest.brings"), Text: e.Brings})
	}
	for _, l := range e.Lent {
		f = append(f, web.Fact{Label: w.t("contest.lent"), Text: l.Name})
	}
	return f
}

type swapIn struct {
	byUID
	Out int `form:"out"`
	In  int `form:"in"`
}

func (s *Service) substituteForm(ctx context.Context, a auth.Actor, in swapIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Substitute(ctx, a, in.UID, in.Out, in.In)
		if err == nil {
			return httpapi.SeeOther(entryPath(in.UID), "contest.substituted", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.entryPage(ctx, a, in.UID, bad)
	return httpapi.Show(p), err
}

func (s *Service) withdrawPage(ctx context.Context, a auth.Actor, in byUID) (web.Page, error) {
	e, err := s.Entry(ctx, a, in.UID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	return web.Page{Template: "contest/confirm", Title: "contest.withdraw_title", Data: web.Decision{Title: w.t("contest.withdraw_title"), Lead: e.Team + " · " + e.Contest,
		Effect: w.t("contest.withdraw_effect"), Action: entryPath(e.UID) + "/withdraw", Button: w.t("contest.withdraw_do"), Tone: web.ToneWarn, Back: entryPath(e.UID),
		BackTo: w.t("contest.keep"), Fields: []web.Field{{Name: "reason", Label: w.t("contest.reason"), Max: 300}}}}, nil
}

type withdrawFormIn struct {
	byUID
	Reason string `form:"reason" validate:"max=300"`
}

func (s *Service) withdrawForm(ctx context.Context, a auth.Actor, in withdrawFormIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	_, err := s.Withdraw(ctx, a, in.UID, in.Reason)
	return httpapi.SeeOther(entryPath(in.UID), "contest.withdrawn", nil), err
}
