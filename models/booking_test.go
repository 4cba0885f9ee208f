package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABookingEndsOnceAndItsOutcomeMayBeCorrected(t *testing.T) {
	t.Parallel()
	all := []BookingStatus{BookingBooked, BookingCancelled, BookingAttended, BookingNoShow, "unknown"}
	for _, from := range all {
		for _, to := range all {
			want := from == BookingBooked && to != BookingBooked && to != "unknown" ||
				from == BookingAttended && to == BookingNoShow || from == BookingNoShow && to == BookingAttended
			require.Equal(t, want, from.CanBecome(to), "%s → %s", from, to)
		}
	}
}
