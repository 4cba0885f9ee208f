package models

import (
	"database/sql/driver"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// taiyuan is a fixed zone: the text of a moment must not depend on tzdata.
var taiyuan = time.FixedZone("UTC+8", 8*60*60)

func anyInstant(t *rapid.T, label string) Instant {
	return InstantOf(time.UnixMicro(rapid.Int64Range(-2e15, 8e15).Draw(t, label)))
}

func TestOneMomentInTwoZonesIsOneInstant(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 123456789, taiyuan)
	a, b := InstantOf(at), InstantOf(at.UTC())
	require.Equal(t, a, b)
	require.Equal(t, a.String(), b.String())
	require.Equal(t, "2026-11-23T01:00:00.123456Z", a.String(), "finer than a microsecond is dropped")
	require.Equal(t, 9, a.In(taiyuan).Hour())

	for _, text := range []string{"2026-11-23T09:00:00.123456+08:00", "2026-11-23T01:00:00.123456Z", "2026-11-22T20:00:00.123456-05:00"} {
		c, err := ParseInstant(text)
		require.NoError(t, err)
		require.Equal(t, a, c, text)
	}
}

func TestStoredTextSortsAsTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyInstant(t, "a"), anyInstant(t, "b")
		require.Len(t, a.String(), len(instantLayout))
		require.Equal(t, a.Before(b), a.String() < b.String())
		require.Equal(t, a.After(b), a.String() > b.String())
		require.Equal(t, a.Equal(b), a.String() == b.String())
	})
}

func TestInstantSurvivesEveryForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyInstant(t, "a")
		text, err := a.MarshalText()
		require.NoError(t, err)
		var fromText Instant
		require.NoError(t, fromText.UnmarshalText(text))
		require.Equal(t, a, fromText)

		stored, err := a.Value()
		require.NoError(t, err)
		for _, src := range []any{stored, []byte(a.String()), a.Time(), a.In(taiyuan)} {
			var back Instant
			require.NoError(t, back.Scan(src))
			require.Equal(t, a, back)
		}
		d := time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "µs")) * time.Microsecond
		require.Equal(t, d, a.Add(d).Sub(a))
	})
}

func TestNoMomentIsNull(t *testing.T) {
	t.Parallel()
	v, err := Instant{}.Value()
	require.NoError(t, err)
	require.Equal(t, driver.Value(nil), v)

	i := InstantOf(time.UnixMicro(1))
	require.NoError(t, i.Scan(nil))
	require.True(t, i.IsZero())
}

func TestWhatIsNoMomentIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "tomorrow", "2026-11-23", "2026-11-23 09:00:00", "2026-13-01T00:00:00Z", "2026-11-23T09:00:00"} {
		_, err := ParseInstant(text)
		require.Error(t, err, text)
		var i Instant
		require.Error(t, i.Scan(text), text)
	}
	var i Instant
	require.Error(t, i.Scan(int64(7)))
}

func TestTheFieldsOfAFormAreTheClockOfTheirZone(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at, ok := LocalInstant("2026-11-28", "19:30", zone)
	require.True(t, ok)
	require.Equal(t, "2026-11-28T11:30:00.000000Z", at.String())
	date, clock := at.Fields(zone)
	require.Equal(t, []string{"2026-11-28", "19:30"}, []string{date, clock})
	date, clock = Instant{}.Fields(zone)
	require.Equal(t, []string{"", ""}, []string{date, clock})
	for _, bad := range [][2]string{{"", "19:30"}, {"2026-11-28", ""}, {"2026-02-30", "19:30"}, {"2026-11-28", "24:00"}} {
		_, ok := LocalInstant(bad[0], bad[1], zone)
		require.False(t, ok, bad)
	}
	require.Equal(t, at, Later(at, at.Add(-1000)))
	require.Equal(t, at, Earlier(at.Add(1000), at))
}

func TestAWeekBeginsOnItsMonday(t *testing.T) {
	sunday := time.Date(2026, 11, 29, 23, 59, 0, 0, time.UTC)
	require.Equal(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Monday(sunday))
	require.Equal(t, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Monday(sunday.Add(time.Minute)))
}
