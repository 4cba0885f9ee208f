package contest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

func (s *Service) staffPages(r *httpapi.Router) {
	httpapi.Page(r, "/contests/:id/staff", auth.ContestRead, func(ctx context.Context, a auth.Actor, in byContest) (web.Page, error) {
		return s.staffPage(ctx, a, in.ID, staffIn{}, nil)
	})
	httpapi.Form(r, "/contests/:id/staff/decide", auth.ContestDecide, httpapi.LimitNone, s.decideForm)
	httpapi.Form(r, "/contests/:id/staff/move", auth.ContestWrite, httpapi.LimitNone, s.moveForm)
	httpapi.Page(r, "/contests/:id/staff/cancel", auth.ContestWrite, s.cancelPage)
	httpapi.Form(r, "/contests/:id/staff/cancel", auth.ContestWrite, httpapi.LimitNone, s.cancelForm)
	httpapi.Form(r, "/contests/:id/staff/draw", auth.ContestDraw, httpapi.LimitNone, s.drawForm)
	httpapi.Page(r, "/contests/:id/draws/:draw/stage", auth.ContestDraw, func(ctx context.Context, a auth.Actor, in byDraw) (web.Page, error) {
		return s.stagePage(ctx, a, stageIn{byDraw: in}, nil)
	})
	httpapi.Form(r, "/contests/:id/draws/:draw/stage", auth.ContestDraw, httpapi.LimitNone, s.stageForm)
}

// staffIn is what was typed into one of the forms of the staff's page.
type staffIn struct {
	httpapi.Keyed
	byContest
	Entry     string            `form:"entry"`
	To        models.EntryState `form:"to" validate:"omitempty,oneof=approved returned declined"`
	Reason    string            `form:"reason"`
	From      string            `form:"from"`
	Day       string            `form:"day"`
	Place     string            `form:"place"`
	Resources []int64           `form:"resources"`
	Round     int64             `form:"round"`
	Groups    int               `form:"groups"`
	Community bool              `form:"community"`
	Team      bool              `form:"team"`
	Value     models.DrawValue  `form:"value"`
	Note      string            `form:"note"`
	DueHours  int               `form:"due_hours"`
	Slot      slotFormIn        `form:"-"`
}

type staffData struct {
	Contest   Contest
	Chip      web.Chip
	Counts    []web.Fact
	ToDecide  []staffEntry
	Others    web.Table
	Rounds    []staffRound
	Times     []staffTime
	NewTime   timeFields
	Living    []Entry // whose rehearsals can be arranged
	Days      []web.Choice
	Form      web.Form
	Refusal   string
	Resources []Named
	May       struct{ Decide, Write, Draw bool }
	In        staffIn
}

type staffEntry struct {
	Entry
	Facts   []web.Fact
	Members string
}

type staffRound struct {
	Round
	Title string
	Open  *models.Draw // waits for its value
	Last  *models.Draw
	Can   bool
	Links []web.Link
	Warn  string // who is not in the order, or would not be
}

// staffTime is a slot as the staff read it; Drop is where it is given back.
type staffTime struct {
	Title, When, For, Takes, Drop string
	Owner                         *web.Chip // how the partner has answered who lends the place
	Why                           string    // of a no, and what can be done
}

func (w words) staffTimes(d *staffData, all []Entry) {
	team := map[int64]string{}
	for _, e := range all {
		team[e.ID] = e.Team
		if e.State.Living() {
			d.Living = append(d.Living, e)
		}
	}
	used := map[int64][]string{}
	for _, r := range d.Contest.Rounds {
		division, _ := d.Contest.Division(r.DivisionID)
		used[r.SlotID] = append(used[r.SlotID], division.Name+" "+w.t("contest.round."+string(r.Kind)))
	}
	for _, x := range d.Contest.Slots {
		row := staffTime{Title: w.t("contest.slot." + string(x.Kind)), When: w.when(x), For: strings.Join(used[x.ID], w.t("draw.join"))}
		if x.EntryID != nil {
			row.For = w.t("contest.slot_of", "team", team[*x.EntryID])
		}
		for i, r := range x.Resources {
			if i > 0 {
				row.Takes += w.t("draw.join")
			}
			row.Takes += r.Name
		}
		row.Owner, row.Why = w.owner(x)
		if d.May.Write && len(used[x.ID]) == 0 && x.StartsAt.After(w.frame.Now) {
			row.Drop = path(d.Contest.ID) + "/slots/" + strconv.FormatInt(x.ID, 10) + "/drop"
		}
		d.Times = append(d.Times, row)
	}
	in := d.In.Slot
	d.NewTime = timeFields{At: "slot.", Kind: string(in.Kind), Date: in.Date, From: in.From, To: in.To, Place: in.Place, Setup: in.Setup, Clear: in.Clear}
	if in.Kind == "" {
		d.NewTime.Kind = string(models.SlotRehearsal)
	}
}

