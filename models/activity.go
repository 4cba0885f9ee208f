package models

import (
	"slices"
	"time"
)

// ActivityKind is what residents do there; each has its word in the locale files.
type ActivityKind string

// ActivityKinds are the kinds, in the order in which choices show them. The
// groups are those named for 滨体 and 迎泽南, the district's festivals and points.
func ActivityKinds() []ActivityKind {
	return []ActivityKind{"reading", "yoga", "dance", "model", "choir", "craft", "class", "heritage", "law", "party_day",
		"talk", "health", "home_visit", "visit", "park", "festival", "sport", "other"}
}

// ValidActivityKind reports whether there is such a kind.
func ValidActivityKind(k ActivityKind) bool { return slices.Contains(ActivityKinds(), k) }

// ActivityAudience says for whom an activity is meant. All is every resident.
type ActivityAudience string

// The audiences. Branches are party branches and the desk for them.
const (
	ForAll      ActivityAudience = "all"
	ForChildren ActivityAudience = "children"
	ForAdults   ActivityAudience = "adults"
	ForElders   ActivityAudience = "elders"
	ForFamilies ActivityAudience = "families"
	ForSchools  ActivityAudience = "schools"
)

// ActivityAudiences lists them in the order of choices.
func ActivityAudiences() []ActivityAudience {
	return []ActivityAudience{ForAll, ForElders, ForChildren, ForFamilies, ForAdults, ForSchools}
}

// SignupFor says what one sign-up is for.
type SignupFor string

// Each session has places of its own, or one sign-up is for the whole term.
const (
	SignupSession SignupFor = "session"
	SignupTerm    SignupFor = "term"
)

// Choosing says who gets the places when more want to come.
type Choosing string

// First come, first served; or a public draw among all who entered in time.
const (
	ChooseFirst Choosing = "first"
	ChooseDraw  Choosing = "draw"
)

// ActivityState is where an activity stands.
type ActivityState string

// The states of an activity and their only moves: open → ended | cancelled.
const (
	ActivityOpen      ActivityState = "open"
	ActivityEnded     ActivityState = "ended"
	ActivityCancelled ActivityState = "cancelled"
)

var activityMoves = map[ActivityState][]ActivityState{ActivityOpen: {ActivityEnded, ActivityCancelled}}

// CanBecome reports whether the move is legal.
func (s ActivityState) CanBecome(next ActivityState) bool { return legal(activityMoves, s, next) }

// Activity is something that residents join: one session or a series. MaxAge 0 is
// no bound. EntriesUntil is set where places are drawn. StaffMin is how many of the
// team must go (two for visits at home); Home asks for an address, which only the
// team on duty reads.
type Activity struct {
	ID           int64
	OrgID        int64
	Kind         ActivityKind
	Title        string
	Summary      string
	Detail       string
	Teacher      string
	Place        string
	Address      string
	RoomID       *int64
	TeamID       *int64 // of volunteers or lecturers, whose time its sessions take
	Extras       string // JSON list of what goes along with the room
	Audience     ActivityAudience
	MinAge       int
	MaxAge       int
	Signup       SignupFor
	Choose       Choosing
	Approval     bool
	StaffMin     int
	Home         bool
	Capacity     int
	MaxParty     int
	OpensAt      Instant
	EntriesUntil Instant
	DrawnAt      Instant
	DrawUID      *string
	State        ActivityState
	Reason       string
	CellID       *int64
	CopiedFrom   *int64
	CreatedBy    int64
	CreatedAt    Instant
	PurgedAt     Instant
}

// HomeTeam is how many go to somebody's home at least: nobody goes alone. Ours.
const HomeTeam = 2

// NoMedicalData reports whether questions may not be asked: what somebody suffers
// from is told to the doctor, and written down nowhere here.
func (a Activity) NoMedicalData() bool { return a.Home || a.Kind == "health" || a.Kind == "home_visit" }

