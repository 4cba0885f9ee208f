package httpapi_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"

	"github.com/stretchr/testify/require"
)

type listIn struct {
	httpapi.Keyed
	ID   int64          `path:"id"`
	Note string         `form:"note"`
	File httpapi.Upload `form:"file"`
}

func TestAFormTakesAFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var got listIn
	take := func(_ context.Context, _ auth.Actor, in listIn, bad *errs.Error) (httpapi.Answer, error) {
		if bad != nil {
			return httpapi.Answer{}, bad
		}
		got = in
		return httpapi.SeeOther("/", "", nil), nil
	}
	httpapi.Form(s.edge.Router(), "/lists/:id", auth.SignedIn, httpapi.LimitNone, take)
	send := func(path string, body []byte) *httptest.ResponseRecorder {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		require.NoError(t, m.WriteField("note", "四十人"))
		require.NoError(t, m.WriteField("key", "k1"))
		name := "名单.xlsx"
		if body == nil {
			name = ""
		}
		w, err := m.CreateFormFile("file", name)
		require.NoError(t, err)
		_, err = w.Write(body)
		require.NoError(t, err)
		require.NoError(t, m.Close())
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(&http.Cookie{Name: "session", Value: "resident"})
		rec := httptest.NewRecorder()
		s.edge.Handler().ServeHTTP(rec, r)
		return rec
	}
	require.Equal(t, http.StatusSeeOther, send("/lists/7", []byte("abc")).Code)
	require.Equal(t, int64(7), got.ID)
	require.Equal(t, "四十人", got.Note)
	require.Equal(t, httpapi.Upload{Name: "名单.xlsx", Body: []byte("abc")}, got.File)

	large := bytes.Repeat([]byte("x"), 6<<20) // over what other forms take, and over what is kept in memory
	require.Equal(t, http.StatusSeeOther, send("/lists/7", large).Code)
	require.Len(t, got.File.Body, len(large))

	require.Equal(t, http.StatusSeeOther, send("/lists/7", nil).Code, "no file chosen")
	require.True(t, got.File.IsZero())

	tooLarge := bytes.Repeat([]byte("x"), 11<<20)
	require.Equal(t, http.StatusRequestEntityTooLarge, send("/lists/7", tooLarge).Code)
}

// Nobody makes the server keep ten megabytes whom it would then send away.
func TestAStrangersFileIsNotTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.Form(s.edge.Router(), "/lists", auth.OrgWrite, httpapi.LimitNone, func(context.Context, auth.Actor, listIn, *errs.Error) (httpapi.Answer, error) {
		return httpapi.SeeOther("/", "", nil), nil
	})
	for _, session := range []string{"", "resident"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/lists", bytes.NewReader(bytes.Repeat([]byte("x"), 2<<20)))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(&http.Cookie{Name: "session", Value: session})
		rec := httptest.NewRecorder()
		s.edge.Handler().ServeHTTP(rec, r)
		require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code, session)
	}
}

// A public form takes the files of those whose link it knows.
func TestAFileBehindALinkIsTakenOfItsHolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	type linked struct {
		Token string `path:"token"`
		listIn
	}
	var got linked
	httpapi.Form(s.edge.Router(), "/links/:token", auth.Public, httpapi.LimitNone, func(_ context.Context, _ auth.Actor, in linked, _ *errs.Error) (httpapi.Answer, error) {
		got = in
		return httpapi.SeeOther("/", "", nil), nil
	})
	s.edge.Router().Admit("/links/:token", func(token string) bool { return token == "signed" })
	for token, want := range map[string]int{"signed": http.StatusSeeOther, "forged": http.StatusRequestEntityTooLarge} {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		w, err := m.CreateFormFile("file", "照片.jpg")
		require.NoError(t, err)
		_, err = w.Write(bytes.Repeat([]byte("x"), 2<<20))
		require.NoError(t, err)
		require.NoError(t, m.Close())
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/links/"+token, &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		rec := httptest.NewRecorder()
		s.edge.Handler().ServeHTTP(rec, r)
		require.Equal(t, want, rec.Code, token)
	}
	require.Len(t, got.File.Body, 2<<20)
}

// A file that takes longer to send than other forms may is answered all the same.
func TestASlowFileIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	httpapi.Form(s.edge.Router(), "/lists", auth.SignedIn, httpapi.LimitNone, func(context.Context, auth.Actor, listIn, *errs.Error) (httpapi.Answer, error) {
		return httpapi.SeeOther("/", "", nil), nil
	})
	server := httptest.NewUnstartedServer(s.edge.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 200*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, err := m.CreateFormFile("file", "名单.xlsx")
	require.NoError(t, err)
	_, err = w.Write([]byte("abc"))
	require.NoError(t, err)
	require.NoError(t, m.Close())
	body, send := io.Pipe()
	go func() {
		_, _ = send.Write(b.Bytes()[:20])
		time.Sleep(400 * time.Millisecond)
		_, _ = send.Write(b.Bytes()[20:])
		_ = send.Close()
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/lists", body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "session", Value: "resident"})
	answer, err := server.Client().Transport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
}

func TestOtherFormsStaySmall(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	type plain struct {
		Note string `form:"note"`
	}
	httpapi.Form(s.edge.Router(), "/notes", auth.SignedIn, httpapi.LimitNone, func(context.Context, auth.Actor, plain, *errs.Error) (httpapi.Answer, error) {
		return httpapi.SeeOther("/", "", nil), nil
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/notes", bytes.NewReader(bytes.Repeat([]byte("x"), 2<<20)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "session", Value: "resident"})
	rec := httptest.NewRecorder()
	s.edge.Handler().ServeHTTP(rec, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
}
