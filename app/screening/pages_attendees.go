package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

func rollPath(id string) string { return ticketPath(id) + "/attendees" }

func (s *Service) attendeePages(r *httpapi.Router) {
	httpapi.Page(r, "/bookings/:id/attendees", auth.SignedIn, s.rollPage)
	httpapi.Form(r, "/bookings/:id/attendees", auth.SignedIn, httpapi.LimitNone, s.rollForm)
	httpapi.PageFile(r, "/bookings/:id/attendees.xlsx", auth.SignedIn, s.rollFile)
}

// rollEntry is the list's form. Do says which button was pressed; whatever it
// is, the text is what counts, and a name typed on its own is added to it first.
type rollEntry struct {
	httpapi.PathUUID
	Text    string         `form:"text" validate:"max=20000"`
	AddName string         `form:"add_name" validate:"max=200"`
	AddSeat string         `form:"add_seat" validate:"max=40"`
	File    httpapi.Upload `form:"file"`
	Do      string         `form:"do" validate:"omitempty,oneof=save in_order free look add file"`
}

type rollData struct {
	Roll     Roll
	Title    string
	Facts    []web.Fact
	Chip     web.Chip
	Text     string
	Rows     int // of the text area
	Form     web.Form
	Good     string // nothing is wrong with what was looked at
	Twice    string
	Open     bool // the list can be written
	Caption  string
	Lines    []rollRow
	MoreOpen bool
}

