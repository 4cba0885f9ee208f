package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/web/locales"

	"github.com/getkin/kin-openapi/openapi3"
)

// Info heads the API document.
type Info struct {
	Title       string
	Version     string
	Description string
}

// Product is the Info of the product's own document.
var Product = Info{
	Title:   "Youyue · 文明有约",
	Version: "1",
	Description: "Bookings for a district's civic life. Times are RFC 3339; lists are pages of at most 100 items.\n\n" +
		"A refusal is application/problem+json: `code` is stable and made for programs, `detail` is for people, in the language of Accept-Language.\n\n" +
		"A POST that books takes an `Idempotency-Key`: the same key with the same body gets the same answer and books once.",
}

// Extensions of the document: the permission a route asks for, and the codes
// that a refusal's status can carry.
const (
	extPermission = "x-permission"
	extCodes      = "x-codes"
)

// Document describes the API routes among routes in OpenAPI 3.0.3. It needs no
// database. The same routes give the same document, to the letter. It fails on
// types that JSON cannot carry and on two routes of one method and path.
func Document(routes []Route, info Info) (*openapi3.T, error) {
	routes = slices.DeleteFunc(slices.Clone(routes), func(r Route) bool { return r.Kind != KindAPI })
	names, err := newNaming(routes)
	if err != nil {
		return nil, err
	}
	b := &documenter{naming: names, schemas: openapi3.Schemas{}}
	doc := &openapi3.T{
		OpenAPI: "3.0.3",
		Info:    &openapi3.Info{Title: info.Title, Version: info.Version, Description: info.Description},
		Servers: openapi3.Servers{{URL: "/"}},
		Paths:   openapi3.NewPaths(),
	}
	for _, r := range routes {
		path := templated(r.Path)
		item := doc.Paths.Value(path)
		if item == nil {
			item = &openapi3.PathItem{}
			doc.Paths.Set(path, item)
		}
		if item.GetOperation(r.Method) != nil {
			return nil, fmt.Errorf("api document: %s %s is declared twice", r.Method, r.Path)
		}
		op, err := b.operation(r)
		if err != nil {
			return nil, fmt.Errorf("api document: %s %s: %w", r.Method, r.Path, err)
		}
		item.SetOperation(r.Method, op)
	}
	b.schemas["Problem"] = openapi3.NewSchemaRef("", b.object(reflect.TypeFor[Problem](), answered))
	doc.Tags = tags(routes)
	doc.Components = &openapi3.Components{Schemas: b.schemas, SecuritySchemes: security()}
	if b.err != nil {
		return nil, fmt.Errorf("api document: %w", b.err)
	}
	if err := openapi3.NewLoader().ResolveRefsIn(doc, nil); err != nil {
		return nil, fmt.Errorf("api document: %w", err)
	}
	return doc, doc.Validate(context.Background())
}

// templated is Echo's path in the document's words: /a/:id is /a/{id}.
func templated(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// operationID is the method and the path in one word: getScreeningsIdSeats.
func operationID(r Route) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(r.Method))
	path := strings.TrimPrefix(r.Path, "/api/v1")
	for _, word := range strings.FieldsFunc(path, func(c rune) bool { return strings.ContainsRune("/:-_.", c) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func tags(routes []Route) openapi3.Tags {
	var names []string
	for _, r := range routes {
		if r.Op.Tag != "" && !slices.Contains(names, r.Op.Tag) {
			names = append(names, r.Op.Tag)
		}
	}
	slices.Sort(names)
	out := make(openapi3.Tags, len(names))
	for i, n := range names {
		out[i] = &openapi3.Tag{Name: n}
	}
	return out
}

func security() openapi3.SecuritySchemes {
	return openapi3.SecuritySchemes{
		"bearer": {Value: openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer").
			WithDescription("A token of `youyue user token LOGIN`.")},
		"session": {Value: openapi3.NewSecurityScheme().WithType("apiKey").WithIn("cookie").WithName("session").
			WithDescription("The browser's session. Methods other than GET also need the page's token in the header `X-CSRF-Token`.")},
	}
}

// documenter gathers the schemas that the operations share.
type documenter struct {
	*naming
	schemas openapi3.Schemas
	err     error
}

func (b *documenter) operation(r Route) (*openapi3.Operation, error) {
	op := &openapi3.Operation{OperationID: operationID(r), Summary: r.Op.Summary, Extensions: map[string]any{extPermission: string(r.Permission)}}
	if r.Op.Tag != "" {
		op.Tags = []string{r.Op.Tag}
	}
	op.Security = &openapi3.SecurityRequirements{{"bearer": {}}, {"session": {}}}
	if r.Permission == auth.Public {
		op.Security = &openapi3.SecurityRequirements{}
	}
	var err error
	if op.Parameters, err = b.parameters(r); err != nil {
		return nil, err
	}
	hasBody := false
	if r.Method != http.MethodGet && hasMembers(r.In) {
		hasBody = true
		body := b.ref(r.In, asked)
		op.RequestBody = &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithJSONSchemaRef(body).WithRequired(requires(r.In))}
	}
	op.Responses = openapi3.NewResponsesWithCapacity(8)
	op.Responses.Set(strconv.Itoa(r.Op.Status), b.success(r))
	if r.Blob {
		same := "The body that If-None-Match names is still the one."
		op.Responses.Set("304", &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription(same)})
	}
	for status, codes := range refusals(r, hasBody) {
		op.Responses.Set(strconv.Itoa(status), refusal(status, codes))
	}
	return op, nil
}

