package models

import (
	"strings"
	"unicode"
)

// PlainText is what people may type into names, titles and purposes: the text
// without space around it and with single spaces inside, and whether it is fit
// to be shown. Text is not fit when it shows nothing, or when it holds what
// changes how the text around it reads: control characters and line breaks,
// marks that turn the direction of writing, and characters without width
// (Unicode category Cf). The joiner is fit where emoji need it, between two signs.
func PlainText(s string) (clean string, ok bool) {
	const joiner, asEmoji = '\u200d', '\ufe0f'
	trimmed := strings.TrimSpace(s)
	shows, before, joined := false, rune(0), false
	for _, r := range trimmed {
		switch {
		case joined && !unicode.IsSymbol(r):
			return "", false
		case r == joiner && (unicode.IsSymbol(before) || before == asEmoji):
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return "", false
		case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !blank(r):
			shows = true
		}
		before, joined = r, r == joiner
	}
	if !shows || joined {
		return "", false
	}
	return strings.Join(strings.Fields(trimmed), " "), true
}

// PlainLines is PlainText for notes of several lines: each line is plain or
// empty, the empty ones around the text are gone, tabs are spaces, and lines end
// in "\n". An empty text is fit.
func PlainLines(s string) (clean string, ok bool) {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\t", " ").Replace(s), "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) == "" {
			lines[i] = ""
		} else if lines[i], ok = PlainText(l); !ok {
			return "", false
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n"), true
}

// blank letters and signs have no ink: Hangul fillers and the empty Braille cell.
func blank(r rune) bool {
	return r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || r == '\u2800'
}
