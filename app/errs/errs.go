// Package errs is the one error type that callers outside a feature see.
//
// A feature declares its errors where the rule is. The public half (kind, code,
// arguments, fields) is turned into words and a status in one place, the HTTP
// edge; the cause is private and only logged.
package errs

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// Kind says what sort of refusal it is; it alone decides the HTTP status.
type Kind int

// The kinds, one status each.
const (
	Internal        Kind = iota // 500, nothing of the cause is shown
	Malformed                   // 400, the request cannot be read
	Unauthenticated             // 401, nobody is signed in
	Forbidden                   // 403, visible but not allowed
	NotFound                    // 404, unknown or not visible
	Conflict                    // 409, the state of things forbids it now
	TooLarge                    // 413, body over the limit
	Unsupported                 // 415, not a media type we read
	Invalid                     // 422, read but against a rule
	TooMany                     // 429, slow down
	Unavailable                 // 503, come back later
)

var statuses = map[Kind]int{
	Internal: http.StatusInternalServerError, Malformed: http.StatusBadRequest,
	Unauthenticated: http.StatusUnauthorized, Forbidden: http.StatusForbidden,
	NotFound: http.StatusNotFound, Conflict: http.StatusConflict,
	TooLarge: http.StatusRequestEntityTooLarge, Unsupported: http.StatusUnsupportedMediaType,
	Invalid: http.StatusUnprocessableEntity, TooMany: http.StatusTooManyRequests,
	Unavailable: http.StatusServiceUnavailable,
}

// Status returns the HTTP status of the kind.
func (k Kind) Status() int { return statuses[k] }

// Field is one fault in the input: where, and which rule.
type Field struct {
	Name string         // path in the input, "seats[3]"
	Code string         // locale key "field."+Code
	Args map[string]any // for the text
}

// Error is a refusal or a failure with a stable code.
//
// The text for people is the locale entry "err."+Code filled with Args; Extra
// is added to problem+json as members of its own (alternatives, deadline).
type Error struct {
	Kind   Kind
	Code   string
	Args   map[string]any
	Fields []Field
	Extra  map[string]any
	words  string
	cause  error
}

// New declares an error; features keep it in a package variable.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Error is for logs.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Code, e.cause)
	}
	return e.Code
}

// Unwrap returns the private cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes every copy of a declared error match it.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// With returns a copy with one more argument for the text.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[name] = value
	return &c
}

// Add returns a copy with one more member of problem+json.
func (e *Error) Add(name string, value any) *Error {
	c := *e
	c.Extra = maps.Clone(e.Extra)
	if c.Extra == nil {
		c.Extra = map[string]any{}
	}
	c.Extra[name] = value
	return &c
}

// At returns a copy that points at input fields.
func (e *Error) At(fields ...Field) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), fields...)
	return &c
}

// Worded returns a copy with a text of its own, the locale entry "err."+key, for
// a case of the same refusal that reads differently.
func (e *Error) Worded(key string) *Error {
	c := *e
	c.words = key
	return &c
}

// TextKey is the locale key of the text.
func (e *Error) TextKey() string {
	if e.words != "" {
		return "err." + e.words
	}
	return "err." + e.Code
}

// Because returns a copy with a private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// ErrInvalid is input against a rule of its field; its Fields say which.
var ErrInvalid = New(Invalid, "request.invalid")

// ErrNotFound is the answer to what is unknown and to what the asker may not see.
var ErrNotFound = New(NotFound, "not_found")

// ErrForbidden is the answer where the thing may be seen, and only the act is not allowed.
var ErrForbidden = New(Forbidden, "forbidden")

// ErrSignIn asks for a log-in.
var ErrSignIn = New(Unauthenticated, "sign_in")

// FieldFault is an invalid input with one named fault.
func FieldFault(name, code string) *Error {
	return ErrInvalid.At(Field{Name: name, Code: code})
}

// OrNil keeps a fault of the input from becoming a non-nil error without one.
func OrNil(bad *Error) error {
	if bad == nil {
		return nil
	}
	return bad
}

// OfFields tells faults of single fields from refusals that have words of their own.
func (e *Error) OfFields() bool { return e.Code == ErrInvalid.Code }

// As returns the public error inside err, or an internal one that wraps it.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal").Because(err)
}
