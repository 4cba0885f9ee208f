package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// toSeats is a holder's change to chosen seats, toParty one to so many people.
func toSeats(a auth.Actor, seats ...int64) booking.Changing {
	return booking.Changing{Actor: a, Channel: models.ChannelOnline, Limit: booking.UntilLimit, Seats: seats}
}

func toParty(a auth.Actor, n int) booking.Changing {
	c := toSeats(a)
	c.Party = models.Party{Count: n}
	return c
}

func ids(seats []booking.SeatRef) []int64 {
	out := make([]int64, len(seats))
	for i, s := range seats {
		out[i] = s.ID
	}
	return out
}

// hall is what the model of a change knows: who has which seats. Everything
// else follows from it.
type hall struct {
	plan     *models.SeatPlan
	owner    map[int]int // position → party
	reserved map[int]bool
}

func (h *hall) of(party int) (out []int) {
	for o := range h.plan.Seats {
		if h.owner[o] == party {
			out = append(out, o)
		}
	}
	return out
}

// may says whether a party could have all these seats.
func (h *hall) may(party int, seats []int64, r booking.Reach) bool {
	for i, id := range seats {
		o, ok := h.plan.Ord(id)
		switch {
		case !ok, slices.Contains(seats[:i], id), h.plan.Seats[o].Kind == models.SeatNotForSale:
			return false
		case h.owner[o] != 0 && h.owner[o] != party, h.reserved[o] && r != booking.ReachDesk:
			return false
		}
	}
	return len(seats) > 0
}

// Parties come, change in every way and meet each other; a model that is a map
// from seats to parties says who has what, and which refusals are right.
func TestChangingAgreesWithAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlan(t)
		st := state(p, 6, 7)
		m := &hall{plan: p, owner: map[int]int{}, reserved: map[int]bool{6: true, 7: true}}
		for party := 1; party <= 4; party++ {
			out := one(st, noon, booking.Ask{Party: models.Party{Count: rapid.IntRange(1, 4).Draw(t, "comes")}})
			for _, o := range out.Ords { // none when the hall is full
				m.owner[o] = party
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			party := rapid.IntRange(1, 4).Draw(t, "party")
			held := m.of(party)
			if len(held) == 0 {
				continue
			}
			ask := anyAsk(p).Draw(t, "ask")
			if ask.Reach == booking.ReachWhole {
				ask.Reach = booking.ReachDesk
			}
			before, event := slices.Clone(st.Map), st.Event
			out := booking.DecideChange(st, noon, held, ask)
			if out.Refusal != nil {
				require.Equal(t, before, st.Map, "a refusal leaves no trace")
				require.Equal(t, event, st.Event)
				chosen := len(ask.Seats) > 0 && ask.Party.Count <= 0 && len(ask.Seats) <= event.MaxSeats
				require.False(t, chosen && m.may(party, ask.Seats, ask.Reach), "%v refused: %v", ask.Seats, out.Refusal)
				continue
			}
			if len(ask.Seats) > 0 {
				require.True(t, m.may(party, ask.Seats, ask.Reach))
			}
			require.Len(t, out.Ords, max(len(ask.Seats), ask.Party.Count))
			for _, o := range held {
				delete(m.owner, o)
			}
			for _, o := range out.Ords {
				require.Zero(t, m.owner[o], "seat %d is somebody else's", o)
				require.False(t, m.reserved[o] && ask.Reach != booking.ReachDesk)
				m.owner[o] = party
				delete(m.reserved, o)
			}
			for o, c := range st.Map {
				want := models.SeatFree
				switch {
				case p.Seats[o].Kind == models.SeatNotForSale:
					want = models.SeatBlocked
				case m.owner[o] != 0:
					want = models.SeatTaken
				case m.reserved[o]:
					want = models.SeatReserved
				}
				require.Equal(t, want, models.SeatState(c), "seat %d", o)
			}
			require.Equal(t, len(m.owner), st.Event.Taken)
			require.Equal(t, len(m.reserved), st.Event.Reserved)
		}
	})
}

// What is offered instead can be had, and own seats may be part of it.
func TestAChangeIsOfferedWhatItCanHave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlan(t)
		st := state(p)
		mine := one(st, noon, booking.Ask{Party: models.Party{Count: 3}})
		booking.Decide(st, noon, rapid.SliceOfN(anyAsk(p), 1, 5).Draw(t, "others"))
		seats := rapid.SliceOfNDistinct(rapid.Int64Range(100, 117), 1, 5, rapid.ID).Draw(t, "seats")
		out := booking.DecideChange(st, noon, mine.Ords, booking.Ask{Seats: seats})
		if out.Refusal == nil || !out.Refusal.Is(booking.ErrSeatTaken) {
			return
		}
		options, ok := out.Refusal.Extra["alternatives"].([]booking.Option)
		require.True(t, ok)
		for _, alt := range options {
			again := &booking.State{Event: st.Event, Plan: p, Map: slices.Clone(st.Map)}
			require.Nil(t, booking.DecideChange(again, noon, mine.Ords, booking.Ask{Seats: ids(alt.Seats)}).Refusal)
		}
	})
}

