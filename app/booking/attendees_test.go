package booking_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// setRoll writes a list on a node, as a feature does.
func setRoll(t *testing.T, d *db.DB, k *booking.Service, id string, r booking.Roll) (out []booking.Attendee, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		b, e, err := booking.Locked(tx, id)
		if err != nil {
			return err
		}
		out, err = k.SetAttendees(tx, b, e, r)
		return err
	})
	return out, err
}

func guests(names ...string) []booking.Guest {
	out := make([]booking.Guest, len(names))
	for i, n := range names {
		out[i].Name = n
	}
	return out
}

func namesOf(list []booking.Attendee) (out []string) {
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// comesIn is a scan at a door that knows who it was; who is on no list any more
// is not scanned.
func comesIn(t *testing.T, w *bookingtest.World, p booking.Placed, a booking.Attendee, seat int) {
	t.Helper()
	w.Write(t, func(tx *db.Tx) error {
		if _, err := booking.LockEvents(tx, p.EventID); err != nil {
			return err
		}
		var there int64
		if ok, err := tx.One(&there, `SELECT id FROM attendees WHERE id = ?`, a.ID); err != nil || !ok {
			return err
		}
		_, err := tx.Exec(`INSERT INTO checkins (event_id, booking_id, seat_id, nonce, by_id, at, attendee_id) VALUES (?,?,?,?,?,?,?)`,
			p.EventID, p.ID, p.Seats[seat].ID, fmt.Sprint("n", a.ID), w.Staff.AccountID, tx.Now(), a.ID)
		return err
	})
}

func TestAListOfAttendeesIsReplacedAndWhoStaysKeepsTheirRow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		who := w.Account(t)
		p := w.MustBook(t, bookingtest.Together(w.Event(t, 0), who, 5))
		set := func(s booking.Seating, list ...booking.Guest) []booking.Attendee {
			t.Helper()
			out, err := setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Channel: models.ChannelOnline, Guests: list, Seating: s})
			require.NoError(t, err)
			w.MustBeClean(t)
			return out
		}
		first := set(booking.SeatedAsNamed, booking.Guest{Name: " 王　芳 ", SeatID: p.Seats[2].ID}, booking.Guest{Name: "王 芳"}, booking.Guest{Name: "李强"})
		require.Equal(t, []string{"王 芳", "王 芳", "李强"}, namesOf(first), "two of one name are two people")
		require.Equal(t, p.Seats[2].ID, *first[0].SeatID)
		require.Equal(t, p.Seats[2].Label, first[0].SeatLabel)
		require.Nil(t, first[1].SeatID)

		// Turned round, one gone, one new, and a seat that changes hands.
		second := set(booking.SeatedAsNamed, booking.Guest{Name: "李强", SeatID: p.Seats[2].ID}, booking.Guest{Name: "王 芳", SeatID: p.Seats[0].ID}, booking.Guest{Name: "新来的"})
		require.Equal(t, first[2].ID, second[0].ID)
		require.Contains(t, []int64{first[0].ID, first[1].ID}, second[1].ID)
		require.NotContains(t, []int64{first[0].ID, first[1].ID, first[2].ID}, second[2].ID)

		inOrder := set(booking.SeatedInOrder, guests("李强", "王 芳", "新来的")...)
		for i, a := range inOrder {
			require.Equal(t, second[i].ID, a.ID)
			require.Equal(t, p.Seats[i].ID, *a.SeatID)
		}
		for _, a := range set(booking.SeatedFreely, guests("李强", "王 芳", "新来的")...) {
			require.Nil(t, a.SeatID)
		}
		require.Empty(t, set(booking.SeatedAsNamed))
	})
}

func TestAListOfAttendeesIsHeldToItsRules(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		who := w.Account(t)
		e := w.Event(t, 0)
		p, other := w.MustBook(t, bookingtest.Together(e, who, 2)), w.MustBook(t, bookingtest.Together(e, who, 2))
		before, err := setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Guests: guests("王芳", "李强")})
		require.NoError(t, err)
		for name, c := range map[string]struct {
			list  []booking.Guest
			want  error
			field string
			code  string
		}{
			"one name too many": {guests("a", "b", "c"), booking.ErrTooManyNames, "attendees", "max"},
			"no name":           {guests("a", " 　"), errs.ErrInvalid, "attendees[1].name", "required"},
			"hidden marks":      {guests("a\u202eb"), errs.ErrInvalid, "attendees[0].name", "plain"},
			"41 characters":     {guests(strings.Repeat("长", 41)), errs.ErrInvalid, "attendees[0].name", "max"},
			"another's seat":    {[]booking.Guest{{Name: "a", SeatID: other.Seats[0].ID}}, errs.ErrInvalid, "attendees[0].seat_id", "not_your_seat"},
			"a seat twice":      {[]booking.Guest{{Name: "a", SeatID: p.Seats[0].ID}, {Name: "b", SeatID: p.Seats[0].ID}}, errs.ErrInvalid, "attendees[1].seat_id", "seat_twice"},
		} {
			_, err := setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Guests: c.list})
			require.ErrorIs(t, err, c.want, name)
			require.Equal(t, c.field, errs.As(err).Fields[0].Name, name)
			require.Equal(t, c.code, errs.As(err).Fields[0].Code, name)
		}
		_, err = setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Guests: guests(strings.Repeat("长", 40))})
		require.NoError(t, err)
		_, err = setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Guests: guests("王芳", "李强")})
		require.NoError(t, err)
		require.Len(t, before, 2)
		_, err = w.Cancel(other.ID, byHolder(who))
		require.NoError(t, err)
		_, err = setRoll(t, w.DB, w.Kernel, other.ID, booking.Roll{Actor: who, Guests: guests("王芳")})
		require.ErrorIs(t, err, booking.ErrNotBooked)
		w.MustBeClean(t)
	})
}

