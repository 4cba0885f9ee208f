package configs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

const envPrefix = "YOUYUE_"

// notSettings are variables of the test runners, and the one that names the
// configuration file; they share the prefix without being keys.
var notSettings = []string{"YOUYUE_TEST_", "YOUYUE_SOAK", "YOUYUE_CONFIG"}

// Load reads the file at path and then environ (as os.Environ returns it). An
// empty path means the file that YOUYUE_CONFIG names, or none at all. The
// error joins every problem found, one per line; no problem text repeats the
// value of a secret.
func Load(path string, environ []string) (Config, error) {
	if path == "" {
		path = lookup(environ, "YOUYUE_CONFIG")
	}
	var c Config
	l := loader{k: koanf.New("."), from: map[string]string{}}
	fields := c.fields()
	l.file(path, fields)
	l.environ(environ, fields)
	faulty := map[string]bool{}
	for _, f := range fields {
		v, where := l.k.Get(f.key), l.from[f.key]
		if where == "" || v == nil {
			v, where = f.def, "default"
		}
		if err := f.read(v); err != nil {
			faulty[f.key] = true
			l.problem("%s (%s): %w", f.key, where, err)
		}
	}
	l.problems = append(l.problems, c.together(faulty)...)
	if len(l.problems) > 0 {
		return Config{}, errors.Join(l.problems...)
	}
	return c, nil
}

// loader gathers values, where each came from, and what is wrong with them.
type loader struct {
	k        *koanf.Koanf
	from     map[string]string
	problems []error
}

func (l *loader) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...))
}

func (l *loader) file(path string, fields []field) {
	if path == "" {
		return
	}
	b, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		l.problem("configuration file: %w", err)
		return
	}
	if err := l.k.Load(rawbytes.Provider(b), yaml.Parser()); err != nil {
		l.problem("configuration file %s: %w", path, err)
		return
	}
	for _, key := range l.k.Keys() {
		switch i := slices.IndexFunc(fields, func(f field) bool { return f.holds(key) }); {
		case i >= 0:
			l.from[fields[i].key] = path
		case isSection(key, fields) && empty(l.k.Get(key)):
			// a section whose lines are all commented out
		default:
			l.problem("%s: unknown key %q", path, key)
		}
	}
}

func (l *loader) environ(environ []string, fields []field) {
	byName := map[string]field{}
	for _, f := range fields {
		byName[f.env()] = f
		if f.secret {
			byName[f.env()+"_FILE"] = f
		}
	}
	err := l.k.Load(env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return slices.Sorted(slices.Values(environ)) },
		TransformFunc: func(name, value string) (string, any) {
			f, known := byName[name]
			switch {
			case slices.ContainsFunc(notSettings, func(p string) bool { return strings.HasPrefix(name, p) }):
				return "", nil
			case !known:
				l.problem("unknown variable %s", name)
				return "", nil
			case strings.HasPrefix(l.from[f.key], envPrefix):
				l.problem("%s and %s are both set", l.from[f.key], name)
				return "", nil
			}
			l.from[f.key] = name
			if name == f.env() {
				return f.key, value
			}
			b, err := os.ReadFile(value) //nolint:gosec // the operator names the file
			if err != nil {
				l.problem("%s: %w", name, err)
				return "", nil
			}
			return f.key, strings.TrimSpace(string(b))
		},
	}), nil)
	if err != nil {
		l.problem("environment: %w", err)
	}
}

func lookup(environ []string, name string) string {
	for _, kv := range environ {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

func isSection(key string, fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return strings.HasPrefix(f.key, key+".") })
}

func empty(v any) bool {
	m, isMap := v.(map[string]any)
	return v == nil || isMap && len(m) == 0
}
