package models

import "strings"

// LessonState is where the record of a party lesson (党课记录) stands.
type LessonState string

// The states of a record. Nothing is stored of a record that is none; a draft
// is changed in place; a signed one is never changed: a correction is a new
// version beside it, signed like the first.
const (
	LessonNone      LessonState = "none"
	LessonDraft     LessonState = "draft"
	LessonSigned    LessonState = "signed"
	LessonCorrected LessonState = "corrected"
)

var lessonMoves = map[LessonState][]LessonState{
	LessonNone:      {LessonDraft},
	LessonDraft:     {LessonDraft, LessonSigned},
	LessonSigned:    {LessonCorrected},
	LessonCorrected: {LessonCorrected},
}

// CanBecome reports whether the move is legal.
func (s LessonState) CanBecome(next LessonState) bool { return legal(lessonMoves, s, next) }

// Sealed reports whether a secretary stands for it.
func (s LessonState) Sealed() bool { return s == LessonSigned || s == LessonCorrected }

// The bounds of a record.
const (
	MaxLessonNotes  = 2000 // characters
	MaxLessonPhotos = 6
)

// LessonCounts say who was to come (应到), who came (实到) and the names of those
// who did not, a name a line.
type LessonCounts struct {
	Expected int
	Arrived  int
	Absent   string
}

// Missing counts those who did not come (缺席).
func (c LessonCounts) Missing() int { return c.Expected - c.Arrived }

// LessonFacts are what the booking itself says of a lesson.
type LessonFacts struct {
	OrgID    int64
	Branch   string
	Film     string
	StartsAt Instant
	EndsAt   Instant
	Place    string
	Expected int
	Arrived  int
	Absent   string // a name a line
	Unnamed  int    // of those who came, how many no name was ticked for; Absent may name them
}

// LessonRecord is one version of the record of a branch's booking.
type LessonRecord struct {
	BookingID string
	Revision  int // from 1
	Version   int // grows with every save, whichever revision
	State     LessonState
	LessonFacts
	StatedExpected *int // what the secretary says instead, with StatedReason
	StatedArrived  *int
	StatedAbsent   string
	StatedReason   string
	Host           string
	Oath           *bool // nil: not said yet
	Notes          string
	Reason         string // of a correction
	SavedBy        int64
	SavedName      string
	SavedAt        Instant
	SignedBy       *int64
	SignedName     string
	SignedAt       Instant
}

// Counted is what the booking and the door say.
func (r LessonRecord) Counted() LessonCounts {
	return LessonCounts{r.Expected, r.Arrived, r.Absent}
}

// Counts is what counts: what the secretary states, else what was counted.
func (r LessonRecord) Counts() LessonCounts {
	if r.StatedExpected == nil || r.StatedArrived == nil {
		return r.Counted()
	}
	return LessonCounts{*r.StatedExpected, *r.StatedArrived, r.StatedAbsent}
}

// Stated reports whether the secretary states other counts than were counted.
func (r LessonRecord) Stated() bool { return r.StatedExpected != nil }

// LessonGuest is a name on a booking's list, and whether the door ticked it.
type LessonGuest struct {
	Name string
	Here bool
}

// CountLesson settles who was to come and who did not: asked is what the branch
// announced, guests its list of names (which counts more when there is one), and
// arrived how many the door counted. Arrivals that no name was ticked for are
// told apart: as many of the names in Absent were there.
func CountLesson(asked int, guests []LessonGuest, arrived int) (expected int, absent string, unnamed int) {
	if len(guests) > 0 {
		asked = len(guests)
	}
	var missing []string
	for _, g := range guests {
		if !g.Here {
			missing = append(missing, g.Name)
		}
	}
	unnamed = max(0, arrived-(len(guests)-len(missing)))
	if unnamed >= len(missing) {
		missing, unnamed = nil, 0
	}
	return max(asked, arrived), strings.Join(missing, "\n"), unnamed
}