// owner says how a partner has answered for a slot; nil where nobody is asked.
func (w words) owner(x Slot) (*web.Chip, string) {
	switch x.Owner.State {
	case models.AskWanted:
		return &web.Chip{Tone: web.ToneInfo, Text: w.t("contest.owner_waits", "owner", x.Owner.Owner, "until", x.Owner.Deadline)}, ""
	case models.AskGiven:
		return &web.Chip{Tone: web.ToneOK, Text: w.t("contest.owner_given", "owner", x.Owner.Owner)}, ""
	case models.AskRefused:
		return &web.Chip{Tone: web.ToneWarn, Text: w.t("contest.owner_no", "owner", x.Owner.Owner)}, w.t("contest.owner_no_text", "reason", x.Owner.Reason)
	case models.AskLapsed:
		return &web.Chip{Tone: web.ToneWarn, Text: w.t("contest.owner_silent", "owner", x.Owner.Owner)}, w.t("contest.owner_silent_text")
	case models.AskNone, models.AskWithdrawn:
	}
	return nil, ""
}

var staffLabels = map[string]string{"reason": "contest.reason", "to": "contest.new_day", "from": "contest.day", "place": "contest.place", "note": "draw.note", "due": "draw.due", "groups": "contest.groups",
	"starts_at": "contest.date", "ends_at": "contest.to", "setup_min": "contest.setup", "clear_min": "contest.clear", "entry": "contest.slot_for"}

func (s *Service) staffPage(ctx context.Context, a auth.Actor, id int64, in staffIn, bad *errs.Error) (web.Page, error) {
	c, all, err := s.Entries(ctx, a, id)
	if err != nil {
		return web.Page{}, err
	}
	_, rounds, err := s.RoundsOf(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := staffData{Contest: c, Chip: w.phase(c), In: in, Form: web.Form{Values: map[string]string{"reason": in.Reason, "place": in.Place, "note": in.Note, "day": in.Day}}}
	on := c.State == models.ContestOn
	d.May.Decide, d.May.Write, d.May.Draw = on && a.CanAt(auth.ContestDecide, c.OrgPath), on && a.CanAt(auth.ContestWrite, c.OrgPath), on && a.CanAt(auth.ContestDraw, c.OrgPath)
	w.staffEntries(&d, all)
	w.staffTimes(&d, all)
	for _, r := range rounds {
		row := w.staffRound(c, r)
		row.Warn = w.leftOut(c, r, all)
		d.Rounds = append(d.Rounds, row)
	}
	for _, x := range c.Slots {
		day := models.DayOf(x.StartsAt, s.zone).String()
		if !slices.ContainsFunc(d.Days, func(o web.Choice) bool { return o.Value == day }) {
			d.Days = append(d.Days, web.Choice{Value: day, Label: w.frame.FullDate(x.StartsAt), Hint: x.Place})
		}
	}
	if d.Resources, err = s.resources(ctx, a); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "contest/staff", Title: "contest.page_title", TitleArgs: map[string]any{"title": c.Title}, Layout: web.LayoutStaff, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Code == errs.ErrInvalid.Code {
			d.Form.Errors = httpapi.Faults(ctx, bad, staffLabels)
		} else {
			d.Refusal = httpapi.Say(ctx, bad)
		}
	}
	return p, nil
}

