package models

import "slices"

// AskState is how a partner has answered to one time of a place it lends.
type AskState string

// The states of an answer. None: nobody is asked. Lapsed: no answer came in time.
// Withdrawn: the time is not wanted any more; a yes to it is a yes to nothing else.
const (
	AskNone      AskState = ""
	AskWanted    AskState = "wanted"
	AskGiven     AskState = "given"
	AskRefused   AskState = "refused"
	AskLapsed    AskState = "lapsed"
	AskWithdrawn AskState = "withdrawn"
)

var askMoves = map[AskState][]AskState{
	AskWanted:  {AskGiven, AskRefused, AskLapsed, AskWithdrawn},
	AskGiven:   {AskWithdrawn},
	AskRefused: {AskWithdrawn},
	AskLapsed:  {AskWithdrawn},
}

// CanBecome reports whether the move is legal.
func (s AskState) CanBecome(next AskState) bool { return legal(askMoves, s, next) }

// Settled reports whether nobody's yes stands in the way of using the place.
func (s AskState) Settled() bool { return s == AskNone || s == AskGiven }

// OwnerAsk is a set of times for which a partner is asked at once: the evenings of an
// activity, the slots of a contest. SourceKind and SourceID are the kernel's word for
// the feature and the set there. OwnerID is who lent the venue when it was asked.
type OwnerAsk struct {
	ID         int64
	SourceKind string
	SourceID   int64
	VenueID    int64
	OwnerID    int64
	OrgID      int64 // who asks
	Title      string
	Path       string // page of the set for its staff
	Deadline   Instant
	CreatedBy  int64
	CreatedAt  Instant
}

// OwnerAskTime is one time of an ask. It never changes its time: what is moved is
// withdrawn and asked for anew. ItemID is the feature's: a session, a slot.
type OwnerAskTime struct {
	ID         int64
	AskID      int64
	SourceKind string
	SourceID   int64
	ItemID     int64
	RoomID     int64
	StartsAt   Instant
	EndsAt     Instant
	State      AskState
	DecidedBy  *int64
	DecidedAt  Instant
	Reason     string
}

// Span is the time itself, without buffers.
func (t OwnerAskTime) Span() Span { return Span{t.StartsAt, t.EndsAt} }

// OwnerTime is one time of a place that a feature wants.
type OwnerTime struct {
	ItemID int64
	RoomID int64
	Span   Span
}

// OwnerQuestion asks whoever lends some rooms for times of a set.
type OwnerQuestion struct {
	Source string
	SetID  int64
	OrgID  int64
	Title  string
	Path   string
	Times  []OwnerTime
}

// OwnerAnswer is what a partner said to some times of a set, or that nothing was said
// in time: given, refused or lapsed.
type OwnerAnswer struct {
	SetID  int64
	State  AskState
	Reason string
	Times  []OwnerTime
}

// OwnerStanding is how the ask for one time stands.
type OwnerStanding struct {
	SetID    int64
	ItemID   int64
	Owner    string
	Venue    string
	State    AskState
	Deadline Instant // of one that is wanted
	Reason   string
}

// OwnerStandings are those of a set.
type OwnerStandings []OwnerStanding

// Of is how an item stands: of several places the one that is furthest from a yes.
func (all OwnerStandings) Of(item int64) (worst OwnerStanding) {
	order := []AskState{AskNone, AskGiven, AskWanted, AskLapsed, AskRefused}
	for _, x := range all {
		if x.ItemID == item && slices.Index(order, x.State) > slices.Index(order, worst.State) {
			worst = x
		}
	}
	return worst
}
