package scoring

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// ErrDeadLink: the private link is unknown, or a new one took its place.
var ErrDeadLink = errs.New(errs.NotFound, "scoring.dead_link")

// judgePages are the same behind two doors: the private link, and the account
// that was invited.
func (s *Service) judgePages(r *httpapi.Router) {
	httpapi.Page(r, "/judge", auth.ContestScore, s.seatsPage)
	httpapi.PageFile(r, "/judge/sw.js", auth.Public, func(context.Context, auth.Actor, httpapi.None) (httpapi.Blob, error) {
		b, ok := web.Script("offline_sw")
		if !ok {
			return httpapi.Blob{}, errs.ErrNotFound
		}
		return httpapi.Blob{Body: b, ContentType: "text/javascript; charset=utf-8", CacheControl: "no-cache"}, nil
	})
	for _, door := range []struct {
		base string
		p    auth.Permission
	}{{"/judge/:token", auth.Public}, {"/judge/round/:id", auth.ContestScore}} {
		base, p := door.base, door.p
		httpapi.Page(r, base, p, s.judgeList)
		httpapi.Page(r, base+"/practice", p, s.practicePage)
		httpapi.Form(r, base+"/practice", p, httpapi.LimitNone, s.practiceForm)
		httpapi.Page(r, base+"/correct", p, s.correctPage)
		httpapi.Form(r, base+"/correct", p, httpapi.LimitNone, s.correctForm)
		httpapi.Page(r, base+"/entries/:entry", p, s.cardPage)
		httpapi.Form(r, base+"/entries/:entry", p, httpapi.LimitNone, s.cardForm)
		httpapi.Form(r, base+"/entries/:entry/recuse", p, httpapi.LimitNone, s.recuseForm)
	}
}

type judgeIn struct {
	Token string `path:"token"`
	ID    int64  `path:"id"`
	Entry int64  `path:"entry"`
	Judge int64  `query:"judge"`
	Of    int64  `query:"entry"`
}

// base is the address of the judge's list of entries.
func (in judgeIn) base() string {
	if in.Token != "" {
		return "/judge/" + url.PathEscape(in.Token)
	}
	return "/judge/round/" + strconv.FormatInt(in.ID, 10)
}

func (in judgeIn) card(entry int64) string {
	return in.base() + "/entries/" + strconv.FormatInt(entry, 10)
}

// judge is who reads, and the sheet of the round the door leads to.
func (s *Service) judge(ctx context.Context, a auth.Actor, in judgeIn) (auth.Actor, Sheet, error) {
	id := in.ID
	if in.Token != "" {
		by, ok, err := s.Bearer(ctx, in.Token)
		if err != nil || !ok {
			return a, Sheet{}, or(err, ErrDeadLink)
		}
		by.RequestID = a.RequestID
		a, id = by, by.RoundID
	}
	sheet, err := s.Sheet(ctx, a, id)
	if in.Token == "" && errors.Is(err, ErrNoSeat) {
		err = errs.ErrNotFound
	}
	return a, sheet, err
}

type seatsData struct{ Links []web.Link }

func (s *Service) seatsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	all, err := s.Seats(ctx, a)
	d := seatsData{}
	w := s.words(ctx)
	for _, x := range all {
		d.Links = append(d.Links, web.Link{Href: judgeIn{ID: x.ID}.base(), Icon: "drum",
			Text: x.Contest + " · " + x.Title + " · " + w.DateTime(x.StartsAt) + " · " + w.state(x.Panel.State).Text})
	}
	return web.Page{Template: "scoring/seats", Title: "scoring.seats", Data: &d}, err
}

// cardRow is an entry in the judge's list.
type cardRow struct {
	Card
	Href  string
	Chip  web.Chip
	Total string
}

type judgeData struct {
	Sheet    Sheet
	Chip     web.Chip
	Rows     []cardRow
	Base     string
	Next     string // what to do now
	Rule     []string
	Corrects string // the chief's page
	Key      string // names what the phone keeps
	Token    string // of the private link, "" for an account
}

