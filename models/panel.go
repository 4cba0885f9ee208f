package models

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PanelState is where the judging of one round stands.
type PanelState string

// The states. Marks are given while scoring; a frozen round has its result and
// shows nothing of it yet; it is released place by place, the last first, and is
// then provisional until the time for protests is over.
const (
	PanelPreparing   PanelState = "preparing"
	PanelScoring     PanelState = "scoring"
	PanelFrozen      PanelState = "frozen"
	PanelReleasing   PanelState = "releasing"
	PanelProvisional PanelState = "provisional"
	PanelFinal       PanelState = "final"
)

var panelMoves = map[PanelState][]PanelState{
	PanelPreparing:   {PanelScoring},
	PanelScoring:     {PanelFrozen},
	PanelFrozen:      {PanelScoring, PanelReleasing, PanelProvisional},
	PanelReleasing:   {PanelReleasing, PanelProvisional},
	PanelProvisional: {PanelFinal},
}

// CanBecome reports whether the move is legal.
func (s PanelState) CanBecome(next PanelState) bool { return legal(panelMoves, s, next) }

// Released reports whether some of the result may be shown to everybody.
func (s PanelState) Released() bool {
	return s == PanelReleasing || s == PanelProvisional || s == PanelFinal
}

// Panel is the judging of one round. Public are the places from PublicFrom on, 0
// for none; SlotSeconds is what the timetable gives each entry; LotsID is the
// draw that sets equals apart.
type Panel struct {
	RoundID       int64
	ContestID     int64
	RuleID        int64
	State         PanelState
	Version       int64 // grows with everything that happens in the round
	PublicFrom    int
	SlotSeconds   int
	OpenedAt      Instant
	FrozenAt      Instant
	ProvisionalAt Instant
	ProtestUntil  Instant
	FinalAt       Instant
	CreatedAt     Instant
}

// ShowsPlace reports whether a place of the result is public.
func (p Panel) ShowsPlace(place int) bool {
	return p.State.Released() && p.PublicFrom > 0 && place >= p.PublicFrom
}

// RuleVersion is one version of a contest's rule document. It is never changed.
type RuleVersion struct {
	ID        int64
	ContestID int64
	Version   int
	Name      string
	Document  string // JSON
	Hash      string // of the canonical rule
	CreatedBy int64
	CreatedAt Instant
}

// Judge is a seat on the panel of one round. TokenHash belongs to the private
// link; a new link takes its place.
type Judge struct {
	ID          int64
	RoundID     int64
	AccountID   *int64
	OrgID       *int64 // the judge's own community
	ResourceID  *int64 // whose time the panel takes in the kernel
	Name        string
	Chief       bool
	TokenHash   *string
	TokenAt     Instant
	SeenAt      Instant
	PractisedAt Instant
	LeftAt      Instant
	LeftWhy     string
	CreatedAt   Instant
}

// Sits reports whether the judge is still on the panel.
func (j Judge) Sits() bool { return j.LeftAt.IsZero() }

// ConflictKind is why a judge may not judge an entry.
type ConflictKind string

// The kinds of conflict of interest.
const (
	ConflictCommunity ConflictKind = "own_community" // found by the product itself
	ConflictFamily    ConflictKind = "family"
	ConflictFormer    ConflictKind = "former_member"
	ConflictDeclared  ConflictKind = "declared"
)

// ConflictKinds lists them all.
func ConflictKinds() []ConflictKind {
	return []ConflictKind{ConflictCommunity, ConflictFamily, ConflictFormer, ConflictDeclared}
}

// Conflict takes a judge from an entry.
type Conflict struct {
	JudgeID   int64
	EntryID   int64
	RoundID   int64
	Kind      ConflictKind
	Note      string
	CreatedBy int64
	CreatedAt Instant
}

// MarkSheet is what one judge gives one entry, hundredths by criterion.
type MarkSheet map[string]int

// String is the stored form: "skill=950,spirit=900", sorted.
func (m MarkSheet) String() string {
	parts := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+strconv.Itoa(m[k]))
	}
	return strings.Join(parts, ",")
}

// ParseMarks reads the stored form.
func ParseMarks(s string) MarkSheet {
	m := MarkSheet{}
	for part := range strings.SplitSeq(s, ",") {
		if k, v, ok := strings.Cut(part, "="); ok {
			m[k], _ = strconv.Atoi(v)
		}
	}
	return m
}

