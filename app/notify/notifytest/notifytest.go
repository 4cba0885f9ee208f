// Package notifytest gives tests the outside world of messages: a real SMTP
// server and a real HTTP gateway for text messages, on the loopback interface.
package notifytest

import (
	"bytes"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"text/template"

	"youyue/configs"

	"github.com/emersion/go-smtp"
)

// Letter is a mail that the server took over.
type Letter struct {
	From, To  string
	MessageID string
	Subject   string
	Text      string
}

// Post is a running SMTP server.
type Post struct {
	Config configs.SMTP

	mu      sync.Mutex
	letters []Letter
	check   func(Letter) error
}

// Mail starts an SMTP server that goes with the test.
func Mail(t testing.TB) *Post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a listener of a test
	if err != nil {
		t.Fatal(err)
	}
	p := &Post{Config: configs.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port,
		From: "文明有约 <notice@example.org>", TLS: configs.MailPlain}}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }))
	srv.Domain = "localhost"
	srv.ErrorLog = discard{}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return p
}

// Check is asked about each letter before it is taken over; an error refuses it.
func (p *Post) Check(f func(Letter) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.check = f
}

// Letters lists what was taken over so far.
func (p *Post) Letters() []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Letter(nil), p.letters...)
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type session struct {
	post *Post
	mail Letter
}

func (s *session) Reset()        { s.mail = Letter{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := decode(m)
	if err != nil {
		return err
	}
	s.mail.MessageID = m.Header.Get("Message-ID")
	s.mail.Text = body
	if s.mail.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return err
	}
	s.post.mu.Lock()
	check := s.post.check
	s.post.mu.Unlock()
	if check != nil {
		if err := check(s.mail); err != nil {
			return err
		}
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.letters = append(s.post.letters, s.mail)
	return nil
}

// Text is a text message that the gateway took over.
type Text struct{ Phone, Text string }

// Gateway is a running HTTP gateway for text messages.
type Gateway struct {
	Config configs.SMS

	mu    sync.Mutex
	texts []Text
	keys  []string
	down  bool
}

// SMS starts a gateway that wants a key and answers 200 to everything, the
// refusal in the body, as many do.
func SMS(t testing.TB) *Gateway {
	t.Helper()
	g := &Gateway{}
	srv := httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(srv.Close)
	body := template.Must(template.New("").Parse(`phone={{urlquery .Phone}}&text={{urlquery .Text}}`))
	g.Config = configs.SMS{Method: http.MethodPost, URL: srv.URL + "/send", Body: body,
		Headers: map[string]string{"Authorization": "Bearer key", "Content-Type": "application/x-www-form-urlencoded"},
		Success: configs.Success{Status: []int{http.StatusOK}, Contains: `"code":0`}}
	return g
}

// Break makes the gateway refuse everything; Mend ends that.
func (g *Gateway) Break() { g.set(true) }

// Mend makes the gateway accept again.
func (g *Gateway) Mend() { g.set(false) }

func (g *Gateway) set(down bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = down
}

// Texts lists what was taken over so far.
func (g *Gateway) Texts() []Text {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Text(nil), g.texts...)
}

// Keys lists the idempotency keys of all requests, refused ones included.
func (g *Gateway) Keys() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.keys...)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	if r.Method == http.MethodGet {
		raw = []byte(r.URL.RawQuery)
	}
	form, err := url.ParseQuery(string(bytes.TrimSpace(raw)))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keys = append(g.keys, r.Header.Get("Idempotency-Key"))
	if err != nil || g.down || r.Header.Get("Authorization") != "Bearer key" {
		_, _ = io.WriteString(w, `{"code":7,"message":"refused `+strconv.Quote(form.Get("phone"))+`"}`) //nolint:gosec // an answer to our own client
		return
	}
	g.texts = append(g.texts, Text{form.Get("phone"), form.Get("text")})
	_, _ = io.WriteString(w, `{"code":0}`)
}
