package locales

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestFilesAreWellFormed(t *testing.T) {
	t.Parallel()
	require.NoError(t, Check())
	require.NotEmpty(t, Keys(ZhCN))
}

func TestBothLanguagesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	t.Parallel()
	require.Equal(t, Keys(ZhCN), Keys(En))
	for _, k := range Keys(ZhCN) {
		require.Equal(t, Placeholders(Raw(ZhCN, k)), Placeholders(Raw(En, k)), "placeholders of %s", k)
		require.NotEmpty(t, Raw(ZhCN, k), k)
		require.NotEmpty(t, Raw(En, k), k)
	}
}

func TestARepeatedKeyIsRefused(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"en/a.json": {Data: []byte(`{"x":"1"}`)},
		"en/b.json": {Data: []byte(`{"x":"2"}`)},
	}
	_, err := readFolder(fsys, "en")
	require.ErrorContains(t, err, `locale key "x" stands in en/a.json and in en/b.json`)
}

func TestFill(t *testing.T) {
	seven := int64(7)
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
		args             map[string]any
	}{
		{"Plain", "还有 {n} 座", "还有 38 座", map[string]any{"n": 38}},
		{"One", "{n} {n:seat|seats} left", "1 seat left", map[string]any{"n": 1}},
		{"Many", "{n} {n:seat|seats} left", "0 seats left", map[string]any{"n": 0}},
		{"MissingArgumentStaysVisible", "{n} 座", "{n} 座", nil},
		{"APointerSaysItsValue", "{n}", "7", map[string]any{"n": &seven}},
		{"BracesInArgumentAreNotFilledAgain", "{a}", "{b}", map[string]any{"a": "{b}", "b": "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, Fill(c.text, c.args))
		})
	}
}

func TestAMissingKeyShowsItself(t *testing.T) {
	t.Parallel()
	require.Equal(t, "no.such.key", T(En, "no.such.key", nil))
	require.False(t, Has(En, "no.such.key"))
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, accept, cookie string
		want                 Lang
	}{
		{"NothingSaid", "", "", ZhCN},
		{"CookieWins", "zh-CN", "en", En},
		{"ForgedCookieIgnored", "en-GB", "xx", En},
		{"Quality", "en;q=0.5, zh-TW;q=0.8", "", ZhCN},
		{"FirstOfEqual", "en-US,en;q=0.9,zh;q=0.8", "", En},
		{"UnknownLanguages", "fr, de;q=0.9", "", ZhCN},
		{"UnknownThenEnglish", "fr, en;q=0.1", "", En},
		{"BrokenQuality", "en;q=high", "", ZhCN},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, Match(c.accept, c.cookie))
		})
	}
}
