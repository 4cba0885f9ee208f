package models

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyList draws parties in any order of rank, some of them waiting no longer.
func anyList(t *rapid.T) []WaitEntry {
	out := make([]WaitEntry, rapid.IntRange(0, 6).Draw(t, "parties"))
	for i := range out {
		out[i] = WaitEntry{ID: int64(i + 1), Rank: rapid.Int64Range(1, 8).Draw(t, "rank"), Party: rapid.IntRange(1, 7).Draw(t, "party"),
			Channel: rapid.SampledFrom([]Channel{ChannelOnline, ChannelOnline, ChannelPhone}).Draw(t, "channel"),
			State:   rapid.SampledFrom([]WaitState{Waiting, Waiting, Waiting, WaitOffered, WaitLeft}).Draw(t, "state")}
		if rapid.IntRange(0, 5).Draw(t, "wheels") == 0 {
			out[i].Wheelchairs = 1
		}
	}
	return out
}

func anyPlaces(t *rapid.T) (*SeatPlan, []byte) {
	p, free := anyHall(t)
	m := make([]byte, len(free))
	for o := range m {
		switch {
		case p.Seats[o].Kind == SeatNotForSale:
			m[o] = byte(SeatBlocked)
		case !free[o]:
			m[o] = byte(SeatTaken)
		default:
			m[o] = rapid.SampledFrom([]byte("fffr")).Draw(t, "seat")
		}
	}
	return p, m
}

// Whose turn it is: somebody who waits and fits, nobody before them fits, and
// those before them are the ones who are counted as passed over. When it is
// nobody's turn, nobody fits.
func TestTheOrderOfTheList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, m := anyPlaces(t)
		list := anyList(t)
		was, before := slices.Clone(m), slices.Clone(list)
		next, passed, ok := NextOffer(p, m, list)
		require.Equal(t, was, m)
		require.Equal(t, before, list, "a party passed over keeps its place")
		earlier := func(i int) bool { return !ok || list[i].Compare(list[next]) < 0 }
		for i, w := range list {
			if w.State == Waiting && earlier(i) {
				require.False(t, w.Fits(p, m), "entry %d was passed over", w.ID)
				require.Equal(t, ok, slices.Contains(passed, i))
			} else {
				require.NotContains(t, passed, i)
			}
		}
		if ok {
			require.Equal(t, Waiting, list[next].State)
			require.True(t, list[next].Fits(p, m))
		}
	})
}

// Seats that are taken fit nobody who did not fit before: what the list has no
// use for may be sold without asking it again.
func TestFewerSeatsFitNobodyMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, m := anyPlaces(t)
		list := anyList(t)
		fewer := slices.Clone(m)
		for o, c := range fewer {
			if SeatState(c) == SeatFree && rapid.Bool().Draw(t, "sold") {
				fewer[o] = byte(SeatTaken)
			}
		}
		for _, w := range list {
			if w.Fits(p, fewer) {
				require.True(t, w.Fits(p, m))
			}
		}
	})
}

func TestHowLongAnOfferStands(t *testing.T) {
	t.Parallel()
	now := InstantOf(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC))
	for _, c := range []struct{ left, want time.Duration }{
		{72 * time.Hour, 12 * time.Hour},
		{24 * time.Hour, 12 * time.Hour},
		{10 * time.Hour, 5 * time.Hour},
		{time.Hour, 30 * time.Minute},
		{40 * time.Minute, 30 * time.Minute},
		{30 * time.Minute, 30 * time.Minute},
		{30*time.Minute - time.Microsecond, 0},
		{0, 0},
		{-time.Hour, 0},
	} {
		until, ok := OfferUntil(now, now.Add(c.left))
		require.Equal(t, c.want > 0, ok, c.left)
		if ok {
			require.Equal(t, c.want, until.Sub(now), c.left)
			require.False(t, until.After(now.Add(c.left)), "never past the moment at which booking closes")
		}
		e := Event{State: EventOpen, OpensAt: now.Add(-time.Hour), ClosesAt: now.Add(c.left)}
		require.Equal(t, ok, e.ListOpen(now), "the list is open as long as it can make offers")
	}
}

func TestTheMovesOfAnEntry(t *testing.T) {
	t.Parallel()
	all := []WaitState{Waiting, WaitOffered, WaitTaken, WaitDeclined, WaitExpired, WaitLeft, WaitClosed}
	legal := map[WaitState]string{Waiting: "offered left closed", WaitOffered: "taken declined expired closed"}
	for _, from := range all {
		var can string
		for _, to := range all {
			if from.CanBecome(to) {
				can += string(to) + " "
			}
		}
		require.Equal(t, len(legal[from]) > 0, from.Living())
		require.Equal(t, legal[from], trimEnd(can))
	}
}

func trimEnd(s string) string {
	if s == "" {
		return s
	}
	return s[:len(s)-1]
}
