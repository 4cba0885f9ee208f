package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"youyue/app/db"
	"youyue/app/web/locales"
	"youyue/models"
)

// The measures of a round. A claim outlives its batch even when every send
// runs into its limit: claimBatch / senders * sendLimit < claimLease.
const (
	inboxBatch = 500
	claimBatch = 32
	senders    = 8
	sendLimit  = 10 * time.Second
	claimLease = 2 * time.Minute
)

// backOff is the wait after each refusal; after the last one the message is
// given up and the recipient is called.
var backOff = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour}

// What makes a message hopeless: no number or mailbox is known any more, or the
// channel was taken out of the configuration.
var (
	errNoAddress = errors.New("no address is known")
	errNoChannel = errors.New("the channel is not configured")
)

// fate is what became of a claimed row.
type fate string

const (
	fateSent   fate = "sent"
	fateFailed fate = "failed"
	fateStale  fate = "stale" // a reminder of what has begun
	fateLeft   fate = "left"  // we are being stopped
)

// errand is a claimed row with where it goes.
type errand struct {
	ID        int64
	Recipient string
	Channel   models.NoticeChannel
	Kind      string
	Vars      string
	Attempts  int
	PhoneEnc  string
	Email     string
	Lang      string

	fate fate
	err  error
}

// patience returns how long to wait before the next try, and whether there is one.
func (e errand) patience() (time.Duration, bool) {
	if errors.Is(e.err, errNoAddress) || errors.Is(e.err, errNoChannel) || e.Attempts >= len(backOff) {
		return 0, false
	}
	return backOff[e.Attempts], true
}

// SendDue delivers everything that is due at now and returns how many messages
// went out. The error tells of a failing database, else of the last message
// that was not accepted; that one comes again after a while.
func (s *Service) SendDue(ctx context.Context, now models.Instant) (done int, err error) {
	for n := inboxBatch; n == inboxBatch && ctx.Err() == nil; done += n {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = fillInbox(tx, now, inboxBatch)
			return err
		})
		if err != nil {
			return done, fmt.Errorf("inbox: %w", err)
		}
	}
	var refused int
	var last error
	for more := true; more && ctx.Err() == nil; {
		batch, err := s.sendBatch(ctx, now)
		if err != nil {
			return done, err
		}
		for _, e := range batch {
			switch e.fate {
			case fateSent:
				done++
			case fateFailed:
				refused, last = refused+1, e.err
			}
		}
		more = len(batch) == claimBatch
	}
	if refused > 0 {
		return done, fmt.Errorf("%d messages were not accepted, the last: %w", refused, last)
	}
	return done, ctx.Err()
}

func (s *Service) sendBatch(ctx context.Context, now models.Instant) (batch []errand, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		batch, err = claim(tx, s.node, now, claimBatch, claimLease)
		return err
	})
	if err != nil || len(batch) == 0 {
		return nil, wrap("claim", err)
	}
	var all sync.WaitGroup
	places := make(chan struct{}, senders)
	for i := range batch {
		places <- struct{}{}
		all.Go(func() {
			s.send(ctx, &batch[i])
			<-places
		})
	}
	all.Wait()
	err = s.DB.Write(ctx, func(tx *db.Tx) error { return settle(tx, s.node, batch) })
	return batch, wrap("settle", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("outbox: %s: %w", what, err)
}

// send hands one message to its channel and notes its fate.
func (s *Service) send(ctx context.Context, e *errand) {
	if ctx.Err() != nil {
		e.fate = fateLeft
		return
	}
	now := s.DB.Now()
	if e.Kind == Reminder && varsOf(e.Vars).begun(now) {
		e.fate = fateStale
		return
	}
	m, ch, err := s.message(*e, now)
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, sendLimit)
		err = ch.Send(limited, m)
		cancel()
	}
	switch {
	case err == nil:
		e.fate = fateSent
		return
	case ctx.Err() != nil:
		e.fate = fateLeft
		return
	}
	e.fate, e.err = fateFailed, discreet(err, m.To)
	s.Log.WarnContext(ctx, "message not accepted", "outbox", e.ID, "channel", string(e.Channel), "kind", e.Kind,
		"recipient", e.Recipient, "attempt", e.Attempts+1, "cause", e.err)
}

// message fills in the words and the address. It returns errNoAddress or
// errNoChannel for what cannot be sent at all.
func (s *Service) message(e errand, now models.Instant) (Message, Channel, error) {
	m := Message{Key: fmt.Sprintf("outbox-%d@%s", e.ID, s.host), Lang: locales.Match("", e.Lang), At: now}
	var ch Channel
	switch e.Channel {
	case models.NoticeSMS:
		ch = s.SMS
		if e.PhoneEnc != "" {
			phone, err := s.Phones.Open(e.PhoneEnc)
			if err != nil {
				return m, ch, fmt.Errorf("open the number: %w", err)
			}
			m.To = phone
		}
	case models.NoticeMail:
		ch, m.To = s.Mail, e.Email
	}
	switch {
	case ch == nil:
		return m, ch, errNoChannel
	case m.To == "":
		return m, ch, errNoAddress
	}
	w := s.words(m.Lang, e.Kind, varsOf(e.Vars), now)
	m.Title, m.Text = w.Title, w.Text
	if w.Path != "" {
		m.Link = strings.TrimRight(s.BaseURL, "/") + w.Path
	}
	return m, ch, nil
}

// discreet keeps addresses, and URLs with keys in them, out of what is logged
// and stored.
func discreet(err error, to string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if to == "" || errors.Is(err, errNoAddress) || errors.Is(err, errNoChannel) {
		return err
	}
	text := strings.NewReplacer(to, "…", strings.TrimPrefix(to, "+86"), "…", strings.TrimPrefix(to, "+"), "…").Replace(err.Error())
	return errors.New(text)
}

// vars are what the template of a notice is filled with.
type vars map[string]string

func varsOf(text string) vars {
	v := vars{}
	_ = json.Unmarshal([]byte(text), &v) // we wrote it
	return v
}

// begun reports whether the notice speaks of something that has started.
func (v vars) begun(now models.Instant) bool {
	start, err := models.ParseInstant(v["start"])
	return err == nil && !start.After(now)
}
