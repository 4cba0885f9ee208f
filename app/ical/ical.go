// Package ical writes calendars as other programs read them (RFC 5545): UTC
// times, CRLF, folded lines, stable UIDs; what is called off stays as CANCELLED
// so that a subscriber's copy goes too.
package ical

import (
	"youyue/models"

	ics "github.com/arran4/golang-ical"
)

// ContentType is that of a calendar.
const ContentType = "text/calendar; charset=utf-8"

// Status says how firm an entry is.
type Status string

// The states of an entry.
const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Entry is one event of a calendar.
type Entry struct {
	UID         string
	Stamp       models.Instant // when it was written first
	Span        models.Span
	Summary     string
	Place       string
	Description string
	URL         string
	Status      Status
	Sequence    int64 // grows with every change
}

// Calendar is a named list of entries. A single cancelled entry is sent as a
// cancellation, for whoever imports the file instead of subscribing.
type Calendar struct {
	Name    string
	Entries []Entry
}

// Bytes writes the calendar.
func (c Calendar) Bytes() []byte {
	cal := ics.NewCalendarFor("Youyue")
	cal.SetMethod(ics.MethodPublish)
	if len(c.Entries) == 1 && c.Entries[0].Status == Cancelled {
		cal.SetMethod(ics.MethodCancel)
	}
	if c.Name != "" {
		cal.SetXWRCalName(c.Name)
		cal.SetRefreshInterval("PT1H")
	}
	for _, e := range c.Entries {
		ev := cal.AddEvent(e.UID)
		ev.SetDtStampTime(e.Stamp.Time())
		ev.SetStartAt(e.Span.Start.Time())
		ev.SetEndAt(e.Span.End.Time())
		ev.SetSummary(e.Summary)
		ev.SetSequence(int(e.Sequence))
		ev.SetStatus(ics.ObjectStatus(e.Status))
		for _, set := range []struct {
			text string
			as   func(string, ...ics.PropertyParameter)
		}{{e.Place, ev.SetLocation}, {e.Description, ev.SetDescription}, {e.URL, ev.SetURL}} {
			if set.text != "" {
				set.as(set.text)
			}
		}
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}
