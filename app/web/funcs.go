package web

import (
	"fmt"
	"html/template"
	"strings"

	"youyue/app/web/locales"
	"youyue/models"
)

// set is one copy of all templates, bound to the frame of one render.
type set struct {
	r     *Renderer
	tmpl  *template.Template
	frame *Frame
}

// funcs are what templates can call. Those that need the reader's language or
// zone take it from the frame.
func (s *set) funcs() template.FuncMap {
	return template.FuncMap{
		"t":           s.t,
		"raw":         func(key string) string { return locales.Raw(s.frame.Lang, key) },
		"word":        func(prefix, code string) string { return word(s.frame.Lang, prefix, code) },
		"head":        func(n int, text string) string { return head(text, n) },
		"frame":       func() *Frame { return s.frame },
		"date":        func(i models.Instant) string { return date(s.frame, i) },
		"dateTime":    func(i models.Instant) string { return dateTime(s.frame, i) },
		"time":        func(i models.Instant) string { return clock(s.frame, i) },
		"span":        func(a, b models.Instant) string { return span(s.frame, a, b) },
		"month":       func(i models.Instant) string { return month(s.frame, i) },
		"monthDay":    func(i models.Instant) string { return monthDay(s.frame, i) },
		"weekday":     func(i models.Instant) string { return weekday(s.frame, i) },
		"relDay":      func(i models.Instant) string { return relDay(s.frame, i) },
		"lunar":       func(i models.Instant) string { return lunarHint(s.frame, i) },
		"iso":         func(i models.Instant) string { return i.In(s.frame.Zone).Format("2006-01-02T15:04:05Z07:00") },
		"asset":       func(name string) (string, error) { return s.r.static.url(name) },
		"hasAsset":    func(name string) bool { return s.r.static.has(name) },
		"csrfField":   s.csrfField,
		"idemField":   s.idemField,
		"icon":        icon,
		"toneIcon":    func(tone any) (template.HTML, error) { return icon(Tone(fmt.Sprint(tone)).Icon()) },
		"mark":        func() template.HTML { return brandMark },
		"dict":        dict,
		"list":        func(items ...any) []any { return items },
		"chip":        func(tone Tone, text string) Chip { return Chip{Tone: tone, Text: text} },
		"avail":       func(left, total int) Chip { return Availability(s.frame.Lang, left, total) },
		"field":       newField,
		"digits":      digits,
		"displayPath": func() string { return DisplayPath },
		"phrase":      s.phrase,
		"seat":        func(label string) string { return SeatList(s.frame.Lang, []string{label}) },
		"seatWords":   func(c SeatCell) string { return c.Words(s.frame.Lang) },
	}
}

func (s *set) t(key string, pairs ...any) (string, error) {
	if len(pairs) == 0 {
		return locales.T(s.frame.Lang, key, nil), nil
	}
	args, err := dict(pairs...)
	return locales.T(s.frame.Lang, key, args), err
}

// phrase is t for a key and placeholders that the handler chose.
func (s *set) phrase(key string, args map[string]any) string {
	return locales.T(s.frame.Lang, key, args)
}

func (s *set) csrfField() template.HTML { return hidden(FieldCSRF, s.frame.CSRF) }

func (s *set) idemField() template.HTML { return hidden(FieldIdempotency, s.r.newKey()) }

// hidden is an escaped hidden input.
func hidden(name, value string) template.HTML {
	return template.HTML(fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, // #nosec G203
		template.HTMLEscapeString(name), template.HTMLEscapeString(value)))
}

// dict makes the argument of a piece from name, value, name, value …
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("a name without a value after %v", pairs[len(pairs)-1])
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// word is the text of prefix.code, and the code itself where it has none.
func word(l locales.Lang, prefix, code string) string {
	if key := prefix + "." + code; locales.Has(l, key) {
		return locales.T(l, key, nil)
	}
	return code
}

// head is the first n letters of a text, "" when there are no more than those.
func head(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return ""
}

// digits keeps what a tel: link may hold.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}
