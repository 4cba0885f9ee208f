package models

import "time"

// LectureState is where an order of a lecture or a service stands.
type LectureState string

// The states of an order (点单). An order is submitted for review, returned to
// who ordered or merged into a similar one, then waits to be dispatched (派单),
// is offered to teams, accepted by one (接单), delivered, rated (评单), closed.
// Escalated: it was due and nobody acted, or nobody could be found, so that the
// next level up has to act.
const (
	LectureDraft      LectureState = "draft"
	LectureSubmitted  LectureState = "submitted"
	LectureReturned   LectureState = "returned"
	LectureMerged     LectureState = "merged"
	LectureToDispatch LectureState = "to_dispatch"
	LectureDispatched LectureState = "dispatched"
	LectureEscalated  LectureState = "escalated"
	LectureAccepted   LectureState = "accepted"
	LectureInService  LectureState = "in_service"
	LectureToRate     LectureState = "to_rate"
	LectureClosed     LectureState = "closed"
	LectureCancelled  LectureState = "cancelled"
)

// lectureMoves is every legal move. An accepted order may end without a begin
// ever marked; a closed one is open again for a week; what was merged goes its
// own way when the order that it went into is called off.
var lectureMoves = map[LectureState][]LectureState{
	LectureDraft:      {LectureSubmitted, LectureCancelled},
	LectureSubmitted:  {LectureReturned, LectureMerged, LectureToDispatch, LectureEscalated, LectureCancelled},
	LectureReturned:   {LectureSubmitted, LectureCancelled},
	LectureMerged:     {LectureToDispatch, LectureToRate, LectureCancelled},
	LectureToDispatch: {LectureReturned, LectureMerged, LectureDispatched, LectureEscalated, LectureCancelled},
	LectureDispatched: {LectureToDispatch, LectureAccepted, LectureEscalated, LectureCancelled},
	LectureEscalated:  {LectureReturned, LectureMerged, LectureToDispatch, LectureDispatched, LectureEscalated, LectureCancelled},
	LectureAccepted:   {LectureToDispatch, LectureInService, LectureToRate, LectureCancelled},
	LectureInService:  {LectureToRate},
	LectureToRate:     {LectureClosed},
	LectureClosed:     {LectureToDispatch},
}

// LectureStates lists all states in the order of an order's life.
func LectureStates() []LectureState {
	return []LectureState{LectureDraft, LectureSubmitted, LectureReturned, LectureMerged, LectureToDispatch, LectureDispatched,
		LectureEscalated, LectureAccepted, LectureInService, LectureToRate, LectureClosed, LectureCancelled}
}

// CanBecome reports whether the move is legal.
func (s LectureState) CanBecome(next LectureState) bool { return legal(lectureMoves, s, next) }

// Ended reports whether nothing more is to be done.
func (s LectureState) Ended() bool { return s == LectureClosed || s == LectureCancelled }

// Open reports whether staff have to act: review it, or find a team.
func (s LectureState) Open() bool {
	return s == LectureSubmitted || s == LectureToDispatch || s == LectureDispatched || s == LectureEscalated
}

// Agreed reports whether a team has the order's session in hand.
func (s LectureState) Agreed() bool { return s == LectureAccepted || s == LectureInService }

// The bounds of an order's life; ours.
const (
	LectureReopenFor  = 7 * 24 * time.Hour  // after it was closed
	LectureRateFor    = 7 * 24 * time.Hour  // then it is 未评
	LectureOfferFor   = 24 * time.Hour      // then the next team is asked
	LectureWaitFor    = 30 * 24 * time.Hour // a draft, or the orderer's answer; then it ends
	LectureEndGrace   = 2 * time.Hour       // after the planned end; then the job marks it
	LectureTries      = 3                   // rounds of offers before the next level up is asked
	LectureReviewMin  = 8 * 60              // working minutes
	LectureMoveMin    = 8 * 60              // working minutes to find a team
	MaxLecturePhotos  = 6
	MinLectureAnswers = 5    // below so many ratings no average is shown
	LectureCallback   = 0.05 // part of the orders drawn to be called back
)

// LecturePlace says where it is to be.
type LecturePlace string

// The orderer's own room; a room of the district, taken together with the team;
// an address that nobody sees but the team on duty.
const (
	PlaceOwn     LecturePlace = "own"
	PlaceRoom    LecturePlace = "room"
	PlaceAddress LecturePlace = "address"
)

// DispatchMode is how a team is found.
type DispatchMode string

// To one team; to all that could come, where the first to accept has it; to the
// team whose turn it is.
const (
	DispatchDirect   DispatchMode = "direct"
	DispatchOpen     DispatchMode = "open"
	DispatchRotation DispatchMode = "rotation"
)

