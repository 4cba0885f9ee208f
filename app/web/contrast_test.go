package web

import (
	"maps"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	cssToken = regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6});`)
	cssBlock = regexp.MustCompile(`(?s)(:root|\.elder)\s*\{(.*?)\}`)
)

// looks reads tokens.css into the colours of the four looks, in the order in
// which the cascade lays them over each other.
func looks(t *testing.T) map[string]map[string]string {
	t.Helper()
	raw, err := assetFiles.ReadFile("static/css/tokens.css")
	require.NoError(t, err)
	light, dark, found := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	require.True(t, found)
	over := func(base map[string]string, css, selector string) map[string]string {
		out := maps.Clone(base)
		for _, b := range cssBlock.FindAllStringSubmatch(css, -1) {
			if b[1] == selector {
				for _, m := range cssToken.FindAllStringSubmatch(b[2], -1) {
					out[m[1]] = m[2]
				}
			}
		}
		return out
	}
	l := over(map[string]string{}, light, ":root")
	le := over(l, light, ".elder")
	d := over(l, dark, ":root")
	// A media query adds no weight, but it stands later: .elder of the light
	// part still outranks :root only by order, so the dark :root wins over it.
	de := over(over(over(l, light, ".elder"), dark, ":root"), dark, ".elder")
	return map[string]map[string]string{"light": l, "light elder": le, "dark": d, "dark elder": de}
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		v := float64(n) / 255
		if v <= 0.03928 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastOfEveryLook(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 6.95, contrast("#b3121d", "#ffffff"), 0.01)
	text := [][2]string{
		{"ink", "paper"}, {"ink", "card"}, {"ink-soft", "paper"}, {"ink-soft", "card"},
		{"red-text", "paper"}, {"red-text", "card"}, {"on-red", "red"}, {"on-red", "red-press"}, {"on-bar", "bar"},
		{"ok", "ok-ground"}, {"ok", "paper"}, {"warn", "warn-ground"}, {"warn", "paper"},
		{"info", "info-ground"}, {"info", "paper"}, {"info", "card"}, {"off", "off-ground"}, {"ink-soft", "off-ground"},
		{"taken", "taken-ground"},
	}
	for look, tokens := range looks(t) {
		least := 4.5
		if strings.HasSuffix(look, "elder") {
			least = 7
		}
		for _, p := range text {
			require.GreaterOrEqual(t, contrast(tokens[p[0]], tokens[p[1]]), least, "%s: %s on %s", look, p[0], p[1])
		}
		for _, ground := range []string{"paper", "card"} {
			require.GreaterOrEqual(t, contrast(tokens["control"], tokens[ground]), 3.0, "%s: control on %s", look, ground)
		}
	}
}
