package httpapi

import (
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Upload is a file that came with a form, in a field tagged `form:"name"` of the
// route's input. A field that was left empty is the zero Upload. Name is what the
// sender's machine called it and proves nothing.
type Upload struct {
	Name string
	Body []byte
}

// IsZero reports whether no file was chosen.
func (u Upload) IsZero() bool { return u.Name == "" && len(u.Body) == 0 }

// A form that takes a file may be larger, and a phone on a slow line gets longer
// to send it.
const (
	maxUpload    = "10M"
	uploadWithin = 3 * time.Minute
	answerWithin = 3 * time.Minute // a table of staff has a hundred passwords to hash
)

var uploadType = reflect.TypeFor[Upload]()

// takesFile reports whether a route's input has a field for a file.
func takesFile(in reflect.Type) bool {
	if in.Kind() != reflect.Struct {
		return false
	}
	for i := range in.NumField() {
		f := in.Field(i)
		if f.Type == uploadType || (f.Anonymous && takesFile(f.Type)) {
			return true
		}
	}
	return false
}

// limitBody holds every request to the size its route takes. A file is taken of
// those alone who may use its form: a stranger keeps no ten megabytes waiting.
func (e *Edge) limitBody() echo.MiddlewareFunc {
	usual, large := middleware.BodyLimit(maxBody), middleware.BodyLimit(maxUpload)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		small, big := usual(next), large(next)
		return func(c echo.Context) error {
			route := c.Request().Method + " " + c.Path()
			p, ok := e.uploads[route]
			admit, narrowed := e.admits[route]
			if !ok || !e.cfg.Sessions.Actor(c.Request().Context()).Can(p) || narrowed && !admit(c.Param("token")) {
				return small(c)
			}
			conn, until := http.NewResponseController(c.Response()), time.Now().Add(uploadWithin) //nolint:forbidigo // deadlines of the connection
			_ = conn.SetReadDeadline(until)
			_ = conn.SetWriteDeadline(until.Add(answerWithin)) // the server's own runs from the request's first byte
			defer func() {
				if f := c.Request().MultipartForm; f != nil {
					_ = f.RemoveAll()
				}
			}()
			return big(c)
		}
	}
}

// bindFiles fills the Upload fields of dst.
func bindFiles(dst reflect.Value, form *multipart.Form) error {
	if form == nil || dst.Kind() != reflect.Struct {
		return nil
	}
	t := dst.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if err := bindFiles(dst.Field(i), form); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("form"), ",")
		if f.Type != uploadType || len(form.File[name]) == 0 {
			continue
		}
		u, err := readUpload(form.File[name][0])
		if err != nil {
			return err
		}
		dst.Field(i).Set(reflect.ValueOf(u))
	}
	return nil
}

func readUpload(h *multipart.FileHeader) (Upload, error) {
	if !cleanText([]byte(h.Filename)) {
		return Upload{}, ErrEncoding
	}
	f, err := h.Open()
	if err != nil {
		return Upload{}, fmt.Errorf("upload: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(f)
	if err != nil {
		return Upload{}, ErrMalformed.Because(err)
	}
	return Upload{Name: h.Filename, Body: body}, nil
}

// fileText tells the files of a form apart for its idempotency key.
func fileText(form *multipart.Form) []byte {
	var b strings.Builder
	if form != nil {
		for _, name := range slices.Sorted(maps.Keys(form.File)) {
			for _, f := range form.File[name] {
				if u, err := readUpload(f); err == nil {
					fmt.Fprintf(&b, "\n%s %q %x", name, u.Name, hashOf(u.Body))
				}
			}
		}
	}
	return []byte(b.String())
}
