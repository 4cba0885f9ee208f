package room

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

// What partners are asked for stands in the same queue as requests for rooms, a row a
// set: its key there is "ask:7".

const askKeyPrefix = "ask:"

func askKey(id int64) string { return askKeyPrefix + strconv.FormatInt(id, 10) }

// askID reads the key of an ask; any other key is of a booking.
func askID(key string) (int64, bool) {
	digits, ok := strings.CutPrefix(key, askKeyPrefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil
}

// askPages declares the page of one ask.
func (s *Service) askPages(r *httpapi.Router) {
	httpapi.Page(r, "/room-asks/:id", auth.RoomRead, s.askPage)
	httpapi.Form(r, "/room-asks/:id", auth.RoomAnswer, httpapi.LimitNone, s.askForm)
}

// askRows are the asks that wait, as rows of the desk, the next deadline first.
func (s *Service) askRows(ctx context.Context, a auth.Actor, w words) ([]requestRow, int64, error) {
	found, err := s.Asks(ctx, a, AskQuery{Query: list.Query{PerPage: list.MaxPerPage}})
	if err != nil {
		return nil, 0, err
	}
	var out []requestRow
	for _, k := range found.Items {
		out = append(out, s.askRow(w, k))
	}
	return out, found.Total, nil
}

func (s *Service) askRow(w words, k Ask) requestRow {
	row := requestRow{Key: askKey(k.ID), Href: askPath(k.ID), Who: k.Org, Due: k.Deadline, Until: w.t("room.until_then", "at", k.Deadline)}
	waiting := k.Waiting(s.db.Now())
	if len(waiting) == 0 {
		row.What = k.Venue
		row.Chips = []web.Chip{{Tone: web.ToneOff, Text: w.t("roomask.state." + string(k.Times[0].State))}}
		return row
	}
	row.What = waiting[0].Title() + " · " + w.frame.Span(waiting[0].StartsAt, waiting[0].EndsAt)
	row.Facts = k.Venue + " · " + k.Title
	if n := len(waiting); n > 1 {
		row.What += " · " + w.t("roomask.times_n", "n", n)
		for _, t := range waiting {
			row.Each = append(row.Each, w.frame.Span(t.StartsAt, t.EndsAt))
		}
	}
	row.Chips = []web.Chip{{Tone: web.ToneInfo, Text: w.t("roomask.chip." + k.SourceKind)}, {Tone: web.ToneInfo, Text: w.t("room.has_time")}}
	return row
}

// askRowsByKey are those of some keys that wait for the actor's answer; the others have
// been answered meanwhile.
func (s *Service) askRowsByKey(ctx context.Context, a auth.Actor, w words, keys []string) (out []requestRow, err error) {
	for _, key := range keys {
		id, ok := askID(key)
		if !ok {
			continue
		}
		k, err := s.Ask(ctx, a, id)
		switch {
		case err != nil && errs.As(err).Kind == errs.NotFound:
			continue
		case err != nil:
			return nil, err
		}
		if k.mayAnswer(a) && len(k.Waiting(s.db.Now())) > 0 {
			out = append(out, s.askRow(w, k))
		}
	}
	return out, nil
}

// rule makes one decision of the desk, about a booking or an ask.
func (s *Service) rule(ctx context.Context, a auth.Actor, r Ruling) error {
	if id, ok := askID(r.ID); ok {
		_, err := s.AnswerAsk(ctx, a, AskRuling{ID: id, Yes: r.Yes, Reason: r.Reason})
		return err
	}
	_, err := s.Rule(ctx, a, r)
	return err
}

// rowOf is the row of a booking or an ask.
func (s *Service) rowOf(ctx context.Context, a auth.Actor, w words, key string) (requestRow, error) {
	if id, ok := askID(key); ok {
		k, err := s.Ask(ctx, a, id)
		if err != nil {
			return requestRow{}, err
		}
		return s.askRow(w, k), nil
	}
	r, err := s.Request(ctx, a, key)
	if err != nil {
		return requestRow{}, err
	}
	return w.row(r), nil
}

// askRulingIn is a partner's answer to the times that are ticked.
type askRulingIn struct {
	byIDIn
	Times  []int64 `form:"time" validate:"max=500"`
	Answer string  `form:"answer" validate:"omitempty,oneof=approve decline"`
	Usual  string  `form:"usual" validate:"max=100"`
	Reason string  `form:"reason" validate:"omitempty,plain,max=500"`
}

type askTimeRow struct {
	ID     int64
	Text   string
	Chip   web.Chip
	Reason string
	Waits  bool // for the actor's answer
	Ticked bool
}

type askData struct {
	Ask     Ask
	Facts   []web.Fact
	Times   []askTimeRow
	Answers bool
	Usual   web.Choices
	Form    web.Form
	Refusal string
}

func (s *Service) askPage(ctx context.Context, a auth.Actor, in byIDIn) (web.Page, error) {
	return s.answering(ctx, a, askRulingIn{byIDIn: in}, nil)
}

var askTones = map[models.AskState]web.Tone{models.AskWanted: web.ToneInfo, models.AskGiven: web.ToneOK, models.AskRefused: web.ToneWarn,
	models.AskLapsed: web.ToneOff, models.AskWithdrawn: web.ToneOff}

// answering is one ask with its times; bad is why it was not answered.
func (s *Service) answering(ctx context.Context, a auth.Actor, in askRulingIn, bad *errs.Error) (web.Page, error) {
	k, err := s.Ask(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	waiting := k.Waiting(s.db.Now())
	d := askData{Ask: k, Usual: w.usual(in.Usual), Answers: k.mayAnswer(a) && len(waiting) > 0, Form: web.Form{Errors: httpapi.Faults(ctx, bad, rulingLabels), Values: map[string]string{"reason": in.Reason}}}
	d.Facts = []web.Fact{{Label: w.t("roomask.by"), Text: k.Org}, {Label: w.t("roomask.where"), Text: k.Venue}}
	if len(waiting) > 0 {
		d.Facts = append(d.Facts, web.Fact{Label: w.t("room.held_until"), Text: w.frame.DateTime(k.Deadline)})
	}
	for _, t := range k.Times {
		row := askTimeRow{ID: t.ID, Text: w.frame.Span(t.StartsAt, t.EndsAt) + " · " + t.Title(), Chip: web.Chip{Tone: askTones[t.State], Text: w.t("roomask.state." + string(t.State))}, Reason: t.Reason}
		row.Waits = d.Answers && slices.ContainsFunc(waiting, func(x AskTime) bool { return x.ID == t.ID })
		row.Ticked = row.Waits && (in.Answer == "" || slices.Contains(in.Times, t.ID))
		d.Times = append(d.Times, row)
	}
	p := web.Page{Template: "room/ask", Title: "roomask.title", TitleArgs: map[string]any{"title": k.Title}, Layout: web.LayoutStaff, Styles: deskStyles}
	if bad != nil {
		p.Status = bad.Kind.Status()
		if bad.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, bad), nil
		}
	}
	p.Data = d
	return p, nil
}

// errNoTime: no time was ticked.
var errNoTime = errs.New(errs.Invalid, "roomask.none_ticked")

func (s *Service) askForm(ctx context.Context, a auth.Actor, in askRulingIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && len(in.Times) == 0 {
		bad = errNoTime.At(errs.Field{Name: "time", Code: "required"})
	}
	if bad == nil {
		_, err := s.AnswerAsk(ctx, a, AskRuling{ID: in.ID, Yes: in.Answer == "approve", Times: in.Times, Reason: rulingsIn{Usual: in.Usual, Reason: in.Reason}.reason()})
		if err == nil {
			return httpapi.SeeOther("/room-desk", "roomask.answered", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.answering(ctx, a, in, bad)
	return httpapi.Show(page), err
}
