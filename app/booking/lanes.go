package booking

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"youyue/app/db"
)

// How orders share commits. With two lanes one gathers and decides while the
// other waits for the disk; more of them make smaller lists, and were measured
// to be slower on two cores. SQLite has one writer, so more lanes would only queue at its door. A list is
// bounded so that a commit stays short, a queue so that a rush is answered
// "busy" before memory is.
const (
	lanesPostgres = 2
	lanesSQLite   = 1
	maxList       = 128
	maxQueue      = 4096
)

// lane turns the orders that wait at a moment into one transaction. Orders for
// one event always share a lane. The event row's lock and the unique index
// remain the referee, so several nodes may sell the same event.
type lane struct {
	svc   *Service
	queue chan *waiting
	mu    sync.RWMutex // held for reading while an order is put in
	shut  bool
	done  chan struct{}
}

type waiting struct {
	ctx    context.Context //nolint:containedctx // the order's own, for values such as the request id
	order  Order
	answer chan result
}

func (s *Service) startLanes() {
	n := lanesPostgres
	if s.db.Engine() == db.SQLite {
		n = lanesSQLite
	}
	for range n {
		l := &lane{svc: s, queue: make(chan *waiting, maxQueue), done: make(chan struct{})}
		s.lanes = append(s.lanes, l)
		go l.run()
	}
}

func (s *Service) laneOf(event int64) *lane { return s.lanes[uint64(event)%uint64(len(s.lanes))] } //nolint:gosec // any value will do

// book waits for the answer even when the client has left: the booking may be
// made by then, and a commit in doubt helps nobody.
func (l *lane) book(ctx context.Context, o Order) (Placed, error) {
	w := &waiting{ctx: ctx, order: o, answer: make(chan result, 1)}
	if !l.put(w) {
		return Placed{}, ErrBusy
	}
	r := <-w.answer
	return r.placed, r.err
}

func (l *lane) put(w *waiting) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.shut {
		return false
	}
	select {
	case l.queue <- w:
		return true
	default:
		return false
	}
}

func (l *lane) close() {
	l.mu.Lock()
	if !l.shut {
		l.shut = true
		close(l.queue)
	}
	l.mu.Unlock()
	<-l.done
}

func (l *lane) run() {
	defer close(l.done)
	for w := range l.queue {
		list := []*waiting{w}
		for more := true; more && len(list) < maxList; {
			select {
			case next, ok := <-l.queue:
				if more = ok; ok {
					list = append(list, next)
				}
			default:
				more = false
			}
		}
		for i, r := range l.commit(list) {
			list[i].answer <- r
		}
	}
}

// commit answers a list. A panic is an error of these orders, not the end of
// the program: the lane serves others.
func (l *lane) commit(list []*waiting) (out []result) {
	defer func() {
		if p := recover(); p != nil {
			out = make([]result, len(list))
			for i := range out {
				out[i].err = fmt.Errorf("booking lane: panic: %v\n%s", p, debug.Stack())
			}
		}
	}()
	orders := make([]Order, len(list))
	for i, x := range list {
		orders[i] = x.order
	}
	return l.svc.commit(list[0].ctx, orders)
}
