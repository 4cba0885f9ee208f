package activity

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

type boardPageIn struct {
	Org  int64 `query:"org"`
	Year int   `query:"year" validate:"omitempty,min=2000,max=2100"`
}

type boardData struct {
	Board   Board
	Orgs    []option
	Months  []int
	May     bool
	None    bool
	Counts  []web.Chip
	Tones   map[models.CellState]web.Tone
	Refusal string
}

// cellTones are how the states of a cell are marked.
var cellTones = map[models.CellState]web.Tone{models.CellDone: web.ToneOK, models.CellDue: web.ToneInfo, models.CellSlipping: web.ToneWarn, models.CellPlanned: web.ToneOff}

// boardPage is a station's year, for everybody, on one sheet of A4.
func (s *Service) boardPage(ctx context.Context, a auth.Actor, in boardPageIn) (web.Page, error) {
	return s.board(ctx, a, in, nil)
}

func (s *Service) board(ctx context.Context, a auth.Actor, in boardPageIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	year := orElse(in.Year, s.DB.Now().In(s.Zone).Year())
	d := boardData{Months: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Tones: cellTones}
	orgs, err := s.withLists(ctx, year)
	if err != nil {
		return web.Page{}, err
	}
	org := in.Org
	if org == 0 && len(orgs) > 0 {
		org = orgs[0].ID
	}
	for _, o := range orgs {
		d.Orgs = append(d.Orgs, option{strconv.FormatInt(o.ID, 10), o.Name, o.ID == org})
		d.May = d.May || o.ID == org && a.CanAt(auth.ActivityWrite, o.Path)
	}
	d.Board, err = s.ServiceBoard(ctx, org, year)
	if d.None = errs.As(err).Kind == errs.NotFound && err != nil; d.None {
		err, d.Board.Year = nil, year
	}
	for _, x := range []models.CellState{models.CellDone, models.CellDue, models.CellSlipping, models.CellPlanned} {
		d.Counts = append(d.Counts, web.Chip{Tone: cellTones[x], Text: w.t("service.state."+string(x)) + " " + strconv.Itoa(d.Board.Counts[x])})
	}
	d.May = d.May || a.Can(auth.ActivityWrite) && d.None
	p := web.Page{Template: "activity/board", Title: "service.title", Styles: []string{"activity"}, Scripts: []string{"print"}, Layout: web.LayoutStaff}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, err
}

func (s *Service) withLists(ctx context.Context, year int) (out []models.Org, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { out, err = orgsWithLists(tx, year); return err })
	return out, err
}

func (s *Service) activityOf(ctx context.Context, session int64) (id int64, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := meetingByID(tx, session)
		id = m.ActivityID
		return err
	})
	return id, err
}

type importFormIn struct {
	Org    int64          `form:"org" query:"org"`
	Year   int            `form:"year" query:"year" validate:"omitempty,min=2000,max=2100"`
	Text   string         `form:"text" validate:"max=200000"`
	File   httpapi.Upload `form:"file"`
	Digest string         `form:"digest" validate:"max=64"`
}

type importData struct {
	Orgs    []option
	Org     int64
	Year    int
	Text    string
	Faults  []string
	Looked  bool
	Got     Imported
	Refusal string
}

func (s *Service) importPage(ctx context.Context, a auth.Actor, in importFormIn) (web.Page, error) {
	return s.importingPage(ctx, a, in, Imported{}, nil)
}

func (s *Service) importingPage(ctx context.Context, a auth.Actor, in importFormIn, got Imported, bad *errs.Error) (web.Page, error) {
	d := importData{Org: in.Org, Year: orElse(in.Year, s.DB.Now().In(s.Zone).Year()), Text: in.Text, Got: got, Looked: got.Digest != ""}
	orgs, err := s.near(ctx)
	for _, o := range orgs {
		if a.CanAt(auth.ActivityWrite, o.Path) {
			d.Orgs = append(d.Orgs, option{strconv.FormatInt(o.ID, 10), o.Name, o.ID == in.Org})
		}
	}
	for _, f := range got.Faults {
		d.Faults = append(d.Faults, f.Words(httpapi.Lang(ctx)))
	}
	p := web.Page{Template: "activity/import", Title: "service.import", Styles: []string{"booking", "activity"}, Layout: web.LayoutStaff}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, err
}

