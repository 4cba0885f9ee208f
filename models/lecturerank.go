package models

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// LectureNeed is what an order asks of a team.
type LectureNeed struct {
	TopicID  int64 // 0: a wish that is on no menu
	Category string
	Audience LectureAudience
	OrgPath  string    // of the community it is for
	Starts   []Instant // wanted, the most wanted first
	Length   time.Duration
}

// LectureCandidate is a team with what is known of it.
type LectureCandidate struct {
	Team     LectureTeam
	Name     string
	OrgPath  string
	AreaPath string // whose part of the district it serves, "" all of it
	Topics   []int64
	Week     LectureWeek
	Load     int // sessions agreed or held in the last LectureLoadDays and to come
	Asked    int // offers answered or let lapse in that time
	Accepted int
	Tried    bool // was asked for this order already
}

// LectureLoadDays is how far back load and acceptance are counted.
const LectureLoadDays = 90

// LectureSuggestion is a team and when it could come, with the reasons. Off says
// why it cannot; then it stands after all those who can.
type LectureSuggestion struct {
	Candidate LectureCandidate
	Start     Instant
	Wanted    int // which of the wanted starts, from 1
	Score     int
	Why       []Why
	Off       string
}

// The weights of what counts, out of a hundred; ours. A team that does not offer
// the topic, or not for this audience, still stands in the list, further down.
const (
	weightTopic    = 40
	weightCategory = 20
	weightAudience = 15
	weightFirst    = 15
	weightSecond   = 9
	weightNear     = 10
	weightLoad     = 10
	weightAccept   = 10
)

// RankTeams puts teams in the order in which they suit a need, the best first;
// equal ones by load, then by name. free reports what else is in the way of a
// start for every team, such as a room that is taken; it may be nil. The zone is
// where hours of teams are read.
func RankTeams(n LectureNeed, all []LectureCandidate, zone *time.Location, free func(Span) bool) []LectureSuggestion {
	most := 0
	for _, c := range all {
		most = max(most, c.Load)
	}
	out := make([]LectureSuggestion, len(all))
	for i, c := range all {
		out[i] = n.suggest(c, most, zone, free)
	}
	slices.SortStableFunc(out, func(a, b LectureSuggestion) int {
		return cmp.Or(cmp.Compare(len(a.Off), 0)-cmp.Compare(len(b.Off), 0), cmp.Compare(b.Score, a.Score),
			cmp.Compare(a.Candidate.Load, b.Candidate.Load), strings.Compare(a.Candidate.Name, b.Candidate.Name))
	})
	return out
}

func (n LectureNeed) suggest(c LectureCandidate, most int, zone *time.Location, free func(Span) bool) LectureSuggestion {
	s := LectureSuggestion{Candidate: c}
	add := func(points int, code string, args map[string]any) {
		s.Score += points
		s.Why = append(s.Why, Why{code, args})
	}
	switch {
	case n.TopicID != 0 && slices.Contains(c.Topics, n.TopicID):
		add(weightTopic, "topic", nil)
	case n.Category != "" && n.Category == c.Team.Category:
		add(weightCategory, "category", nil)
	case n.TopicID != 0:
		add(0, "no_topic", nil)
	}
	if c.Team.Audiences.Has(n.Audience) {
		add(weightAudience, "audience", nil)
	} else {
		add(0, "no_audience", nil)
	}
	s.Start, s.Wanted, s.Off = n.firstFree(c, zone, free)
	switch {
	case s.Off == "" && s.Wanted == 1:
		add(weightFirst, "first", map[string]any{"at": s.Start})
	case s.Off == "":
		add(weightSecond, "later", map[string]any{"at": s.Start})
	}
	switch {
	case c.AreaPath != "" && !strings.HasPrefix(n.OrgPath, c.AreaPath):
		s.Off = cmp.Or(s.Off, "area")
	case c.AreaPath != "" || parent(c.OrgPath) == parent(n.OrgPath):
		add(weightNear, "near", nil)
	}
	if most > 0 {
		add(weightLoad*(most-c.Load)/most, "load", map[string]any{"n": c.Load})
	} else {
		add(weightLoad, "load", map[string]any{"n": 0})
	}
	if c.Asked > 0 {
		add(weightAccept*c.Accepted/c.Asked, "accept", map[string]any{"n": c.Accepted, "of": c.Asked})
	} else {
		add(weightAccept/2, "unasked", nil)
	}
	if c.Tried {
		s.Off = "tried"
	}
	return s
}

// firstFree is the first wanted start at which the team and all else are free, or
// what is in the way of the most wanted one.
func (n LectureNeed) firstFree(c LectureCandidate, zone *time.Location, free func(Span) bool) (Instant, int, string) {
	off := "no_time"
	for i, at := range n.Starts {
		span := Span{Start: at, End: at.Add(n.Length)}
		why := c.Team.Hindrance(c.Week, span, zone)
		if why == "" && free != nil && !free(span) {
			why = "room"
		}
		if why == "" {
			return at, i + 1, ""
		}
		if i == 0 {
			off = why
		}
	}
	return Instant{}, 0, off
}

// parent is the path above an organisation's.
func parent(path string) string {
	trimmed := strings.TrimSuffix(path, "/")
	return trimmed[:strings.LastIndexByte(trimmed, '/')+1]
}

// StartsBetween lists starts on the hour and half hour at which a session of a
// length could be held from one date to another, both included, between nine in
// the morning and nine in the evening, none before the earliest.
func StartsBetween(from, until Day, length time.Duration, earliest Instant, zone *time.Location) []Instant {
	const opens, closes, step = 9 * 60, 21 * 60, 30
	var out []Instant
	for d := from; !until.Before(d); d = d.Add(1) {
		for m := opens; m+int(length.Minutes()) <= closes; m += step {
			if at := d.At(m, zone); at.After(earliest) {
				out = append(out, at)
			}
		}
	}
	return out
}

// NextTurn is the team whose turn it is: of those that can come, the one that has
// waited longest since it was asked, and before it those never asked.
func NextTurn(all []LectureSuggestion) (LectureSuggestion, bool) {
	var best *LectureSuggestion
	for i, s := range all {
		if s.Off != "" {
			continue
		}
		if best == nil || s.Candidate.Team.LastAskedAt.Before(best.Candidate.Team.LastAskedAt) {
			best = &all[i]
		}
	}
	if best == nil {
		return LectureSuggestion{}, false
	}
	return *best, true
}