// GuardedUnder is the age under which a guardian agrees and fetches the child:
// eight to fourteen-year-olds act with consent, by the house's own rule.
const GuardedUnder = 14

// Guarded reports whether a guardian has to agree for somebody of this age; an
// age that is not known is asked for where children are meant.
func Guarded(age int) bool { return age > 0 && age < GuardedUnder }

// AsksAge reports whether whoever signs up says how old they are.
func (a Activity) AsksAge() bool {
	return a.MinAge > 0 || a.MaxAge > 0 || a.Audience == ForChildren
}

// household is how many people an account may bring to a session with the people it
// keeps, where one sign-up takes fewer. Ours: two parents, their parents and the children
// of some, who sign up apart.
const household = 6

// PerAccount bounds what one account has of a session, with all the people it keeps:
// anybody can write down relatives, and each may sign up, wait and draw apart.
func (a Activity) PerAccount() int { return max(a.MaxParty, household) }

// Suits reports whether somebody of an age may come.
func (a Activity) Suits(age int) bool {
	return age >= a.MinAge && (a.MaxAge == 0 || age <= a.MaxAge)
}

// SessionState is where one time of an activity stands.
type SessionState string

// The states of a session: planned → cancelled. A moved one stays planned.
const (
	SessionPlanned   SessionState = "planned"
	SessionCancelled SessionState = "cancelled"
)

var sessionMoves = map[SessionState][]SessionState{SessionPlanned: {SessionCancelled}}

// CanBecome reports whether the move is legal.
func (s SessionState) CanBecome(next SessionState) bool { return legal(sessionMoves, s, next) }

// ActivitySession is one time of an activity. Its places are those of the event.
type ActivitySession struct {
	ID         int64
	ActivityID int64
	EventID    int64
	Ord        int
	StartsAt   Instant
	EndsAt     Instant
	Place      string
	State      SessionState
	Reason     string
	MovedFrom  Instant
	ChangedAt  Instant // when it was last moved or cancelled
}

// Span is the time of the session itself.
func (s ActivitySession) Span() Span { return Span{s.StartsAt, s.EndsAt} }

// QuestionKind says how a question is answered.
type QuestionKind string

// The kinds of question. A choice names its options, one a line.
const (
	AskText   QuestionKind = "text"
	AskNumber QuestionKind = "number"
	AskYesNo  QuestionKind = "yes_no"
	AskChoice QuestionKind = "choice"
)

// ActivityQuestion is asked of who signs up; answers are purged after the activity.
type ActivityQuestion struct {
	ID         int64
	ActivityID int64
	Ord        int
	Kind       QuestionKind
	Label      string
	Options    string
	Required   bool
}

// LotState is where a sign-up of a drawn activity stands before the kernel knows of it.
type LotState string

// A sign-up that came first is none of these. An entry waits for its draw; drawn
// means that the kernel has it since, in or on the list; left, that it was given up
// before.
const (
	LotNone    LotState = ""
	LotEntered LotState = "entered"
	LotDrawn   LotState = "drawn"
	LotLeft    LotState = "left"
)

var lotMoves = map[LotState][]LotState{LotEntered: {LotDrawn, LotLeft}}

// CanBecome reports whether the move is legal.
func (s LotState) CanBecome(next LotState) bool { return legal(lotMoves, s, next) }

// Signup is a party of an activity, under the id of its booking or of its place on
// the waiting list.
type Signup struct {
	UID        string
	ActivityID int64
	EventID    int64
	Party      int
	Entry      LotState
	HolderID   *int64
	PersonID   *int64
	OrgID      *int64
	Name       string
	Channel    Channel
	Age        int
	Guardian   string // who agreed, for a child
	PickUp     string // who fetches it
	AddressEnc string // for visits at home
	DrawOrd    int
	DrawNote   string // "in", "waits", "skipped"
	QuitAt     Instant
	Comes      Coming // what its party said last of a change, SaidAt when
	SaidAt     Instant
	CreatedBy  int64
	CreatedAt  Instant
}

