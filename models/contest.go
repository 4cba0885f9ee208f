package models

import (
	"fmt"
	"time"
)

// ContestState is where a contest (比赛) stands.
type ContestState string

// The states of a contest. Whether teams can enter now follows from its entry
// window.
const (
	ContestOn        ContestState = "on"
	ContestFinished  ContestState = "finished"
	ContestCancelled ContestState = "cancelled"
)

var contestMoves = map[ContestState][]ContestState{ContestOn: {ContestFinished, ContestCancelled}}

// CanBecome reports whether the move is legal.
func (s ContestState) CanBecome(next ContestState) bool { return legal(contestMoves, s, next) }

// Contest is a contest with its entry window, [OpensAt, ClosesAt). Rules is the
// document by which it is scored, JSON of whoever scores, and RulesVersion grows
// with every change of it.
type Contest struct {
	ID           int64
	OrgID        int64 // who runs it; scope of its staff
	Title        string
	Summary      string
	Detail       string
	State        ContestState
	OpensAt      Instant
	ClosesAt     Instant
	GiveBackAt   Instant // when what is left of the sub-districts' shares is free for all; zero: no shares
	Rules        string
	RulesVersion int
	Phone        string // whom teams ring
	LastNumber   int    // of its entries
	Version      int
	CreatedBy    int64
	CreatedAt    Instant
	OpenedAt     Instant // when the job told of the open window
	ShutAt       Instant // when it ended what was not mended in time
	EndedAt      Instant
	EndReason    string
}

// EntryPhase is where the entry window stands.
type EntryPhase string

// The phases of an entry window.
const (
	EntrySoon   EntryPhase = "soon"
	EntryOpen   EntryPhase = "open"
	EntryClosed EntryPhase = "closed"
)

// Phase is where the entry window stands at a moment; closed when the contest is over.
func (c Contest) Phase(now Instant) EntryPhase {
	switch {
	case c.State != ContestOn || !now.Before(c.ClosesAt):
		return EntryClosed
	case now.Before(c.OpensAt):
		return EntrySoon
	}
	return EntryOpen
}

// ContestDivision (组别) is a class of entries with places of its own. EventID is
// the kernel's event of its places. Ages are in full years on the day of the
// contest, 0 for no bound; MaxLength in seconds.
type ContestDivision struct {
	ID          int64
	ContestID   int64
	Ord         int
	Name        string
	EventID     int64
	MinMembers  int
	MaxMembers  int
	Substitutes int // at most, beside the members
	MinAge      int
	MaxAge      int
	MaxLength   int
	PerTeam     int // entries of one team, at most
}

// RoundKind is heat or final.
type RoundKind string

// The kinds of round (轮次).
const (
	RoundHeat  RoundKind = "heat"
	RoundFinal RoundKind = "final"
)

// RoundState is where a round stands.
type RoundState string

// The states of a round. A planned one has no order of appearance yet; an ordered
// one has. Who scores moves it on.
const (
	RoundPlanned   RoundState = "planned"
	RoundOrdered   RoundState = "ordered"
	RoundRunning   RoundState = "running"
	RoundDone      RoundState = "done"
	RoundCancelled RoundState = "cancelled"
)

var roundMoves = map[RoundState][]RoundState{
	RoundPlanned: {RoundOrdered, RoundCancelled},
	RoundOrdered: {RoundPlanned, RoundOrdered, RoundRunning, RoundCancelled}, // drawn again, with a reason
	RoundRunning: {RoundDone, RoundCancelled},
}

// CanBecome reports whether the move is legal.
func (s RoundState) CanBecome(next RoundState) bool { return legal(roundMoves, s, next) }

// ContestRound is a heat or a final of one division, held in a slot of the contest.
type ContestRound struct {
	ID         int64
	ContestID  int64
	DivisionID int64
	Ord        int
	Kind       RoundKind
	Name       string
	SlotID     int64
	Advance    int // how many go on to the final; 0 of a final
	State      RoundState
	DrawID     *int64  // the draw that its order stands by
	RemindedAt Instant // the moment for which its teams have their reminder
	Version    int
}

// SlotKind says what a time of a contest is for.
type SlotKind string

// The kinds of slot.
const (
	SlotStage     SlotKind = "stage"
	SlotRehearsal SlotKind = "rehearsal"
)

// ContestSlot is a time at a place, with what it takes in the kernel under source
// "contest" and the slot's id. Rain holds where and when it was to be before it
// was moved.
type ContestSlot struct {
	ID        int64
	ContestID int64
	Kind      SlotKind
	Place     string
	StartsAt  Instant
	EndsAt    Instant
	SetupMin  int     // the place is taken so long before
	ClearMin  int     // and after
	EntryID   *int64  // whose rehearsal it is, nil for everybody's
	MovedFrom Instant // of the last move; zero: never moved
	MovedWhy  string
}

// Span is the time of the slot itself.
func (s ContestSlot) Span() Span { return Span{s.StartsAt, s.EndsAt} }

