package app_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"youyue/app"
	"youyue/configs"

	"github.com/stretchr/testify/require"
)

// A new installation has no channel for text messages: its log-in must not lead
// residents to a code that never comes.
func TestTheLogInOffersCodesOnlyWhereTheyCanBeSent(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("0123456789abcdefghijklmnopqrstuvwxyz"), 0o600))
	for name, c := range map[string]struct {
		env          []string
		want, absent string
	}{
		"no channel": {nil, `action="/login/password"`, `action="/login/code"`},
		"a channel":  {[]string{"YOUYUE_SMS_URL=http://127.0.0.1:1/", "YOUYUE_SMS_BODY={{.Phone}}{{.Text}}"}, `action="/login/code"`, `action="/login/password"`},
		"demo":       {[]string{"YOUYUE_DEMO=on"}, `action="/login/code"`, `action="/login/password"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := configs.Load("", append([]string{"YOUYUE_SECRET_FILE=" + secret, "YOUYUE_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "y.db")}, c.env...))
			require.NoError(t, err)
			a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, a.Close()) })
			_, err = a.DB.Migrate(t.Context())
			require.NoError(t, err)
			rec := httptest.NewRecorder()
			a.Edge.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil))
			require.Equal(t, http.StatusOK, rec.Code)
			require.Contains(t, rec.Body.String(), c.want)
			require.NotContains(t, rec.Body.String(), c.absent)
		})
	}
}
