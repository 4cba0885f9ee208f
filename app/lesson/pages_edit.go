package lesson

import (
	"context"
	"errors"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// editEntry is what the form brings; saving and correcting have one form.
type editEntry struct {
	pathID
	Version     int    `form:"version"`
	Host        string `form:"host"`
	Oath        string `form:"oath" validate:"omitempty,oneof=yes no"`
	Notes       string `form:"notes"`
	Expected    string `form:"expected" validate:"omitempty,number"`
	Arrived     string `form:"arrived" validate:"omitempty,number"`
	Absent      string `form:"absent"`
	CountReason string `form:"count_reason"`
	Reason      string `form:"reason"`
}

func (in editEntry) entry() Entry {
	e := Entry{Version: in.Version, Host: in.Host, Notes: in.Notes, Absent: in.Absent, CountReason: in.CountReason}
	if in.Oath != "" {
		yes := in.Oath == "yes"
		e.Oath = &yes
	}
	for text, to := range map[*string]**int{&in.Expected: &e.Expected, &in.Arrived: &e.Arrived} {
		if n, err := strconv.Atoi(*text); err == nil {
			*to = &n
		}
	}
	return e
}

// filled is the form as a record would have filled it.
func (w words) filled(r Record) editEntry {
	in := editEntry{pathID: pathID{r.BookingID}, Version: r.Version, Host: r.Host, Notes: r.Notes, Absent: w.names(r.StatedAbsent), CountReason: r.StatedReason}
	if r.Oath != nil {
		in.Oath = "no"
		if *r.Oath {
			in.Oath = "yes"
		}
	}
	if r.Stated() {
		in.Expected, in.Arrived = strconv.Itoa(*r.StatedExpected), strconv.Itoa(*r.StatedArrived)
	}
	return in
}

var editLabels = map[string]string{"host": "lesson.host", "oath": "lesson.oath", "notes": "lesson.notes", "expected": "lesson.expected",
	"arrived": "lesson.arrived", "absent": "lesson.absent_names", "count_reason": "lesson.count_reason", "reason": "lesson.reason"}

type editData struct {
	Record  Record
	Paper   paper
	Version int
	Form    web.Form
	Oath    web.Choices
	Action  string
	Correct bool
	Open    bool // the counts are in use
	Counted string
	Refusal string
	Theirs  []web.Fact // what somebody else saved meanwhile
	Back    web.Link
}

func (s *Service) editPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	r, err := s.Record(ctx, a, in.ID, 0)
	if err == nil && !r.MayWrite {
		err = r.refuseWriting()
	}
	if err != nil {
		return web.Page{}, err
	}
	return s.editing(ctx, r, s.words(ctx).filled(r), nil), nil
}

// refuseWriting says why nobody can write a draft now.
func (r Record) refuseWriting() error {
	switch {
	case r.State.Sealed():
		return ErrSigned.With("who", r.SignedName).With("at", r.SignedAt)
	case !r.Begun:
		return ErrNotBegun.With("at", r.StartsAt)
	}
	return ErrCancelled
}

func (s *Service) correctPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	r, err := s.Record(ctx, a, in.ID, 0)
	switch {
	case err != nil:
	case !r.State.Sealed():
		err = ErrNotSigned
	case !r.MayCorrect:
		err = ErrSecretary.With("branch", r.Branch)
	}
	if err != nil {
		return web.Page{}, err
	}
	return s.editing(ctx, r, s.words(ctx).filled(r), nil), nil
}

// editing is the form with what was typed. When somebody else saved meanwhile,
// theirs stands above it, and saving again puts one's own in its place.
func (s *Service) editing(ctx context.Context, r Record, in editEntry, refusal *errs.Error) web.Page {
	w := s.words(ctx)
	d := editData{Record: r, Paper: w.paper(r), Version: in.Version, Action: recordPath(r.BookingID), Correct: r.State.Sealed(),
		Counted: w.T("lesson.counted", "expected", r.Expected, "arrived", r.Arrived, "absent", r.Counted().Missing()),
		Back:    web.Link{Href: recordPath(r.BookingID), Text: w.T("lesson.back")},
		Open:    in.Expected != "" || in.Arrived != "" || in.Absent != "" || in.CountReason != ""}
	d.Form = web.Form{Errors: httpapi.Faults(ctx, refusal, editLabels), Values: map[string]string{"host": in.Host, "notes": in.Notes,
		"expected": in.Expected, "arrived": in.Arrived, "absent": in.Absent, "count_reason": in.CountReason, "reason": in.Reason}}
	d.Oath = web.Choices{Name: "oath", Legend: w.T("lesson.oath"), Value: in.Oath, Error: d.Form.Error("oath"), Options: []web.Choice{
		{Value: "yes", Label: w.T("lesson.oath_yes")}, {Value: "no", Label: w.T("lesson.oath_no")}}}
	p := web.Page{Template: "lesson/edit", Title: "lesson.edit", TitleArgs: map[string]any{"film": r.Film}, Styles: []string{"booking", "lesson"}}
	if d.Correct {
		p.Title = "lesson.correct"
		d.Action += "/correct"
	}
	if refusal != nil {
		p.Status = refusal.Kind.Status()
		if refusal.Kind == errs.Conflict {
			d.Refusal, d.Form.Errors = httpapi.Say(ctx, refusal), nil
		}
		if errors.Is(refusal, ErrStale) {
			d.Theirs, d.Version = w.theirs(d.Paper), r.Version
		}
	}
	p.Data = &d
	return p
}

