package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"妈妈": "妈妈", " 张 三　": "张 三", "O'Neil": "O'Neil", "一家👨\u200d👩\u200d👧": "一家👨\u200d👩\u200d👧", "<b>": "<b>"} {
		got, ok := PlainText(in)
		require.True(t, ok, "%q", in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"", "   ", "　", "a\nb", "a\x07b", "a\u202eb", "a\u2066b", "a\u200bb", "\ufeffa", "a\u2028b"} {
		_, ok := PlainText(in)
		require.False(t, ok, "%q", in)
	}
}
