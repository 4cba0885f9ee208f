// Package booking is the kernel: who has a resource when (occupancies), and who
// has which places of an event (seats). Everything that can be booked goes
// through it, and it knows nothing of films, rooms or lectures.
//
// It decides lists under one lock. A booking is a list of one; bookings that
// wait at the same moment become one list and one commit.
package booking

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"

	"github.com/google/uuid"
)

// Options are the choices of the program that runs the kernel.
type Options struct {
	GroupCommit GroupCommit
	NewID       func() string  // booking ids; nil is UUIDv7
	NewCode     func() string  // pick-up codes; nil is random
	NewToken    func() string  // links of offers; nil is random
	Zone        *time.Location // in which a day begins; nil is China's
}

// GroupCommit says whether bookings that wait at the same moment share a commit.
type GroupCommit string

// Grouped is the default.
const (
	Grouped GroupCommit = "grouped"
	Single  GroupCommit = "single"
)

// Notices is where the kernel leaves messages, inside its transaction.
type Notices interface {
	Enqueue(tx *db.Tx, notices ...notify.Notice) error
	Void(tx *db.Tx, subject string, kinds ...string) error
}

// Service is the kernel.
type Service struct {
	db      *db.DB
	notices Notices
	opts    Options
	lanes   []*lane
	plans   sync.Map // plan id → *models.SeatPlan
	changed []func(eventID int64)
	pages   map[string]Pages
	asks    map[string]func(tx *db.Tx, event int64) (bool, error)
}

// New starts the kernel; Close ends its lanes.
func New(d *db.DB, n Notices, o Options) *Service {
	if o.NewID == nil {
		o.NewID = NewID
	}
	if o.NewCode == nil {
		o.NewCode = NewCode
	}
	if o.NewToken == nil {
		o.NewToken = newToken
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("CST", 8*60*60)
	}
	s := &Service{db: d, notices: n, opts: o, pages: map[string]Pages{}, asks: map[string]func(*db.Tx, int64) (bool, error){}}
	if o.GroupCommit != Single {
		s.startLanes()
	}
	return s
}

// OnChange has f called after every commit that changed the places of an event,
// or who of its people is here. It is for building the program, before the first booking.
func (s *Service) OnChange(f func(eventID int64)) { s.changed = append(s.changed, f) }

// Pages are where the people of a kind of event read on: a list of what there is,
// Event and Booking the beginnings of pages that end in the id. Words is what their
// messages call a place where that is no seat, see notify.Of; empty: a seat.
type Pages struct{ List, Event, Booking, Words string }

// worded has a notice about an event speak of its places as its kind does.
func (s *Service) worded(e models.Event, n notify.Notice) notify.Notice {
	if of := s.pages[e.Kind].Words; of != "" {
		n.Vars[notify.Of] = of
	}
	return n
}

// SetPages says so for a kind of event. It is for building the program, before
// the first booking; events of other kinds are screenings to it.
func (s *Service) SetPages(kind string, p Pages) { s.pages[kind] = p }

// SetAsks says of a kind which of its events take nobody before their staff has said
// yes: what a waiting list offers there stays held when it is accepted. It is for
// building the program, before the first booking.
func (s *Service) SetAsks(kind string, asks func(tx *db.Tx, event int64) (bool, error)) {
	s.asks[kind] = asks
}

func (s *Service) asksFor(tx *db.Tx, e models.Event) (bool, error) {
	if asks := s.asks[e.Kind]; asks != nil {
		return asks(tx, e.ID)
	}
	return false, nil
}

func (s *Service) pagesOf(e models.Event) Pages {
	if p, ok := s.pages[e.Kind]; ok {
		return p
	}
	return Pages{List: "/screenings", Event: "/screenings/", Booking: "/bookings/"}
}

// BookingPath is the page of a booking of an event.
func (s *Service) BookingPath(kind, id string) string {
	return s.bookingPath(models.Event{Kind: kind}, id)
}

func (s *Service) bookingPath(e models.Event, id string) string { return s.pagesOf(e).Booking + id }

// eventPath leads back to where somebody can join again.
func (s *Service) eventPath(e models.Event) string {
	return s.pagesOf(e).Event + strconv.FormatInt(e.ID, 10)
}

func (s *Service) tell(tx *db.Tx, events ...models.Event) {
	tx.AfterCommit(func() {
		for _, e := range events {
			for _, f := range s.changed {
				f(e.ID)
			}
		}
	})
}

// Close answers what waits and ends the lanes. No booking may be asked for after it.
func (s *Service) Close() {
	for _, l := range s.lanes {
		l.close()
	}
}

// codeLetters leaves out what is mistaken for something else when read aloud or
// in small print: 0 O, 1 I L, and U V.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTWXYZ"

// NewID is a UUIDv7, the public id of a booking of any kind.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// NewCode is eight letters: 5·10¹¹ codes, not to be guessed at a door.
func NewCode() string {
	b := make([]byte, 0, 8)
	buf := make([]byte, 16)
	for len(b) < 8 {
		_, _ = rand.Read(buf)
		for _, x := range buf {
			if int(x) < len(codeLetters)*8 && len(b) < 8 {
				b = append(b, codeLetters[int(x)%len(codeLetters)])
			}
		}
	}
	return string(b)
}

// CleanCode is the stored form of a code as people type it: "6k2m 7qxd".
func CleanCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\u3000':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimSpace(s))
}

// ShowCode is the code in two groups, for people.
func ShowCode(s string) string {
	if len(s) != 8 {
		return s
	}
	return s[:4] + " " + s[4:]
}

func fieldAt(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }

// inShort is joinLabels for the log: a whole hall is its number and its ends.
func inShort(seats []SeatRef) string {
	const most = 20
	if n := len(seats); n > most {
		return fmt.Sprintf("%d: %s … %s", n, seats[0].Label, seats[n-1].Label)
	}
	return joinLabels(seats)
}

// said is what a message calls the places of a party: its seats, or how many
// where places are only counted.
func said(e models.Event, seats []SeatRef) string {
	if e.Numbered() {
		return strconv.Itoa(len(seats)) + " 个名额"
	}
	return joinLabels(seats)
}

// joinLabels is 5排7座、8座: the row is said once while it stays the same.
func joinLabels(seats []SeatRef) string {
	var b strings.Builder
	last := ""
	for i, s := range seats {
		if i > 0 {
			b.WriteString("、")
		}
		row, rest, ok := strings.Cut(s.Label, "排")
		if ok && i > 0 && row == last {
			b.WriteString(rest)
			continue
		}
		b.WriteString(s.Label)
		last = row
	}
	return b.String()
}
