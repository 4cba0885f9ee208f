// Package locales holds every text that people read, in Chinese and English.
//
// A text is found by a key such as "seatmap.screen". Each language is a folder
// of flat JSON files, one per feature; a key stands in exactly one file, and
// both languages know the same keys with the same placeholders. {name} is
// replaced by an argument; {n:seat|seats} picks the first form when n is 1.
package locales

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed zh-CN/*.json en/*.json
var files embed.FS

// Lang is a language of the product, as written in the HTML lang attribute.
type Lang string

// The languages. Chinese comes first, and is what an unknown reader gets.
const (
	ZhCN Lang = "zh-CN"
	En   Lang = "en"
)

// Langs lists the languages in the order of the switch.
var Langs = []Lang{ZhCN, En}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_]*)(?::([^|{}]*)\|([^|{}]*))?\}`)

var load = sync.OnceValues(func() (map[Lang]map[string]string, error) {
	texts := make(map[Lang]map[string]string, len(Langs))
	for _, l := range Langs {
		all, err := readFolder(files, string(l))
		if err != nil {
			return nil, err
		}
		texts[l] = all
	}
	return texts, nil
})

// readFolder merges the files of one language; a repeated key is an error,
// because one of the two texts would silently win.
func readFolder(fsys fs.FS, dir string) (map[string]string, error) {
	names, err := fs.Glob(fsys, dir+"/*.json")
	if err != nil {
		return nil, err
	}
	all, from := map[string]string{}, map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var part map[string]string
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("locale file %s: %w", name, err)
		}
		for k, v := range part {
			if first, dup := from[k]; dup {
				return nil, fmt.Errorf("locale key %q stands in %s and in %s", k, first, name)
			}
			all[k], from[k] = v, name
		}
	}
	return all, nil
}

// Check reads all files and returns what is wrong with them: bad JSON or a
// repeated key. The server calls it at start; later calls are free.
func Check() error {
	_, err := load()
	return err
}

func texts(l Lang) map[string]string {
	all, err := load()
	if err != nil {
		return nil
	}
	return all[l]
}

// T returns the text of key in l with its placeholders filled. A missing key
// returns the key itself, a missing argument leaves its placeholder standing:
// both are then seen on the page, and by the tests.
func T(l Lang, key string, args map[string]any) string {
	text, ok := texts(l)[key]
	if !ok {
		return key
	}
	return Fill(text, args)
}

// Fill puts args into the placeholders of a raw text.
func Fill(text string, args map[string]any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		m := placeholder.FindStringSubmatch(found)
		v, ok := args[m[1]]
		switch {
		case !ok:
			return found
		case !strings.Contains(found, ":"):
			return say(v)
		case say(v) == "1":
			return m[2]
		default:
			return m[3]
		}
	})
}

// Raw returns the text with its placeholders untouched, for scripts that fill
// them in the browser. A missing key returns the key.
func Raw(l Lang, key string) string {
	if text, ok := texts(l)[key]; ok {
		return text
	}
	return key
}

// Has reports whether l has a text for key.
func Has(l Lang, key string) bool {
	_, ok := texts(l)[key]
	return ok
}

// Keys returns all keys of l, sorted.
func Keys(l Lang) []string {
	keys := make([]string, 0, len(texts(l)))
	for k := range texts(l) {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// say is v as text; a pointer says its value, never its address.
func say(v any) string {
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && !p.IsNil() {
		v = p.Elem().Interface()
	}
	return fmt.Sprint(v)
}

// Placeholders returns the names a text wants, sorted, each once.
func Placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Match chooses the language: the reader's own choice (the cookie) first, then
// the first language of the Accept-Language header that we speak, else Chinese.
func Match(acceptLanguage, cookie string) Lang {
	for _, l := range Langs {
		if cookie == string(l) {
			return l
		}
	}
	best, quality := ZhCN, 0.0
	for _, part := range strings.Split(acceptLanguage, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if _, err := fmt.Sscanf(strings.TrimSpace(params), "q=%f", &q); err != nil && params != "" {
			q = 0
		}
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		switch {
		case q <= quality:
		case base == "zh":
			best, quality = ZhCN, q
		case base == "en":
			best, quality = En, q
		}
	}
	return best
}