// Taken is the time that its resources are taken for.
func (s ContestSlot) Taken() Span {
	return Span{s.StartsAt.Add(-time.Duration(s.SetupMin) * time.Minute), s.EndsAt.Add(time.Duration(s.ClearMin) * time.Minute)}
}

// EntryState is where an entry stands.
type EntryState string

// The states of an entry. One that waits has no place; a submitted one has, and
// waits for the yes; a returned one is to be mended by its leader and keeps its
// place until entries close; approved ones are drawn and appear.
const (
	EntryWaiting   EntryState = "waiting"
	EntrySubmitted EntryState = "submitted"
	EntryReturned  EntryState = "returned"
	EntryApproved  EntryState = "approved"
	EntryDeclined  EntryState = "declined"
	EntryWithdrawn EntryState = "withdrawn"
)

var entryMoves = map[EntryState][]EntryState{
	EntryWaiting:   {EntrySubmitted, EntryWithdrawn, EntryDeclined},
	EntrySubmitted: {EntrySubmitted, EntryApproved, EntryReturned, EntryDeclined, EntryWithdrawn},
	EntryReturned:  {EntrySubmitted, EntryDeclined, EntryWithdrawn},
	EntryApproved:  {EntryReturned, EntryDeclined, EntryWithdrawn},
}

// CanBecome reports whether the move is legal.
func (s EntryState) CanBecome(next EntryState) bool { return legal(entryMoves, s, next) }

// Living reports whether an entry has a place or waits for one.
func (s EntryState) Living() bool {
	return s == EntryWaiting || s == EntrySubmitted || s == EntryReturned || s == EntryApproved
}

// ContestEntry is what a team enters (报名): UID is its id in the kernel too,
// Number the one people use, from 1 within the contest.
type ContestEntry struct {
	ID         int64
	UID        string
	ContestID  int64
	DivisionID int64
	Number     int
	Team       string
	OrgID      int64 // where the team is at home: station or sub-district
	LeaderID   *int64
	LeaderName string
	PhoneEnc   string // sealed
	PersonID   *int64 // the leader as a desk knows them
	Piece      string
	Length     int // seconds
	Brings     string
	State      EntryState
	Reason     string
	DecidedBy  *int64
	DecidedAt  Instant
	Channel    Channel
	ReadBack   bool
	CreatedBy  int64
	CreatedAt  Instant
	Version    int
}

// DrawID is the entry's id in lists that are drawn.
func (e ContestEntry) DrawID() string { return fmt.Sprintf("C%d-%03d", e.ContestID, e.Number) }

// ContestMember is somebody in a team. BornYear is enough for an age bound.
type ContestMember struct {
	EntryID    int64
	Ord        int
	Name       string
	BornYear   int
	Substitute bool
}

// ContestPlace is an entry's place in a round: Place is the order of appearance,
// from 1, and Part the group; both 0 until it is drawn. Absent ones did not appear.
type ContestPlace struct {
	RoundID int64
	EntryID int64
	Place   int
	Part    int
	Absent  bool
}

// RosterFault is a rule of a division that a team breaks.
type RosterFault string

// The faults of a roster.
const (
	RosterFew      RosterFault = "few"
	RosterMany     RosterFault = "many"
	RosterSpare    RosterFault = "spare"
	RosterYoung    RosterFault = "young"
	RosterOld      RosterFault = "old"
	RosterNoYear   RosterFault = "no_year"
	RosterTwice    RosterFault = "twice"
	RosterLength   RosterFault = "length"
	RosterNoLength RosterFault = "no_length"
)

// Check lists what is wrong with a team in a division in the year of the contest;
// at most one fault of each kind, and whom it is about. Ages are counted by year:
// who reaches the age in that year has it.
func (d ContestDivision) Check(year int, members []ContestMember, length int) map[RosterFault]string {
	out := map[RosterFault]string{}
	note := func(f RosterFault, who string) {
		if _, ok := out[f]; !ok {
			out[f] = who
		}
	}
	n, spare := 0, 0
	seen := map[string]bool{}
	for _, m := range members {
		if m.Substitute {
			spare++
		} else {
			n++
		}
		if seen[m.Name] {
			note(RosterTwice, m.Name)
		}
		seen[m.Name] = true
		age := year - m.BornYear
		switch {
		case m.BornYear == 0 && (d.MinAge > 0 || d.MaxAge > 0):
			note(RosterNoYear, m.Name)
		case m.BornYear == 0:
		case d.MinAge > 0 && age < d.MinAge:
			note(RosterYoung, m.Name)
		case d.MaxAge > 0 && age > d.MaxAge:
			note(RosterOld, m.Name)
		}
	}
	switch {
	case n < d.MinMembers:
		note(RosterFew, "")
	case d.MaxMembers > 0 && n > d.MaxMembers:
		note(RosterMany, "")
	}
	if spare > d.Substitutes {
		note(RosterSpare, "")
	}
	switch {
	case length <= 0:
		note(RosterNoLength, "")
	case d.MaxLength > 0 && length > d.MaxLength:
		note(RosterLength, "")
	}
	return out
}