// TableName keeps the word beside its feature.
func (Signup) TableName() string { return "activity_signups" }

// Coming is whether a party comes all the same after a session was moved or cancelled.
type Coming string

// Nobody has asked a party that signed up after the change, or where nothing changed.
const (
	ComingUnasked Coming = ""
	ComingOpen    Coming = "open" // asked, and nothing said yet
	ComingYes     Coming = "comes"
	ComingNo      Coming = "leaves"
)

// After is what a party has said of the last change of its sessions, the zero instant
// when there was none: what it said of an earlier one counts no more.
func (g Signup) After(change Instant) Coming {
	switch {
	case change.IsZero(), change.Before(g.CreatedAt):
		return ComingUnasked
	case g.SaidAt.IsZero(), g.SaidAt.Before(change):
		return ComingOpen
	}
	return g.Comes
}

// SignupStatus is what becomes of a sign-up, in one word.
type SignupStatus string

// The statuses. Entered waits for the draw, asked for the organiser's yes, offered
// for the party's own.
const (
	SignupConfirmed SignupStatus = "confirmed"
	SignupWaiting   SignupStatus = "waiting"
	SignupOffered   SignupStatus = "offered"
	SignupEntered   SignupStatus = "entered"
	SignupAsked     SignupStatus = "asked"
	SignupCancelled SignupStatus = "cancelled"
	SignupAttended  SignupStatus = "attended"
	SignupNoShow    SignupStatus = "no_show"
)

// Stands puts entry, booking and place on the list into one word. booking and wait
// are empty where there is none.
func (s LotState) Stands(booking BookingStatus, wait WaitState) SignupStatus {
	switch {
	case s == LotEntered:
		return SignupEntered
	case s == LotLeft:
		return SignupCancelled
	case booking == BookingHeld && wait == WaitOffered:
		return SignupOffered
	case booking == BookingHeld:
		return SignupAsked
	case booking == BookingBooked:
		return SignupConfirmed
	case booking == BookingAttended:
		return SignupAttended
	case booking == BookingNoShow:
		return SignupNoShow
	case wait == Waiting:
		return SignupWaiting
	}
	return SignupCancelled
}

// UndoFor is how long a sign-up that was given up can be taken back.
const UndoFor = 10 * time.Second

// AnswersKept is how long after an activity its answers, guardians and addresses
// are kept; ours: until complaints have come in.
const AnswersKept = 30 * 24 * time.Hour

// ScanOutcome is what became of a scan at the door.
type ScanOutcome string

// A party is let in once; the same device again is no fault, another device is a
// double admission. A walk-in takes of the device's leased places; late is one that was
// brought back when these had been given back.
const (
	ScanIn      ScanOutcome = "in"
	ScanOut     ScanOutcome = "out"
	ScanAgain   ScanOutcome = "again"
	ScanDouble  ScanOutcome = "double"
	ScanWalkIn  ScanOutcome = "walk_in"
	ScanFull    ScanOutcome = "full"
	ScanLate    ScanOutcome = "late"
	ScanUnknown ScanOutcome = "unknown"
)

// ActivityScan is one scan, kept as it was sent. FirstNonce names the scan that a
// double one repeats.
type ActivityScan struct {
	Nonce      string
	SessionID  int64
	UID        *string
	Heads      int
	Outcome    ScanOutcome
	Device     string
	FirstNonce *string
	At         Instant
	ReceivedAt Instant
	ByID       int64
}

// ActivityLease are walk-in places lent to a device for two hours.
type ActivityLease struct {
	ID        int64
	SessionID int64
	Device    string
	PublicKey string
	BookingID *string
	Places    int
	Used      int
	UntilAt   Instant
	EndedAt   Instant
	ByID      int64
	CreatedAt Instant
}

// OfflineFor is how long a device may work with what it took along.
const OfflineFor = 2 * time.Hour
