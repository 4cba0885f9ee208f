package room

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type callerIn struct {
	Name  string `json:"name" validate:"omitempty,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
}

type bookIn struct {
	httpapi.Keyed
	byIDIn
	Start       models.Instant            `json:"start" validate:"required"`
	End         models.Instant            `json:"end" validate:"required"`
	Purpose     string                    `json:"purpose" validate:"omitempty,plain,max=200"`
	Attendees   int                       `json:"attendees" validate:"min=0,max=10000"` // none said: one
	Guardian    string                    `json:"guardian" validate:"omitempty,plain,max=40"`
	Resources   []int64                   `json:"resources" validate:"max=20"`
	RRule       string                    `json:"rrule" validate:"max=300"`
	Skip        []models.Day              `json:"skip" validate:"max=200"`
	Instead     map[string]models.Instant `json:"instead" validate:"max=200"` // by date: another start of that occurrence
	AcceptRules *bool                     `json:"accept_rules"`               // left out: accepted by booking
	PersonID    int64                     `json:"person_id"`
	OrgID       int64                     `json:"org_id"`
	Caller      callerIn                  `json:"caller"`
	Channel     models.Channel            `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack    bool                      `json:"read_back"`
	Here        bool                      `json:"here"` // at the desk: who walked in is checked in with the booking
}

func (in bookIn) wish() (Wish, error) {
	instead, err := starts(in.Instead)
	w := Wish{RoomID: in.ID, Span: models.Span{Start: in.Start, End: in.End}, Purpose: in.Purpose, Attendees: max(in.Attendees, 1), Guardian: in.Guardian,
		Extras: in.Resources, Rule: in.RRule, Skip: in.Skip, Instead: instead, PersonID: in.PersonID, OrgID: in.OrgID, Caller: booking.Caller(in.Caller),
		Channel: in.Channel, ReadBack: booking.ReadBack(in.ReadBack), Here: in.Here, Key: in.Key}
	if in.AcceptRules != nil && !*in.AcceptRules {
		w.Rules = RulesUnread
	}
	return w, err
}

type bookingView struct {
	ID          string                   `json:"id"`
	Code        string                   `json:"code"`
	Kind        string                   `json:"kind" validate:"oneof=room"`
	RoomID      int64                    `json:"room_id"`
	Room        string                   `json:"room"`
	Venue       string                   `json:"venue"`
	Address     string                   `json:"address"`
	Start       models.Instant           `json:"start"`
	End         models.Instant           `json:"end"`
	Purpose     string                   `json:"purpose"`
	Attendees   int                      `json:"attendees"`
	Guardian    string                   `json:"guardian"`
	Name        string                   `json:"name"`
	OrgID       *int64                   `json:"org_id"`
	PersonID    *int64                   `json:"person_id"`
	Resources   []Named                  `json:"resources"` // that go along
	Status      models.RoomBookingStatus `json:"status" validate:"oneof=pending proposed booked declined expired cancelled attended no_show"`
	Holds       bool                     `json:"holds"`
	Deadline    *models.Instant          `json:"deadline"`
	PlaceOK     models.Consent           `json:"place_ok"` // the scheduler's yes: "" nobody is asked, wanted, given
	OwnerOK     models.Consent           `json:"owner_ok"` // the partner's
	Proposed    *Suggestion              `json:"proposed"`
	Reason      string                   `json:"reason"`
	SeriesID    string                   `json:"series_id,omitempty"`
	SeriesDay   string                   `json:"series_day,omitempty"`
	Changed     bool                     `json:"changed"` // an occurrence that was moved by itself
	CancelUntil models.Instant           `json:"cancel_until"`
	CheckedInAt *models.Instant          `json:"checked_in_at"`
	Channel     models.Channel           `json:"channel"`
	CreatedAt   models.Instant           `json:"created_at"`
	Version     int                      `json:"version"`
}

func viewBooking(b Booking) bookingView {
	v := bookingView{ID: b.UID, Code: b.Code, Kind: "room", RoomID: b.RoomID, Room: b.Title(), Venue: b.Venue, Address: b.Address, Start: b.StartsAt,
		End: b.EndsAt, Purpose: b.Purpose, Attendees: b.Attendees, Guardian: b.Guardian, Name: b.Name, OrgID: b.OrgID, PersonID: b.PersonID,
		Resources: b.Extras, Status: b.Status, Holds: b.Holds, Deadline: moment(b.Deadline), PlaceOK: b.PlaceOK, OwnerOK: b.OwnerOK, Reason: b.Reason,
		SeriesID: b.SeriesUID, SeriesDay: b.SeriesDay.String(), Changed: b.Changed, CancelUntil: b.CancelUntil, CheckedInAt: moment(b.CheckedInAt),
		Channel: b.Channel, CreatedAt: b.CreatedAt, Version: b.Version}
	if v.Resources == nil {
		v.Resources = []Named{}
	}
	if b.Status == models.RoomProposed && b.ProposedRoom != nil {
		v.Proposed = &Suggestion{*b.ProposedRoom, b.ProposedTitle(), b.ProposedStart, b.ProposedEnd}
	}
	return v
}

