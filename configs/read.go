package configs

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// The readers below turn a value of the file (string, number, boolean, list,
// map) or of the environment (always a string) into a typed field.

func text(to *string, checks ...func(string) error) func(any) error {
	return parsed(to, func(s string) (string, error) {
		for _, check := range checks {
			if err := check(s); err != nil {
				return "", err
			}
		}
		return s, nil
	})
}

func parsed[T any](to *T, parse func(string) (T, error)) func(any) error {
	return func(v any) error {
		switch v.(type) {
		case map[string]any, []any:
			return errors.New("must be a single value")
		}
		t, err := parse(strings.TrimSpace(fmt.Sprint(v)))
		if err != nil {
			return err
		}
		*to = t
		return nil
	}
}

func number(to *int, low, high int) func(any) error {
	return parsed(to, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("must be a whole number from %d to %d", low, high)
		}
		return n, nil
	})
}

func duration(to *time.Duration, low, high time.Duration) func(any) error {
	return parsed(to, func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil || d < low || d > high {
			return 0, fmt.Errorf("must be a duration from %s to %s, such as 5m", low, high)
		}
		return d, nil
	})
}

// list reads a list of the file, or a string with commas.
func list[T any](to *[]T, parse func(string) (T, error)) func(any) error {
	return func(v any) error {
		items, isList := v.([]any)
		if !isList {
			for s := range strings.SplitSeq(fmt.Sprint(v), ",") {
				items = append(items, s)
			}
		}
		var problems []error
		for _, item := range items {
			s := strings.TrimSpace(fmt.Sprint(item))
			if s == "" {
				continue
			}
			t, err := parse(s)
			problems = append(problems, err)
			*to = append(*to, t)
		}
		return oneLine(problems)
	}
}

// headers reads a map of the file, or lines of the form "Name: value".
func headers(to *map[string]string) func(any) error {
	return func(v any) error {
		pairs, isMap := v.(map[string]any)
		if !isMap {
			pairs = map[string]any{}
			for line := range strings.Lines(fmt.Sprint(v)) {
				if strings.TrimSpace(line) == "" {
					continue
				}
				name, value, ok := strings.Cut(line, ":")
				if !ok {
					return errors.New(`must be lines of the form "Name: value"`)
				}
				pairs[strings.TrimSpace(name)] = value
			}
		}
		*to = make(map[string]string, len(pairs))
		for name, value := range pairs {
			s := strings.TrimSpace(fmt.Sprint(value))
			if !headerName.MatchString(name) || strings.ContainsAny(s, "\r\n\x00") {
				return fmt.Errorf("%q is not a header", name)
			}
			(*to)[http.CanonicalHeaderKey(name)] = s
		}
		return nil
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+.^_|~-]+$`)

func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		if slices.Contains(words, T(s)) {
			return T(s), nil
		}
		return "", fmt.Errorf("must be one of %v", words)
	}
}

func optional(check func(string) error) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		return check(s)
	}
}

func position(s string) (Switch, error) {
	switch strings.ToLower(s) {
	case "on", "true":
		return On, nil
	case "off", "false":
		return Off, nil
	}
	return Off, errors.New("must be on or off")
}

func address(s string) error {
	_, port, err := net.SplitHostPort(s)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
		return errors.New("must be HOST:PORT, such as 127.0.0.1:8080")
	}
	return nil
}

// databaseURL never repeats the value: it holds a password.
func databaseURL(s string) error {
	if path, ok := strings.CutPrefix(s, "sqlite:"); ok {
		if path == "" || strings.HasPrefix(path, "//") {
			return errors.New("must name a file: sqlite:PATH")
		}
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" || len(u.Path) < 2 {
		return errors.New("must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	return nil
}

func httpURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "" {
		return errors.New("must be an http or https address")
	}
	return nil
}

func zone(s string) (*time.Location, error) {
	if loc, err := time.LoadLocation(s); err == nil && s != "" && s != "Local" {
		return loc, nil
	}
	return nil, errors.New("is not a zone of the time zone database, such as Asia/Shanghai")
}

// network reads a CIDR range; a single address stands for itself.
func network(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.Prefix{}, fmt.Errorf("%q is not a network such as 10.0.0.0/8", s)
}

func level(s string) (l slog.Level, err error) {
	if l.UnmarshalText([]byte(s)) != nil {
		return l, errors.New("must be debug, info, warn or error")
	}
	return l, nil
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9][0-9 -]{1,19}$`)

func phone(s string) error {
	if !phoneNumber.MatchString(s) {
		return errors.New("must be a phone number such as 0351-1234567")
	}
	return nil
}

func mailAddress(s string) error {
	if _, err := mail.ParseAddress(s); err != nil {
		return errors.New("must be a mail address")
	}
	return nil
}

// body parses the template and runs it once, so that a misspelt field is
// found at the start and not with the first code that a resident waits for.
func body(s string) (*template.Template, error) {
	if s == "" {
		return nil, nil
	}
	t, err := template.New("sms.body").Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(v string) (string, error) {
			b, err := json.Marshal(v)
			return string(b), err
		},
	}).Parse(s)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	if err := t.Execute(&out, Message{Phone: "+8613900000000", Text: "text"}); err != nil {
		return nil, err
	}
	return t, nil
}

func status(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0, fmt.Errorf("%q is not an HTTP status", s)
	}
	return n, nil
}

func pattern(s string) (*regexp.Regexp, error) {
	if s == "" {
		return nil, nil
	}
	return regexp.Compile(s)
}

// secretFile reads the key; nil when no file is named.
func secretFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	if b = []byte(strings.TrimSpace(string(b))); len(b) < 32 {
		return nil, fmt.Errorf("%s holds %d bytes and 32 are the least; %s", path, len(b), createSecret)
	}
	if distinct := distinctBytes(b); distinct < minDistinct {
		return nil, fmt.Errorf("%s holds only %d different bytes, too easy to guess; %s", path, distinct, createSecret)
	}
	return b, nil
}

// minDistinct is what a random secret never falls below: 32 bytes of base64
// hold some 25 different ones.
const minDistinct = 8

func distinctBytes(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// oneLine joins the problems of one field; nil when there are none.
func oneLine(problems []error) error {
	var texts []string
	for _, err := range problems {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	if texts == nil {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}
