package models

import (
	"slices"
	"strings"
	"time"
)

// LectureAudience is for whom a lecture or a service is.
type LectureAudience string

// Old people, children, party members, residents of any age, people at work.
const (
	AudienceOld      LectureAudience = "old"
	AudienceYoung    LectureAudience = "young"
	AudienceParty    LectureAudience = "party"
	AudienceResident LectureAudience = "resident"
	AudienceWorker   LectureAudience = "worker"
)

// LectureAudienceList lists all, as the menu shows them.
func LectureAudienceList() []LectureAudience {
	return []LectureAudience{AudienceOld, AudienceYoung, AudienceParty, AudienceResident, AudienceWorker}
}

// LectureAudiences are audiences joined by commas; none is everybody.
type LectureAudiences string

// JoinAudiences keeps the known ones, in their order, each once.
func JoinAudiences(all []LectureAudience) LectureAudiences {
	var out []string
	for _, a := range LectureAudienceList() {
		if slices.Contains(all, a) {
			out = append(out, string(a))
		}
	}
	return LectureAudiences(strings.Join(out, ","))
}

// List takes them apart.
func (a LectureAudiences) List() []LectureAudience {
	var out []LectureAudience
	for w := range strings.SplitSeq(string(a), ",") {
		if w != "" {
			out = append(out, LectureAudience(w))
		}
	}
	return out
}

// Has reports whether it is for an audience.
func (a LectureAudiences) Has(one LectureAudience) bool {
	return a == "" || slices.Contains(a.List(), one)
}

// LectureTeamKind tells lecture teams (宣讲团) from volunteer teams (志愿服务队).
type LectureTeamKind string

// The kinds of team.
const (
	TeamLecture   LectureTeamKind = "lecture"
	TeamVolunteer LectureTeamKind = "volunteer"
)

// LectureCategories lists the eight standing categories of volunteer teams, as
// words that locale files translate; any other category is its own word.
func LectureCategories() []string {
	return []string{"policy", "arts", "teaching", "health", "science", "law", "environment", "relief"}
}

// LectureTeam is a team that can be ordered. Its id is its resource's.
type LectureTeam struct {
	ID          int64
	OrgID       int64
	Kind        LectureTeamKind
	Category    string
	Intro       string
	Audiences   LectureAudiences
	AreaID      *int64 // whose part of the district it serves; nil: all of it
	TravelMin   int    // kept free before and after each session
	PerWeek     int    // most sessions in a week, Monday to Sunday; 0 no limit
	LastAskedAt Instant
	CreatedAt   Instant
	ArchivedAt  Instant
}

// Travel is a session with the way there and back.
func (t LectureTeam) Travel(s Span) Span {
	d := time.Duration(t.TravelMin) * time.Minute
	return Span{Start: s.Start.Add(-d), End: s.End.Add(d)}
}

// LectureTeamHours are hours at which a team can come, in minutes after midnight,
// on a weekday, 1 Monday … 7 Sunday.
type LectureTeamHours struct {
	ID     int64
	TeamID int64
	Day    int
	Opens  int
	Closes int
}

// LectureTeamOff are days on which a team does not come, the last one included.
type LectureTeamOff struct {
	ID        int64
	TeamID    int64
	FromDay   Day
	UntilDay  Day
	Reason    string
	CreatedBy int64
	CreatedAt Instant
}

// TableName keeps the word the field uses.
func (LectureTeamOff) TableName() string { return "lecture_team_off" }

// LectureMember is somebody in a team, with an account or known by name alone.
type LectureMember struct {
	ID         int64
	TeamID     int64
	AccountID  *int64
	PersonID   *int64
	Name       string
	Leads      bool
	CreatedAt  Instant
	ArchivedAt Instant
}

// LectureTopic is a line of the menu.
type LectureTopic struct {
	ID          int64
	OrgID       int64
	Title       string
	Initials    string // of the title in pinyin, "fpzs"
	Category    string
	Summary     string
	Material    string
	LengthMin   int
	Audiences   LectureAudiences
	CreatedBy   int64
	CreatedAt   Instant
	PublishedAt Instant
}

// WishState is where a line of the wish list stands.
type WishState string

// The states of a wish.
const (
	WishOpen    WishState = "open"
	WishOrdered WishState = "ordered"
	WishMerged  WishState = "merged"
	WishClosed  WishState = "closed"
)

var wishMoves = map[WishState][]WishState{WishOpen: {WishOrdered, WishMerged, WishClosed}}

// CanBecome reports whether the move is legal.
func (s WishState) CanBecome(next WishState) bool { return legal(wishMoves, s, next) }

// LectureWish is something that is not on the menu.
type LectureWish struct {
	ID         int64
	OrgID      int64
	Text       string
	Audience   LectureAudience
	HolderID   *int64
	PersonID   *int64
	Name       string
	Channel    Channel
	State      WishState
	MergedInto *int64
	CreatedBy  int64
	CreatedAt  Instant
	DoneAt     Instant // when it left the list
}

// LectureWeek is what is known of a team's time: its hours, days off, and the
// claims that stand, travel included.
type LectureWeek struct {
	Hours  []LectureTeamHours
	Off    []LectureTeamOff
	Busy   []Span
	Agreed []Instant // starts of its sessions, for the limit of a week
}

// Why is a reason in a word, with what fills its text in.
type Why struct {
	Code string
	Args map[string]any
}

// Hindrance says why a team cannot come to a session, or "" when it can: it is
// off that day, the session is outside its hours, its time or its way there is
// taken, its week is full. The zone is where its hours are read.
func (t LectureTeam) Hindrance(w LectureWeek, s Span, zone *time.Location) string {
	day := DayOf(s.Start, zone)
	switch {
	case slices.ContainsFunc(w.Off, func(o LectureTeamOff) bool { return !day.Before(o.FromDay) && !o.UntilDay.Before(day) }):
		return "off"
	case !w.within(day, s, zone):
		return "hours"
	case slices.ContainsFunc(w.Busy, t.Travel(s).Overlaps):
		return "busy"
	case t.PerWeek > 0 && w.InWeek(s.Start, zone) >= t.PerWeek:
		return "full"
	}
	return ""
}

func (w LectureWeek) within(day Day, s Span, zone *time.Location) bool {
	weekday := (int(day.Weekday())+6)%7 + 1
	return slices.ContainsFunc(w.Hours, func(h LectureTeamHours) bool {
		return h.Day == weekday && !s.Start.Before(day.At(h.Opens, zone)) && !s.End.After(day.At(h.Closes, zone))
	})
}

// InWeek counts the sessions in the week of a moment, Monday to Sunday.
func (w LectureWeek) InWeek(at Instant, zone *time.Location) int {
	monday := func(i Instant) Day { d := DayOf(i, zone); return d.Add(-(int(d.Weekday()) + 6) % 7) }
	n := 0
	for _, s := range w.Agreed {
		if monday(s) == monday(at) {
			n++
		}
	}
	return n
}
