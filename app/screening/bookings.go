package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Ticket is a booking with what a reader needs to know of its screening.
type Ticket struct {
	models.Booking
	Title        string
	StartsAt     models.Instant
	EndsAt       models.Instant
	CancelUntil  models.Instant
	EventState   models.EventState
	EventVersion int64
	HallName     string
	Venue        string
	Address      string
	HallPhone    string
	Route        string
	BranchName   string // of the booking's branch
	BranchPath   string
	PlacePath    string            // of who runs the hall
	Shown        Showing           `gorm:"embedded"`
	Whole        bool              // the branch has the whole hall
	DeskPath     string            // of the desk that keeps the person, "" for account holders
	Seats        []booking.SeatRef `gorm:"-"`
}

const ticketQuery = `SELECT b.*, e.title, e.starts_at, e.ends_at, e.cancel_until, e.state AS event_state, e.version AS event_version,
	r.name AS hall_name, h.venue, h.address, h.phone AS hall_phone, h.route,
	COALESCE(bo.name, '') AS branch_name, COALESCE(bo.path, '') AS branch_path, po.path AS place_path, COALESCE(dk.path, '') AS desk_path,
	CASE WHEN sc.branch_org_id = b.org_id THEN sc.projectionist ELSE '' END AS shown_by, CASE WHEN sc.branch_org_id = b.org_id THEN COALESCE(pp.phone_enc, '') ELSE '' END AS shown_phone_enc,
	CASE WHEN sc.branch_org_id = b.org_id THEN sc.cost ELSE '' END AS shown_cost,
	sc.branch_org_id IS NOT NULL AS whole
	FROM bookings b JOIN events e ON e.id = b.event_id JOIN resources r ON r.id = e.resource_id
	JOIN halls h ON h.id = e.resource_id JOIN orgs po ON po.id = e.org_id LEFT JOIN orgs bo ON bo.id = b.org_id
	LEFT JOIN people pe ON pe.id = b.person_id LEFT JOIN orgs dk ON dk.id = pe.org_id
	LEFT JOIN screenings sc ON sc.id = b.event_id LEFT JOIN people pp ON pp.id = sc.projectionist_id`

// below is the condition that a path column lies in one of the scopes, as
// ranges that an index can answer; '0' is the letter after '/'.
func below(column string, scope []string) (string, []any) {
	if len(scope) == 0 {
		return "1 = 0", nil
	}
	var parts []string
	var args []any
	for _, p := range scope {
		parts = append(parts, "("+column+" >= ? AND "+column+" < ?)")
		args = append(args, p, strings.TrimSuffix(p, "/")+"0")
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// visible is the condition that the actor may see a booking: it is one's own
// (a branch's booking is the branch's, whoever made it),
// of one's branch, at a place in one's scope, or for a caller of one's desk.
func visible(a auth.Actor) (string, []any) {
	where, args := "((b.holder_id = ? AND b.org_id IS NULL)", []any{a.AccountID}
	for _, x := range []struct {
		column string
		scope  []string
	}{
		{"bo.path", a.Scope(auth.BookForBranch)},
		{"po.path", a.Scope(auth.BookingRead)},
		{"dk.path", a.Scope(auth.BookForOthers)},
	} {
		in, more := below(x.column, x.scope)
		where, args = where+" OR "+in, append(args, more...)
	}
	return where + ")", args
}

// mine is the narrower condition of the page 我的预约.
func mine(a auth.Actor) (string, []any) {
	own := branchesOf(a)
	if len(own) == 0 {
		return "(b.holder_id = ? AND b.org_id IS NULL)", []any{a.AccountID}
	}
	return "((b.holder_id = ? AND b.org_id IS NULL) OR b.org_id IN ?)", []any{a.AccountID, own}
}

// Shelf narrows a list of bookings.
type Shelf struct {
	list.Query
	Whose       Whose
	ScreeningID int64
	Status      models.BookingStatus
	When        When
	OrgID       int64 // the branch they belong to
}

// Whose says how widely a list looks.
type Whose string

// WhoseMine is one's own and one's branches'; WhoseAll everything visible.
const (
	WhoseMine Whose = "mine"
	WhoseAll  Whose = "all"
)

// When narrows a list by time.
type When string

// Upcoming bookings are those whose screening is not over. What is held for
// somebody's decision is in neither list: it stands with what was asked for.
const (
	WhenAny      When = ""
	WhenUpcoming When = "upcoming"
	WhenPast     When = "past"
)

// Bookings lists bookings, the next screening first; past ones last first.
func (s *Service) Bookings(ctx context.Context, a auth.Actor, sh Shelf) (out list.Of[Ticket], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := visible(a)
		if sh.Whose != WhoseAll {
			where, args = mine(a)
		}
		and := func(clause string, values ...any) { where, args = where+" AND "+clause, append(args, values...) }
		if sh.ScreeningID != 0 {
			and("b.event_id = ?", sh.ScreeningID)
		}
		if sh.Status != "" {
			and("b.status = ?", sh.Status)
		}
		if sh.OrgID != 0 {
			and("b.org_id = ?", sh.OrgID)
		}
		fallback := "-created_at"
		switch sh.When {
		case WhenUpcoming:
			and("e.ends_at > ? AND b.status = 'booked'", tx.Now())
			fallback = "starts_at"
		case WhenPast:
			and("(e.ends_at <= ? OR b.status NOT IN ('booked','held'))", tx.Now())
			and("NOT EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.booking_id = b.id AND w.state <> 'taken')") // was offered, never booked
			fallback = "-starts_at"
		case WhenAny:
		}
		from := ticketQuery[strings.Index(ticketQuery, "FROM bookings"):] + " WHERE " + where
		var total int64
		if err := tx.Scan(&total, "SELECT COUNT(*) "+from, args...); err != nil {
			return err
		}
		order := sh.Order(map[string]string{"starts_at": "e.starts_at", "created_at": "b.created_at"}, fallback, "b.id")
		_, per, off := sh.Window()
		var rows []Ticket
		if err := tx.Scan(&rows, ticketQuery+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...); err != nil {
			return err
		}
		out = list.New(sh.Query, rows, total)
		return withSeats(tx, out.Items)
	})
	return out, err
}

