package live_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/live"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// Nothing of a hub outlives its Close. What stands in for PostgreSQL's server
// process is no goroutine of ours.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/exec.(*Cmd).Wait"), goleak.IgnoreAnyFunction("os.(*Process).Wait"))
}

// never is longer than any test: what would come by then does not come.
const never = time.Hour

const kind live.Kind = "thing"

func thing(id int64) live.Topic { return live.Topic{Kind: kind, ID: id} }

// node is a server: its handle of the database and its hub.
type node struct {
	*live.Hub
	db    *db.DB
	loads atomic.Int64
}

// lossy is a wire that loses what it is told to.
type lossy struct {
	*db.DB
	loses string
}

func (l lossy) Notify(ctx context.Context, channel, payload string) error {
	if l.loses != "" && strings.Contains(payload+" ", l.loses+" ") {
		return nil
	}
	return l.DB.Notify(ctx, channel, payload)
}

func newNode(t *testing.T, url string, c live.Config) *node {
	t.Helper()
	n := &node{db: dbtest.OpenURL(t, url, dbtest.NewClock())}
	if c.Wire == nil {
		c.Wire = n.db
	}
	c.Poll = never
	n.Hub = live.New(c)
	n.Register(kind, live.Source{Load: n.load, Versions: n.versions})
	t.Cleanup(n.Close)
	return n
}

// places makes a database of things 1 to 20 at version 1.
func places(t *testing.T, e db.Engine) string {
	t.Helper()
	url := dbtest.URL(t, e)
	d := dbtest.OpenURL(t, url, dbtest.NewClock())
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE things (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)`); err != nil {
			return err
		}
		for id := range 20 {
			if _, err := tx.Exec(`INSERT INTO things VALUES (?, 1)`, id+1); err != nil {
				return err
			}
		}
		return nil
	}))
	return url
}

func (n *node) load(ctx context.Context, id int64) (live.State, error) {
	defer n.loads.Add(1)
	var v int64
	err := n.db.Read(ctx, func(tx *db.Tx) error {
		ok, err := tx.One(&v, `SELECT version FROM things WHERE id = ?`, id)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
	return live.State{Version: v, Data: fmt.Appendf(nil, `{"n":%d}`, v)}, err
}

func (n *node) versions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	return out, n.db.Read(ctx, func(tx *db.Tx) error {
		var rows []struct{ ID, Version int64 }
		among, list := tx.Among("id", ids)
		err := tx.Scan(&rows, `SELECT id, version FROM things WHERE `+among, list)
		for _, r := range rows {
			out[r.ID] = r.Version
		}
		return err
	})
}

// write changes a thing and says nothing of it.
func (n *node) write(t require.TestingT, id int64) {
	require.NoError(t, n.db.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE things SET version = version + 1 WHERE id = ?`, id)
		return err
	}))
}

// change is what a feature does: a commit, then the word of it.
func (n *node) change(t require.TestingT, id int64) {
	n.write(t, id)
	n.Changed(thing(id))
}

func (n *node) watch(t *testing.T, id, seen int64) *live.Watcher {
	t.Helper()
	w, err := n.Watch(t.Context(), thing(id), seen)
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

// until takes states until the version is there; it returns how many it took.
func until(t *testing.T, w *live.Watcher, version int64) (taken int) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		if v, data, ok := w.Take(); ok {
			require.Equal(t, fmt.Sprintf(`{"n":%d}`, v), string(data))
			if taken++; v == version {
				return taken
			}
		}
		select {
		case <-w.Changed():
		case <-limit:
			require.FailNow(t, "the version did not come", "%d", version)
		}
	}
}

func eachEngine(t *testing.T, fn func(t *testing.T, e db.Engine)) {
	t.Helper()
	t.Parallel()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			fn(t, e)
		})
	}
}

func TestTheStateComesAtOnceAndThenAsItChanges(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		n := newNode(t, places(t, e), live.Config{})
		w := n.watch(t, 1, 0)
		until(t, w, 1)
		n.change(t, 1)
		until(t, w, 2)
		_, _, ok := w.Take()
		require.False(t, ok, "the same is not told twice")
		before := n.loads.Load()
		n.change(t, 2) // nobody looks
		n.Poll()
		if e == db.SQLite { // elsewhere the first connection to listen on has all loaded again
			require.Equal(t, before, n.loads.Load())
		}
	})
}

func TestWhoIsBackIsToldOnlyWhatIsNewer(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		n := newNode(t, places(t, e), live.Config{})
		first := n.watch(t, 1, 0)
		until(t, first, 1)
		same := n.watch(t, 1, 1)
		_, _, ok := same.Take()
		require.False(t, ok)

		// Another node told its reader of version 2; we have not heard of it.
		n.write(t, 1)
		ahead := n.watch(t, 1, 2)
		until(t, ahead, 2)
		until(t, first, 2)

		// Its version exists nowhere any more: the database has been restored.
		restored := n.watch(t, 1, 99)
		until(t, restored, 2)
	})
}