func (w words) staffEntries(d *staffData, all []Entry) {
	count := map[models.EntryState]int{}
	d.Others = web.Table{Caption: w.t("contest.entries"), Columns: []string{w.t("contest.team"), w.t("contest.number"), w.t("contest.division"), w.t("contest.home"), w.t("contest.piece"), w.t("contest.state_word")},
		Empty: &web.Empty{Icon: "drum", Title: w.t("contest.no_entries")}}
	for _, e := range all {
		count[e.State]++
		chip := w.entryChip(e)
		if e.State == models.EntrySubmitted {
			x := staffEntry{Entry: e, Facts: w.entryFacts(e)}
			for i, m := range e.Members {
				if i > 0 {
					x.Members += w.t("draw.join")
				}
				x.Members += m.Name
				if m.BornYear > 0 {
					x.Members += " " + strconv.Itoa(m.BornYear)
				}
				if m.Substitute {
					x.Members += " " + w.t("contest.spare")
				}
			}
			d.ToDecide = append(d.ToDecide, x)
			continue
		}
		d.Others.Rows = append(d.Others.Rows, web.Row{Href: entryPath(e.UID), Cells: []web.Cell{{Text: e.Team}, {Text: e.DrawID()}, {Text: e.Division}, {Text: e.Org}, {Text: e.Piece}, {Chip: &chip}}})
	}
	for _, state := range []models.EntryState{models.EntrySubmitted, models.EntryReturned, models.EntryApproved, models.EntryWaiting} {
		d.Counts = append(d.Counts, web.Fact{Label: w.t("contest.entry." + string(state)), Text: strconv.Itoa(count[state])})
	}
}

func (w words) staffRound(c Contest, r Round) staffRound {
	x := staffRound{Round: r, Title: r.Division.Name + " · " + w.t("contest.round."+string(r.Kind)), Can: r.State.CanBecome(models.RoundOrdered)}
	for i := range r.Draws {
		d := &r.Draws[i]
		x.Links = append(x.Links, web.Link{Href: draw.Path(d.ID), Icon: "queue", Text: w.t("contest.draw_link", "n", d.Number, "state", w.t("draw.state."+string(d.State)))})
		if x.Last = d; d.State == models.DrawOpen {
			x.Open = d
			x.Links = append(x.Links, web.Link{Href: stagePath(c.ID, d.ID), Icon: "drum", Text: w.t("contest.to_stage")})
		}
	}
	if r.State == models.RoundRunning || r.State == models.RoundDone {
		x.Links = append(x.Links, web.Link{Href: roundPath(r.ID), Icon: "drum", Text: w.t("contest.result")})
		if r.Kind == models.RoundHeat && r.Out {
			x.Links = append(x.Links, web.Link{Href: advancePath(c.ID, r.ID), Icon: "people", Text: w.t("contest.advance")})
		}
	}
	return x
}

// leftOut says which teams a first round's order does not hold, or would not hold
// were it drawn now; "" for none.
func (w words) leftOut(c Contest, r Round, all []Entry) string {
	if r.Ord != 1 || !r.State.CanBecome(models.RoundOrdered) {
		return ""
	}
	if !r.drawn() {
		if w.frame.Now.Before(c.ClosesAt) {
			return w.t("contest.draw_early", "at", w.frame.DateTime(c.ClosesAt))
		}
		return ""
	}
	n := 0
	for _, e := range all {
		if e.DivisionID == r.DivisionID && e.State == models.EntryApproved &&
			!slices.ContainsFunc(r.Appearances, func(x Appearance) bool { return x.EntryID == e.ID }) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return w.t("contest.draw_left", "n", n)
}

// drawn reports whether the list of the round is fixed by a draw that was not void.
func (r Round) drawn() bool {
	return slices.ContainsFunc(r.Draws, func(d models.Draw) bool { return d.State != models.DrawVoid })
}

func stagePath(contest, id int64) string {
	return path(contest) + "/draws/" + strconv.FormatInt(id, 10) + "/stage"
}

// again shows the staff's page with what was in the way, or goes on.
func (s *Service) again(ctx context.Context, a auth.Actor, in staffIn, err error, to, flash string) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(to, flash, nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, err
	}
	p, err := s.staffPage(ctx, a, in.ID, in, bad)
	return httpapi.Show(p), err
}

func (s *Service) decideForm(ctx context.Context, a auth.Actor, in staffIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.Decide(ctx, a, in.Entry, in.To, in.Reason)
	}
	return s.again(ctx, a, in, err, staffPath(in.ID), "contest.decided")
}

