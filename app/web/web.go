// Package web renders the pages: templates, texts, styles and small scripts,
// all embedded in the binary. Features hand it a Frame (who reads, in which
// language) and a Page (which template, with which data); it knows no feature.
package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"youyue/app/web/locales"
	"youyue/models"
)

//go:embed templates
var templateFiles embed.FS

// Form field names that the HTTP edge reads on every POST.
const (
	FieldCSRF        = "csrf_token"      // filled by csrfField
	FieldIdempotency = "idempotency_key" // filled by idemField
)

// DisplayPath is where the switches for elder mode and language post to, with
// the fields "elder" (on or off) or "lang", and "back" (the page to return to).
const DisplayPath = "/display"

// Layout is the width and density of a page.
type Layout string

// Residents read one column; staff work beside a side list from 1024 px.
const (
	LayoutResident Layout = "resident"
	LayoutStaff    Layout = "staff"
	LayoutBare     Layout = "bare" // one thing alone on the screen: no head, no way around
)

// NavItem is one entry of the navigation.
type NavItem struct {
	Href  string
	Label string // locale key
	Icon  string
	Badge int // what waits there, 0 for nothing
}

// Page is what one handler wants shown.
type Page struct {
	Template  string         // path under templates/pages without .html, "screening/list"
	Title     string         // locale key of the title
	TitleArgs map[string]any // its placeholders
	Status    int            // HTTP status, 0 means 200; the HTTP edge reads it
	Data      any            // the dot of the template
	Styles    []string       // page-family style sheets, "seatmap"
	Scripts   []string       // islands, "seatmap"; left out when not built
	Layout    Layout         // LayoutResident when empty
	Share     *Share         // how the page looks in a chat, nil for pages that are not passed on
}

// Share is how a page shows where its link is passed on: in a chat, a moment, a
// group. Its picture is the mark of the house.
type Share struct {
	Title, Description, URL string
	Base                    string // of the picture's address
}

// Frame is what surrounds every page: the reader and the place.
type Frame struct {
	Lang         locales.Lang
	Elder        bool   // 长辈版: larger type and targets, lists instead of maps
	Name         string // the signed-in reader, "" when nobody is
	Nav          []NavItem
	CSRF         string
	Flash        string // what the last step did, already in words
	Path         string // path and query of this page, for links back
	StationPhone string // the help line, "" hides it
	Demo         bool   // says on every page that people and bookings are invented
	Now          models.Instant
	Zone         *time.Location // nil means Asia/Shanghai
	Unread       int            // messages in the inbox
}

// Config is what a Renderer may be told; the zero value works.
type Config struct {
	NewKey func() string // idempotency keys; nil means random UUIDs
}

// Renderer holds the parsed templates and the assets. It is safe for
// concurrent use.
type Renderer struct {
	newKey func() string
	static *static
	names  []string
	base   *template.Template // never executed, so that it can be cloned
	sets   chan *set          // what no render uses now
	toMake chan struct{}      // a token for each set that may still be made
}

// New parses every embedded template and hashes every asset. It fails on a
// template that does not parse and on locale files that contradict each other.
// That every page can be escaped safely is looked at by a test, once, not by each
// start: the templates are in the binary.
func New(cfg Config) (*Renderer, error) {
	if err := locales.Check(); err != nil {
		return nil, err
	}
	st, err := newStatic()
	if err != nil {
		return nil, err
	}
	r := &Renderer{newKey: cfg.NewKey, static: st}
	if r.newKey == nil {
		r.newKey = uuid.NewString
	}
	base := template.New("").Funcs((&set{}).funcs())
	if r.names, err = parseAll(base, templateFiles); err != nil {
		return nil, err
	}
	r.base = base
	n := runtime.GOMAXPROCS(0)
	r.sets, r.toMake = make(chan *set, n), make(chan struct{}, n)
	for range n {
		r.toMake <- struct{}{}
	}
	return r, nil
}

