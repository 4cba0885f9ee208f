package web

import (
	"fmt"
	"html/template"
)

// icons are drawn on 24 × 24 with a stroke of 2, round ends, no fill; they
// always stand beside a word, so they are hidden from screen readers.
var icons = map[string]string{
	"film":          `<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M7.5 5v14M16.5 5v14M3 9.7h4.5M3 14.3h4.5M16.5 9.7H21M16.5 14.3H21"/>`,
	"room":          `<path d="M4 21h16M6 21V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v17"/><path d="M14.5 12.5v.01"/>`,
	"service":       `<path d="M3 12.5 7 9l3 1.5L12.5 8a2 2 0 0 1 2.7 0L21 13M3 18l2.5-1 4.5 3.5a2 2 0 0 0 2.5 0l6-4.7"/><path d="m12.5 13 3 3"/>`,
	"drum":          `<ellipse cx="12" cy="9" rx="8" ry="3"/><path d="M4 9v7c0 1.7 3.6 3 8 3s8-1.3 8-3V9M8 11.6v7M16 11.6v7M3 2.5l6 4M21 2.5l-6 4"/>`,
	"activity":      `<path d="M12 3v18M12 4h8l-2.5 3.5L20 11h-8"/>`,
	"calendar":      `<rect x="3" y="5" width="18" height="16" rx="2"/><path d="M3 10h18M8 3v4M16 3v4"/>`,
	"chart":         `<path d="M4 20.5h16M7 20v-7M12 20V5M17 20v-10"/>`,
	"people":        `<circle cx="9" cy="8" r="3.2"/><path d="M3 20c0-3.6 2.6-6 6-6s6 2.4 6 6M15.5 5.2a3 3 0 0 1 0 5.6M17.5 14.4c2.2.8 3.5 2.9 3.5 5.6"/>`,
	"person":        `<circle cx="12" cy="8" r="3.6"/><path d="M5 20.5c0-4 3-6.5 7-6.5s7 2.5 7 6.5"/>`,
	"phone":         `<path d="M6.5 3.5h3l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2Z"/>`,
	"check":         `<path d="m4.5 12.5 5 5 10-11"/>`,
	"cross":         `<path d="m6 6 12 12M18 6 6 18"/>`,
	"clock":         `<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
	"queue":         `<path d="M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01"/>`,
	"info":          `<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.01"/>`,
	"warn":          `<path d="M12 4 2.8 20h18.4L12 4ZM12 10v4.5M12 17.2v.01"/>`,
	"off":           `<circle cx="12" cy="12" r="9"/><path d="m5.8 5.8 12.4 12.4"/>`,
	"seat":          `<path d="M7 12V5.5A2.5 2.5 0 0 1 9.5 3h5A2.5 2.5 0 0 1 17 5.5V12M4 11v6h16v-6M6 17v4M18 17v4"/>`,
	"wheelchair":    `<circle cx="10" cy="4" r="1.5"/><path d="M10 8v6h5.5l2.5 5M10 10.5h5M7.5 11.5a5 5 0 1 0 7 6.5"/>`,
	"door":          `<path d="M13 4h6v16h-6M3 12h11M10.5 8l4 4-4 4"/>`,
	"chat":          `<path d="M4 5h16v11H10l-5 4v-4H4Z"/><path d="M8 9.5h8M8 12.5h5"/>`,
	"globe":         `<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c5 5.5 5 12.5 0 18M12 3c-5 5.5-5 12.5 0 18"/>`,
	"elder":         `<path d="M3 19 8.5 5h1L15 19M5 14.5h8M17.5 8v6M14.5 11h6"/>`,
	"face-good":     `<circle cx="12" cy="12" r="9"/><path d="M8 14a4.6 4.6 0 0 0 8 0M9 9.5v.01M15 9.5v.01"/>`,
	"face-soso":     `<circle cx="12" cy="12" r="9"/><path d="M8.5 15h7M9 9.5v.01M15 9.5v.01"/>`,
	"face-poor":     `<circle cx="12" cy="12" r="9"/><path d="M8 16.2a4.6 4.6 0 0 1 8 0M9 9.5v.01M15 9.5v.01"/>`,
	"chevron-right": `<path d="m9 5 7 7-7 7"/>`,
	"chevron-left":  `<path d="m15 5-7 7 7 7"/>`,
	"plus":          `<path d="M12 5v14M5 12h14"/>`,
	"minus":         `<path d="M5 12h14"/>`,
	"search":        `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
	"home":          `<path d="m3 11.5 9-8 9 8M5.5 9.5V20h13V9.5M10 20v-6h4v6"/>`,
	"bell":          `<path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15L6 17ZM10 21h4M12 5V3"/>`,
	"logout":        `<path d="M10 4H5v16h5M9.5 12H21M17 8l4 4-4 4"/>`,
	"camera":        `<path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4Z"/><circle cx="12" cy="13" r="3.3"/>`,
	"flag":          `<path d="M5 21V4c4-2 7 2 14 0v9c-7 2-10-2-14 0"/>`,
	"jobs":          `<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"/>`,
	"shield":        `<path d="M12 3 4.5 6v5.5c0 4.5 3 7.7 7.5 9.5 4.5-1.8 7.5-5 7.5-9.5V6L12 3Z"/><path d="m8.5 12 2.5 2.5 4.5-5"/>`,
	"edit":          `<path d="M4 20h4L19.5 8.5l-4-4L4 16v4ZM13 7l4 4"/>`,
	"printer":       `<path d="M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7Z"/>`,
	"pin":           `<path d="M12 21c4.5-5 7-8.5 7-11.5a7 7 0 0 0-14 0C5 12.5 7.5 16 12 21Z"/><circle cx="12" cy="9.5" r="2.5"/>`,
	"ticket":        `<path d="M3 7h18v3.5a2 2 0 0 0 0 3V17H3v-3.5a2 2 0 0 0 0-3V7ZM14.5 7v10"/>`,
	"undo":          `<path d="M9 5 4.5 9.5 9 14M5 9.5h9a5 5 0 0 1 0 10h-4"/>`,
	"key":           `<circle cx="8" cy="15" r="4"/><path d="m11 12 8.5-8.5M16 7l3 3"/>`,
	"download":      `<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4 20h16"/>`,
}

// brandMark is our own sign: a seat with a tick. It is no emblem of anybody.
const brandMark = template.HTML(`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">` + // #nosec G203
	`<rect width="32" height="32" rx="8" class="mark-ground"/>` +
	`<path class="mark-seat" d="M10 15V9.5A3.5 3.5 0 0 1 13.5 6h5A3.5 3.5 0 0 1 22 9.5V15M6.5 14.5V22h19v-7.5M9 22v4M23 22v4"/>` +
	`<path class="mark-tick" d="m12.5 13.5 2.8 2.8 5-6"/></svg>`)

// icon is an inline drawing by name; an unknown name is an error.
func icon(name string) (template.HTML, error) {
	paths, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("icon %q does not exist", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">` + // #nosec G203
		paths + `</svg>`), nil
}
