package web

import (
	"bytes"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"youyue/app/web/locales"
)

func allTemplates(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(templateFiles, "templates", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(templateFiles, p)
		out[p] = string(b)
		return err
	}))
	return out
}

func TestTemplatesNameOnlyTextsThatExist(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`\b(?:t|raw) "([^"]+)"`)
	for path, text := range allTemplates(t) {
		for _, m := range key.FindAllStringSubmatch(text, -1) {
			require.True(t, locales.Has(locales.ZhCN, m[1]), "%s: %s", path, m[1])
		}
	}
}

func TestTemplatesNameOnlyIconsThatExist(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`(?:icon|"Icon") "([^"]+)"`)
	for path, text := range allTemplates(t) {
		for _, m := range name.FindAllStringSubmatch(text, -1) {
			_, err := icon(m[1])
			require.NoError(t, err, path)
		}
	}
}

func TestTemplatesKeepTheContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|<script(?:\s+type="module")?>|\son[a-z]+="`)
	for path, text := range allTemplates(t) {
		require.NotRegexp(t, inline, text, path)
	}
}

func TestEveryPostFormCarriesTheToken(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`(?s)<form[^>]*method="post".*?</form>`)
	for path, text := range allTemplates(t) {
		for _, f := range form.FindAllString(text, -1) {
			require.Contains(t, f, "csrfField", path)
		}
	}
}

func TestRenderEscapesWhatPeopleTyped(t *testing.T) {
	t.Parallel()
	r, err := New(Config{})
	require.NoError(t, err)
	data := sampleData(t)
	data["Empty"] = Empty{Icon: "info", Title: `<script>alert(1)</script>`, Href: "javascript:alert(1)", Link: "x"}
	var out bytes.Buffer
	f := Frame{Lang: locales.ZhCN, Name: `"><b>x`, Path: `/a"onclick="x`}
	require.NoError(t, r.Render(&out, f, Page{Template: "pieces/guide", Title: "guide.title", Data: data, Styles: []string{"seatmap"}}))
	require.NotContains(t, out.String(), "<script>alert")
	require.NotContains(t, out.String(), "javascript:alert")
	require.NotContains(t, out.String(), `"><b>x`)
	require.NotContains(t, out.String(), `"onclick="`)
}

func TestRenderWritesNothingWhenATemplateFails(t *testing.T) {
	t.Parallel()
	r, err := New(Config{})
	require.NoError(t, err)
	var out bytes.Buffer
	require.Error(t, r.Render(&out, Frame{}, Page{Template: "pieces/guide", Data: nil}))
	require.ErrorContains(t, r.Render(&out, Frame{}, Page{Template: "no/such"}), `"no/such" does not exist`)
	require.Zero(t, out.Len())
}

func TestEveryPageCanBeEscaped(t *testing.T) {
	t.Parallel()
	r, err := New(Config{})
	require.NoError(t, err)
	require.NoError(t, r.checkEscaping())
}

func TestAPageWithAnUnknownPieceIsFound(t *testing.T) {
	t.Parallel()
	r := &Renderer{sets: make(chan *set, 1)}
	s := &set{r: r}
	s.tmpl = template.New("").Funcs(s.funcs())
	names, err := parseAll(s.tmpl, fstest.MapFS{
		"templates/layout.html":       {Data: []byte("ok")},
		"templates/pages/a/list.html": {Data: []byte(`{{template "piece/nope"}}`)},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a/list"}, names)
	r.names = names
	r.sets <- s
	require.ErrorContains(t, r.checkEscaping(), "a/list")
}

func TestFieldTakesTypedValueOverDefault(t *testing.T) {
	t.Parallel()
	form := Form{Values: map[string]string{"a": "typed"}, Errors: []FieldError{{"a", "改一改"}}}
	f, err := newField(form, "a", "A", "value", "default", "required", true, "max", 20)
	require.NoError(t, err)
	require.Equal(t, Field{Name: "a", Label: "A", Type: "text", Value: "typed", Error: "改一改", Required: true, Max: 20}, f)
	_, err = newField(form, "a", "A", "requierd", true)
	require.ErrorContains(t, err, `unknown attribute "requierd"`)
}

func TestAvailabilityInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		left, total int
		want        Chip
	}{
		{121, 172, Chip{ToneOK, "还有 121 座"}},
		{17, 172, Chip{ToneWarn, "快满了，还有 17 座"}},
		{8, 20, Chip{ToneWarn, "快满了，还有 8 座"}},
		{0, 172, Chip{ToneOff, "满了，可排候补"}},
	} {
		require.Equal(t, c.want, Availability(locales.ZhCN, c.left, c.total))
	}
}

func TestPagerKeepsFilters(t *testing.T) {
	t.Parallel()
	p := Pager{Page: 1, Pages: 2, Path: "/x", Query: map[string][]string{"q": {"长"}, "page": {"1"}}}
	require.Empty(t, p.Prev())
	require.Equal(t, "/x?page=2&q=%E9%95%BF", p.Next())
	require.True(t, strings.HasPrefix(p.Next(), "/x?"))
}
