package lesson

import (
	"context"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of a record and of a branch's year.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/bookings/:id/record", auth.LessonRead, s.recordPage)
	httpapi.PageFile(r, "/bookings/:id/record/sheet.xlsx", auth.LessonRead, s.recordFile)
	httpapi.Page(r, "/bookings/:id/record/edit", auth.LessonWrite, s.editPage)
	httpapi.Form(r, "/bookings/:id/record", auth.LessonWrite, httpapi.LimitNone, s.saveForm)
	httpapi.Page(r, "/bookings/:id/record/sign", auth.LessonSign, s.signPage)
	httpapi.Form(r, "/bookings/:id/record/sign", auth.LessonSign, httpapi.LimitNone, s.signForm)
	httpapi.Page(r, "/bookings/:id/record/correct", auth.LessonSign, s.correctPage)
	httpapi.Form(r, "/bookings/:id/record/correct", auth.LessonSign, httpapi.LimitNone, s.correctForm)
	httpapi.PageFile(r, "/bookings/:id/record/photos/:photo", auth.LessonRead, s.photoFile)
	httpapi.Form(r, "/bookings/:id/record/photos", auth.LessonWrite, httpapi.LimitBooking, s.addPhotoForm)
	httpapi.Form(r, "/bookings/:id/record/photos/:photo/remove", auth.LessonWrite, httpapi.LimitNone, s.removePhotoForm)
	httpapi.Page(r, "/lessons", auth.LessonRead, s.yearPage)
	httpapi.PageFile(r, "/lessons/sheet.xlsx", auth.LessonRead, s.yearFile)
}

// words is how pages say something in the reader's language.
type words struct{ web.Words }

func (s *Service) words(ctx context.Context) words {
	return words{httpapi.Words(ctx, s.zone, s.db.Now())}
}

// oath is the answer to whether it was taken.
func (w words) oath(o *bool) string {
	switch {
	case o == nil:
		return ""
	case *o:
		return w.T("lesson.oath_yes")
	default:
		return w.T("lesson.oath_no")
	}
}

// names are a list of people in one line.
func (w words) names(lines string) string {
	return strings.ReplaceAll(lines, "\n", w.T("lesson.name_join"))
}

func (w words) chip(r models.LessonRecord) web.Chip {
	tone := map[models.LessonState]web.Tone{models.LessonNone: web.ToneOff, models.LessonDraft: web.ToneWarn}[r.State]
	if tone == "" {
		tone = web.ToneOK
	}
	return web.Chip{Tone: tone, Text: w.T("lesson.state."+string(r.State), "n", r.Revision)}
}

// paper is the sheet itself, as it is printed and goes into Excel.
type paper struct {
	Branch, When, Place, Host, Film, Oath string
	Counts                                string // 应到 · 实到 · 缺席
	Stated                                string // what was counted, and why it is not what counts
	Absent                                string
	Notes                                 string
	Small                                 string // how small the notes are set, so that they fit on one page
	Photos                                []photoCard
	Signed                                string
	SignedAt                              string
	Reason                                string
}

type photoCard struct {
	Href   string
	Alt    string
	Width  int
	Height int
	Remove string // where the button posts to, "" for none
}

// From so many characters on, the notes are set smaller on paper.
const (
	longNotes = 500
	fullNotes = 1300
)

func (w words) paper(r Record) paper {
	c := r.Counts()
	p := paper{Branch: r.Branch, When: w.FullSpan(r.StartsAt, r.EndsAt), Place: r.Place, Host: r.Host, Film: r.Film, Oath: w.oath(r.Oath),
		Counts: w.T("lesson.counts", "expected", c.Expected, "arrived", c.Arrived, "absent", c.Missing()),
		Absent: w.names(c.Absent), Notes: r.Notes, Signed: r.SignedName}
	if r.State.Sealed() {
		p.SignedAt = w.FullDate(r.SignedAt)
	}
	if r.State == models.LessonCorrected {
		p.Reason = w.T("lesson.corrected_why", "n", r.Revision, "reason", r.Reason)
	}
	switch {
	case r.Stated():
		p.Stated = w.T("lesson.stated_why", "expected", r.Expected, "arrived", r.Arrived, "reason", r.StatedReason)
	case r.Unnamed > 0 && p.Absent != "":
		p.Absent = w.T("lesson.unnamed", "n", r.Unnamed, "names", p.Absent)
	}
	switch n := len([]rune(r.Notes)) + lineWorth*strings.Count(r.Notes, "\n"); {
	case n > fullNotes:
		p.Small = "smallest"
	case n > longNotes:
		p.Small = "smaller"
	}
	for i, ph := range r.Photos {
		card := photoCard{Href: photoPath(r.BookingID, ph.ID), Alt: w.T("lesson.photo", "n", i+1), Width: ph.Width, Height: ph.Height}
		if r.MayWrite {
			card.Remove = card.Href + "/remove"
		}
		p.Photos = append(p.Photos, card)
	}
	return p
}

