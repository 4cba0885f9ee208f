package app_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/app/httpapi"
	"youyue/app/web/locales"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if this is meant, run the test with -update")
}

// Who may call what is read in review: a change of it is a change of this file.
func TestRoutesAndPermissionsAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	var lines []string
	for _, r := range w.App.Edge.Router().Routes() {
		lines = append(lines, fmt.Sprintf("%-6s %-46s %-5s %-20s %s", r.Method, r.Path, r.Kind, r.Permission, r.Op.Limit))
	}
	slices.Sort(lines)
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	golden(t, "routes.golden", strings.Join(lines, "\n")+"\n")
}

func TestDocumentAndRoutesAreTheSameList(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	var declared, documented []string
	for _, r := range w.App.Edge.Router().Routes() {
		if r.Kind == httpapi.KindAPI {
			declared = append(declared, r.Method+" "+r.Path)
			require.NotEmpty(t, r.Op.Summary, r.Path)
			require.NotEmpty(t, r.Op.Tag, r.Path)
			require.True(t, strings.HasPrefix(r.Path, "/api/v1/"), r.Path)
		} else {
			require.False(t, strings.HasPrefix(r.Path, "/api/v1/"), r.Path)
		}
	}
	ids := map[string]bool{}
	for path, item := range w.Doc.Paths.Map() {
		for method, op := range item.Operations() {
			documented = append(documented, method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path))
			require.False(t, ids[op.OperationID], op.OperationID)
			ids[op.OperationID] = true
		}
	}
	require.ElementsMatch(t, declared, documented)
}

func TestDocumentIsServedAndReadable(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	doc := w.As("").Get(httpapi.DocumentPath).Want(http.StatusOK)
	w.As("").With("If-None-Match", doc.Header.Get("ETag")).Get(httpapi.DocumentPath).Want(http.StatusNotModified)
	same, err := w.App.Edge.DocumentJSON()
	require.NoError(t, err)
	require.Equal(t, string(same), doc.Body)
	for _, lang := range []string{"zh-CN", "en"} {
		page := w.Browser("").With("Accept-Language", lang).Get(httpapi.DocsPath).Want(http.StatusOK)
		for _, item := range w.Doc.Paths.Map() {
			for _, op := range item.Operations() {
				require.Contains(t, page.Body, `id="`+op.OperationID+`"`)
			}
		}
		require.NotContains(t, page.Body, "//cdn")
		require.NotContains(t, page.Body, "<script")
	}
}

// A refusal that a route names must have its words in both languages.
func TestEveryDocumentedCodeHasWords(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	page := w.Browser("").With("Accept-Language", "zh-CN").Get(httpapi.DocsPath).Want(http.StatusOK).Body
	for path, item := range w.Doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, res := range op.Responses.Map() {
				codes, _ := res.Value.Extensions["x-codes"].([]string)
				for _, code := range codes {
					for _, l := range locales.Langs {
						require.True(t, locales.Has(l, "err."+code), "%s: %s in %s", path, code, l)
					}
					require.Contains(t, page, code)
				}
			}
		}
	}
}

// What the demo district has done, of every feature, is told by the log in words.
func TestEveryActionOfTheDemoHasItsWord(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	for prefix, query := range map[string]string{"audit.action.": `SELECT DISTINCT action FROM audit_log`, "audit.subject.": `SELECT DISTINCT subject_kind FROM audit_log`} {
		var codes []string
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&codes, query) }))
		require.Greater(t, len(codes), 10)
		for _, c := range codes {
			require.True(t, locales.Has(locales.ZhCN, prefix+c), prefix+c)
		}
	}
}