func (s *Service) moveForm(ctx context.Context, a auth.Actor, in staffIn, bad *errs.Error) (httpapi.Answer, error) {
	from, err1 := models.ParseDay(in.From)
	to, err2 := models.ParseDay(in.Day)
	var err error
	switch {
	case bad != nil:
		err = bad
	case err1 != nil:
		err = errs.FieldFault("from", "required")
	case err2 != nil:
		err = errs.FieldFault("to", "required")
	default:
		_, err = s.MoveDay(ctx, a, in.ID, Move{from, to, in.Place, in.Resources, in.Reason})
	}
	return s.again(ctx, a, in, err, staffPath(in.ID), "contest.day_moved")
}

func (s *Service) cancelPage(ctx context.Context, a auth.Actor, in byContest) (web.Page, error) {
	c, all, err := s.Entries(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	n := 0
	for _, e := range all {
		if e.State.Living() {
			n++
		}
	}
	return web.Page{Template: "contest/confirm", Title: "contest.cancel_title", Layout: web.LayoutStaff, Data: web.Decision{Title: w.t("contest.cancel_title"), Lead: c.Title,
		Effect: w.t("contest.cancel_effect", "n", n), Action: staffPath(c.ID) + "/cancel", Button: w.t("contest.cancel_do"), Tone: web.ToneWarn, Back: staffPath(c.ID),
		BackTo: w.t("contest.keep"), Fields: []web.Field{{Name: "reason", Label: w.t("contest.reason"), Required: true, Max: 300}}}}, nil
}

func (s *Service) cancelForm(ctx context.Context, a auth.Actor, in staffIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	if err == nil {
		_, err = s.CallOff(ctx, a, in.ID, in.Reason)
	}
	return s.again(ctx, a, in, err, path(in.ID), "contest.called_off")
}

func (s *Service) drawForm(ctx context.Context, a auth.Actor, in staffIn, bad *errs.Error) (httpapi.Answer, error) {
	err := errs.OrNil(bad)
	var d draw.Draw
	if err == nil {
		wait := time.Duration(min(max(in.DueHours, 1), 30*24)) * time.Hour
		d, err = s.Draw(ctx, a, in.ID, DrawPlan{RoundID: in.Round, Groups: in.Groups, Community: in.Community, Team: in.Team, Value: in.Value, Note: in.Note,
			Due: s.db.Now().Add(wait), Reason: in.Reason}, in.Key)
	}
	return s.again(ctx, a, in, err, stagePath(in.ID, d.ID), "contest.draw_published")
}

// stageIn is what is read out on stage.
type stageIn struct {
	byDraw
	Value string   `form:"value"`
	Names []string `form:"name"`
	Parts []string `form:"part"`
}

type stageData struct {
	Contest   Contest
	Draw      draw.Draw
	Action    string
	Public    string
	Witnesses []models.DrawWitness
	Form      web.Form
	Due       models.Instant
}

// stagePage is the page that stands on the screen while the public value is read
// out.
func (s *Service) stagePage(ctx context.Context, a auth.Actor, in stageIn, bad *errs.Error) (web.Page, error) {
	c, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	if !a.CanAt(auth.ContestDraw, c.OrgPath) {
		return web.Page{}, errs.ErrNotFound
	}
	x, err := s.DrawOf(ctx, in.ID, in.Draw)
	if err != nil {
		return web.Page{}, err
	}
	d := stageData{Contest: c, Draw: x, Action: stagePath(c.ID, x.ID), Public: draw.Path(x.ID), Witnesses: draw.WitnessRows(in.Names, in.Parts, true), Form: web.Form{Values: map[string]string{"value": in.Value}}}
	p := web.Page{Template: "contest/stage", Title: "draw.title", TitleArgs: map[string]any{"title": x.Title}, Styles: []string{"draw"}, Data: &d}
	if bad != nil {
		p.Status, d.Form.Errors = bad.Kind.Status(), httpapi.Faults(ctx, bad, map[string]string{"value": "draw.beacon"})
	}
	return p, nil
}

func (s *Service) stageForm(ctx context.Context, a auth.Actor, in stageIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		d, err := s.Reveal(ctx, a, in.ID, in.Draw, draw.Value{Text: in.Value, Witnesses: draw.WitnessRows(in.Names, in.Parts, false)})
		if err == nil {
			return httpapi.SeeOther(draw.Path(d.ID), "", nil), nil
		}
		if bad = errs.As(err); !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
	}
	p, err := s.stagePage(ctx, a, in, bad)
	return httpapi.Show(p), err
}
