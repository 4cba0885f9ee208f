package booking_test

import (
	"slices"
	"strings"
	"testing"

	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A small hall: three rows of six parted by an aisle, a wheelchair place with
// its companion, and one broken seat.
func smallPlan(t require.TestingT) *models.SeatPlan {
	var specs []models.SeatSpec
	for r := range 3 {
		for c := range 6 {
			s := models.SeatSpec{Ord: len(specs), Row: r + 1, RowTag: string(rune('1' + r)), Number: string(rune('1' + c)),
				Col: c + 1, Left: len(specs) - 1, Kind: models.SeatStandard}
			if c%3 == 0 {
				s.Left = -1
			}
			specs = append(specs, s)
		}
	}
	specs[12].Kind, specs[13].Kind = models.SeatWheelchair, models.SeatCompanion
	specs[5].Kind, specs[5].Reason = models.SeatNotForSale, "broken"
	p, err := models.PlanOf(1, 1, 1, 100, specs)
	require.NoError(t, err)
	return p
}

// state opens an event on the plan; reserved seats are marked by position.
func state(p *models.SeatPlan, reserved ...int) *booking.State {
	m := []byte(strings.Repeat("f", len(p.Seats)))
	for o, s := range p.Seats {
		if s.Kind == models.SeatNotForSale {
			m[o] = byte(models.SeatBlocked)
		}
	}
	for _, o := range reserved {
		m[o] = byte(models.SeatReserved)
	}
	return &booking.State{Plan: p, Map: m, Event: models.Event{ID: 1, State: models.EventOpen, Audience: models.AudiencePublic,
		StartsAt: at(18, 0), EndsAt: at(20, 0), OpensAt: at(8, 0), ClosesAt: at(17, 0), MaxSeats: 5,
		ForSale: p.ForSale(), Reserved: len(reserved)}}
}

var noon = at(12, 0)

func one(st *booking.State, now models.Instant, a booking.Ask) booking.Outcome {
	return booking.Decide(st, now, []booking.Ask{a})[0]
}

func anyAsk(p *models.SeatPlan) *rapid.Generator[booking.Ask] {
	return rapid.Custom(func(t *rapid.T) booking.Ask {
		a := booking.Ask{Reach: rapid.SampledFrom([]booking.Reach{"", "", booking.ReachDesk}).Draw(t, "reach")}
		if rapid.IntRange(0, 40).Draw(t, "whole") == 0 {
			a.Reach = booking.ReachWhole
		}
		if rapid.Bool().Draw(t, "chosen") {
			a.Seats = rapid.SliceOfN(rapid.Int64Range(99, 100+int64(len(p.Seats))), 0, 7).Draw(t, "seats")
		} else {
			a.Party = models.Party{Count: rapid.IntRange(-1, 7).Draw(t, "count"), Wheelchairs: rapid.IntRange(0, 2).Draw(t, "wheelchairs"),
				Companions: rapid.IntRange(0, 2).Draw(t, "companions"), Zone: rapid.SampledFrom([]models.Zone{"", models.ZoneBack}).Draw(t, "zone")}
		}
		return a
	})
}

func TestDecidePromisesEachSeatOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlan(t)
		st := state(p, 6, 7)
		before := slices.Clone(st.Map)
		asks := rapid.SliceOfN(anyAsk(p), 1, 30).Draw(t, "asks")
		out := booking.Decide(st, noon, asks)
		require.Len(t, out, len(asks))

		owner := map[int]int{}
		for i, o := range out {
			require.Equal(t, o.Refusal == nil, len(o.Ords) > 0, "seats or a refusal")
			require.True(t, slices.IsSorted(o.Ords))
			for _, ord := range o.Ords {
				_, twice := owner[ord]
				require.False(t, twice, "seat %d", ord)
				owner[ord] = i
				require.NotEqual(t, models.SeatBlocked, models.SeatState(before[ord]))
				if models.SeatState(before[ord]) == models.SeatReserved {
					require.NotEqual(t, booking.ReachOnline, asks[i].Reach, "reserved seats are the desk's")
				}
			}
			if o.Refusal == nil && asks[i].Reach != booking.ReachWhole {
				require.Len(t, o.Ords, max(len(asks[i].Seats), asks[i].Party.Count))
				require.LessOrEqual(t, len(o.Ords), st.Event.MaxSeats)
				for _, id := range asks[i].Seats {
					ord, ok := p.Ord(id)
					require.True(t, ok)
					require.Contains(t, o.Ords, ord)
				}
			}
		}
		taken, reserved := 0, 0
		for ord, c := range st.Map {
			_, owned := owner[ord]
			require.Equal(t, owned, models.SeatState(c) == models.SeatTaken)
			if !owned {
				require.Equal(t, before[ord], c, "what nobody got is as it was")
			}
			taken += strings.Count(string(c), string(models.SeatTaken))
			reserved += strings.Count(string(c), string(models.SeatReserved))
		}
		require.Equal(t, taken, st.Event.Taken)
		require.Equal(t, reserved, st.Event.Reserved)
		require.GreaterOrEqual(t, st.Event.Free(), 0)
	})
}

func TestDecidingAListIsDecidingOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlan(t)
		asks := rapid.SliceOfN(anyAsk(p), 1, 12).Draw(t, "asks")
		list, single := state(p, 6, 7), state(p, 6, 7)
		together := booking.Decide(list, noon, asks)
		for i, a := range asks {
			before, event := slices.Clone(single.Map), single.Event
			o := one(single, noon, a)
			require.Equal(t, together[i], o)
			if o.Refusal != nil {
				require.Equal(t, before, single.Map, "a refusal leaves no trace")
				require.Equal(t, event, single.Event)
			}
		}
		require.Equal(t, list, single)
	})
}

// What a refusal offers instead can be had at once.
func TestAlternativesAreFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlan(t)
		st := state(p)
		booking.Decide(st, noon, rapid.SliceOfN(anyAsk(p), 1, 8).Draw(t, "earlier"))
		o := one(st, noon, booking.Ask{Seats: rapid.SliceOfNDistinct(rapid.Int64Range(100, 117), 1, 5, rapid.ID).Draw(t, "seats")})
		if o.Refusal == nil || !o.Refusal.Is(booking.ErrSeatTaken) {
			return
		}
		options, ok := o.Refusal.Extra["alternatives"].([]booking.Option)
		require.True(t, ok)
		require.NotNil(t, options)
		for _, alt := range options {
			var ids []int64
			for _, s := range alt.Seats {
				ids = append(ids, s.ID)
			}
			again := &booking.State{Event: st.Event, Plan: p, Map: slices.Clone(st.Map)}
			require.Nil(t, one(again, noon, booking.Ask{Seats: ids}).Refusal, "%v", ids)
		}
	})
}

func TestEachRuleHasItsRefusal(t *testing.T) {
	t.Parallel()
	p := smallPlan(t)
	seats := func(ids ...int64) booking.Ask { return booking.Ask{Seats: ids} }
	closed := func(edit func(*models.Event)) func(*booking.State) { return func(s *booking.State) { edit(&s.Event) } }
	for name, c := range map[string]struct {
		ask  booking.Ask
		now  models.Instant
		edit func(*booking.State)
		want *errs.Error
	}{
		"free":                    {ask: seats(100, 101)},
		"neither seats nor count": {want: booking.ErrSeatsOrCount},
		"both":                    {ask: booking.Ask{Seats: []int64{100}, Party: models.Party{Count: 1}}, want: booking.ErrSeatsOrCount},
		"negative count":          {ask: booking.Ask{Party: models.Party{Count: -3}}, want: booking.ErrSeatsOrCount},
		"six seats of five":       {ask: seats(100, 101, 102, 103, 104, 106), want: booking.ErrTooMany},
		"party of 173":            {ask: booking.Ask{Party: models.Party{Count: 173}}, want: booking.ErrTooMany},
		"a seat of another hall":  {ask: seats(100, 999), want: booking.ErrUnknownSeat},
		"a seat twice":            {ask: seats(100, 100), want: booking.ErrUnknownSeat},
		"seat zero":               {ask: seats(0), want: booking.ErrUnknownSeat},
		"broken":                  {ask: seats(105), want: booking.ErrNotForSale},
		"reserved, online":        {ask: seats(106), want: booking.ErrSeatTaken},
		"reserved, at the desk":   {ask: booking.Ask{Seats: []int64{106}, Reach: booking.ReachDesk}},
		"three wheelchairs":       {ask: booking.Ask{Party: models.Party{Count: 3, Wheelchairs: 3}}, want: booking.ErrFull},
		"before opening":          {ask: seats(100), now: at(7, 59), want: booking.ErrNotYet},
		"after closing":           {ask: seats(100), now: at(17, 0), want: booking.ErrClosed},
		"over":                    {ask: seats(100), now: at(20, 0), want: booking.ErrOver},
		"cancelled":               {ask: seats(100), edit: closed(func(e *models.Event) { e.State = models.EventCancelled }), want: booking.ErrOver},
		"for branches":            {ask: seats(100), edit: closed(func(e *models.Event) { e.Audience = models.AudienceBranches }), want: booking.ErrBranchesOnly},
		"for branches, by one": {ask: booking.Ask{Seats: []int64{100}, ForBranch: true},
			edit: closed(func(e *models.Event) { e.Audience = models.AudienceBranches })},
		"whole hall, any window":     {ask: booking.Ask{Reach: booking.ReachWhole}, now: at(7, 0)},
		"whole hall, over":           {ask: booking.Ask{Reach: booking.ReachWhole}, now: at(20, 0), want: booking.ErrOver},
		"whole hall, a seat is sold": {ask: booking.Ask{Reach: booking.ReachWhole}, edit: func(s *booking.State) { s.Map[3] = 't' }, want: booking.ErrSeatTaken},
		"whole hall, nothing to sell": {ask: booking.Ask{Reach: booking.ReachWhole},
			edit: func(s *booking.State) { s.Map = []byte(strings.Repeat("b", len(s.Map))) }, want: booking.ErrFull},
	} {
		st, now := state(p, 6, 7), noon
		if c.edit != nil {
			c.edit(st)
		}
		if !c.now.IsZero() {
			now = c.now
		}
		got := one(st, now, c.ask)
		if c.want == nil {
			require.Nil(t, got.Refusal, name)
			continue
		}
		require.NotNil(t, got.Refusal, name)
		require.Equal(t, c.want.Code, got.Refusal.Code, name)
	}
}