func withSeats(tx *db.Tx, ts []Ticket) error {
	ids := make([]string, len(ts))
	for i, t := range ts {
		ids[i] = t.ID
	}
	seats, err := booking.SeatsOf(tx, ids...)
	for i := range ts {
		if ts[i].Seats = seats[ts[i].ID]; ts[i].Seats == nil {
			ts[i].Seats = []booking.SeatRef{}
		}
	}
	return err
}

// ticket returns a booking the actor may see; ErrNotFound otherwise.
func ticket(tx *db.Tx, a auth.Actor, id string) (Ticket, error) {
	where, args := visible(a)
	var t Ticket
	ok, err := tx.One(&t, ticketQuery+" WHERE b.id = ? AND "+where, append([]any{id}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return t, err
	}
	one := []Ticket{t}
	err = withSeats(tx, one)
	return one[0], err
}

// Ticket returns one booking.
func (s *Service) Ticket(ctx context.Context, a auth.Actor, id string) (t Ticket, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { t, err = ticket(tx, a, id); return err })
	return t, err
}

// GivingUp is why a booking is given up, by which way, and whether the clerk
// read that back.
type GivingUp struct {
	Reason   string
	Channel  models.Channel
	ReadBack booking.ReadBack
}

// Cancel gives a booking back: its holder and its branch until the limit, the
// desk until the start. The desk must say by which way it was asked to.
func (s *Service) Cancel(ctx context.Context, a auth.Actor, id string, in GivingUp) (t Ticket, err error) {
	channel := in.Channel
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if t, err = ticket(tx, a, id); err != nil {
			return err
		}
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: in.Reason, Limit: booking.UntilLimit}
		own := owns(a, t)
		if desksFor(a, t) {
			c.Limit = booking.UntilStart
			if channel == "" && onBehalf(a, t) {
				channel = models.ChannelPhone
			}
		} else if !own {
			return errs.ErrForbidden
		}
		if channel != "" && c.Limit == booking.UntilStart {
			c.Channel = channel
			c.ReadBack = in.ReadBack && channel != models.ChannelOnline
		}
		if err := s.giveUp(tx, t.EventID, id, c); err != nil {
			return err
		}
		t, err = ticket(tx, a, id)
		return err
	})
	return t, err
}

// giveUp cancels a booking. When a branch gives the whole hall back, the
// screening that was opened for it is called off with it: its time is free again.
func (s *Service) giveUp(tx *db.Tx, event int64, id string, c booking.Cancelling) error {
	v, err := get(tx, event)
	if err != nil {
		return err
	}
	if v.BranchOrgID != nil {
		if err := booking.LockResources(tx, v.ResourceID); err != nil {
			return err
		}
	}
	b, e, err := booking.Locked(tx, id)
	if err != nil {
		return err
	}
	was := b.Status
	if b, err = s.kernel.Cancel(tx, b, e, c); err != nil || was == b.Status {
		return err
	}
	if was == models.BookingHeld {
		return s.endBlocks(tx, e, models.BlockWithdrawn, c)
	}
	if v.BranchOrgID == nil {
		return nil
	}
	return s.end(tx, c.Actor, v, models.HallWithdrawn, c.Reason)
}
