package lesson

import (
	"strings"
	"unicode/utf8"

	"youyue/app/errs"
	"youyue/models"
)

// The bounds of what is typed, in characters.
const (
	maxHost   = 50
	maxReason = 500
	maxAbsent = 4000
	maxPeople = 2000
)

// Entry is what people fill in. Version is the one they saw, 0 for none.
// Expected, Arrived and Absent are left out where the counted ones hold; with
// any of them, CountReason says why.
type Entry struct {
	Version     int
	Host        string
	Oath        *bool
	Notes       string
	Expected    *int
	Arrived     *int
	Absent      string // names, by line or by 、
	CountReason string
}

// write puts the entry into the record, or returns all its faults.
func (e Entry) write(r *models.LessonRecord) error {
	var faults []errs.Field
	r.Host = line(&faults, "host", e.Host, maxHost)
	r.Oath = e.Oath
	notes, ok := models.PlainLines(e.Notes)
	switch {
	case !ok:
		faults = append(faults, errs.Field{Name: "notes", Code: "plain_lines"})
	case utf8.RuneCountInString(notes) > models.MaxLessonNotes:
		faults = append(faults, tooLong("notes", models.MaxLessonNotes))
	}
	r.Notes = notes
	e.counts(r, &faults)
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

// counts states other numbers than were counted, and why.
func (e Entry) counts(r *models.LessonRecord, faults *[]errs.Field) {
	r.StatedExpected, r.StatedArrived, r.StatedAbsent, r.StatedReason = nil, nil, "", ""
	absent := names(faults, e.Absent)
	if e.Expected == nil && e.Arrived == nil && absent == "" {
		return
	}
	expected, arrived := r.Expected, r.Arrived
	if e.Expected != nil {
		expected = *e.Expected
	}
	if e.Arrived != nil {
		arrived = *e.Arrived
	}
	if expected == r.Expected && arrived == r.Arrived && (absent == "" || absent == r.Absent) {
		return
	}
	for name, n := range map[string]int{"expected": expected, "arrived": arrived} {
		if n < 0 || n > maxPeople {
			*faults = append(*faults, errs.Field{Name: name, Code: "lesson_people", Args: map[string]any{"max": maxPeople}})
			return
		}
	}
	if arrived > expected {
		*faults = append(*faults, errs.Field{Name: "arrived", Code: "lesson_arrived", Args: map[string]any{"expected": expected}})
		return
	}
	if absent != "" && strings.Count(absent, "\n")+1 > expected-arrived {
		*faults = append(*faults, errs.Field{Name: "absent", Code: "lesson_absent", Args: map[string]any{"n": expected - arrived}})
	}
	why := line(faults, "count_reason", e.CountReason, maxReason)
	if strings.TrimSpace(e.CountReason) == "" {
		*faults = append(*faults, errs.Field{Name: "count_reason", Code: "lesson_count_reason"})
	}
	r.StatedExpected, r.StatedArrived, r.StatedAbsent, r.StatedReason = &expected, &arrived, absent, why
}

// line is a text of one line; an empty one is fit.
func line(faults *[]errs.Field, name, text string, most int) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	clean, ok := models.PlainText(text)
	switch {
	case !ok:
		*faults = append(*faults, errs.Field{Name: name, Code: "plain"})
	case utf8.RuneCountInString(clean) > most:
		*faults = append(*faults, tooLong(name, most))
	}
	return clean
}

// names are people's, one a line, however they were set apart.
func names(faults *[]errs.Field, text string) string {
	clean, ok := models.PlainLines(strings.NewReplacer("、", "\n", "，", "\n", ",", "\n", "；", "\n", ";", "\n").Replace(text))
	switch {
	case !ok:
		*faults = append(*faults, errs.Field{Name: "absent", Code: "plain_lines"})
	case utf8.RuneCountInString(clean) > maxAbsent:
		*faults = append(*faults, tooLong("absent", maxAbsent))
	}
	var out []string
	for l := range strings.SplitSeq(clean, "\n") {
		if l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func tooLong(name string, most int) errs.Field {
	return errs.Field{Name: name, Code: "max", Args: map[string]any{"param": most}}
}
