package live

import (
	"context"
	"sync"

	"youyue/app/errs"
)

// ErrClosed: this node is stopping; another one goes on.
var ErrClosed = errs.New(errs.Unavailable, "live.closed")

// topic is a watched topic with a goroutine of its own, which alone loads it.
type topic struct {
	hub   *Hub
	key   Topic
	refs  int           // under hub.mu
	dirty chan struct{} // one mark is as good as many
	stop  chan struct{} // nobody watches any more

	loaded chan struct{} // closed after the first load
	err    error         // of the first load

	mu       sync.Mutex
	latest   State
	watchers map[*Watcher]struct{}
}

// Watcher is one who looks. It has room for one state, the latest: a slow reader
// skips versions and keeps nobody waiting.
type Watcher struct {
	topic  *topic
	signal chan struct{}
	owed   bool // under topic.mu: latest has not been taken
	unsure bool // under topic.mu: its reader has seen more than we have
	once   sync.Once
}

// Watch starts watching. seen is the version its reader has, 0 for none: that
// one is not told again. It returns the error of the source's Load, or ErrClosed.
func (h *Hub) Watch(ctx context.Context, key Topic, seen int64) (*Watcher, error) {
	t, err := h.join(key)
	if err != nil {
		return nil, err
	}
	select {
	case <-t.loaded:
		err = t.err
	case <-ctx.Done():
		err = ctx.Err()
	case <-h.ctx.Done():
		err = ErrClosed
	}
	if err != nil {
		h.leave(t)
		return nil, err
	}
	w := &Watcher{topic: t, signal: make(chan struct{}, 1)}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watchers[w] = struct{}{}
	switch {
	case seen > t.latest.Version: // another node was ahead of us: look before telling
		w.unsure = true
		t.mark()
	case seen != t.latest.Version:
		w.tell()
	}
	return w, nil
}

// join finds the topic, or begins to load it, once for all who come meanwhile.
func (h *Hub) join(key Topic) (*topic, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	h.start()
	t, ok := h.topics[key]
	if !ok {
		t = &topic{hub: h, key: key, dirty: make(chan struct{}, 1), stop: make(chan struct{}),
			loaded: make(chan struct{}), watchers: map[*Watcher]struct{}{}}
		h.topics[key] = t
		h.running.Go(t.run)
	}
	t.refs++
	return t, nil
}

func (h *Hub) leave(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.refs--; t.refs > 0 {
		return
	}
	close(t.stop)
	if h.topics[t.key] == t {
		delete(h.topics, t.key)
	}
}

// run loads the topic whenever it is marked, at most once in each gap. The mark
// is taken before the load: what changes meanwhile marks it again.
func (t *topic) run() {
	st, err := t.load()
	t.mu.Lock()
	t.latest, t.err = st, err
	t.mu.Unlock()
	if err != nil { // whoever comes next tries again
		t.hub.mu.Lock()
		if t.hub.topics[t.key] == t {
			delete(t.hub.topics, t.key)
		}
		t.hub.mu.Unlock()
	}
	close(t.loaded)
	for err == nil {
		select {
		case <-t.stop:
			return
		case <-t.hub.ctx.Done():
			return
		case <-t.dirty:
		}
		switch st, err := t.load(); {
		case t.hub.ctx.Err() != nil:
			return
		case err != nil:
			t.hub.cfg.Log.Warn("topic not loaded; the next look at its version will", "topic", t.key.String(), "cause", err)
		default:
			t.publish(st)
		}
		select {
		case <-t.stop:
			return
		case <-t.hub.ctx.Done():
			return
		case <-t.hub.cfg.After(t.hub.cfg.Gap):
		}
	}
}

func (t *topic) load() (State, error) {
	ctx, cancel := context.WithTimeout(t.hub.ctx, loadLimit)
	defer cancel()
	return t.hub.sources[t.key.Kind].Load(ctx, t.key.ID)
}

func (t *topic) mark() {
	select {
	case t.dirty <- struct{}{}:
	default:
	}
}

func (t *topic) version() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.latest.Version
}

// publish leaves the state with every watcher. Whatever the database says is
// the truth, also when it is an older version: it has been restored.
func (t *topic) publish(st State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news := st.Version != t.latest.Version
	if news {
		t.latest = st
	}
	for w := range t.watchers {
		if news || w.unsure {
			w.tell()
		}
	}
}

// tell owes the watcher the latest state; topic.mu is held.
func (w *Watcher) tell() {
	w.owed, w.unsure = true, false
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

// Changed has a value when there is something to take.
func (w *Watcher) Changed() <-chan struct{} { return w.signal }

// Done is closed when the hub ends.
func (w *Watcher) Done() <-chan struct{} { return w.topic.hub.ctx.Done() }

// Take returns the latest state, and false when it has been taken or its reader
// had it before.
func (w *Watcher) Take() (version int64, data []byte, ok bool) {
	w.topic.mu.Lock()
	defer w.topic.mu.Unlock()
	if !w.owed {
		return 0, nil, false
	}
	w.owed = false
	return w.topic.latest.Version, w.topic.latest.Data, true
}

// Close stops watching; more than once is no fault.
func (w *Watcher) Close() {
	w.once.Do(func() {
		w.topic.mu.Lock()
		delete(w.topic.watchers, w)
		w.topic.mu.Unlock()
		w.topic.hub.leave(w.topic)
	})
}
