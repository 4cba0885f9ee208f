package db

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Gather lets callers that wait at the same moment share one query. Nothing is
// cached: a key is looked up after its caller asked, so whatever was committed
// before is seen. A caller alone is served at once.
type Gather[K comparable, V any] struct {
	load    func(ctx context.Context, keys []K) (map[K]V, error)
	mu      sync.Mutex
	running int
	next    *gathering[K, V]
}

// gathering is one query to be: its keys, and what came of it once done is closed.
type gathering[K comparable, V any] struct {
	keys  []K
	done  chan struct{}
	found map[K]V
	err   error
}

// How many queries run at a time, how many keys one has, and its time limit.
const (
	gatherers   = 2
	maxGathered = 200
	gatherLimit = 10 * time.Second
)

// NewGather returns a Gather whose load answers a list of keys; keys that it
// leaves out have the zero V.
func NewGather[K comparable, V any](load func(ctx context.Context, keys []K) (map[K]V, error)) *Gather[K, V] {
	return &Gather[K, V]{load: load}
}

// Get returns what load found for key, or the error of the query it shared.
func (g *Gather[K, V]) Get(ctx context.Context, key K) (V, error) {
	g.mu.Lock()
	if g.next != nil && len(g.next.keys) >= maxGathered {
		full := g.next
		g.next = nil
		g.running++
		go g.run(ctx, full)
	}
	if g.next == nil {
		g.next = &gathering[K, V]{done: make(chan struct{})}
	}
	mine := g.next
	mine.keys = append(mine.keys, key)
	if g.running < gatherers {
		g.next = nil
		g.running++
		g.mu.Unlock()
		g.run(ctx, mine)
	} else {
		g.mu.Unlock()
		select {
		case <-mine.done:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
	return mine.found[key], mine.err
}

// run answers one gathering, and has what gathered meanwhile answered next. It
// does not end with the caller that happened to be first.
func (g *Gather[K, V]) run(ctx context.Context, b *gathering[K, V]) {
	defer func() {
		close(b.done)
		g.mu.Lock()
		next := g.next
		if g.next = nil; next == nil {
			g.running--
		}
		g.mu.Unlock()
		if next != nil {
			go g.run(ctx, next)
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			b.err = fmt.Errorf("gather: %v", p)
		}
	}()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), gatherLimit)
	defer cancel()
	b.found, b.err = g.load(limited, b.keys)
}