func TestWhoIsInStaysOnTheListAndOnTheirSeat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		who := w.Account(t)
		p := w.MustBook(t, bookingtest.Together(w.Event(t, 0), who, 3))
		set := func(r booking.Roll) ([]booking.Attendee, error) {
			r.Actor = who
			return setRoll(t, w.DB, w.Kernel, p.ID, r)
		}
		list, err := set(booking.Roll{Guests: []booking.Guest{{Name: "王芳"}, {Name: "王芳"}, {Name: "李强", SeatID: p.Seats[2].ID}}})
		require.NoError(t, err)
		comesIn(t, w, p, list[1], 1)
		comesIn(t, w, p, list[2], 2)

		_, err = set(booking.Roll{Guests: guests("王芳", "赵敏")})
		require.ErrorIs(t, err, booking.ErrNameIsIn)
		require.Equal(t, "李强", errs.As(err).Args["names"], "it says who")

		// Of the two, the one who is in stays.
		now, err := set(booking.Roll{Guests: guests("王芳", "李强"), Seating: booking.SeatedInOrder})
		require.NoError(t, err)
		require.Equal(t, []int64{list[1].ID, list[2].ID}, []int64{now[0].ID, now[1].ID})
		require.True(t, now[0].CheckedIn)
		require.Equal(t, p.Seats[2].ID, *now[1].SeatID)
		now, err = set(booking.Roll{Guests: guests("赵敏", "王芳", "李强"), Seating: booking.SeatedFreely})
		require.NoError(t, err)
		require.Equal(t, p.Seats[2].ID, *now[2].SeatID)

		// A scan that was taken back holds nobody, and stays on record.
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE checkins SET undone_at = ? WHERE booking_id = ?`, tx.Now(), p.ID)
			return err
		})
		_, err = set(booking.Roll{})
		require.NoError(t, err)
		var scans int
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&scans, `SELECT COUNT(*) FROM checkins WHERE booking_id = ?`, p.ID)
		})
		require.Equal(t, 2, scans)
		w.MustBeClean(t)
	})
}

// Two windows save, and a door scans, all at once: each list that was
// acknowledged was whole, nobody who is in is gone, and no seat is given twice.
func TestListsSavedAtOnceStayWhole(t *testing.T) {
	t.Parallel()
	eachTwice(t, booking.Options{GroupCommit: booking.Single}, func(t *testing.T, w *bookingtest.World, nodes [2]*booking.Service) {
		who := w.Account(t)
		p := w.MustBook(t, bookingtest.Together(w.Event(t, 0), who, 8))
		start, err := setRoll(t, w.DB, w.Kernel, p.ID, booking.Roll{Actor: who, Guests: guests("一", "二", "三", "四", "五", "六", "七", "八")})
		require.NoError(t, err)
		var all sync.WaitGroup
		for i := range 24 {
			all.Go(func() {
				if i%6 == 5 {
					comesIn(t, w, p, start[i/6], i/6)
					return
				}
				list := guests("一", "二", "三", "四", fmt.Sprint("新", i), "六")
				r := booking.Roll{Actor: auth.Actor{AccountID: who.AccountID}, Guests: list[i%3:], Seating: booking.SeatedInOrder}
				_, err := setRoll(t, w.DB, nodes[i%2], p.ID, r)
				if !errors.Is(err, booking.ErrNameIsIn) {
					require.NoError(t, err)
				}
			})
		}
		all.Wait()
		w.MustBeClean(t)
		var lost, double int
		w.Read(t, func(tx *db.Tx) error {
			if err := tx.Scan(&lost, `SELECT COUNT(*) FROM checkins c WHERE c.booking_id = ? AND c.attendee_id IS NULL AND c.undone_at IS NULL`, p.ID); err != nil {
				return err
			}
			return tx.Scan(&double, `SELECT COUNT(*) FROM attendees a JOIN attendees b ON b.booking_id = a.booking_id AND b.id > a.id
				AND (b.seat_id = a.seat_id OR b.ord = a.ord) WHERE a.booking_id = ?`, p.ID)
		})
		require.Zero(t, lost)
		require.Zero(t, double)
	})
}
