package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/models"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

type showView struct {
	ID    int64           `json:"id"`
	State string          `json:"state" validate:"oneof=free taken"`
	At    models.Instant  `json:"at"`
	Until *models.Instant `json:"until"`
	Note  string          `json:"note,omitempty"`
	Inner *showInner      `json:"inner"`
	Any   map[string]any  `json:"any"`
}

type showInner struct {
	Showing []showView `json:"showing"` // a type that leads back to itself
}

type programme struct {
	list.Query
	Audience string `query:"audience" validate:"omitempty,oneof=public branches"`
}

func documented(t *testing.T) (*site, *openapi3.T) {
	t.Helper()
	s := newSite(t)
	declareWish(s)
	declareForm(s)
	httpapi.API(s.router(), http.MethodGet, "/api/v1/shows", auth.Public, httpapi.Op{Summary: "Shows", Tag: "shows"},
		func(_ context.Context, _ auth.Actor, in programme) (list.Of[showView], error) {
			return list.New[showView](in.Query, nil, 0), nil
		})
	httpapi.API(s.router(), http.MethodDelete, "/api/v1/shows", auth.JobRun, httpapi.Op{Status: http.StatusNoContent},
		func(context.Context, auth.Actor, httpapi.None) (httpapi.None, error) { return httpapi.None{}, nil })
	s.edge.Docs()
	doc, err := s.edge.Document()
	require.NoError(t, err)
	return s, doc
}

func TestDocumentHoldsTheAPIRoutesAndNoPages(t *testing.T) {
	t.Parallel()
	_, doc := documented(t)
	require.Equal(t, "3.0.3", doc.OpenAPI)
	require.ElementsMatch(t, []string{"/api/v1/things/{id}", "/api/v1/shows", "/api/v1/openapi.json"}, doc.Paths.Keys())
	op := doc.Paths.Value("/api/v1/things/{id}").Post
	require.Equal(t, "postThingsId", op.OperationID)
	require.Equal(t, "signed_in", op.Extensions["x-permission"])
	require.Len(t, *op.Security, 2)
	require.Empty(t, *doc.Paths.Value("/api/v1/shows").Get.Security, "public")
}

func TestDocumentTurnsValidatorTagsIntoLimits(t *testing.T) {
	t.Parallel()
	_, doc := documented(t)
	s := doc.Components.Schemas["Wish"].Value
	require.Equal(t, []string{"name"}, s.Required)
	require.False(t, *s.AdditionalProperties.Has, "unknown fields are refused")
	require.NotContains(t, s.Properties, "ID")
	require.NotContains(t, s.Properties, "Page")
	require.Equal(t, uint64(3), *s.Properties["seats"].Value.MaxItems)
	require.InDelta(t, 9, *s.Properties["count"].Value.Max, 0)
	require.InDelta(t, 0, *s.Properties["count"].Value.Min, 0)
	require.Equal(t, []any{"front", "back"}, s.Properties["zone"].Value.Enum)
	require.Equal(t, uint64(1), s.Properties["name"].Value.MinLength)
	require.Equal(t, uint64(5), *s.Properties["name"].Value.MaxLength)
	require.Equal(t, "date-time", s.Properties["at"].Value.Format)
	require.True(t, s.Properties["oath"].Value.Nullable)

	var in []string
	for _, p := range doc.Paths.Value("/api/v1/things/{id}").Post.Parameters {
		in = append(in, p.Value.In+" "+p.Value.Name)
	}
	require.Equal(t, []string{"path id", "query page", "query tag", "header Idempotency-Key"}, in)
}