// Fits reports whether the sheet has a mark on the scale for each criterion of
// the rule and nothing else; else it names the first fault: the criterion and
// what is wrong.
func (m MarkSheet) Fits(r ScoringRule) []ScoringFault {
	c := ruleCheck{r: r}
	for _, k := range r.Criteria {
		switch v, ok := m[k.Code]; {
		case !ok:
			c.add("marks."+k.Code, "required")
		case !r.Fits(v):
			c.add("marks."+k.Code, "scoring_scale", "low", Points(r.Low), "high", Points(r.High), "step", Points(r.Step))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !r.knows(TieCriterion + k) {
			c.add("marks."+k, "unknown")
		}
	}
	return c.faults
}

// Total is the weighted mean of the sheet for people, two decimals.
func (m MarkSheet) Total(r ScoringRule) string {
	sum := 0
	for _, k := range r.Criteria {
		sum += m[k.Code] * k.Weight
	}
	return showRatio(int64(sum), int64(r.Weight()))
}

// Points writes whole hundredths: 9.50.
func Points(n int) string { return showRatio(int64(n), 1) }

// Score is what counts of one judge and one entry. Version 1 is the judge's own;
// each correction by the chief is a further one, and all are kept.
type Score struct {
	JudgeID int64
	EntryID int64
	RoundID int64
	Version int
	Marks   string
	Channel Channel // online, or window for what came on paper
	By      string  // who gave or corrected it, for the log
	Reason  string  // of a correction
	SentAt  Instant
}

// Sheet is the marks as a value.
func (s Score) Sheet() MarkSheet { return ParseMarks(s.Marks) }

// PaperState is where a sheet on paper stands.
type PaperState string

// What one person entered, a second one confirms or rejects, and never edits.
const (
	PaperEntered   PaperState = "entered"
	PaperConfirmed PaperState = "confirmed"
	PaperRejected  PaperState = "rejected"
)

var paperMoves = map[PaperState][]PaperState{PaperEntered: {PaperConfirmed, PaperRejected}}

// CanBecome reports whether the move is legal.
func (s PaperState) CanBecome(next PaperState) bool { return legal(paperMoves, s, next) }

// PaperSheet is what stood on a judge's paper for one entry.
type PaperSheet struct {
	ID        int64
	RoundID   int64
	JudgeID   int64
	EntryID   int64
	Marks     string
	State     PaperState
	EnteredBy int64
	EnteredAt Instant
	SecondBy  *int64
	SecondAt  Instant
	Reason    string
}

// Turn is an entry's time on the stage. Absent is one that did not come, or
// was taken out: it has no place.
type Turn struct {
	RoundID   int64
	EntryID   int64
	StartedAt Instant
	EndedAt   Instant
	Seconds   int // as timed, of the piece itself; 0: not timed
	Absent    bool
	Why       string
}

// Penalty takes points off an entry. Code "over_time" is made from the time.
type Penalty struct {
	ID        int64
	RoundID   int64
	EntryID   int64
	Code      string
	Points    int
	Note      string
	CreatedBy int64
	CreatedAt Instant
	VoidAt    Instant
	VoidWhy   string
}

// StoredResult is one result of a round; a later one takes its place.
type StoredResult struct {
	ID         int64
	RoundID    int64
	Number     int
	RuleID     int64
	Why        string // "freeze", or the protest that changed it: "protest:3"
	Input      string // canonical
	InputHash  string
	Document   string // canonical
	ResultHash string
	MadeBy     int64
	MadeAt     Instant
}

// ResultLine is an entry's line of a stored result.
type ResultLine struct {
	ResultID int64
	Ord      int
	EntryID  int64
	Place    int
	Value    string // exact: "6557/7"
	Deducted int
	Decided  string
	Why      string
}

// ProtestState is where a protest stands.
type ProtestState string

// The states of a protest.
const (
	ProtestFiled     ProtestState = "filed"
	ProtestUpheld    ProtestState = "upheld"
	ProtestDismissed ProtestState = "dismissed"
)

var protestMoves = map[ProtestState][]ProtestState{ProtestFiled: {ProtestUpheld, ProtestDismissed}}

// CanBecome reports whether the move is legal.
func (s ProtestState) CanBecome(next ProtestState) bool { return legal(protestMoves, s, next) }

// Protest is a team's objection to a provisional result, and what the panel said.
type Protest struct {
	ID        int64
	RoundID   int64
	ResultID  int64
	EntryID   int64
	Text      string
	State     ProtestState
	FiledBy   int64
	FiledAt   Instant
	Decision  string
	DecidedBy *int64
	DecidedAt Instant
	AppliedID *int64 // the result that it led to
}

// Certificate is what an entry takes home of a final result.
type Certificate struct {
	Number   string
	ResultID int64
	RoundID  int64
	EntryID  int64
	Place    int
	IssuedAt Instant
}