// moment is a moment that may not have come.
func moment(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

type bookingByID struct {
	ID string `path:"id" json:"-"`
}

type shelfIn struct {
	list.Query
	Whose   string                   `query:"whose" validate:"omitempty,oneof=mine all decide"`
	Status  models.RoomBookingStatus `query:"status" validate:"omitempty,oneof=pending proposed booked declined expired cancelled attended no_show"`
	When    string                   `query:"when" validate:"omitempty,oneof=upcoming past"`
	VenueID int64                    `query:"venue_id"`
	RoomID  int64                    `query:"room_id"`
	OrgID   int64                    `query:"org_id"`
	From    models.Instant           `query:"from"`
	To      models.Instant           `query:"to"`
}

func (in shelfIn) shelf() Shelf {
	return Shelf{RecordQuery: booking.RecordQuery{Query: in.Query, All: in.Whose == "all", Status: string(in.Status), When: in.When, OrgID: in.OrgID},
		VenueID: in.VenueID, RoomID: in.RoomID, Decides: in.Whose == "decide", From: in.From, To: in.To}
}

type approveIn struct {
	bookingByID
	Rivals []string `json:"rivals" validate:"max=500"` // those that were named
}

type reasonIn struct {
	bookingByID
	Reason string `json:"reason" validate:"required,plain,max=500"`
}

type anotherIn struct {
	bookingByID
	Start  models.Instant `json:"start" validate:"required"`
	End    models.Instant `json:"end" validate:"required"`
	RoomID int64          `json:"room_id"`
	Reason string         `json:"reason" validate:"omitempty,plain,max=500"`
}

func (in anotherIn) another() Another {
	return Another{models.Span{Start: in.Start, End: in.End}, in.RoomID, in.Reason}
}

type moveIn struct {
	anotherIn
	Version int  `json:"version"` // what was shown; left out: whatever there is
	DryRun  bool `json:"dry_run"` // says whether it could be, and moves nothing
}

type rivalsView struct {
	Items []Rival `json:"items"`
}

type decisionIn struct {
	ID     string   `json:"id" validate:"required,max=40"`
	Action string   `json:"action" validate:"required,oneof=approve decline"`
	Rivals []string `json:"rivals" validate:"max=500"`
	Reason string   `json:"reason" validate:"omitempty,plain,max=500"`
}

type decisionsIn struct {
	Decisions []decisionIn `json:"decisions" validate:"required,min=1,max=100,dive"`
}

// decisionView is what came of one decision of many.
type decisionView struct {
	ID     string                   `json:"id"`
	Status models.RoomBookingStatus `json:"status,omitempty"`
	Code   string                   `json:"code,omitempty"` // of the refusal, when it was not done
	Detail string                   `json:"detail,omitempty"`
	Rivals []Rival                  `json:"rivals,omitempty"`
}

type decisionsView struct {
	Items []decisionView `json:"items"`
}

// ruleRefusals are what the rules of a room may say to a wish.
var ruleRefusals = []*errs.Error{booking.ErrResourceTaken, ErrClosedThen, ErrPast, ErrTooEarly, ErrTooLate, ErrTooLong, ErrGrid, ErrSpan, ErrCapacity,
	ErrPerWeek, ErrDeskShare, ErrPaused, ErrGuardian, ErrAlone, booking.ErrRetired}

func refusals(more ...*errs.Error) []*errs.Error {
	return append(append([]*errs.Error{}, ruleRefusals...), more...)
}

func (s *Service) bookingRoutes(r *httpapi.Router) {
	const tag = "room bookings"
	httpapi.API(r, http.MethodPost, "/api/v1/rooms/:id/bookings", auth.SignedIn,
		httpapi.Op{Summary: "Book a room, once or by a rule of recurrence, with what goes along; all or none", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: refusals(ErrHouseRules, ErrNotOrg, models.ErrBadRule, ErrOccurrences, ErrNoOccurrence, booking.ErrDeskOnly, idem.ErrReused)},
		func(ctx context.Context, a auth.Actor, in bookIn) (Placed, error) {
			w, err := in.wish()
			if err != nil {
				return Placed{}, err
			}
			return s.Book(ctx, a, w)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/room-bookings", auth.SignedIn,
		httpapi.Op{Summary: "One's own bookings of rooms; all visible ones with whose=all, those that wait for one's yes with whose=decide", Tag: tag},
		func(ctx context.Context, a auth.Actor, in shelfIn) (list.Of[bookingView], error) {
			out, err := s.List(ctx, a, in.shelf())
			return list.Map(out, viewBooking), err
		})
	one := func(b Booking, err error) (bookingView, error) { return viewBooking(b), err }
	httpapi.API(r, http.MethodGet, "/api/v1/room-bookings/:id", auth.SignedIn, httpapi.Op{Summary: "One booking of a room", Tag: tag},
		func(ctx context.Context, a auth.Actor, in bookingByID) (bookingView, error) {
			return one(s.Get(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodGet, "/api/v1/room-bookings/:id/rivals", auth.SignedIn,
		httpapi.Op{Summary: "The other requests that a yes would decline", Tag: tag},
		func(ctx context.Context, a auth.Actor, in bookingByID) (rivalsView, error) {
			out, err := s.Rivals(ctx, a, in.ID)
			if out == nil {
				out = []Rival{}
			}
			return rivalsView{out}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/move", auth.SignedIn,
		httpapi.Op{Summary: "Give a booking of a room another time or room; refused with all that is in the way", Tag: tag, Errors: refusals(ErrDecided, ErrBegun, ErrChanged, booking.ErrCancelLate)},
		func(ctx context.Context, a auth.Actor, in moveIn) (bookingView, error) {
			return one(s.Move(ctx, a, in.ID, Moving{in.another(), in.Version, in.DryRun}))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/accept", auth.SignedIn,
		httpapi.Op{Summary: "The booker's yes to the time proposed; cancel is the no", Tag: tag, Errors: []*errs.Error{ErrDecided}},
		func(ctx context.Context, a auth.Actor, in bookingByID) (bookingView, error) {
			return one(s.Accept(ctx, a, in.ID))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/approve", auth.SignedIn,
		httpapi.Op{Summary: "The yes of the scheduler, or of the partner who lends the place; the rivals that it declines are to be named", Tag: tag,
			Errors: []*errs.Error{ErrDecided, ErrRivals, ErrClosedThen, booking.ErrResourceTaken}},
		func(ctx context.Context, a auth.Actor, in approveIn) (bookingView, error) {
			return one(s.Approve(ctx, a, in.ID, in.Rivals))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/decline", auth.SignedIn,
		httpapi.Op{Summary: "The no, with the reason; the time goes to the next in the queue", Tag: tag, Errors: []*errs.Error{ErrDecided}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (bookingView, error) {
			return one(s.Decline(ctx, a, in.ID, in.Reason))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/propose", auth.RoomDecide,
		httpapi.Op{Summary: "Offer another time, held until the booker answers", Tag: tag, Errors: refusals(ErrDecided)},
		func(ctx context.Context, a auth.Actor, in anotherIn) (bookingView, error) {
			return one(s.Propose(ctx, a, in.ID, in.another()))
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/decisions", auth.SignedIn,
		httpapi.Op{Summary: "Many decisions at once; each stands or falls by itself", Tag: tag},
		func(ctx context.Context, a auth.Actor, in decisionsIn) (decisionsView, error) {
			out := decisionsView{Items: make([]decisionView, len(in.Decisions))}
			for i, d := range in.Decisions {
				v, err := s.decision(ctx, a, d)
				if err != nil {
					return out, err
				}
				out.Items[i] = v
			}
			return out, nil
		})
}

// decision makes one decision of many; what only a person can mend is told, not returned.
func (s *Service) decision(ctx context.Context, a auth.Actor, d decisionIn) (decisionView, error) {
	b, err := s.Rule(ctx, a, Ruling{d.ID, d.Action == "approve", d.Rivals, d.Reason})
	if err == nil {
		return decisionView{ID: d.ID, Status: b.Status}, nil
	}
	refusal := errs.As(err)
	if refusal.Kind == errs.Internal || refusal.Kind == errs.Unavailable {
		return decisionView{}, err
	}
	rivals, _ := refusal.Extra["rivals"].([]Rival)
	return decisionView{ID: d.ID, Code: refusal.Code, Detail: httpapi.Say(ctx, refusal), Rivals: rivals}, nil
}
