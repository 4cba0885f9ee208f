package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"妈妈": "妈妈", " 张 三　": "张 三", "张 　 三": "张 三", "O'Neil": "O'Neil", "<b>": "<b>", "é": "é", "1": "1", "👍🏽": "👍🏽",
		"一家👨\u200d👩\u200d👧": "一家👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥": "❤\ufe0f\u200d🔥", "👩🏽\u200d💻": "👩🏽\u200d💻",
	} {
		got, ok := PlainText(in)
		require.True(t, ok, "%q", in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{
		"", "   ", "　", "a\nb", "a\rb", "a\tb", "a\x00b", "a\x07b", "a\x7fb", "a\u0085b", "a\u2028b", "a\u2029b",
		"a\u202ab", "a\u202eb", "a\u2066b", "a\u2069b", "a\u200eb", "a\u200bb", "a\u200cb", "a\u2060b", "a\u00adb", "\ufeffa",
		"张\u200d三", "👍\u200d", "\u200d", "\u200d👍", "👍\u200d\u200d👍", "\ufe0f", "\u0301", "\u3164", "\u2800",
	} {
		_, ok := PlainText(in)
		require.False(t, ok, "%q", in)
	}
}

func TestNotesOfSeveralLines(t *testing.T) {
	t.Parallel()
	clean, ok := PlainLines("\r\n 一、宣誓\t 重温\r\n\r\n二、观影\r\n")
	if want := "一、宣誓 重温\n\n二、观影"; !ok || clean != want {
		t.Errorf("got %q %t, want %q", clean, ok, want)
	}
	if clean, ok := PlainLines(" \n "); !ok || clean != "" {
		t.Errorf("nothing is fit: %q %t", clean, ok)
	}
	for _, s := range []string{"一\n\u202e二", "一\x07", "一\n\u200b"} {
		if _, ok := PlainLines(s); ok {
			t.Errorf("%q reads otherwise than it was typed", s)
		}
	}
}
