package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/web"
	"youyue/models"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"
)

// What can be wrong with a request before its rules are looked at.
var (
	ErrMalformed    = errs.New(errs.Malformed, "request.malformed")
	ErrEncoding     = errs.New(errs.Malformed, "request.encoding")
	ErrUnknownField = errs.New(errs.Malformed, "request.unknown_field")
	ErrWrongType    = errs.New(errs.Malformed, "request.wrong_type")
	ErrMediaType    = errs.New(errs.Unsupported, "request.media_type")
	ErrTooLarge     = errs.New(errs.TooLarge, "request.too_large")
	ErrBadKey       = errs.New(errs.Malformed, "idempotency.bad_key")
)

var validate = newValidator()

// newValidator names fields as the caller wrote them and knows our own types.
func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		for _, tag := range []string{"json", "form", "query", "path"} {
			if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
				return name
			}
		}
		return f.Name
	})
	// plain: text that shows as it was typed, see models.PlainText.
	if err := v.RegisterValidation("plain", func(f validator.FieldLevel) bool {
		_, ok := models.PlainText(f.Field().String())
		return ok
	}); err != nil {
		panic(err)
	}
	v.RegisterCustomTypeFunc(func(f reflect.Value) any {
		if i, ok := f.Interface().(models.Instant); ok && !i.IsZero() {
			return i.Time()
		}
		return nil
	}, models.Instant{})
	v.RegisterCustomTypeFunc(func(f reflect.Value) any {
		if d, ok := f.Interface().(models.Day); ok && !d.IsZero() {
			return d.String()
		}
		return nil
	}, models.Day{})
	return v
}

// bindAPI reads path, query, header and JSON body, the path last so that a body
// cannot replace it.
func bindAPI[In any](c echo.Context, a auth.Actor) (In, error) {
	var in In
	req := c.Request()
	var body []byte
	if hasBody(req) {
		var err error
		if body, err = readJSON(req, &in); err != nil {
			return in, err
		}
	}
	if err := bindValues(&in, req.URL.Query(), "query"); err != nil {
		return in, err
	}
	if err := bindPath(c, &in); err != nil {
		return in, err
	}
	if k, ok := any(&in).(keyed); ok {
		key, err := keyOf(c, a, req.Header.Get("Idempotency-Key"), body)
		if err != nil {
			return in, err
		}
		k.setKey(key)
	}
	if err := check(in); err != nil {
		return in, err
	}
	return in, nil
}

func hasBody(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.ContentLength != 0
}

func readJSON(req *http.Request, dst any) ([]byte, error) {
	body, err := readBody(req)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return body, err
	}
	if mt, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); mt != "application/json" {
		return nil, ErrMediaType
	}
	if !cleanText(body) || bytes.Contains(body, []byte(`\u0000`)) {
		return nil, ErrEncoding
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return nil, jsonFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrMalformed
	}
	return body, nil
}

func readBody(req *http.Request) ([]byte, error) {
	body, err := io.ReadAll(req.Body)
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big), errors.Is(err, echo.ErrStatusRequestEntityTooLarge):
		return nil, ErrTooLarge
	case err != nil:
		return nil, ErrMalformed.Because(err)
	}
	return body, nil
}

// cleanText refuses what no column can hold: bytes that are not UTF-8, and NUL.
func cleanText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

func jsonFault(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return ErrWrongType.At(errs.Field{Name: wrong.Field, Code: "type"}).With("field", wrong.Field)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return ErrUnknownField.At(errs.Field{Name: name, Code: "unknown"}).With("field", name)
	}
	return ErrMalformed.Because(err)
}

// bindForm reads query or form fields, then the path.
func bindForm[In any](c echo.Context, a auth.Actor) (In, *errs.Error) {
	var in In
	req := c.Request()
	values, tag := req.URL.Query(), "query"
	if req.Method == http.MethodPost {
		if err := parseForm(req); err != nil {
			return in, errs.As(err)
		}
		if err := bindValues(&in, values, tag); err != nil {
			return in, errs.As(err)
		}
		values, tag = req.PostForm, "form"
		if err := bindFiles(reflect.ValueOf(&in).Elem(), req.MultipartForm); err != nil {
			return in, errs.As(err)
		}
	}
	var bad *errs.Error
	if err := bindValues(&in, values, tag); err != nil {
		bad = errs.As(err)
	}
	if err := bindPath(c, &in); err != nil {
		return in, errs.As(err)
	}
	if k, ok := any(&in).(keyed); ok {
		key, err := keyOf(c, a, req.PostForm.Get(web.FieldIdempotency), append(formText(req.PostForm), fileText(req.MultipartForm)...))
		if err != nil {
			return in, errs.As(err)
		}
		k.setKey(key)
	}
	if bad == nil {
		if err := check(in); err != nil {
			bad = errs.As(err)
		}
	}
	return in, bad
}

