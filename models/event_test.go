package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func openEvent() Event {
	s := span(10, 12)
	return Event{State: EventOpen, StartsAt: s.Start, EndsAt: s.End, OpensAt: s.Start.Add(-5 * time.Hour),
		ClosesAt: s.Start.Add(-time.Hour), ForSale: 172}
}

func TestBookableFromOpeningUntilClosing(t *testing.T) {
	t.Parallel()
	e := openEvent()
	require.Equal(t, span(10, 12), e.Span())
	require.False(t, e.Bookable(e.OpensAt.Add(-time.Microsecond)))
	require.True(t, e.Bookable(e.OpensAt), "the opening belongs to it")
	require.True(t, e.Bookable(e.ClosesAt.Add(-time.Microsecond)))
	require.False(t, e.Bookable(e.ClosesAt), "the closing does not")
	for _, s := range []EventState{EventFinished, EventCancelled} {
		e.State = s
		require.False(t, e.Bookable(e.OpensAt), s)
	}
}

func TestPlacesAreSaidInAWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		taken, reserved int
		word            string
	}{
		{0, 0, "plenty"},
		{0, 34, "plenty"},
		{120, 34, "plenty"},
		{154, 0, "plenty"}, // 18 of 172 are more than a tenth
		{155, 0, "few"},
		{120, 35, "few"}, // reserved seats are nobody's to take now
		{171, 0, "few"},
		{172, 0, "full"},
		{138, 34, "full"},
	} {
		e := openEvent()
		e.Taken, e.Reserved = c.taken, c.reserved
		require.Equal(t, 172-c.taken-c.reserved, e.Free())
		require.Equal(t, c.word, e.Places(e.OpensAt), "%d taken, %d reserved", c.taken, c.reserved)
		require.Equal(t, "closed", e.Places(e.ClosesAt))
	}
}