func (b *documenter) success(r Route) *openapi3.ResponseRef {
	res := openapi3.NewResponse().WithDescription(http.StatusText(r.Op.Status))
	switch {
	case r.Op.Status == http.StatusNoContent:
	case r.Stream:
		desc := "Server-sent events until one side ends them. `data` is the whole state in one line of JSON as described here, `id` its version; versions may be skipped. After a break, Last-Event-ID asks only for what is newer."
		res.Description = &desc
		res.Content = openapi3.NewContentWithSchemaRef(b.ref(r.Out, answered), []string{"text/event-stream"})
	case r.Out == reflect.TypeFor[File]():
		res.Content = openapi3.Content{"*/*": openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema().WithFormat("binary"))}
	default:
		res.Content = openapi3.NewContentWithJSONSchemaRef(b.ref(r.Out, answered))
	}
	if r.Blob {
		etag := &openapi3.Parameter{Description: "Names this body; give it as If-None-Match.", Schema: openapi3.NewStringSchema().NewRef()}
		res.Headers = openapi3.Headers{"ETag": {Value: &openapi3.Header{Parameter: *etag}}}
	}
	return &openapi3.ResponseRef{Value: res}
}

// refusals lists the codes of a route by status: those that every request of
// its shape can meet, then its own.
func refusals(r Route, hasBody bool) map[int][]*errs.Error {
	all := []*errs.Error{ErrBadToken, ErrTooMany, errs.New(errs.Internal, "internal"), errs.New(errs.Unavailable, "db.unavailable")}
	if r.Permission != auth.Public {
		all = append(all, errs.ErrSignIn)
	}
	// What one can see is not always one's own to change.
	named := r.Permission != auth.Public && r.Permission != auth.SignedIn
	if named || (r.Method != http.MethodGet && strings.Contains(r.Path, ":")) {
		all = append(all, errs.ErrForbidden)
	}
	if r.Method != http.MethodGet {
		all = append(all, ErrCSRF, errs.New(errs.Unavailable, "db.unknown"))
	}
	if strings.Contains(r.Path, ":") {
		all = append(all, errs.ErrNotFound)
	}
	if hasBody {
		all = append(all, ErrMalformed, ErrUnknownField, ErrWrongType, ErrMediaType, ErrTooLarge)
	}
	if hasBody || hasTag(r.In, "query") {
		all = append(all, ErrEncoding, errs.ErrInvalid)
	}
	if reflect.PointerTo(r.In).Implements(reflect.TypeFor[keyed]()) {
		all = append(all, ErrBadKey, idem.ErrReused)
	}
	if r.Stream {
		all = append(all, ErrStreamsFull, ErrStreamsHere, ErrStopping)
	}
	out := map[int][]*errs.Error{}
	for _, e := range append(all, r.Op.Errors...) {
		s := e.Kind.Status()
		if !slices.ContainsFunc(out[s], func(have *errs.Error) bool { return have.Code == e.Code }) {
			out[s] = append(out[s], e)
		}
	}
	return out
}

// refusal documents one status: its codes, each with what a reader is told.
func refusal(status int, codes []*errs.Error) *openapi3.ResponseRef {
	slices.SortFunc(codes, func(x, y *errs.Error) int { return strings.Compare(x.Code, y.Code) })
	var names, lines []string
	for _, e := range codes {
		names = append(names, e.Code)
		lines = append(lines, "- `"+e.Code+"` "+wordsOf(locales.En, e.Code, status))
	}
	res := openapi3.NewResponse().WithDescription(http.StatusText(status) + "\n\n" + strings.Join(lines, "\n"))
	res.Content = openapi3.NewContentWithSchemaRef(openapi3.NewSchemaRef("#/components/schemas/Problem", nil), []string{"application/problem+json"})
	res.Extensions = map[string]any{extCodes: names}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		wait := &openapi3.Parameter{Description: "Seconds to wait before the next try.", Schema: openapi3.NewIntegerSchema().NewRef()}
		res.Headers = openapi3.Headers{"Retry-After": {Value: &openapi3.Header{Parameter: *wait}}}
	}
	return &openapi3.ResponseRef{Value: res}
}

// wordsOf is the text of a code as the locale file has it, placeholders and all.
func wordsOf(l locales.Lang, code string, status int) string {
	if key := "err." + code; locales.Has(l, key) {
		return locales.Raw(l, key)
	}
	return locales.Raw(l, "err.kind."+strconv.Itoa(status))
}
