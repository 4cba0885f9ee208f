package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"

	"youyue/app/list"
	"youyue/app/web/locales"
	"youyue/models"
)

// The structs below are what the pieces in templates/pieces want. Every Text,
// Label and Title is already in the reader's words.

// Tone says what a chip, a result or a moment means; each has its own icon.
type Tone string

// The tones.
const (
	ToneOK   Tone = "ok"
	ToneWarn Tone = "warn"
	ToneInfo Tone = "info"
	ToneOff  Tone = "off"
)

// Icon is the drawing that stands for the tone where colour cannot be seen.
func (t Tone) Icon() string {
	switch t {
	case ToneOK:
		return "check"
	case ToneWarn:
		return "warn"
	case ToneOff:
		return "off"
	default:
		return "info"
	}
}

// Chip is a state: an icon and a word.
type Chip struct {
	Tone Tone
	Text string
}

// Availability puts the free places of an event into a word: 还有 38 座 when
// there is room, 快满了 from a tenth or eight places downwards, 满了 at none.
func Availability(l locales.Lang, left, total int) Chip {
	args := map[string]any{"n": left}
	switch {
	case left <= 0:
		return Chip{ToneOff, locales.T(l, "avail.full", nil)}
	case left <= 8 || left*10 <= total:
		return Chip{ToneWarn, locales.T(l, "avail.few", args)}
	default:
		return Chip{ToneOK, locales.T(l, "avail.free", args)}
	}
}

// Link leads on.
type Link struct {
	Href string
	Icon string
	Text string
}

// Hidden is a form field that the reader does not see.
type Hidden struct{ Name, Value string }

// Fact is one line of what is being decided or was done.
type Fact struct {
	Label string
	Text  string
	Href  string // where more is told, "" for plain text
}

// Choice is one card of a choice list.
type Choice struct {
	Value string
	Label string
	Hint  string
	Off   string // why it cannot be chosen, "" when it can
}

// Choices is a list of radio cards, for fewer than eight entries.
type Choices struct {
	Name    string
	Legend  string
	Value   string // the chosen one
	Options []Choice
	Error   string
}

// Stepper asks for a number of people or seats.
type Stepper struct {
	Name     string
	Label    string
	Unit     string
	Hint     string
	Value    int
	Min, Max int
	Error    string

	Autofocus bool // typed into first; for staff who work without a mouse
}

// Decision is a confirm page: what will happen, and one button that does it.
type Decision struct {
	Title  string
	Lead   string
	Facts  []Fact
	Effect string // what happens to others, "" for nothing
	Action string // where the form posts to
	Hidden []Hidden
	Button string
	Tone   Tone // ToneWarn when it takes something away
	Back   string
	BackTo string  // the words on the way back
	Fields []Field // what must be told with the decision, such as a reason
	Asks   []Choices
	Say    string // what the desk reads out before it decides
	Key    string // the button's key, for staff who work without a mouse

	// Unheard is the button of a desk that did not read it out; with it the first
	// button says that it did, as read_back=on.
	Unheard string
}

// Outcome is a result page: what, when, where, code, what next.
type Outcome struct {
	Tone     Tone
	Title    string
	Lead     string
	Code     string        // the code to say at the door, "" for none
	CodeName string        // what the code is called, "" for a ticket's
	QR       template.HTML // from QR, "" for none
	Facts    []Fact
	Note     string // what happens next
	Links    []Link
}

// Undo takes the last step back with one press.
type Undo struct {
	Text   string
	Action string
	Hidden []Hidden
}

// Empty says why a list is empty and what to do.
type Empty struct {
	Icon  string
	Title string
	Text  string
	Href  string
	Link  string
}

// Cell is one cell of a table: a text or a chip.
type Cell struct {
	Text   string
	Chip   *Chip
	Number bool // right-aligned, tabular
}

// Row is a table row; with Href its first cell is the link of the whole row.
type Row struct {
	Href  string
	Cells []Cell
}

// Table becomes a stack of cards below 640 px.
type Table struct {
	Caption string
	Columns []string
	Rows    []Row
	Empty   *Empty // shown instead when there are no rows
}

// Moment is one entry of a timeline, the newest first.
type Moment struct {
	At    models.Instant
	Title string
	Text  string
	Who   string
	Tone  Tone
}

// FieldError ties a fault to a form field; Text names the fault and the cure.
type FieldError struct{ Field, Text string }

// Form carries what was typed and what was wrong with it back to the page.
type Form struct {
	Values map[string]string
	Errors []FieldError
}

// Error returns the fault of one field, "" when it is well.
func (f Form) Error(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Field is one labelled input.
type Field struct {
	Name, Label  string
	Type         string // text, tel, password, search, date, time, number, textarea …; text when empty
	Value        string
	Hint         string
	Error        string
	Autocomplete string
	Inputmode    string
	Required     bool
	Unmarked     bool // not asked of everybody, yet not called optional
	Autofocus    bool // typed into first; for staff who work without a mouse
	Max          int  // characters at most, 0 for no limit
}

// newField builds a Field in a template from a form, a name, a label and pairs
// of attribute and value; a typed value wins over the attribute "value".
func newField(form Form, name, label string, pairs ...any) (Field, error) {
	f := Field{Name: name, Label: label, Type: "text", Error: form.Error(name)}
	attrs, err := dict(pairs...)
	if err != nil {
		return f, err
	}
	for k, v := range attrs {
		text := fmt.Sprint(v)
		switch k {
		case "type":
			f.Type = text
		case "hint":
			f.Hint = text
		case "autocomplete":
			f.Autocomplete = text
		case "inputmode":
			f.Inputmode = text
		case "value":
			f.Value = text
		case "required":
			f.Required = v == true
		case "unmarked":
			f.Unmarked = v == true
		case "autofocus":
			f.Autofocus = v == true
		case "max":
			f.Max, err = strconv.Atoi(text)
		default:
			err = fmt.Errorf("field %s: unknown attribute %q", name, k)
		}
		if err != nil {
			return f, err
		}
	}
	if typed, ok := form.Values[name]; ok {
		f.Value = typed
	}
	return f, nil
}

// Pager walks the pages of a list, keeping its filters.
type Pager struct {
	Page, Pages int
	Path        string
	Query       url.Values
}

// NewPager stands at the page of a list that was asked for; keep are its filters.
func NewPager(total int64, q list.Query, path string, keep url.Values) Pager {
	page, size, _ := q.Window()
	return Pager{Page: page, Pages: max(1, (int(total)+size-1)/size), Path: path, Query: keep}
}

func (p Pager) at(n int) string {
	q := url.Values{}
	for k, v := range p.Query {
		q[k] = v
	}
	q.Set("page", strconv.Itoa(n))
	return p.Path + "?" + q.Encode()
}

// Prev is the address of the page before, "" on the first.
func (p Pager) Prev() string {
	if p.Page <= 1 {
		return ""
	}
	return p.at(p.Page - 1)
}

// Next is the address of the page after, "" on the last.
func (p Pager) Next() string {
	if p.Page >= p.Pages {
		return ""
	}
	return p.at(p.Page + 1)
}
