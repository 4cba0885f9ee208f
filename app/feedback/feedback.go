// Package feedback takes complaints and suggestions, from anybody and on every
// page (the 2026 rules on government apps ask for the entry), and shows them to
// who answers them.
package feedback

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/app/secret"
	"youyue/models"
)

// Kind is what a message is.
type Kind string

// The kinds.
const (
	Complaint  Kind = "complaint"
	Suggestion Kind = "suggestion"
)

const (
	maxText    = 2000
	maxContact = 100
	maxPage    = 200
)

// Message is what somebody wrote. Contact is how to reach them, sealed in the
// database; it may be empty.
type Message struct {
	ID        int64
	AccountID *int64
	Kind      Kind
	Text      string
	Contact   string
	Page      string // the page they came from
	CreatedAt models.Instant
	DoneAt    models.Instant
	DoneBy    *int64
}

// Filter chooses messages; the zero value means what still waits.
type Filter struct {
	list.Query
	Done bool // those that were dealt with, instead
}

// Service keeps the messages.
type Service struct {
	db  *db.DB
	box *secret.Box
}

// New returns the service.
func New(d *db.DB, box *secret.Box) *Service { return &Service{db: d, box: box} }

// Send keeps a message, once for a key. Nobody needs to be signed in. It
// returns field faults.
func (s *Service) Send(ctx context.Context, a auth.Actor, m Message, key idem.Key) (id int64, err error) {
	m.Text, m.Contact = strings.TrimSpace(m.Text), strings.TrimSpace(m.Contact)
	if err := check(m); err != nil {
		return 0, err
	}
	row := row{Kind: m.Kind, Text: m.Text, ContactEnc: s.box.Seal(m.Contact), Page: m.Page}
	if a.SignedIn() {
		row.AccountID = &a.AccountID
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err = idem.Once(tx, key, func() (int64, error) {
			row.ID, row.CreatedAt = 0, tx.Now()
			return row.ID, insert(tx, &row)
		})
		return err
	})
	return id, err
}

func check(m Message) error {
	var faults []errs.Field
	tooLong := func(name, text string, most int) {
		if utf8.RuneCountInString(text) > most {
			faults = append(faults, errs.Field{Name: name, Code: "max", Args: map[string]any{"param": most}})
		}
	}
	if m.Kind != Complaint && m.Kind != Suggestion {
		faults = append(faults, errs.Field{Name: "kind", Code: "required"})
	}
	if m.Text == "" {
		faults = append(faults, errs.Field{Name: "text", Code: "required"})
	}
	tooLong("text", m.Text, maxText)
	tooLong("contact", m.Contact, maxContact)
	tooLong("page", m.Page, maxPage)
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

// List shows messages, the oldest waiting or the latest done first, with the
// contact opened.
func (s *Service) List(ctx context.Context, f Filter) (list.Of[Message], error) {
	var out list.Of[Message]
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := find(tx, f)
		if err != nil {
			return err
		}
		all := make([]Message, len(rows))
		for i, r := range rows {
			if all[i], err = s.open(r); err != nil {
				return err
			}
		}
		out = list.New(f.Query, all, total)
		return nil
	})
	return out, err
}

func (s *Service) open(r row) (Message, error) {
	contact, err := s.box.Open(r.ContactEnc)
	return Message{ID: r.ID, AccountID: r.AccountID, Kind: r.Kind, Text: r.Text, Contact: contact, Page: r.Page,
		CreatedAt: r.CreatedAt, DoneAt: r.DoneAt, DoneBy: r.DoneBy}, err
}

// Done marks a message as dealt with; a second time changes nothing.
// errs.ErrNotFound when there is none.
func (s *Service) Done(ctx context.Context, a auth.Actor, id int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		changed, err := setDone(tx, id, a.AccountID)
		if err != nil || !changed {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID = "feedback.done", "feedback", strconv.FormatInt(id, 10)
		return audit.Write(tx, l)
	})
}
