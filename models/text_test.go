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