// maxFormMemory is what of a form with a file is kept in memory.
const maxFormMemory = 1 << 20

func parseForm(req *http.Request) error {
	err := req.ParseMultipartForm(maxFormMemory)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return ErrTooLarge
	case err != nil:
		return ErrMalformed.Because(err)
	}
	return nil
}

// formText is the canonical text of a form for its hash, less the fields that
// change from page to page.
func formText(f url.Values) []byte {
	c := url.Values{}
	for k, v := range f {
		if k != web.FieldCSRF && k != web.FieldIdempotency {
			c[k] = v
		}
	}
	return []byte(c.Encode())
}

func bindPath(c echo.Context, dst any) error {
	values := url.Values{}
	for i, name := range c.ParamNames() {
		v, err := url.PathUnescape(c.ParamValues()[i])
		if err != nil {
			return errs.ErrNotFound
		}
		values.Set(name, v)
	}
	if err := bindValues(dst, values, "path"); err != nil {
		return errs.ErrNotFound.Because(err)
	}
	return nil
}

// bindValues fills the fields tagged with tag: strings, whole numbers, truth
// values, instants, and slices of those; embedded structs too.
func bindValues(dst any, values url.Values, tag string) error {
	var faults []errs.Field
	if err := fill(reflect.ValueOf(dst).Elem(), values, tag, &faults); err != nil {
		return err
	}
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

func fill(v reflect.Value, values url.Values, tag string, faults *[]errs.Field) error {
	if v.Kind() != reflect.Struct {
		return nil
	}
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get(tag), ",")
		if f.Anonymous && name == "" {
			if err := fill(v.Field(i), values, tag, faults); err != nil {
				return err
			}
			continue
		}
		got, ok := values[name]
		if name == "" || name == "-" || !ok {
			continue
		}
		for _, s := range got {
			if !cleanText([]byte(s)) {
				return ErrEncoding
			}
		}
		if err := setField(v.Field(i), got); err != nil {
			*faults = append(*faults, errs.Field{Name: name, Code: "type"})
		}
	}
	return nil
}

func setField(v reflect.Value, got []string) error {
	if v.Kind() == reflect.Slice {
		out := reflect.MakeSlice(v.Type(), 0, len(got))
		for _, s := range got {
			if s == "" {
				continue
			}
			e := reflect.New(v.Type().Elem()).Elem()
			if err := setField(e, []string{s}); err != nil {
				return err
			}
			out = reflect.Append(out, e)
		}
		v.Set(out)
		return nil
	}
	s := got[len(got)-1]
	if v.Type() == uploadType && s == "" {
		return nil // a browser sends a file field that was left empty as one without a name
	}
	if u, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
		if s == "" {
			return nil
		}
		return u.UnmarshalText([]byte(s))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		if s = strings.TrimSpace(s); s == "" {
			return nil
		}
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return err
		}
		v.SetInt(n)
	case reflect.Bool:
		v.SetBool(slices.Contains([]string{"on", "true", "1", "yes"}, s))
	case reflect.Pointer:
		if s == "" {
			return nil
		}
		p := reflect.New(v.Type().Elem())
		if err := setField(p.Elem(), got); err != nil {
			return err
		}
		v.Set(p)
	default:
		return fmt.Errorf("bind: no way to fill a %s", v.Type())
	}
	return nil
}

// keyOf scopes the caller's key to actor and route, and remembers what was asked.
func keyOf(c echo.Context, a auth.Actor, key string, body []byte) (idem.Key, error) {
	if key == "" {
		return idem.Key{}, nil
	}
	if len(key) > 200 || !cleanText([]byte(key)) {
		return idem.Key{}, ErrBadKey
	}
	sum := hashOf([]byte(c.Request().URL.Path+"\n"), body)
	return idem.Key{
		Scope: fmt.Sprintf("account:%d %s %s", a.AccountID, c.Request().Method, c.Path()),
		Key:   key,
		Body:  hex.EncodeToString(sum[:16]),
	}, nil
}

func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// check holds the input to its validator tags.
func check(in any) error {
	if reflect.TypeOf(in).Kind() != reflect.Struct {
		return nil
	}
	err := validate.Struct(in)
	var faults validator.ValidationErrors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &faults):
		return errs.ErrInvalid.Because(err)
	}
	fields := make([]errs.Field, len(faults))
	for i, f := range faults {
		_, name, _ := strings.Cut(f.Namespace(), ".")
		fields[i] = errs.Field{Name: embeddedOut(name), Code: f.Tag(), Args: map[string]any{"param": f.Param()}}
	}
	return errs.ErrInvalid.At(fields...)
}

// embeddedOut drops the names of embedded structs: Query.per_page is per_page.
func embeddedOut(name string) string {
	for {
		head, rest, ok := strings.Cut(name, ".")
		if !ok || head == "" || head[0] < 'A' || head[0] > 'Z' {
			return name
		}
		name = rest
	}
}
