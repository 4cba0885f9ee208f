package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"youyue/app/auth"
	"youyue/app/web"

	"github.com/getkin/kin-openapi/openapi3"
)

// DocumentPath is where the API document is served, DocsPath the page made of it.
const (
	DocumentPath = "/api/v1/openapi.json"
	DocsPath     = "/api/docs"
)

// Document describes the API routes declared so far.
func (e *Edge) Document() (*openapi3.T, error) { return Document(e.router.routes, Product) }

// DocumentJSON is the API document as the repository keeps it: indented JSON
// that ends in a newline.
func (e *Edge) DocumentJSON() ([]byte, error) {
	doc, err := e.Document()
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	return append(b, '\n'), err
}

// anyObject documents an answer that another standard describes.
type anyObject map[string]any

// Docs declares the API document and its reference page. Both are made at the
// first request, of all routes declared by then.
func (e *Edge) Docs() {
	body := sync.OnceValues(e.DocumentJSON)
	Raw[None, anyObject](e.router, http.MethodGet, DocumentPath, auth.Public,
		Op{Summary: "This document, OpenAPI 3.0.3", Tag: "document"},
		func(context.Context, auth.Actor, None) (Blob, error) {
			b, err := body()
			if err != nil {
				return Blob{}, fmt.Errorf("api document: %w", err)
			}
			sum := sha256.Sum256(b)
			return Blob{Body: b, ContentType: "application/json", ETag: `"` + hex.EncodeToString(sum[:8]) + `"`, CacheControl: "no-cache"}, nil
		})
	doc := sync.OnceValues(e.Document)
	Page(e.router, DocsPath, auth.Public, func(ctx context.Context, _ auth.Actor, _ None) (web.Page, error) {
		d, err := doc()
		if err != nil {
			return web.Page{}, fmt.Errorf("api document: %w", err)
		}
		return web.Page{Template: "docs/api", Title: "docs.title", Data: reference(d, Lang(ctx)), Styles: []string{"docs"}}, nil
	})
}
