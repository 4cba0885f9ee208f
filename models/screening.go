package models

import "time"

// Hall is a resource with seats. Its id is the resource's.
type Hall struct {
	ID      int64
	Code    string
	Venue   string
	Address string
	Phone   string
	Route   string // how to get there
	PlanID  *int64

	ReleasedOnly bool         // only hours that the cinema released can be had
	Confirm      ConfirmOrder // whether the cinema confirms, and when
	LeadHours    int          // a branch asks for the hall at least so long before
	PersonSeats  int          // seats one person may have in a public screening; 0 is no limit
}

// The usual rules of a hall: a day for everybody who has to say yes, and for one
// person as many seats as one booking may have.
const (
	UsualLeadHours   = 24
	UsualPersonSeats = 20
)

// Film is shown as a party lesson inside its licence window.
type Film struct {
	ID          int64
	Title       string
	RuntimeMin  int
	Theme       string
	Synopsis    string
	LicenceFrom Instant
	LicenceTo   Instant
	CreatedAt   Instant
	ArchivedAt  Instant
}

// Licensed reports whether the whole span lies in the licence window.
func (f Film) Licensed(s Span) bool {
	return !s.Start.Before(f.LicenceFrom) && !s.End.After(f.LicenceTo)
}

// Screening is an event with a film; its id is the event's.
type Screening struct {
	ID          int64
	FilmID      int64
	OathMin     int
	RuntimeMin  int
	CleanupMin  int
	BranchOrgID *int64 // the branch that has the whole hall
	Note        string

	ConfirmUntil    Instant // while the cinema's yes is awaited; zero: it is not
	ConfirmedBy     *int64
	ConfirmedAt     Instant
	Projectionist   string
	ProjectionistID *int64 // the person whose number is known
	Cost            string // what the cinema charges and who pays, in words
}

// The usual minutes around a film. The oath (宣誓) comes before it, the cleaning
// after; both are ours, editable per screening.
const (
	DefaultOathMin    = 15
	DefaultCleanupMin = 20
)

// ScreeningSpans returns the time of the event (oath and film) and the time the
// hall is occupied (with the cleaning) for a start.
func ScreeningSpans(start Instant, oathMin, runtimeMin, cleanupMin int) (event, occupied Span) {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	end := start.Add(minutes(oathMin + runtimeMin))
	return Span{start, end}, Span{start, end.Add(minutes(cleanupMin))}
}

// HallRequestStatus is where a request for the whole hall stands.
type HallRequestStatus string

// A pending request waits for the scheduler, a confirming one for the cinema;
// either has the time or queues behind who has it. A proposed one waits for the
// branch's answer to another time.
const (
	HallPending    HallRequestStatus = "pending"
	HallConfirming HallRequestStatus = "confirming"
	HallProposed   HallRequestStatus = "proposed"
	HallApproved   HallRequestStatus = "approved"
	HallDeclined   HallRequestStatus = "declined"
	HallExpired    HallRequestStatus = "expired"
	HallWithdrawn  HallRequestStatus = "withdrawn"
)

var hallMoves = map[HallRequestStatus][]HallRequestStatus{
	HallPending:    {HallApproved, HallConfirming, HallDeclined, HallProposed, HallExpired, HallWithdrawn},
	HallConfirming: {HallApproved, HallPending, HallDeclined, HallProposed, HallExpired, HallWithdrawn},
	HallProposed:   {HallApproved, HallConfirming, HallDeclined, HallExpired, HallWithdrawn, HallProposed},
	HallApproved:   {HallDeclined, HallWithdrawn}, // with its screening: called off by staff, given back by the branch
}

// Open reports whether a request is still to be decided by somebody.
func (s HallRequestStatus) Open() bool {
	return s == HallPending || s == HallConfirming || s == HallProposed
}

// CanBecome reports whether the move is legal.
func (s HallRequestStatus) CanBecome(next HallRequestStatus) bool { return legal(hallMoves, s, next) }

// HallRequest is a branch's wish for the whole hall at a time. Span is what the
// hall would be occupied for; Holds says whether the request has that time.
type HallRequest struct {
	ID         int64
	HallID     int64
	FilmID     int64
	OrgID      int64
	HolderID   int64
	StartsAt   Instant
	SpanStart  Instant
	SpanEnd    Instant
	Headcount  int
	Purpose    string
	Oath       bool
	Status     HallRequestStatus
	Holds      bool
	Deadline   Instant
	Channel    Channel
	CreatedBy  int64
	CreatedAt  Instant
	DecidedBy  *int64
	DecidedAt  Instant
	Reason     string
	ProposedAt Instant // the proposed start
	EventID    *int64

	AgreedBy        *int64 // the scheduler that said yes while the cinema's is awaited
	AgreedAt        Instant
	ConfirmedBy     *int64 // of the cinema
	ConfirmedAt     Instant
	Projectionist   string
	ProjectionistID *int64
	Cost            string
}

// Span is the time the hall would be occupied.
func (h HallRequest) Span() Span { return Span{h.SpanStart, h.SpanEnd} }
