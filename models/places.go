package models

import (
	"slices"
	"strconv"
	"strings"
)

// An event has places. Those of a hall lie in a seat plan; those of a class, a
// walk or a contest are only counted. Counted places are a plan too, of numbers
// without a geometry: whoever takes one takes the next number, and everything
// that is true of seats (one lock, one referee, whole parties, the waiting list,
// the door) is true of them with no second set of rules.

// MaxPlaces bounds an event without a seat plan: one letter a place is written
// back by every commit.
const MaxPlaces = 10_000

// NumberedPlan is n places without a seat plan, numbered from 1: the number is
// the place's id, unique within its event alone.
func NumberedPlan(n int) *SeatPlan {
	p := &SeatPlan{Seats: make([]Seat, n), numbered: true}
	run := make([]int, n)
	for i := range p.Seats {
		p.Seats[i] = Seat{ID: int64(i) + 1, Ord: i, Number: strconv.Itoa(i + 1), Kind: SeatStandard}
		run[i] = i
	}
	if n > 0 {
		p.runs = [][]int{run}
	}
	return p
}

// Numbered reports whether the places have numbers and no geometry.
func (p *SeatPlan) Numbered() bool { return p.numbered }

// Kept reports whether a place that nobody has is kept for some: the desk's
// share, or one of the lettered shares.
func (s SeatState) Kept() bool { return s == SeatReserved || s.Share() }

// Share reports whether the place is kept for a lettered share, 'A' to 'Z'.
func (s SeatState) Share() bool { return s >= 'A' && s <= 'Z' }

// Access says which places somebody may have: those free for all, those of the
// shares whose letters are named, and Desk those for phone and window too.
type Access struct {
	Desk   bool
	Shares string
}

// May reports whether a place in this state is within it.
func (a Access) May(s SeatState) bool {
	return s == SeatFree || (a.Desk && s == SeatReserved) || (s.Share() && strings.IndexByte(a.Shares, byte(s)) >= 0)
}

// ChooseNumbers takes n numbered places, the lowest numbers first: one's own
// share before what is kept for the desk, and that before what is free for all.
// It reports false when there are too few.
func ChooseNumbers(places []byte, a Access, n int) ([]int, bool) {
	var of [3][]int
	for o, c := range places {
		switch s := SeatState(c); {
		case !a.May(s):
		case s.Share():
			of[0] = append(of[0], o)
		case s == SeatReserved:
			of[1] = append(of[1], o)
		default:
			of[2] = append(of[2], o)
		}
	}
	all := slices.Concat(of[0], of[1], of[2])
	if n < 1 || len(all) < n {
		return nil, false
	}
	all = all[:n]
	slices.Sort(all)
	return all, true
}

// ShareWho says whom a share of an event's places is kept for.
type ShareWho string

// The desk's share is for phone and window; that of an organisation for whoever
// belongs to it (a community, a school); newcomers have not been to this activity
// in the half year before, returning ones have.
const (
	ShareDesk      ShareWho = "desk"
	ShareOrg       ShareWho = "org"
	ShareNewcomers ShareWho = "newcomers"
	ShareReturning ShareWho = "returning"
)

// EventShare is a number of places kept for some until a moment, when what is
// left is free for all. Letter is its mark in the event's map.
type EventShare struct {
	EventID    int64
	Letter     string // "r" the desk's, "A" … "Z"
	Who        ShareWho
	OrgID      *int64
	Name       string
	Places     int
	UntilAt    Instant
	ReleasedAt Instant
}
