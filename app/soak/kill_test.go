package soak_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"youyue/app/db"
	"youyue/app/soak"

	"github.com/stretchr/testify/require"
)

// clients is how many book at the same time.
const clients = 24

// storm opens two screenings for a storm of their own.
func (p *place) storm(t *testing.T) (*ledger, []seat) {
	t.Helper()
	l := &ledger{screenings: []int64{p.open(t), p.open(t)}}
	return l, p.seats(t, l.screenings[0])
}

// killRound is one round: a storm, kill -9 in the middle of it, the same
// database again under a new server, and every client once more with its keys.
func killRound(t *testing.T, p *place, killed string) []string {
	t.Helper()
	l, seats := p.storm(t)
	over := make(chan struct{})
	go func() {
		defer close(over)
		l.rush(p, seats, clients, func(answer) bool { return true })
	}()
	at := int64(1 + rand.IntN(120))
	await(t, func() bool { return l.acked.Load() >= at })
	p.kill(t)
	<-over
	n := l.count()
	p.alone(t)
	lost := l.missing(t, p)
	p.start(t)
	l.settle(t.Context(), p)
	found := append(lost, l.breaches(t, p)...)
	report(p.engine, killed, n, l, found)
	return found
}

// TestKillOfTheServerLosesNothing: nothing that was acknowledged is lost,
// nothing is half there, nothing happens twice.
func TestKillOfTheServerLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *place) {
		for range rounds(t, 2) {
			require.Empty(t, killRound(t, p, "server"))
		}
	})
}

// TestKillFindsAnAnswerThatComesBeforeItsCommit is the negative control: with a
// server that answers and only then commits, the same rounds must find losses.
func TestKillFindsAnAnswerThatComesBeforeItsCommit(t *testing.T) {
	t.Parallel()
	binary(t) // first: two builds at once would compile everything twice
	dir := t.TempDir()
	bin, err := soak.Build(t.Context(), dir, "-overlay", plant(t, dir, "../booking/book.go",
		"\t\"errors\"\n", "\t\"errors\"\n\t\"time\"\n", `
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = s.place(tx, orders)
		return err
	})
`, `
	decided := make(chan error, 16)
	go func() {
		_ = s.db.Write(ctx, func(tx *db.Tx) (err error) {
			out, err = s.place(tx, orders)
			decided <- err
			time.Sleep(3 * time.Millisecond)
			return err
		})
	}()
	err := <-decided
`))
	require.NoError(t, err)
	p := newPlace(t, bin, db.SQLite, "sqlite:"+filepath.Join(t.TempDir(), "youyue.db"))
	for range 5 {
		if len(killRound(t, p, "server, fault planted")) > 0 {
			return
		}
	}
	t.Fatal("five rounds did not notice that answers came before their commits")
}

// plant writes an overlay for "go build" in which passages of a file are
// others, given in pairs, and returns its path.
func plant(t *testing.T, dir, file string, pairs ...string) string {
	t.Helper()
	file, err := filepath.Abs(file)
	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Equal(t, 1, strings.Count(string(text), pairs[i]), "the passage to replace in %s:\n%s", file, pairs[i])
	}
	faulty := filepath.Join(dir, "faulty.go")
	require.NoError(t, os.WriteFile(faulty, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o600))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {file: faulty}})
	require.NoError(t, err)
	path := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(path, overlay, 0o600))
	return path
}
