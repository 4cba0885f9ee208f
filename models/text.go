package models

import (
	"strings"
	"unicode"
)

// PlainText is what people may type into names, titles and purposes: the text
// without space around it, and whether it is fit to be shown. Text is not fit
// when nothing is left of it, or when it holds what changes how the text around
// it reads: control characters and line breaks, marks that turn the direction
// of writing, and characters without width (Unicode category Cf, less the
// joiner that emoji need).
func PlainText(s string) (clean string, ok bool) {
	const joiner = '\u200d'
	clean = strings.TrimSpace(s)
	bad := strings.ContainsFunc(clean, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || (unicode.Is(unicode.Cf, r) && r != joiner)
	})
	return clean, clean != "" && !bad
}
