package ical_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"youyue/app/ical"
	"youyue/models"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"
)

func at(h int) models.Instant {
	return models.InstantOf(time.Date(2026, 12, 1, h, 30, 0, 0, time.FixedZone("", 8*3600)))
}

func TestACalendarIsWrittenAsOthersReadIt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("万柏林区前进社区党支部，观看长津湖；", 12)
	text := string(ical.Calendar{Name: "四号厅", Entries: []ical.Entry{
		{UID: "a@youyue", Stamp: at(8), Span: models.Span{Start: at(19), End: at(21)}, Summary: long, Place: "迎泽西大街,4号厅", Description: "一\n二", URL: "http://127.0.0.1/bookings/a", Status: ical.Confirmed, Sequence: 3},
		{UID: "b@youyue", Stamp: at(8), Span: models.Span{Start: at(9), End: at(10)}, Summary: "x", Status: ical.Cancelled, Sequence: 4},
	}}.Bytes())
	lines := strings.Split(text, "\r\n")
	require.NotContains(t, strings.ReplaceAll(text, "\r\n", ""), "\n", "every line ends in CRLF")
	for _, l := range lines {
		require.LessOrEqual(t, len(l), 75, "RFC 5545 folds at 75 octets: %s", l)
		require.True(t, utf8.ValidString(l), "no character is cut: %q", l)
	}
	require.Contains(t, lines, "DTSTART:20261201T113000Z")
	require.Contains(t, lines, "STATUS:CANCELLED")
	require.Contains(t, lines, "SEQUENCE:4")
	require.Contains(t, lines, "METHOD:PUBLISH")

	cal, err := ics.ParseCalendar(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, long, cal.Events()[0].GetProperty(ics.ComponentPropertySummary).Value)
	require.Equal(t, "迎泽西大街,4号厅", cal.Events()[0].GetProperty(ics.ComponentPropertyLocation).Value)
}

func TestOneCancelledEntryIsACancellation(t *testing.T) {
	t.Parallel()
	text := string(ical.Calendar{Entries: []ical.Entry{{UID: "b", Stamp: at(8), Span: models.Span{Start: at(9), End: at(10)}, Status: ical.Cancelled, Sequence: 1}}}.Bytes())
	require.Contains(t, text, "METHOD:CANCEL\r\n")
}
