package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"youyue/app/auth"
	"youyue/app/web"
	"youyue/app/web/locales"

	"github.com/labstack/echo/v4"
)

// flash is one sentence carried to the next page in a cookie.
type flash struct {
	Key  string         `json:"k"`
	Args map[string]any `json:"a,omitempty"`
}

func (e *Edge) setFlash(c echo.Context, f flash) {
	if f.Key == "" {
		return
	}
	b, err := json.Marshal(f)
	if err != nil {
		return
	}
	const minute = 60
	e.setCookie(c, cookieFlash, base64.RawURLEncoding.EncodeToString(b), minute)
}

func (e *Edge) takeFlash(c echo.Context, l locales.Lang) string {
	k, err := c.Cookie(cookieFlash)
	if err != nil {
		return ""
	}
	e.setCookie(c, cookieFlash, "", -1)
	b, err := base64.RawURLEncoding.DecodeString(k.Value)
	var f flash
	if err != nil || json.Unmarshal(b, &f) != nil || !locales.Has(l, f.Key) {
		return ""
	}
	return locales.T(l, f.Key, f.Args)
}

// render shows a page to the reader. It goes out whole or not at all.
func (e *Edge) render(c echo.Context, a auth.Actor, p web.Page) error {
	l := langOf(c)
	f := web.Frame{
		Lang: l, Name: a.Name, Path: c.Request().URL.RequestURI(), StationPhone: e.cfg.StationPhone,
		Demo: e.cfg.Demo, Now: e.cfg.Now(), Zone: e.cfg.Zone, Flash: e.takeFlash(c, l),
	}
	if c.Request().Method != http.MethodGet {
		f.Path = backPath(c.Request())
	}
	if k, err := c.Cookie(cookieElder); err == nil && k.Value == "on" {
		f.Elder = true
	}
	f.CSRF, _ = c.Get("csrf").(string)
	if e.cfg.Nav != nil {
		f.Nav = e.cfg.Nav(a)
	}
	if a.SignedIn() && e.cfg.Unread != nil {
		f.Unread = e.cfg.Unread(c.Request().Context(), a)
	}
	var buf bytes.Buffer
	if err := e.cfg.Renderer.Render(&buf, f, p); err != nil {
		return err
	}
	status := p.Status
	if status == 0 {
		status = http.StatusOK
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Vary", "Accept-Language, Cookie")
	return c.HTMLBlob(status, buf.Bytes())
}

// backPath is where a page that answers a POST came from.
func backPath(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return LocalPath(u.RequestURI(), "/")
}

func contentDisposition(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}

func etagMatches(header, etag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