func (w words) rows(sheet Sheet, in judgeIn) (out []cardRow) {
	for _, c := range sheet.Cards {
		row := cardRow{Card: c, Href: in.card(c.EntryID)}
		switch {
		case c.Absent:
			row.Chip, row.Href = web.Chip{Tone: web.ToneOff, Text: w.T("scoring.card.absent")}, ""
		case c.Recused != "":
			row.Chip, row.Href = web.Chip{Tone: web.ToneOff, Text: w.T("scoring.card.recused")}, ""
		case c.Score.Version > 0:
			row.Total = c.Score.Sheet().Total(sheet.Rule)
			row.Chip = web.Chip{Tone: web.ToneOK, Text: w.T("scoring.card.sent", "total", row.Total)}
		default:
			row.Chip = web.Chip{Tone: web.ToneWarn, Text: w.T("scoring.card.open")}
		}
		out = append(out, row)
	}
	return out
}

// key names what a phone keeps of a judge's marks.
func key(sheet Sheet) string {
	return fmt.Sprintf("judge:%d:%d", sheet.Round.ID, sheet.Judge.ID)
}

func (s *Service) judgeList(ctx context.Context, a auth.Actor, in judgeIn) (web.Page, error) {
	_, sheet, err := s.judge(ctx, a, in)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := judgeData{Sheet: sheet, Chip: w.state(sheet.Panel.State), Rows: w.rows(sheet, in), Base: in.base(), Rule: w.explain(sheet.Rule), Key: key(sheet), Token: in.Token,
		Next: w.T("scoring.judge.next_"+string(sheet.Panel.State), "at", sheet.Round.StartsAt)}
	if sheet.Judge.Chief {
		d.Corrects = in.base() + "/correct"
	}
	return web.Page{Template: "scoring/judge", Title: "scoring.judge.title", TitleArgs: map[string]any{"round": sheet.Round.Title},
		Styles: []string{"scoring"}, Scripts: []string{"judge"}, Data: &d}, nil
}

// cardData is one entry on the screen.
type cardData struct {
	Base, Action string
	Title, Piece string
	Head         string // 第3个，共12个
	Fields       []markField
	Weight       int
	Prev, Next   string
	Sent         bool
	Total        string
	Entry        int64
	Contest      int64
	Round        int64
	Token        string
	Key          string
	Practice     bool
	Recuse       string
	Kinds        web.Choices
	Refusal      []string
}

func (s *Service) cardPage(ctx context.Context, a auth.Actor, in judgeIn) (web.Page, error) {
	return s.card(ctx, a, in, nil, nil)
}

func (s *Service) card(ctx context.Context, a auth.Actor, in judgeIn, typed []string, bad *errs.Error) (web.Page, error) {
	_, sheet, err := s.judge(ctx, a, in)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	rows := w.rows(sheet, in)
	at := -1
	for i, row := range rows {
		if row.EntryID == in.Entry && row.Href != "" {
			at = i
		}
	}
	if at < 0 {
		return web.Page{}, errs.ErrNotFound
	}
	row := rows[at]
	d := cardData{Base: in.base(), Action: row.Href, Title: row.Team, Piece: row.Piece, Head: w.T("scoring.card.head", "n", row.Number, "all", len(rows)),
		Fields: w.fieldsOf(sheet.Rule, row.Score.Sheet()), Weight: sheet.Rule.Weight(), Sent: row.Score.Version > 0, Total: row.Total, Entry: row.EntryID,
		Contest: sheet.Round.ContestID, Round: sheet.Round.ID, Token: in.Token, Key: key(sheet), Recuse: row.Href + "/recuse", Refusal: say(ctx, bad)}
	for i := range typed {
		if i < len(d.Fields) {
			d.Fields[i].Value = typed[i]
		}
	}
	for i := at - 1; i >= 0 && d.Prev == ""; i-- {
		d.Prev = rows[i].Href
	}
	for i := at + 1; i < len(rows) && d.Next == ""; i++ {
		d.Next = rows[i].Href
	}
	d.Kinds = w.kinds()
	return web.Page{Template: "scoring/card", Title: "scoring.card.title", TitleArgs: map[string]any{"team": row.Team}, Layout: web.LayoutBare,
		Styles: []string{"scoring"}, Scripts: []string{"judge"}, Data: &d}, nil
}

