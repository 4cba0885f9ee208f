package notify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/mail"
	"strings"

	"youyue/app/errs"
	"youyue/app/secret"
	"youyue/app/web/locales"
	"youyue/configs"
	"youyue/models"

	gomail "github.com/wneessen/go-mail"
)

// ErrNoSMS: no text messages can be sent, so no codes either.
var ErrNoSMS = errs.New(errs.Unavailable, "notify.no_sms")

// Message is ready to go out. Key is the same at every try, so that who gets it
// twice can tell.
type Message struct {
	Key   string // "outbox-17@example.org"
	Lang  locales.Lang
	To    string // number in E.164 or mail address
	Title string
	Text  string
	Link  string // absolute, "" for none
	At    models.Instant
}

// Channel is a way out of the product. Send returns nil once the other side has
// taken the message over.
type Channel interface {
	Send(ctx context.Context, m Message) error
}

// Channels builds what the configuration asks for. In demo mode a channel that
// is not configured writes to the log instead; else it is nil, and people are
// reached by other ways.
func Channels(c configs.Config, log *slog.Logger) (sms, letters Channel) {
	if c.Demo == configs.On {
		sms, letters = logChannel{log, models.NoticeSMS}, logChannel{log, models.NoticeMail}
	}
	if c.SMS.URL != "" {
		sms = SMS(c.SMS)
	}
	if c.SMTP.Host != "" {
		letters = Mail(c.SMTP)
	}
	return sms, letters
}

// SendCode sends a one-time code at once, outside the outbox: nobody waits for
// a code that comes later. ErrNoSMS when there is no channel for it.
func (s *Service) SendCode(ctx context.Context, phone, code string, lang locales.Lang) error {
	if s.SMS == nil {
		return ErrNoSMS
	}
	limited, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	err := s.SMS.Send(limited, Message{To: phone, Lang: lang, At: s.DB.Now(),
		Text: locales.T(lang, "notice.code", map[string]any{"code": code})})
	if err != nil {
		return ErrNoSMS.Because(discreet(err, phone))
	}
	return nil
}

// SMS is the HTTP channel for text messages.
func SMS(c configs.SMS) Channel {
	// A gateway that answers with a redirect is wrongly configured; following it
	// would send the key elsewhere.
	return smsChannel{c, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type smsChannel struct {
	cfg    configs.SMS
	client *http.Client
}

// maxAnswer is how much of a gateway's answer is read.
const maxAnswer = 64 << 10

// Send fills the body template and asks the success test about the answer. With
// GET the filled template is the query.
func (c smsChannel) Send(ctx context.Context, m Message) error {
	var body bytes.Buffer
	if err := c.cfg.Body.Execute(&body, configs.Message{Phone: m.To, Text: m.Text}); err != nil {
		return fmt.Errorf("sms body: %w", err)
	}
	target, payload := c.cfg.URL, io.Reader(&body)
	if c.cfg.Method == http.MethodGet {
		mark := "?"
		if strings.Contains(target, "?") {
			mark = "&"
		}
		target, payload = target+mark+body.String(), nil
	}
	req, err := http.NewRequestWithContext(ctx, c.cfg.Method, target, payload)
	if err != nil {
		return fmt.Errorf("sms request: %w", err)
	}
	if m.Key != "" {
		req.Header.Set("Idempotency-Key", m.Key)
	}
	for k, v := range c.cfg.Headers {
		req.Header.Set(k, v)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("sms answer: %w", err)
	}
	if !c.cfg.Success.Accepts(resp.StatusCode, answer) {
		return fmt.Errorf("sms gateway answered %d %.200q", resp.StatusCode, answer)
	}
	return nil
}

// Mail is the SMTP channel.
func Mail(c configs.SMTP) Channel { return mailChannel{c} }

type mailChannel struct{ cfg configs.SMTP }

// Send hands one letter to the server over a connection of its own.
func (c mailChannel) Send(ctx context.Context, m Message) error {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	if err := msg.From(c.cfg.From); err != nil {
		return fmt.Errorf("mail from: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return fmt.Errorf("mail to: %w", err)
	}
	msg.Subject(m.Title)
	msg.SetMessageIDWithValue(m.Key)
	msg.SetDateWithValue(m.At.Time())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	text := m.Text
	if m.Link != "" {
		text += "\n\n" + m.Link
	}
	msg.SetBodyString(gomail.TypeTextPlain, text+"\n\n"+locales.T(m.Lang, "brand", nil)+"\n")
	opts := []gomail.Option{gomail.WithPort(c.cfg.Port), gomail.WithTimeout(sendLimit), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch c.cfg.TLS {
	case configs.MailImplicit:
		opts = append(opts, gomail.WithSSL())
	case configs.MailPlain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.cfg.Username != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.cfg.Username), gomail.WithPassword(c.cfg.Password))
	}
	if from, err := mail.ParseAddress(c.cfg.From); err == nil {
		if _, domain, ok := strings.Cut(from.Address, "@"); ok {
			opts = append(opts, gomail.WithHELO(domain))
		}
	}
	client, err := gomail.NewClient(c.cfg.Host, opts...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// logChannel stands in for a channel where people are invented.
type logChannel struct {
	log *slog.Logger
	as  models.NoticeChannel
}

// Send writes the text to the log, the address masked.
func (c logChannel) Send(ctx context.Context, m Message) error {
	to := secret.MaskPhone(m.To)
	if c.as == models.NoticeMail {
		name, domain, _ := strings.Cut(m.To, "@")
		to = secret.MaskName(name) + "@" + domain
	}
	c.log.InfoContext(ctx, "message", "channel", string(c.as), "to", to, "key", m.Key, "text", m.Text)
	return nil
}