// importForm looks first; sent again with what was looked at, it writes.
func (s *Service) importForm(ctx context.Context, a auth.Actor, in importFormIn, bad *errs.Error) (httpapi.Answer, error) {
	var got Imported
	if bad == nil {
		var err error
		if !in.File.IsZero() {
			in.Text, err = sheet.Text(in.File.Body)
		}
		if err == nil {
			got, err = s.ImportServices(ctx, a, Import{OrgID: in.Org, Year: in.Year, Text: in.Text, Digest: in.Digest})
		}
		if err != nil {
			bad = errs.As(err)
		}
	}
	if bad == nil && got.ListID != 0 {
		return httpapi.SeeOther("/services?org="+strconv.FormatInt(in.Org, 10)+"&year="+strconv.Itoa(in.Year), "service.written", nil), nil
	}
	if bad != nil && !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.importingPage(ctx, a, in, got, bad)
	return httpapi.Show(page), err
}

type rollBackForm struct {
	Org  int64 `form:"org"`
	Year int   `form:"year"`
}

func (s *Service) rollBackForm(ctx context.Context, a auth.Actor, in rollBackForm, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	if err := s.RollBack(ctx, a, in.Org, in.Year); err != nil {
		bad = errs.As(err)
		if !httpapi.ShownAgain(bad) {
			return httpapi.Answer{}, err
		}
		page, err := s.board(ctx, a, boardPageIn(in), bad)
		return httpapi.Show(page), err
	}
	return httpapi.SeeOther("/services?org="+strconv.FormatInt(in.Org, 10)+"&year="+strconv.Itoa(in.Year), "service.rolled_back", nil), nil
}

type cellData struct {
	Cell    Cell
	State   web.Chip
	Facts   []web.Fact
	Made    []web.Link // those without an address are for staff to follow
	May     bool
	Refusal string
}

// cellPage is a month of a service with what was made of it.
func (s *Service) cellPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.cell(ctx, a, in.ID, nil)
}

func (s *Service) cell(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (web.Page, error) {
	c, err := s.Cell(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	state := c.State(c.Year, models.DayOf(s.DB.Now(), s.Zone), c.Held)
	d := cellData{Cell: c, State: web.Chip{Tone: cellTones[state], Text: w.t("service.state." + string(state))}, May: a.CanAt(auth.ActivityWrite, c.OrgPath) && c.Current,
		Facts: []web.Fact{{Label: w.t("activity.by"), Text: c.OrgName}, {Label: w.t("activity.kind"), Text: w.t("activity.kind." + string(c.Kind))}, {Label: w.t("service.cell_times"), Text: w.t("service.cell_held", "n", c.Times, "held", c.Held)}}}
	for _, x := range c.Activities {
		d.Made = append(d.Made, web.Link{Href: activityPath(x.ID), Icon: "activity", Text: x.Title})
	}
	for _, x := range c.Talks {
		l := web.Link{Icon: "service", Text: w.t("service.talk", "title", x.Title, "state", w.t(x.State))}
		if d.May {
			l.Href = "/lectures/orders/" + x.ID
		}
		d.Made = append(d.Made, l)
	}
	p := web.Page{Template: "activity/cell", Title: "service.title", Styles: []string{"booking", "activity"}, Layout: web.LayoutStaff}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

func cellPath(id int64) string { return "/services/cells/" + strconv.FormatInt(id, 10) }

type cellFormIn struct {
	pathID
	Done bool `form:"done"`
}

// cellForm marks a month of a service as done, or not.
func (s *Service) cellForm(ctx context.Context, a auth.Actor, in cellFormIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	if err := s.MarkCell(ctx, a, in.ID, in.Done); err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.SeeOther(cellPath(in.ID), "", nil), nil
}

type talkFormIn struct {
	httpapi.Keyed
	pathID
	Heads int `form:"heads" validate:"required,min=1,max=1000"`
}

// talkForm orders a lecture for a month of a service.
func (s *Service) talkForm(ctx context.Context, a auth.Actor, in talkFormIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.OrderTalk(ctx, a, in.ID, in.Heads, in.Key); err != nil {
			bad = errs.As(err)
		}
	}
	if bad == nil {
		return httpapi.SeeOther(cellPath(in.ID), "service.ordered", nil), nil
	}
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	page, err := s.cell(ctx, a, in.ID, bad)
	return httpapi.Show(page), err
}
