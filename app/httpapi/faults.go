package httpapi

import (
	"context"

	"youyue/app/errs"
	"youyue/app/web"
	"youyue/app/web/locales"
)

// Faults turns what is wrong with a form into the lines of its error summary.
// labels says what a field is called on the page (field → locale key); a fault
// of any other field is shown without a link. nil means that all is well.
func Faults(ctx context.Context, bad *errs.Error, labels map[string]string) []web.FieldError {
	if bad == nil {
		return nil
	}
	if bad.Code != errs.ErrInvalid.Code || len(bad.Fields) == 0 {
		e := web.FieldError{Text: Say(ctx, bad)}
		if len(bad.Fields) > 0 && labels[bad.Fields[0].Name] != "" {
			e.Field = bad.Fields[0].Name
		}
		return []web.FieldError{e}
	}
	out := make([]web.FieldError, len(bad.Fields))
	for i, f := range bad.Fields {
		out[i].Text = SayField(ctx, f)
		if key := labels[f.Name]; key != "" {
			out[i].Field = f.Name
			out[i].Text = locales.T(Lang(ctx), "fault.of_field", map[string]any{
				"field": locales.T(Lang(ctx), key, nil), "fault": out[i].Text})
		}
	}
	return out
}

// ShownAgain reports whether a refusal is answered on the form it came from.
// What is nobody's choice (not found, our own fault) becomes an error page.
func ShownAgain(e *errs.Error) bool {
	switch e.Kind {
	case errs.Conflict, errs.Invalid, errs.Forbidden, errs.TooMany:
		return true
	}
	return false
}