func TestAPartyStaysNearUnlessItNamesAZone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		o := bookingtest.Together(e, who, 4)
		o.Party.Zone = models.ZoneBack
		p := w.MustBook(t, o)
		row := func(s booking.SeatRef) int { ord, _ := w.Plan.Ord(s.ID); return w.Plan.Seats[ord].Row }
		fewer, err := w.Change(p.ID, toParty(who, 3))
		require.NoError(t, err)
		require.Subset(t, ids(p.Seats), ids(fewer.Seats), "who become fewer stay where they sit")
		require.Equal(t, models.TogetherOneRow, fewer.Together)
		more, err := w.Change(p.ID, toParty(who, 6))
		require.NoError(t, err)
		require.Subset(t, ids(more.Seats), ids(fewer.Seats))
		c := toParty(who, 6)
		c.Party.Zone = models.ZoneFront
		front, err := w.Change(p.ID, c)
		require.NoError(t, err)
		require.Less(t, row(front.Seats[0]), row(more.Seats[0]))
		require.Equal(t, ids(more.Seats), ids(front.Before))
		require.Equal(t, 6, w.Saved(t, e.ID).Taken)
		w.MustBeClean(t)
	})
}

func TestSeatsKeptKeepTheirRowsAndOldOnesComeBackToLife(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		e, who, other := w.Event(t, 0), w.Account(t), w.Account(t)
		s := bookingtest.Seats(w.Plan)
		p := w.MustBook(t, bookingtest.Chosen(e, who, s[0], s[1]))
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) VALUES (?, 1, '王明', ?, ?), (?, 2, '李红', ?, ?)`,
				p.ID, s[0], tx.Now(), p.ID, s[1], tx.Now())
			return err
		})
		clock.Set(clock.Now().Add(time.Minute))
		done, err := w.Change(p.ID, toSeats(who, s[1], s[2])) // shift by one
		require.NoError(t, err)
		require.Equal(t, []string{"王明"}, done.Unseated)
		require.Equal(t, []int64{s[0], s[1]}, ids(done.Before))
		w.MustBook(t, bookingtest.Chosen(e, other, s[0])) // free at once
		_, err = w.Change(p.ID, toSeats(who, s[0], s[1]))
		require.ErrorIs(t, err, booking.ErrSeatTaken)
		same, err := w.Change(p.ID, toSeats(who, s[2], s[1]))
		require.NoError(t, err, "what one has already is no fault")
		require.Equal(t, ids(done.Seats), ids(same.Seats))
		_, err = w.Change(p.ID, toSeats(who, s[1], s[3]))
		require.NoError(t, err)
		_, err = w.Change(p.ID, toSeats(who, s[1], s[2], s[3])) // s[2] again
		require.NoError(t, err)
		var rows []models.BookingSeat
		var kept []string
		var party, lines int
		w.Read(t, func(tx *db.Tx) error {
			return errors.Join(tx.Scan(&rows, `SELECT * FROM booking_seats WHERE booking_id = ? ORDER BY seat_id`, p.ID),
				tx.Scan(&kept, `SELECT name FROM attendees WHERE seat_id IS NOT NULL`),
				tx.Scan(&party, `SELECT party FROM bookings WHERE id = ?`, p.ID),
				tx.Scan(&lines, `SELECT COUNT(*) FROM audit_log WHERE action = 'booking.change'`))
		})
		require.Len(t, rows, 4)
		require.False(t, rows[0].ReleasedAt.IsZero())
		for _, r := range rows[1:] {
			require.True(t, r.ReleasedAt.IsZero(), r.Label)
		}
		require.Equal(t, []string{"李红"}, kept)
		require.Equal(t, 3, party)
		require.Equal(t, 3, lines, "neither a refusal nor nothing at all is a move")
		w.MustBeClean(t)
	})
}

func TestUntilWhenAndWhatMayBeChanged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, clock *dbtest.Clock) {
		s := bookingtest.Seats(w.Plan)
		for _, c := range []struct {
			name   string
			before time.Duration // the event's start
			limit  booking.CancelLimit
			want   *errs.Error
		}{
			{"booker, in time", 2*time.Hour + time.Microsecond, booking.UntilLimit, nil},
			{"booker, at the limit", 2 * time.Hour, booking.UntilLimit, booking.ErrChangeLate},
			{"desk, after the limit", time.Hour, booking.UntilStart, nil},
			{"desk, at the start", 0, booking.UntilStart, booking.ErrChangeLate},
		} {
			clock.Set(dbtest.Start)
			e, who := w.Event(t, 0), w.Account(t)
			p := w.MustBook(t, bookingtest.Chosen(e, who, s[0], s[1]))
			clock.Set(e.StartsAt.Add(-c.before).Time())
			change := toSeats(who, s[1], s[2])
			change.Limit = c.limit
			_, err := w.Change(p.ID, change)
			if c.want == nil {
				require.NoError(t, err, c.name)
				continue
			}
			require.ErrorIs(t, err, c.want, c.name)
		}
		clock.Set(dbtest.Start)
		e, who := w.Event(t, 20, func(e *models.Event) { e.CancelUntil = e.StartsAt }), w.Account(t)
		kept := w.Plan.Seats[slices.Index([]byte(e.SeatMap), byte(models.SeatReserved))].ID
		p := w.MustBook(t, bookingtest.Together(e, who, 3))
		_, err := w.Change(p.ID, toSeats(who, kept))
		require.ErrorIs(t, err, booking.ErrSeatTaken, "the share is the desk's")
		_, err = w.Change(p.ID, toParty(who, 21))
		require.ErrorIs(t, err, booking.ErrTooMany)
		desk := toSeats(w.Staff, kept)
		desk.Reach, desk.Limit = booking.ReachDesk, booking.UntilStart
		_, err = w.Change(p.ID, desk)
		require.NoError(t, err)
		reserved := w.Saved(t, e.ID).Reserved
		_, err = w.Change(p.ID, toSeats(who, ids(p.Seats)...))
		require.NoError(t, err)
		require.Equal(t, reserved, w.Saved(t, e.ID).Reserved, "given back, it is plainly free")
		w.MustBook(t, bookingtest.Chosen(e, w.Account(t), kept))

		clock.Set(w.Kernel.DoorFrom(e).Time())
		_, err = w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: p.Code, Nonce: "n", Seats: []int64{p.Seats[0].ID}})
		require.NoError(t, err)
		_, err = w.Change(p.ID, toSeats(who, p.Seats[1].ID, p.Seats[2].ID))
		require.ErrorIs(t, err, booking.ErrSeatHere)
		_, err = w.Change(p.ID, toSeats(who, p.Seats[0].ID, p.Seats[2].ID))
		require.NoError(t, err, "who has not come yet may be dropped")

		gone := w.MustBook(t, bookingtest.Together(e, who, 1))
		_, err = w.Cancel(gone.ID, byHolder(who))
		require.NoError(t, err)
		_, err = w.Change(gone.ID, toParty(who, 2))
		require.ErrorIs(t, err, booking.ErrNotBooked)
		w.Write(t, func(tx *db.Tx) error { return w.Kernel.CallOff(tx, e.ID) })
		_, err = w.Change(p.ID, toParty(who, 2))
		require.ErrorIs(t, err, booking.ErrOver)
		w.MustBeClean(t)
	})
}

// A message that still waits with the old seats is not sent any more; whom a
// clerk has told by voice is not told again.
func TestAChangeIsToldOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		e, who := w.Event(t, 0), w.Account(t)
		p := w.MustBook(t, bookingtest.Together(e, who, 2))
		heard := 0
		w.Kernel.OnChange(func(id int64) {
			if id == e.ID {
				heard++
			}
		})
		_, err := w.Change(p.ID, toParty(who, 3))
		require.NoError(t, err)
		require.Equal(t, 1, heard)
		states := func() (out []string) {
			w.Read(t, func(tx *db.Tx) error {
				return tx.Scan(&out, `SELECT kind || ' ' || state FROM outbox WHERE channel = 'inbox' ORDER BY id`)
			})
			return out
		}
		require.Equal(t, []string{"booked void", "changed waiting"}, states())
		voice := toParty(w.Staff, 4)
		voice.Channel, voice.ReadBack = models.ChannelPhone, true
		_, err = w.Change(p.ID, voice)
		require.NoError(t, err)
		require.Equal(t, []string{"booked void", "changed void"}, states())
		var line models.Audit
		w.Read(t, func(tx *db.Tx) error {
			_, err := tx.One(&line, `SELECT * FROM audit_log WHERE action = 'booking.change' ORDER BY id DESC LIMIT 1`)
			return err
		})
		require.Equal(t, w.Staff.AccountID, line.ActorID)
		require.Equal(t, models.ChannelPhone, line.Channel)
		require.NotEmpty(t, line.Before)
		require.NotEqual(t, line.Before, line.After)
	})
}