// set returns a set of templates that nobody else uses; it is put back into sets.
// Functions such as t read the frame of the render in progress, so a set serves one
// render at a time. Rendering is pure computing: more sets than processors would only
// take memory, four megabytes each, and so would those that are made before they are
// needed.
func (r *Renderer) set() (*set, error) {
	select {
	case s := <-r.sets:
		return s, nil
	default:
	}
	select {
	case s := <-r.sets:
		return s, nil
	case <-r.toMake:
	}
	s := &set{r: r}
	clone, err := r.base.Clone()
	if err != nil {
		r.toMake <- struct{}{}
		return nil, fmt.Errorf("templates: %w", err)
	}
	s.tmpl = clone.Funcs(s.funcs())
	return s, nil
}

// parseAll reads templates/**.html; pages are named by their path under
// pages/, the rest by the defines inside.
func parseAll(base *template.Template, fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
		if page, ok := strings.CutPrefix(name, "pages/"); ok {
			name = page
			names = append(names, page)
		}
		if _, err := base.New(name).Parse(string(text)); err != nil {
			return fmt.Errorf("template %s: %w", path, err)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// checkEscaping runs every page once into nothing: html/template finds unsafe
// or missing templates only then. Faults of the missing data are not counted. It
// is for tests.
func (r *Renderer) checkEscaping() error {
	s, err := r.set()
	if err != nil {
		return err
	}
	defer func() { r.sets <- s }()
	s.frame = &Frame{Lang: locales.ZhCN, Zone: shanghai}
	for _, name := range append([]string{"layout"}, r.names...) {
		err := s.tmpl.ExecuteTemplate(io.Discard, name, nil)
		var unsafe *template.Error
		if errors.As(err, &unsafe) {
			return fmt.Errorf("template %s: %w", name, err)
		}
	}
	return nil
}

// Pages returns the names that Page.Template may hold, sorted.
func (r *Renderer) Pages() []string { return slices.Clone(r.names) }

// Has reports whether a page template of that name exists; routes ask at start.
func (r *Renderer) Has(name string) bool {
	_, ok := slices.BinarySearch(r.names, name)
	return ok
}

// Render writes the whole page. Nothing is written when a template fails, so
// the caller can still answer with an error page.
func (r *Renderer) Render(w io.Writer, f Frame, p Page) error {
	if !r.Has(p.Template) {
		return fmt.Errorf("page template %q does not exist", p.Template)
	}
	if f.Zone == nil {
		f.Zone = shanghai
	}
	if p.Layout == "" {
		p.Layout = LayoutResident
	}
	s, err := r.set()
	if err != nil {
		return err
	}
	defer func() { s.frame = nil; r.sets <- s }()
	s.frame = &f

	var main, out bytes.Buffer
	if err := s.tmpl.ExecuteTemplate(&main, p.Template, p.Data); err != nil {
		return fmt.Errorf("render %s: %w", p.Template, err)
	}
	// The page was escaped as HTML text above; the layout puts it into the
	// same context, so it must not be escaped twice.
	shell := shell{&f, &p, locales.T(f.Lang, p.Title, p.TitleArgs), template.HTML(main.String())} // #nosec G203
	if err := s.tmpl.ExecuteTemplate(&out, "layout", shell); err != nil {
		return fmt.Errorf("render layout of %s: %w", p.Template, err)
	}
	_, err = out.WriteTo(w)
	return err
}

// shell is the dot of the layout.
type shell struct {
	Frame *Frame
	Page  *Page
	Title string
	Main  template.HTML
}

// Current reports whether the reader stands on the item or below it.
func (f *Frame) Current(n NavItem) bool {
	path, _, _ := strings.Cut(f.Path, "?")
	if n.Href == "/" {
		return path == "/"
	}
	return path == n.Href || strings.HasPrefix(path, n.Href+"/")
}
