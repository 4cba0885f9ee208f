// Package live tells those who look at something that it has changed: the seats
// of a screening, the count at a door. What is told is the state itself under a
// version, never a change: whoever misses ten of them is right again with the
// eleventh. Writers are never kept waiting by those who look.
//
// A topic is loaded only while somebody watches it, at most once in each gap,
// and its bytes are shared by all who do.
package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is a sort of topic; the feature that registers its source names it.
type Kind string

// Topic is one thing that is looked at.
type Topic struct {
	Kind Kind
	ID   int64
}

func (t Topic) String() string { return string(t.Kind) + ":" + strconv.FormatInt(t.ID, 10) }

func parseTopic(s string) (Topic, bool) {
	kind, id, ok := strings.Cut(s, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	return Topic{Kind(kind), n}, ok && err == nil
}

// State is a topic as it stands. Versions of one topic only grow. Data is
// shared: nobody may change it.
type State struct {
	Version int64
	Data    []byte
}

// Source reads the topics of one kind. Load returns errs.ErrNotFound for a topic
// that does not exist; Versions leaves such a one out. Versions tells what Load
// would, for many at once.
type Source struct {
	Load     func(ctx context.Context, id int64) (State, error)
	Versions func(ctx context.Context, ids []int64) (map[int64]int64, error)
}

// Wire carries word of a change to the other nodes. It may lose any of it.
type Wire interface {
	Hears() bool // false: there are no other nodes
	Notify(ctx context.Context, channel, payload string) error
	Listen(ctx context.Context, channel string, up func(), heard func(payload string))
}

// The usual pace. A person sees no difference in a tenth of a second; three
// seconds is what a lost notification costs.
const (
	usualGap  = 100 * time.Millisecond
	usualPoll = 3 * time.Second
	loadLimit = 10 * time.Second
)

// channel is the name the nodes speak under.
const channel = "youyue_live"

// maxSaid bounds one notification, see db.Notify.
const maxSaid = 7000

// Config is what a hub is built from.
type Config struct {
	Wire  Wire
	Log   *slog.Logger
	Gap   time.Duration                        // between two pushes of a topic; 0 is the usual
	Poll  time.Duration                        // between two looks at the versions; 0 is the usual
	After func(time.Duration) <-chan time.Time // nil is time.After
}

// Hub knows who watches what on this node. Nothing of it runs before the first
// watcher or the first change; Close ends it.
type Hub struct {
	cfg     Config
	node    string // tells our own notifications from others'
	sources map[Kind]Source
	ctx     context.Context //nolint:containedctx // the life of the hub itself
	end     context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	topics  map[Topic]*topic
	out     map[Topic]struct{} // to be said to the other nodes
	saying  bool
	started bool
	closed  bool
}

// New returns a hub without sources.
func New(c Config) *Hub {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Gap == 0 {
		c.Gap = usualGap
	}
	if c.Poll == 0 {
		c.Poll = usualPoll
	}
	if c.After == nil {
		c.After = time.After
	}
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	h := &Hub{cfg: c, node: hex.EncodeToString(id[:]), sources: map[Kind]Source{}, topics: map[Topic]*topic{}, out: map[Topic]struct{}{}}
	h.ctx, h.end = context.WithCancel(context.Background())
	return h
}

// Register names the source of a kind. It is for building the program.
func (h *Hub) Register(k Kind, s Source) { h.sources[k] = s }

// Changed says that topics have changed, after the commit that did it. It never
// waits, and topics that nobody watches cost a look into a map.
func (h *Hub) Changed(topics ...Topic) {
	h.mark(topics...)
	if !h.cfg.Wire.Hears() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	for _, t := range topics {
		h.out[t] = struct{}{}
	}
	if !h.saying {
		h.saying = true
		h.running.Go(h.say)
	}
}

// mark has the watched ones among topics loaded again.
func (h *Hub) mark(topics ...Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range topics {
		if t, ok := h.topics[key]; ok {
			t.mark()
		}
	}
}

// say tells the other nodes, what gathers meanwhile in one notification, and
// ends when there is nothing more to tell.
func (h *Hub) say() {
	for {
		h.mu.Lock()
		said := h.out
		h.out = map[Topic]struct{}{}
		if len(said) == 0 {
			h.saying = false
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		for _, payload := range h.payloads(said) {
			// Not ended with the hub: what was committed last is said as well.
			if err := h.cfg.Wire.Notify(context.WithoutCancel(h.ctx), channel, payload); err != nil {
				h.cfg.Log.Warn("other nodes not told; they will see when they look", "cause", err)
			}
		}
		select {
		case <-h.ctx.Done():
		case <-h.cfg.After(h.cfg.Gap):
		}
	}
}

// payloads is our name and the topics, in as few notifications as they fit.
func (h *Hub) payloads(topics map[Topic]struct{}) (out []string) {
	text := h.node
	for t := range topics {
		word := " " + t.String()
		if len(text)+len(word) > maxSaid {
			out, text = append(out, text), h.node
		}
		text += word
	}
	return append(out, text)
}

func (h *Hub) heard(payload string) {
	words := strings.Fields(payload)
	if len(words) == 0 || words[0] == h.node {
		return
	}
	for _, w := range words[1:] {
		if t, ok := parseTopic(w); ok {
			h.mark(t)
		}
	}
}

// start listens and polls from the first watcher on; h.mu is held.
func (h *Hub) start() {
	if h.started {
		return
	}
	h.started = true
	if h.cfg.Wire.Hears() {
		h.running.Go(func() { h.cfg.Wire.Listen(h.ctx, channel, h.markAll, h.heard) })
	}
	h.running.Go(func() {
		for {
			select {
			case <-h.ctx.Done():
				return
			case <-h.cfg.After(h.cfg.Poll):
				h.poll()
			}
		}
	})
}

// markAll loads everything that is watched again: nobody knows what was missed.
func (h *Hub) markAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		t.mark()
	}
}

// poll compares the versions of what is watched with the database. It heals
// what a notification that got lost, or a load that failed, has left behind.
func (h *Hub) poll() {
	h.mu.Lock()
	watched := map[Kind][]int64{}
	for key := range h.topics {
		watched[key.Kind] = append(watched[key.Kind], key.ID)
	}
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(h.ctx, loadLimit)
	defer cancel()
	for kind, ids := range watched {
		versions, err := h.sources[kind].Versions(ctx, ids)
		if err != nil {
			h.cfg.Log.Debug("versions not read", "kind", string(kind), "cause", err)
			continue
		}
		for id, v := range versions {
			h.mu.Lock()
			if t, ok := h.topics[Topic{kind, id}]; ok && t.version() != v {
				t.mark()
			}
			h.mu.Unlock()
		}
	}
}

// Watching counts the watchers on this node.
func (h *Hub) Watching() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		n += t.refs
	}
	return n
}

// Close ends every watcher, says what is still to be said, and returns when
// nothing of the hub runs any more.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.end()
	h.running.Wait()
}