func TestDocumentNamesListsAndNulls(t *testing.T) {
	t.Parallel()
	_, doc := documented(t)
	all := doc.Components.Schemas["ShowList"].Value
	require.ElementsMatch(t, []string{"items", "total", "page", "per_page"}, all.Required)
	require.Equal(t, "#/components/schemas/Show", all.Properties["items"].Value.Items.Ref)
	show := doc.Components.Schemas["Show"].Value
	require.NotContains(t, show.Required, "note")
	require.True(t, show.Properties["until"].Value.Nullable)
	require.False(t, show.Properties["at"].Value.Nullable)
	require.True(t, show.Properties["inner"].Value.Nullable)
	require.Equal(t, "#/components/schemas/ShowInner", show.Properties["inner"].Value.AllOf[0].Ref)
}

func TestDocumentListsTheCodesOfEachStatus(t *testing.T) {
	t.Parallel()
	_, doc := documented(t)
	rs := doc.Paths.Value("/api/v1/things/{id}").Post.Responses
	require.Contains(t, *rs.Value("409").Value.Description, "`screening.seat_taken`")
	require.Contains(t, *rs.Value("422").Value.Description, "`idempotency.reused`")
	for _, status := range []string{"201", "400", "401", "403", "404", "413", "415", "422", "429", "500", "503"} {
		require.NotNil(t, rs.Value(status), status)
	}
	require.NotNil(t, rs.Value("429").Value.Headers["Retry-After"])
	rs = doc.Paths.Value("/api/v1/shows").Get.Responses
	for _, status := range []string{"403", "404", "409", "413", "415"} {
		require.Nil(t, rs.Value(status), status)
	}
}

func TestDocumentIsTheSameToTheLetter(t *testing.T) {
	t.Parallel()
	s, _ := documented(t)
	first, err := s.edge.DocumentJSON()
	require.NoError(t, err)
	for range 10 {
		again, err := s.edge.DocumentJSON()
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
	}
	other, _ := documented(t)
	b, err := other.edge.DocumentJSON()
	require.NoError(t, err)
	require.Equal(t, string(first), string(b))
}

func TestDocumentIsServedWithAnETag(t *testing.T) {
	t.Parallel()
	s, _ := documented(t)
	w := s.do("GET", httpapi.DocumentPath, "", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.True(t, json.Valid(w.Body.Bytes()))
	loaded, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	require.NoError(t, err)
	require.NoError(t, loaded.Validate(context.Background()))
	again := s.do("GET", httpapi.DocumentPath, "", header{"If-None-Match": w.Header().Get("ETag")})
	require.Equal(t, http.StatusNotModified, again.Code)
}

func TestReferencePageHasAnAnchorPerOperationInBothLanguages(t *testing.T) {
	t.Parallel()
	s, _ := documented(t)
	zh := s.do("GET", httpapi.DocsPath, "", nil)
	require.Equal(t, http.StatusOK, zh.Code)
	for _, want := range []string{`id="postThingsId"`, `href="#postThingsId"`, `id="schema-ShowList"`, "screening.seat_taken", "接口说明", "1–", "front · back"} {
		require.Contains(t, zh.Body.String(), want)
	}
	require.NotContains(t, zh.Body.String(), "<script")
	require.NotContains(t, zh.Body.String(), "ZgotmplZ")
	en := s.do("GET", httpapi.DocsPath, "", header{"Accept-Language": "en"}).Body.String()
	require.Contains(t, en, "API reference")
}

func TestDocumentRefusesWhatItCannotDescribe(t *testing.T) {
	t.Parallel()
	declare := func(path string) *site {
		s := newSite(t)
		httpapi.API(s.router(), http.MethodGet, path, auth.Public, httpapi.Op{},
			func(context.Context, auth.Actor, wish) (httpapi.None, error) { return httpapi.None{}, nil })
		return s
	}
	_, err := declare("/api/v1/things/:id/:other").edge.Document()
	require.ErrorContains(t, err, "1 of 2 path parameters")
	s := declare("/api/v1/things/:id")
	httpapi.API(s.router(), http.MethodPost, "/api/v1/odd", auth.Public, httpapi.Op{},
		func(context.Context, auth.Actor, httpapi.None) (chan int, error) { return nil, nil })
	_, err = s.edge.Document()
	require.ErrorContains(t, err, "chan int")
}
