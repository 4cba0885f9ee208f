package db_test

import (
	"testing"

	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

func TestBelowIsTheScopeAndNothingBesideIt(t *testing.T) {
	t.Parallel()
	where, args := db.Below("o.path", []string{"/1/4/", "/"})
	require.Equal(t, "((o.path >= ? AND o.path < ?) OR (o.path >= ? AND o.path < ?))", where)
	require.Equal(t, []any{"/1/4/", "/1/40", "/", "0"}, args)
	in := func(p, low, high string) bool { return p >= low && p < high }
	for path, want := range map[string]bool{"/1/4/": true, "/1/4/19/": true, "/1/": false, "/1/40/": false, "/1/5/": false} {
		require.Equal(t, want, in(path, "/1/4/", "/1/40"), path)
	}
	where, args = db.Below("o.path", nil)
	require.Equal(t, "1 = 0", where)
	require.Empty(t, args)
}