func TestUnknownIsRefusedAndFoundLater(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		n := newNode(t, places(t, e), live.Config{})
		_, err := n.Watch(t.Context(), thing(21), 0)
		require.ErrorIs(t, err, errs.ErrNotFound)
		require.Zero(t, n.Watching())
		require.NoError(t, n.db.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO things VALUES (21, 5)`)
			return err
		}))
		until(t, n.watch(t, 21, 0), 5)
	})
}

func TestAnotherNodeHears(t *testing.T) {
	t.Parallel()
	url := places(t, db.Postgres)
	a, b := newNode(t, url, live.Config{}), newNode(t, url, live.Config{})
	w := b.watch(t, 1, 0)
	for v := range int64(20) {
		a.change(t, 1)
		until(t, w, v+2)
	}
}

// The planted fault: word of thing 1 is lost on its way. Word of thing 2, said
// later, arrives, so the other would have; thing 1 stays wrong. Then the look at
// the versions heals it. Without that look it stays wrong for good: this is what
// the poll is for, and what the test would say without it.
func TestAPollHealsALostNotification(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		url := places(t, e)
		a := newNode(t, url, live.Config{Wire: lossy{dbtest.OpenURL(t, url, dbtest.NewClock()), "thing:1"}})
		b := newNode(t, url, live.Config{})
		if e == db.Postgres { // listening: from then on only what is said is loaded
			b.watch(t, 3, 0)
			require.Eventually(t, func() bool { return b.loads.Load() == 2 }, time.Minute, time.Millisecond)
		}
		lost, marker := b.watch(t, 1, 0), b.watch(t, 2, 0)
		until(t, lost, 1)
		a.change(t, 1)
		if e == db.Postgres {
			require.Eventually(t, func() bool { // what is said later arrives
				a.change(t, 2)
				v, _, ok := marker.Take()
				return ok && v > 1
			}, time.Minute, time.Millisecond)
		}
		_, _, ok := lost.Take()
		require.False(t, ok, "the word was to be lost")
		b.Poll()
		until(t, lost, 2)
	})
}

// The listening connection breaks, and what is said meanwhile is heard by nobody.
func TestALostConnectionIsMadeUpFor(t *testing.T) {
	t.Parallel()
	url := places(t, db.Postgres)
	a, b := newNode(t, url, live.Config{}), newNode(t, url, live.Config{})
	w := b.watch(t, 1, 0)
	a.change(t, 1)
	until(t, w, 2)
	for v := int64(3); v < 6; v++ {
		require.Eventually(t, func() bool { // it listens again in a while
			var n int
			return a.db.Write(t.Context(), func(tx *db.Tx) error {
				return tx.Scan(&n, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
			}) == nil && n == 1
		}, time.Minute, 10*time.Millisecond)
		a.change(t, 1)
		until(t, w, v)
	}
}

// One who reads nothing keeps nobody waiting, and finds the latest state alone.
func TestASlowReaderSkipsVersions(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		n := newNode(t, places(t, e), live.Config{Gap: time.Microsecond})
		slow, quick := n.watch(t, 1, 0), n.watch(t, 1, 0)
		for v := range int64(200) {
			n.change(t, 1)
			if v%50 == 0 {
				until(t, quick, v+2)
			}
		}
		until(t, quick, 201)
		require.Equal(t, 1, until(t, slow, 201))
	})
}

// Changes within a gap are one load and one push.
func TestChangesAreGathered(t *testing.T) {
	t.Parallel()
	gap := make(chan time.Time)
	n := newNode(t, places(t, db.SQLite), live.Config{Gap: time.Second, After: func(d time.Duration) <-chan time.Time {
		if d != time.Second {
			return nil
		}
		return gap
	}})
	w := n.watch(t, 1, 0)
	n.change(t, 1)
	until(t, w, 2)
	for range 50 {
		n.change(t, 1)
	}
	require.Equal(t, int64(2), n.loads.Load())
	gap <- time.Time{}
	until(t, w, 52)
	require.Equal(t, int64(3), n.loads.Load())
}

// Watchers come and go while two nodes write: who stays to the end sees the end.
func TestAStormEndsOnTheTruth(t *testing.T) {
	eachEngine(t, func(t *testing.T, e db.Engine) {
		url := places(t, e)
		nodes := []*node{newNode(t, url, live.Config{Gap: time.Millisecond})}
		if e == db.Postgres {
			nodes = append(nodes, newNode(t, url, live.Config{Gap: time.Millisecond}))
		}
		const topics, changes = 5, 40
		var all sync.WaitGroup
		for i := range topics * changes {
			all.Go(func() { nodes[i%len(nodes)].change(t, int64(i%topics+1)) })
		}
		for i := range 200 {
			all.Go(func() {
				w, err := nodes[i%len(nodes)].Watch(t.Context(), thing(int64(i%topics+1)), 0)
				if err != nil {
					t.Error(err)
					return
				}
				defer w.Close()
				if i%4 != 0 {
					until(t, w, changes+1)
				}
			})
		}
		all.Wait()
		for _, n := range nodes {
			require.Zero(t, n.Watching())
		}
	})
}

func TestCloseEndsWatchersAndTakesNoMore(t *testing.T) {
	t.Parallel()
	n := newNode(t, places(t, db.Postgres), live.Config{})
	w := n.watch(t, 1, 0)
	n.Close()
	<-w.Done()
	w.Close()
	w.Close()
	n.Changed(thing(1))
	_, err := n.Watch(t.Context(), thing(1), 0)
	require.ErrorIs(t, err, live.ErrClosed)
}
