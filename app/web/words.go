package web

import (
	"youyue/app/web/locales"
	"youyue/models"
)

// Words is how the handlers of pages say something in the reader's language; the
// dates of the frame are its dates.
type Words struct{ *Frame }

// T is the text of key, with name, value, name, value … in its placeholders.
// Instants are written as date and time.
func (w Words) T(key string, pairs ...any) string {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		args[name] = pairs[i+1]
		if at, ok := pairs[i+1].(models.Instant); ok {
			args[name] = w.DateTime(at)
		}
	}
	return locales.T(w.Lang, key, args)
}
