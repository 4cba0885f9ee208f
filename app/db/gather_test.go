package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

// door lets a load begin only when the test says so, and notes its keys.
type door struct {
	mu   sync.Mutex
	seen [][]int
	came chan struct{}
	open chan struct{}
}

func (d *door) load(_ context.Context, keys []int) (map[int]int, error) {
	d.mu.Lock()
	d.seen = append(d.seen, keys)
	d.mu.Unlock()
	d.came <- struct{}{}
	<-d.open
	out := map[int]int{}
	for _, k := range keys {
		switch {
		case k == 1013:
			return nil, errors.New("thirteen")
		case k == 1014:
			panic("fourteen")
		case k > 0:
			out[k] = 10 * k
		}
	}
	return out, nil
}

func TestGatherSharesAQueryAmongThoseWhoWait(t *testing.T) {
	t.Parallel()
	d := &door{came: make(chan struct{}, 100), open: make(chan struct{})}
	g := db.NewGather(d.load)
	var all, asked sync.WaitGroup
	ask := func(k int) {
		asked.Add(1)
		all.Go(func() {
			asked.Done()
			v, err := g.Get(context.Background(), k)
			if err != nil || v != 10*max(k, 0) {
				t.Errorf("key %d: %d %v", k, v, err)
			}
		})
	}
	ask(1)
	<-d.came // alone, and served at once
	ask(2)
	<-d.came // two may run at a time
	for k := 3; k < 60; k++ {
		ask(k)
	}
	ask(-1) // nothing is found for it
	asked.Wait()
	time.Sleep(500 * time.Millisecond) // each has begun, and comes to wait
	close(d.open)
	all.Wait()
	require.Less(t, len(d.seen), 8)
	n := 0
	for _, keys := range d.seen {
		n += len(keys)
	}
	require.Equal(t, 60, n)
}

func TestGatherPassesFaultsOn(t *testing.T) {
	t.Parallel()
	d := &door{came: make(chan struct{}, 100), open: make(chan struct{})}
	close(d.open)
	g := db.NewGather(d.load)
	_, err := g.Get(t.Context(), 1013)
	require.EqualError(t, err, "thirteen")
	_, err = g.Get(t.Context(), 1014)
	require.ErrorContains(t, err, "fourteen")
	v, err := g.Get(t.Context(), 4)
	require.NoError(t, err)
	require.Equal(t, 40, v)
}

func TestGatherDoesNotKeepACallerThatLeaves(t *testing.T) {
	t.Parallel()
	d := &door{came: make(chan struct{}, 100), open: make(chan struct{})}
	g := db.NewGather(d.load)
	var all sync.WaitGroup
	for k := range 2 {
		all.Go(func() { _, _ = g.Get(context.Background(), k+1) })
		<-d.came
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.Get(gone, 3)
	require.ErrorIs(t, err, context.Canceled)
	close(d.open)
	all.Wait()
}