func TestTheWholeHallTakesAllThatIsForSale(t *testing.T) {
	t.Parallel()
	st := state(smallPlan(t), 6, 7)
	got := one(st, noon, booking.Ask{Reach: booking.ReachWhole})
	require.Len(t, got.Ords, 17)
	require.Equal(t, 17, st.Event.Taken)
	require.Zero(t, st.Event.Reserved)
	require.Zero(t, st.Event.Free())
	require.Equal(t, models.SeatBlocked, models.SeatState(st.Map[5]))
}

func TestARefusalSaysWhichSeatsAndUntilWhen(t *testing.T) {
	t.Parallel()
	st := state(smallPlan(t))
	require.Nil(t, one(st, noon, booking.Ask{Seats: []int64{100, 101}}).Refusal)
	taken := one(st, noon, booking.Ask{Seats: []int64{102, 101, 100}}).Refusal
	require.Equal(t, "1排1座、2座", taken.Args["seats"])
	require.NotEmpty(t, taken.Args["instead"])
	early := one(st, at(7, 0), booking.Ask{Seats: []int64{103}}).Refusal
	require.Equal(t, at(8, 0), early.Extra["opens_at"])
	require.Equal(t, at(17, 0), one(st, at(17, 30), booking.Ask{Seats: []int64{103}}).Refusal.Extra["closes_at"])
	field := one(st, noon, booking.Ask{Seats: []int64{103, 7}}).Refusal.Fields
	require.Equal(t, []errs.Field{{Name: "seats[1]", Code: "unknown_seat"}}, field)
}

// The share for phone and window is exact, of ordinary seats, short pieces first.
func TestTheReservedShareIsConcreteSeats(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, _ [2]*booking.Service) {
		for share, want := range map[int]int{0: 0, 1: 1, 20: 34, 50: 86, -5: 0} {
			e := w.Event(t, share)
			require.Equal(t, want, e.Reserved, "%d percent", share)
			require.Equal(t, want, strings.Count(e.SeatMap, "r"))
			require.Equal(t, 172, e.ForSale)
			require.Len(t, e.SeatMap, 172)
			for o, s := range w.Plan.Seats {
				if s.Kind != models.SeatStandard {
					require.Equal(t, byte('f'), e.SeatMap[o], "%s is not kept for the phone", s.Label())
				}
			}
		}
		require.Equal(t, 164, w.Event(t, 100).Reserved, "all ordinary seats")
		whole := w.Event(t, 20)
		for _, run := range w.Plan.Runs() {
			if len(run) == 12 {
				for _, o := range run {
					require.Equal(t, byte('f'), whole.SeatMap[o], "a party of twelve still finds a row")
				}
			}
		}
		w.MustBeClean(t)
	})
}