func (w words) kinds() web.Choices {
	c := web.Choices{Name: "kind", Legend: w.T("scoring.recuse.why"), Value: string(models.ConflictDeclared)}
	for _, k := range []models.ConflictKind{models.ConflictFamily, models.ConflictFormer, models.ConflictDeclared} {
		c.Options = append(c.Options, web.Choice{Value: string(k), Label: w.T("scoring.recuse." + string(k))})
	}
	return c
}

type cardIn struct {
	judgeIn
	Marks []string `form:"mark"`
}

func (s *Service) cardForm(ctx context.Context, a auth.Actor, in cardIn, bad *errs.Error) (httpapi.Answer, error) {
	by, sheet, err := s.judge(ctx, a, in.judgeIn)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return s.acted(ctx, in.base(), "scoring.card.thanks", bad, func() error {
		m, err := marksOf(sheet.Rule, in.Marks)
		if err != nil {
			return err
		}
		_, _, err = s.Put(ctx, by, Sent{RoundID: sheet.Round.ID, EntryID: in.Entry, Marks: m})
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.card(ctx, a, in.judgeIn, in.Marks, bad) })
}

type recuseIn struct {
	judgeIn
	Kind models.ConflictKind `form:"kind"`
}

func (s *Service) recuseForm(ctx context.Context, a auth.Actor, in recuseIn, bad *errs.Error) (httpapi.Answer, error) {
	by, sheet, err := s.judge(ctx, a, in.judgeIn)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return s.acted(ctx, in.base(), "scoring.recuse.done", bad, func() error {
		return s.Recuse(ctx, by, models.Conflict{RoundID: sheet.Round.ID, JudgeID: sheet.Judge.ID, EntryID: in.Entry, Kind: in.Kind})
	}, func(bad *errs.Error) (web.Page, error) { return s.card(ctx, a, in.judgeIn, nil, bad) })
}

// practicePage is a card of an entry that does not exist, to try the keys on.
func (s *Service) practicePage(ctx context.Context, a auth.Actor, in judgeIn) (web.Page, error) {
	_, sheet, err := s.judge(ctx, a, in)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := cardData{Base: in.base(), Action: in.base() + "/practice", Title: w.T("scoring.practice.team"), Piece: w.T("scoring.practice.piece"), Head: w.T("scoring.practice.head"),
		Fields: w.fieldsOf(sheet.Rule, nil), Weight: sheet.Rule.Weight(), Practice: true, Key: key(sheet)}
	return web.Page{Template: "scoring/card", Title: "scoring.practice.title", Layout: web.LayoutBare, Styles: []string{"scoring"}, Scripts: []string{"judge"}, Data: &d}, nil
}

func (s *Service) practiceForm(ctx context.Context, a auth.Actor, in cardIn, bad *errs.Error) (httpapi.Answer, error) {
	by, sheet, err := s.judge(ctx, a, in.judgeIn)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return s.acted(ctx, in.base(), "scoring.practice.done", bad, func() error {
		m, err := marksOf(sheet.Rule, in.Marks)
		if err == nil {
			if faults := m.Fits(sheet.Rule); len(faults) > 0 {
				err = errs.ErrInvalid.At(fields(faults)...)
			}
		}
		return or(err, s.Practised(ctx, by, sheet.Round.ID))
	}, func(bad *errs.Error) (web.Page, error) {
		p, err := s.practicePage(ctx, a, in.judgeIn)
		if d, ok := p.Data.(*cardData); ok {
			d.Refusal = say(ctx, bad)
		}
		return p, err
	})
}