func (w words) theirs(p paper) []web.Fact {
	var out []web.Fact
	for _, f := range []web.Fact{{Label: w.T("lesson.host"), Text: p.Host}, {Label: w.T("lesson.oath"), Text: p.Oath}, {Label: w.T("lesson.people"), Text: p.Counts},
		{Label: w.T("lesson.count_reason"), Text: p.Stated}, {Label: w.T("lesson.absent_names"), Text: p.Absent}, {Label: w.T("lesson.notes"), Text: p.Notes}} {
		if f.Text != "" {
			out = append(out, f)
		}
	}
	return out
}

func (s *Service) saveForm(ctx context.Context, a auth.Actor, in editEntry, bad *errs.Error) (httpapi.Answer, error) {
	return s.edited(ctx, a, in, bad, "lesson.saved", func() error {
		_, err := s.Save(ctx, a, in.ID, in.entry())
		return err
	})
}

func (s *Service) correctForm(ctx context.Context, a auth.Actor, in editEntry, bad *errs.Error) (httpapi.Answer, error) {
	return s.edited(ctx, a, in, bad, "lesson.correct_done", func() error {
		_, err := s.Correct(ctx, a, in.ID, in.entry(), in.Reason)
		return err
	})
}

func (s *Service) edited(ctx context.Context, a auth.Actor, in editEntry, bad *errs.Error, flash string, do func() error) (httpapi.Answer, error) {
	r, err := s.Record(ctx, a, in.ID, 0)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if bad == nil {
		if err = do(); err == nil {
			return httpapi.SeeOther(recordPath(in.ID), flash, nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	if errors.Is(bad, ErrStale) { // who was first is read again, to be shown
		if r, err = s.Record(ctx, a, in.ID, 0); err != nil {
			return httpapi.Answer{}, err
		}
		if r.State.Sealed() && flash == "lesson.saved" {
			bad = ErrSigned.With("who", r.SignedName).With("at", r.SignedAt)
		}
	}
	return httpapi.Show(s.editing(ctx, r, in, bad)), nil
}

type signEntry struct {
	pathID
	Version int    `form:"version"`
	Facts   string `form:"facts" validate:"max=40"`
}

func (s *Service) signPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	r, err := s.Record(ctx, a, in.ID, 0)
	if err == nil && !r.MaySign {
		err = r.refuseSigning()
	}
	if err != nil {
		return web.Page{}, err
	}
	return s.signing(ctx, r, nil), nil
}

// refuseSigning says why it cannot be signed by this reader now.
func (r Record) refuseSigning() error {
	switch {
	case r.State.Sealed():
		return ErrSigned.With("who", r.SignedName).With("at", r.SignedAt)
	case !r.Begun:
		return ErrNotBegun.With("at", r.StartsAt)
	case !r.Over:
		return ErrNotOver.With("at", r.EndsAt)
	case r.State == models.LessonNone:
		return ErrIncomplete
	}
	return ErrSecretary.With("branch", r.Branch)
}

type signData struct {
	Decision web.Decision
	Refusal  string
	Errors   []web.FieldError
}

// signing is the confirm page: what is signed, and that it stays.
func (s *Service) signing(ctx context.Context, r Record, refusal *errs.Error) web.Page {
	w := s.words(ctx)
	sheet := w.paper(r)
	path := recordPath(r.BookingID)
	facts := append([]web.Fact{{Label: w.T("lesson.branch"), Text: r.Branch}, {Label: w.T("lesson.when"), Text: sheet.When},
		{Label: w.T("lesson.film"), Text: r.Film}}, w.theirs(sheet)...)
	d := signData{Decision: web.Decision{Title: w.T("lesson.sign_ask"), Facts: facts, Effect: w.T("lesson.sign_effect"), Action: path + "/sign", Button: w.T("lesson.sign"),
		Hidden: []web.Hidden{{Name: "version", Value: strconv.Itoa(r.Version)}, {Name: "facts", Value: r.Facts}},
		Back:   path + "/edit", BackTo: w.T("lesson.sign_change")}}
	p := web.Page{Template: "lesson/sign", Title: "lesson.sign_title", TitleArgs: map[string]any{"film": r.Film}, Styles: []string{"lesson"}}
	if refusal != nil {
		p.Status, d.Refusal = refusal.Kind.Status(), httpapi.Say(ctx, refusal)
		if refusal.Kind == errs.Invalid {
			d.Errors = httpapi.Faults(ctx, refusal, editLabels)
		}
	}
	p.Data = &d
	return p
}

func (s *Service) signForm(ctx context.Context, a auth.Actor, in signEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		_, err := s.Sign(ctx, a, in.ID, in.Version, in.Facts)
		if err == nil {
			return httpapi.SeeOther(recordPath(in.ID), "lesson.sign_done", nil), nil
		}
		bad = errs.As(err)
	}
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	r, err := s.Record(ctx, a, in.ID, 0)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if !r.MaySign {
		return httpapi.Answer{}, bad
	}
	return httpapi.Show(s.signing(ctx, r, bad)), nil
}