func (s *Service) rollPage(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (web.Page, error) {
	r, err := s.Roll(ctx, a, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	p, err := parseRoll(rollText(r.Attendees), r.Ticket.Seats)
	if err != nil {
		return web.Page{}, err
	}
	d := s.rollData(s.words(ctx), r, rollText(r.Attendees), p)
	d.Caption, d.Lines = s.words(ctx).T("roll.stored"), storedRows(s.words(ctx), r)
	return rollPageOf(d), nil
}

func rollPageOf(d rollData) web.Page {
	return web.Page{Template: "branch/attendees", Title: "roll.title", TitleArgs: map[string]any{"title": d.Title}, Styles: []string{"booking", "roll"},
		Scripts: []string{"print"}, Data: d}
}

func (s *Service) rollData(w web.Words, r Roll, text string, p parsedRoll) rollData {
	t := r.Ticket
	d := rollData{Roll: r, Title: t.Title, Text: text, Rows: min(max(t.Party, 6), 16),
		Open: r.Writes && (t.Status == models.BookingBooked || t.Status == models.BookingHeld) && t.EventState == models.EventOpen}
	d.Facts = []web.Fact{{Label: w.T("fact.time"), Text: w.DateTime(t.StartsAt)}, {Label: w.T("roll.seat"), Text: SeatWords(w, t.Seats)},
		{Label: w.T("fact.for"), Text: t.Name}}
	d.Chip = rollChip(w, len(r.Attendees), t.Party)
	if len(p.Twice) > 0 {
		d.Twice = w.T("roll.same_names", "names", strings.Join(p.Twice, w.T("form.and")))
	}
	return d
}

// rollChip says how many of a booking's seats have a name.
func rollChip(w web.Words, n, party int) web.Chip {
	switch {
	case n == 0:
		return web.Chip{Tone: web.ToneWarn, Text: w.T("roll.no_list")}
	case n >= party:
		return web.Chip{Tone: web.ToneOK, Text: w.T("roll.full", "all", party)}
	}
	return web.Chip{Tone: web.ToneInfo, Text: w.T("roll.count", "n", n, "all", party)}
}

// rollRow is one line of the list as it is shown; Chip is for what is to be
// said of it besides.
type rollRow struct {
	No     int
	Name   string
	Seat   string
	Faulty bool
	Chip   *web.Chip
}

func storedRows(w web.Words, r Roll) []rollRow {
	out := make([]rollRow, len(r.Attendees))
	for i, x := range r.Attendees {
		out[i] = rollRow{No: i + 1, Name: x.Name, Seat: x.SeatLabel}
		if x.CheckedIn {
			out[i].Chip = &web.Chip{Tone: web.ToneOK, Text: w.T("roll.in")}
		}
	}
	return out
}

func (p parsedRoll) rows(w web.Words) []rollRow {
	out := make([]rollRow, len(p.Lines))
	for i, x := range p.Lines {
		out[i] = rollRow{No: x.Line, Name: x.Name, Seat: x.Seat, Faulty: x.Faulty}
		if x.Name == "" {
			out[i].Name = w.T("roll.nobody")
		}
		if x.Faulty {
			out[i].Chip = &web.Chip{Tone: web.ToneWarn, Text: w.T("roll.faulty")}
		}
	}
	return out
}

// text is what the form's text is after what stands beside it was added to it.
func (in rollEntry) text() (string, *errs.Error) {
	text := strings.ReplaceAll(in.Text, "\r\n", "\n")
	switch {
	case in.Do == "file" && in.File.IsZero():
		return text, errNoFile
	case in.Do == "file":
		read, err := sheet.Text(in.File.Body)
		if err != nil {
			return text, errs.As(err)
		}
		if strings.TrimSpace(read) == "" {
			return text, errEmptyFile
		}
		return read, nil
	case strings.TrimSpace(in.AddName) != "":
		if text = strings.TrimRight(text, "\n"); text != "" {
			text += "\n"
		}
		text += strings.TrimSpace(in.AddName)
		if in.AddSeat != "" {
			text += "\t" + in.AddSeat
		}
		return text + "\n", nil
	}
	return text, nil
}

// What can be wrong with a file besides what sheet says of it.
var (
	errNoFile    = errs.New(errs.Invalid, "roll.no_file")
	errEmptyFile = errs.New(errs.Invalid, "roll.empty_file")
)

func (s *Service) rollForm(ctx context.Context, a auth.Actor, in rollEntry, bad *errs.Error) (httpapi.Answer, error) {
	r, err := s.Roll(ctx, a, in.ID)
	if err != nil {
		return httpapi.Answer{}, err
	}
	if !r.Writes {
		return httpapi.Answer{}, errs.ErrForbidden
	}
	if !in.File.IsZero() { // whichever button: a file that was chosen is meant to be read
		in.Do = "file"
	}
	text := in.Text
	if bad == nil {
		text, bad = in.text()
	}
	p, err := parseRoll(text, r.Ticket.Seats)
	if bad == nil && err != nil {
		bad = errs.As(err)
	}
	look := in.Do == "look" || in.Do == "add" || in.Do == "file"
	if bad == nil && len(p.Faults) == 0 {
		if n := len(p.Lines); look && n > r.Ticket.Party {
			bad = booking.ErrTooManyNames.With("names", n).With("seats", r.Ticket.Party).With("over", n-r.Ticket.Party)
		}
	}
	if bad == nil && len(p.Faults) == 0 && !look {
		how := booking.SeatedAsNamed
		flash := "roll.saved"
		if in.Do == string(booking.SeatedInOrder) || in.Do == string(booking.SeatedFreely) {
			how, flash = booking.Seating(in.Do), "roll.saved_"+in.Do
		}
		now, err := s.Enrol(ctx, a, in.ID, p.guests(), how)
		if err == nil {
			return httpapi.SeeOther(rollPath(in.ID), flash, map[string]any{"n": len(now.Attendees)}), nil
		}
		bad = errs.As(err)
	}
	if bad != nil && !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, bad
	}
	return httpapi.Show(s.rollAgain(ctx, r, text, p, bad)), nil
}

var rollLabels = map[string]string{"text": "roll.label", "add_name": "roll.add_name", "add_seat": "roll.add_seat", "file": "roll.file"}

// rollAgain shows the form as it was sent, with what is wrong line by line.
func (s *Service) rollAgain(ctx context.Context, r Roll, text string, p parsedRoll, bad *errs.Error) web.Page {
	w := s.words(ctx)
	d := s.rollData(w, r, text, p)
	d.Caption, d.Lines = w.T("roll.preview"), p.rows(w)
	for _, f := range p.Faults {
		d.Form.Errors = append(d.Form.Errors, web.FieldError{Field: "text", Text: f.Words(w.Lang)})
	}
	page := rollPageOf(d)
	switch {
	case bad != nil:
		page.Status = bad.Kind.Status()
		first := httpapi.Faults(ctx, bad, rollLabels)
		if !bad.OfFields() {
			first[0].Field = "text"
		}
		if bad.Code == errNoFile.Code || bad.Code == errEmptyFile.Code || bad.Code == sheet.ErrNotExcel.Code {
			first[0].Field, d.MoreOpen = "file", true
		}
		d.Form.Errors = append(first, d.Form.Errors...)
	case len(p.Faults) > 0:
		page.Status = errs.Invalid.Status()
	default:
		d.Good = w.T("roll.looks_good", "n", len(p.Lines))
	}
	page.Data = d
	return page
}

// rollFile is the list as a table, or the table to fill in: it can be read again.
func (s *Service) rollFile(ctx context.Context, a auth.Actor, in httpapi.PathUUID) (httpapi.Blob, error) {
	r, err := s.Roll(ctx, a, in.ID)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	x := sheet.Sheet{Name: w.T("roll.sheet_name"), Title: r.Ticket.Title + " " + w.DateTime(r.Ticket.StartsAt),
		Head: []string{w.T("roll.name"), w.T("roll.seat")}, Wide: []int{20, 14}, Zone: s.zone}
	for _, at := range r.Attendees {
		x.Rows = append(x.Rows, []any{at.Name, at.SeatLabel})
	}
	body, err := sheet.Write(x)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: "youyue-" + w.T("roll.sheet_name") + ".xlsx"}, err
}