// lineWorth is what a line break takes on paper, in characters.
const lineWorth = 20

type recordData struct {
	Record  Record
	Paper   paper
	Chip    web.Chip
	Next    string
	Back    web.Link
	Refusal string
	Errors  []web.FieldError
	Path    string
	Left    int // photos that may be added
	Links   []web.Link
	History []web.Moment
}

func (s *Service) recordPage(ctx context.Context, a auth.Actor, in readIn) (web.Page, error) {
	r, err := s.Record(ctx, a, in.ID, in.Revision)
	if err != nil {
		return web.Page{}, err
	}
	return s.shown(ctx, r, nil), nil
}

// shown is the page of a record, with what was in the way of its photos.
func (s *Service) shown(ctx context.Context, r Record, refusal *errs.Error) web.Page {
	w := s.words(ctx)
	path := recordPath(r.BookingID)
	d := recordData{Record: r, Paper: w.paper(r), Chip: w.chip(r.LessonRecord), Next: w.next(r), Path: path,
		Back:    web.Link{Href: yearPath("/lessons", r.OrgID, r.StartsAt.In(s.zone).Year()), Text: w.T("lesson.year_back")},
		History: w.history(r)}
	if r.MayWrite {
		d.Left = models.MaxLessonPhotos - len(r.Photos)
	}
	if r.Begun {
		d.Links = append(d.Links, web.Link{Href: path + "/sheet.xlsx" + revisionQuery(r), Icon: "download", Text: w.T("lesson.excel")})
	}
	if !r.Latest() {
		d.Links = append(d.Links, web.Link{Href: path, Icon: "flag", Text: w.T("lesson.latest")})
	}
	p := web.Page{Template: "lesson/record", Title: "lesson.title", TitleArgs: map[string]any{"film": r.Film}, Styles: []string{"lesson"}, Scripts: []string{"print"}}
	if refusal != nil {
		p.Status, d.Refusal = refusal.Kind.Status(), httpapi.Say(ctx, refusal)
	}
	p.Data = &d
	return p
}

func revisionQuery(r Record) string {
	if r.Latest() {
		return ""
	}
	return "?revision=" + strconv.Itoa(r.Revision)
}

// next says what is to be done now, and by whom.
func (w words) next(r Record) string {
	switch {
	case !r.Latest():
		return w.T("lesson.next_old", "n", r.Revision)
	case !r.Begun:
		return w.T("lesson.next_begun", "at", r.StartsAt)
	case r.State.Sealed():
		return w.T("lesson.next_signed", "who", r.SignedName, "at", r.SignedAt)
	case r.State == models.LessonNone && r.MayWrite:
		return w.T("lesson.next_none")
	case !r.Over:
		return w.T("lesson.next_over", "at", r.EndsAt)
	case r.MaySign && complete(r.LessonRecord) != nil:
		return w.T("lesson.next_incomplete")
	case r.MaySign:
		return w.T("lesson.next_sign")
	default:
		return w.T("lesson.next_wait", "branch", r.Branch)
	}
}

func (w words) history(r Record) []web.Moment {
	var out []web.Moment
	for _, v := range r.Versions {
		m := web.Moment{At: v.SavedAt, Title: w.chip(v).Text, Text: v.Reason, Who: v.SavedName, Tone: w.chip(v).Tone}
		if v.State.Sealed() {
			m.At, m.Who = v.SignedAt, v.SignedName
		}
		out = append(out, m)
	}
	return out
}

// Complete reports whether a signature would find all it needs.
func (d recordData) Complete() bool { return complete(d.Record.LessonRecord) == nil }

// Older lists the versions beside the one that is shown.
func (d recordData) Older() []models.LessonRecord {
	var out []models.LessonRecord
	for _, v := range d.Record.Versions {
		if v.Revision != d.Record.Revision && len(d.Record.Versions) > 1 {
			out = append(out, v)
		}
	}
	return out
}