// LectureOrder is one order. Holder, Person and ForOrg say whose it is, as with
// bookings; OrgID is the community that it is for.
type LectureOrder struct {
	ID          string // UUIDv7
	OrgID       int64
	HolderID    *int64
	PersonID    *int64
	ForOrgID    *int64
	Name        string
	Contact     string
	PhoneEnc    string
	Channel     Channel
	ReadBack    bool
	TopicID     *int64
	Wish        string
	WishID      *int64
	Audience    LectureAudience
	Heads       int
	LengthMin   int
	Note        string
	FirstAt     Instant
	SecondAt    Instant
	FromDay     Day
	UntilDay    Day
	PlaceKind   LecturePlace
	Place       string
	RoomID      *int64
	AddressEnc  string
	State       LectureState
	Level       int
	Mode        DispatchMode
	Tries       int
	Reason      string
	MergedInto  *string
	SessionID   *int64
	RateHash    *string
	RateUntil   Instant
	Callback    bool
	CalledAt    Instant
	CalledNote  string
	Reopened    int
	CreatedBy   int64
	CreatedAt   Instant
	SubmittedAt Instant
	ChangedAt   Instant
	ClosedAt    Instant
}

// Length is how long the session takes.
func (o LectureOrder) Length() time.Duration { return time.Duration(o.LengthMin) * time.Minute }

// Flexible reports whether any of some weeks would do.
func (o LectureOrder) Flexible() bool { return o.FirstAt.IsZero() }

// LastStart is the last moment at which a session that was wanted could begin.
func (o LectureOrder) LastStart(zone *time.Location) Instant {
	if o.Flexible() {
		return o.UntilDay.Add(1).At(0, zone)
	}
	if o.SecondAt.After(o.FirstAt) {
		return o.SecondAt
	}
	return o.FirstAt
}

// LectureSessionState is where a session stands.
type LectureSessionState string

// The states of a session. Dropped: the team gave it back, or it was called off.
const (
	LecturePlanned LectureSessionState = "planned"
	LectureRunning LectureSessionState = "running"
	LectureDone    LectureSessionState = "done"
	LectureDropped LectureSessionState = "dropped"
)

// LectureSession is what a team has agreed to: one time, one place, for one
// order or for several merged ones.
type LectureSession struct {
	ID        int64
	TeamID    int64
	RoomID    *int64
	StartsAt  Instant
	EndsAt    Instant
	State     LectureSessionState
	BegunAt   Instant
	EndedAt   Instant
	Heads     *int // who came, as the team counted; nil: nobody said
	Note      string
	Flagged   bool // nobody marked its end
	CreatedAt Instant
}

// OfferState is where an offer to a team stands.
type OfferState string

// The states of an offer. Lost: another team was first. Withdrawn: the order is
// gone, or was dispatched anew. Served: accepted and delivered, before the order was
// opened again.
const (
	OfferWaiting   OfferState = "waiting"
	OfferAccepted  OfferState = "accepted"
	OfferDeclined  OfferState = "declined"
	OfferLapsed    OfferState = "lapsed"
	OfferLost      OfferState = "lost"
	OfferWithdrawn OfferState = "withdrawn"
	OfferServed    OfferState = "served"
)

// LectureOffer asks a team whether it comes. ProposedAt is another time that the
// team would come at; the offer waits on until somebody decides.
type LectureOffer struct {
	ID         int64
	OrderID    string
	TeamID     int64
	Round      int
	Mode       DispatchMode
	StartsAt   Instant
	EndsAt     Instant
	State      OfferState
	TokenHash  string
	Deadline   Instant
	ProposedAt Instant
	Reason     string
	CreatedBy  int64
	CreatedAt  Instant
	AnsweredAt Instant
}

// LectureStep names a clock.
type LectureStep string

// The steps that have a deadline in working minutes.
const (
	StepReview   LectureStep = "review"
	StepDispatch LectureStep = "dispatch"
)

// LectureClock is the time an order has for a step. DueAt stays as it was told,
// with the version of the calendar that it was counted by; it is zero while it runs
// into a year that is not published.
type LectureClock struct {
	ID        int64
	OrderID   string
	Step      LectureStep
	Minutes   int
	StartedAt Instant
	DueAt     Instant
	Calendar  int64 // 0: not told yet, the year is not published
	StoppedAt Instant
	SpentMin  *int
	Paused    bool
}

// The faces of a rating.
const (
	FaceGood = 3
	FaceSoSo = 2
	FacePoor = 1
)

// LectureRating is one answer of who ordered, about one session: an order that was
// opened again is rated again.
type LectureRating struct {
	OrderID   string
	SessionID int64
	Face      int
	Text      string
	RatedAt   Instant
}

// LectureScore sums ratings up: of so many orders delivered and over, so many
// were rated. Average is of the faces, and known only from MinLectureAnswers on.
type LectureScore struct {
	Asked   int
	Rated   int
	Average float64
	Known   bool
}

// ScoreLectures sums up the faces of what was rated among so many asked.
func ScoreLectures(asked int, faces []int) LectureScore {
	s := LectureScore{Asked: asked, Rated: len(faces), Known: len(faces) >= MinLectureAnswers}
	if !s.Known {
		return s
	}
	sum := 0
	for _, f := range faces {
		sum += f
	}
	s.Average = float64(sum) / float64(len(faces))
	return s
}

// Percent is how many of a hundred answered.
func (s LectureScore) Percent() int {
	if s.Asked == 0 {
		return 0
	}
	return 100 * s.Rated / s.Asked
}
