package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one keep-alive connection that speaks just enough HTTP/1.1. It costs
// a fraction of net/http's client, which would take the cores from the server.
type conn struct {
	c   net.Conn
	r   *bufio.Reader
	out []byte
	in  []byte // body of the last answer, valid until the next
}

func dial(ctx context.Context, url string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, err
	}
	return &conn{c: c, r: bufio.NewReaderSize(c, 4<<10)}, nil
}

// request is what a worker sends next.
type request struct {
	method, path, token, key, body string
}

// do sends and waits for the answer's status; the body is in c.in.
func (c *conn) do(r request) (int, error) {
	b := append(c.out[:0], r.method...)
	b = append(append(b, ' '), r.path...)
	b = append(b, " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"...)
	if r.token != "" {
		b = append(append(append(b, "Authorization: Bearer "...), r.token...), "\r\n"...)
	}
	if r.key != "" {
		b = append(append(append(b, "Idempotency-Key: "...), r.key...), "\r\n"...)
	}
	if r.body != "" {
		b = append(b, "Content-Type: application/json\r\nContent-Length: "...)
		b = append(strconv.AppendInt(b, int64(len(r.body)), 10), "\r\n"...)
	}
	b = append(append(b, "\r\n"...), r.body...)
	c.out = b
	if _, err := c.c.Write(b); err != nil {
		return 0, err
	}
	return c.answer()
}

func (c *conn) answer() (status int, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, chunked := 0, false
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return 0, err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	c.in = c.in[:0]
	if !chunked {
		return status, c.take(length)
	}
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, err
		}
		if err := c.take(int(n)); err != nil {
			return 0, err
		}
		if _, err := c.r.Discard(2); err != nil || n == 0 {
			return status, err
		}
	}
}

func (c *conn) take(n int) error {
	at := len(c.in)
	if cap(c.in) < at+n {
		c.in = append(make([]byte, 0, at+n+1024), c.in...)
	}
	c.in = c.in[:at+n]
	_, err := io.ReadFull(c.r, c.in[at:])
	return err
}

// load is what a rush came to in its counted time.
type load struct {
	seconds float64
	ok      int // answered as hoped
	refused int // 409
	bad     int // anything else
	sample  string
}

func (l load) rate() float64 { return float64(l.ok) / l.seconds }

// rush keeps n connections busy for a while, uncounted first, and counts the
// answers with status want. next says what worker w sends.
func rush(ctx context.Context, p plan, url string, n, want int, next func(w, i int) request) (load, error) {
	var counting atomic.Bool
	var ok, refused, bad atomic.Int64
	var sample atomic.Pointer[string]
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	stop := make(chan struct{})
	for w := range n {
		c, err := dial(ctx, url)
		if err != nil {
			cancel(err)
			break
		}
		all.Go(func() {
			defer func() { _ = c.c.Close() }()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				status, err := c.do(next(w, i))
				if err != nil {
					cancel(err)
					return
				}
				switch {
				case !counting.Load():
				case status == want:
					ok.Add(1)
				case status == 409:
					refused.Add(1)
				default:
					bad.Add(1)
					text := fmt.Sprintf("%d %s", status, c.in)
					sample.CompareAndSwap(nil, &text)
				}
			}
		})
	}
	sleep(ctx, p.warm)
	counting.Store(true)
	begun := time.Now()
	sleep(ctx, p.length)
	l := load{seconds: time.Since(begun).Seconds(), ok: int(ok.Load()), refused: int(refused.Load()), bad: int(bad.Load())}
	counting.Store(false)
	close(stop)
	all.Wait()
	if s := sample.Load(); s != nil {
		l.sample = *s
	}
	if err := context.Cause(ctx); err != nil {
		return l, err
	}
	if l.bad > 0 {
		return l, fmt.Errorf("%d answers were not what they should be, such as %s", l.bad, l.sample)
	}
	if l.ok == 0 {
		return l, errors.New("nothing was answered as it should be")
	}
	return l, nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
