package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed static all:dist
var assetFiles embed.FS

// staticPrefix is where assets are served.
const staticPrefix = "/static/"

// bundles are style sheets served as one: css/core.css is what every page needs.
var bundles = map[string][]string{
	"core":    {"tokens", "base", "forms", "pieces", "resident", "print"},
	"seatmap": {"seats", "seatlooks"},
}

// contentTypes names every kind of asset; others are not served. The system's
// own table is not asked, because it differs between machines.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm",
	".txt":  "text/plain; charset=utf-8",
}

// asset is one file, held in memory with its compressed twin.
type asset struct {
	body   []byte
	ctype  string
	hash   string
	frozen bool // the name changes with the content: cache for ever
	zipped func() []byte
}

// static maps served names to assets, and plain names to hashed ones.
type static struct {
	assets map[string]*asset
	hashed map[string]string
}

func newStatic() (*static, error) {
	st := &static{assets: map[string]*asset{}, hashed: map[string]string{}}
	for bundle, parts := range bundles {
		var all []byte
		for _, name := range parts {
			b, err := assetFiles.ReadFile("static/css/" + name + ".css")
			if err != nil {
				return nil, err
			}
			all = append(all, b...)
		}
		st.add("css/"+bundle+".css", all)
	}
	for _, root := range []string{"static", "dist"} {
		err := fs.WalkDir(assetFiles, root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || contentTypes[path.Ext(p)] == "" {
				return err
			}
			b, err := assetFiles.ReadFile(p)
			st.add(strings.TrimPrefix(p, root+"/"), b)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return st, nil
}

func (st *static) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	a := &asset{body: body, ctype: contentTypes[path.Ext(name)], hash: hex.EncodeToString(sum[:6])}
	a.zipped = sync.OnceValue(func() []byte { return compress(body) })
	// The build has already put a hash into the names of chunks.
	if strings.Contains(name, "/chunks/") {
		a.frozen = true
		st.assets[name], st.hashed[name] = a, name
		return
	}
	st.assets[name] = a
	frozen := *a
	frozen.frozen = true
	ext := path.Ext(name)
	st.hashed[name] = strings.TrimSuffix(name, ext) + "." + a.hash + ext
	st.assets[st.hashed[name]] = &frozen
}

// Script is the text of a built script, for what must be served from a path of
// its own: a service worker. False when the scripts were not built.
func Script(name string) ([]byte, bool) {
	b, err := assetFiles.ReadFile("dist/js/" + name + ".js")
	return b, err == nil
}

// compress returns b gzipped, or nil when that does not make it smaller.
func compress(b []byte) []byte {
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := zw.Write(b); err != nil || zw.Close() != nil || buf.Len() >= len(b) {
		return nil
	}
	return buf.Bytes()
}

func (st *static) has(name string) bool { return st.hashed[name] != "" }

// url is the address of an asset by its plain name; unknown names are errors.
func (st *static) url(name string) (string, error) {
	h, ok := st.hashed[name]
	if !ok {
		return "", fmt.Errorf("asset %q does not exist", name)
	}
	return staticPrefix + h, nil
}

// Static serves /static/…: hashed names may be kept for a year, plain names
// are asked again with their ETag. Compressed bodies are made once.
func (r *Renderer) Static() http.Handler { return r.static }

func (st *static) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a, ok := st.assets[strings.TrimPrefix(req.URL.Path, staticPrefix)]
	switch {
	case !ok:
		http.NotFound(w, req)
		return
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h, body, etag := w.Header(), a.body, `"`+a.hash+`"`
	h.Set("Content-Type", a.ctype)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if a.frozen {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if zipped := a.zipped(); zipped != nil && acceptsGzip(req.Header.Get("Accept-Encoding")) {
		body, etag = zipped, `"`+a.hash+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if strings.Contains(req.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if req.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}

// acceptsGzip reads the header the simple way; "gzip;q=0" is a refusal.
func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == "gzip" {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
