package room_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/pause"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// The first request holds the time, later ones queue; a yes names whom it declines.
func TestApprovalNamesItsRivals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = true })
		me, other, third := w.actor(t, "me"), w.actor(t, "other"), w.actor(t, "third")
		first, err := w.Book(t.Context(), me, wish(w.dance, at(26, 9, 0), at(26, 10, 0)))
		require.NoError(t, err)
		require.Equal(t, models.RoomPending, first.Status)
		require.True(t, first.Holds)
		require.Equal(t, clock.Instant().Add(60*time.Hour), *first.Deadline, "twelve hours before the start")
		second, err := w.Book(t.Context(), other, wish(w.dance, at(26, 9, 30), at(26, 10, 30)))
		require.NoError(t, err)
		require.False(t, second.Holds)
		beside, err := w.Book(t.Context(), third, wish(w.dance, at(26, 12, 0), at(26, 13, 0)))
		require.NoError(t, err)
		require.True(t, beside.Holds)

		queue, err := w.List(t.Context(), w.staff, room.Shelf{Decides: true})
		require.NoError(t, err)
		require.Len(t, queue.Items, 3)
		_, err = w.Approve(t.Context(), me, first.ID, nil)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.Approve(t.Context(), w.staff, second.ID, nil)
		require.ErrorIs(t, err, room.ErrRivals)
		rivals, err := w.Rivals(t.Context(), w.staff, second.ID)
		require.NoError(t, err)
		require.Len(t, rivals, 1)
		b, err := w.Approve(t.Context(), w.staff, second.ID, []string{first.ID})
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
		lost, err := w.Get(t.Context(), me, first.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomDeclined, lost.Status)
		_, err = w.Approve(t.Context(), w.staff, first.ID, nil)
		require.ErrorIs(t, err, room.ErrDecided)
		_, err = w.Book(t.Context(), me, wish(w.dance, at(26, 9, 0), at(26, 10, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken, "what is decided is not queued for")
	})
}

// Undecided by its deadline a request ends, and the next in the queue has the time.
func TestExpiryGivesTheTimeToTheQueue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = true })
		me, other := w.actor(t, "me"), w.actor(t, "other")
		first, err := w.Book(t.Context(), me, wish(w.dance, at(29, 9, 0), at(29, 10, 0)))
		require.NoError(t, err)
		clock.Advance(time.Hour)
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = false })
		second, err := w.Book(t.Context(), other, wish(w.dance, at(29, 9, 0), at(29, 10, 0)))
		require.NoError(t, err)
		require.Equal(t, models.RoomPending, second.Status, "needs nobody's yes, and queues behind who does")
		clock.Set(first.Deadline.Time())
		n, err := w.ExpireDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		b, err := w.Get(t.Context(), other, second.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
		b, err = w.Get(t.Context(), me, first.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomExpired, b.Status)
	})
}

// Another time is held until it is answered; the time asked for is free again.
func TestProposalHoldsItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = true })
		me, other := w.actor(t, "me"), w.actor(t, "other")
		p, err := w.Book(t.Context(), me, wish(w.dance, at(27, 9, 0), at(27, 10, 0)))
		require.NoError(t, err)
		b, err := w.Propose(t.Context(), w.staff, p.ID, room.Another{Span: models.Span{Start: at(27, 14, 0), End: at(27, 15, 0)}, Reason: "上午有课"})
		require.NoError(t, err)
		require.Equal(t, models.RoomProposed, b.Status)
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve = false })
		_, err = w.Book(t.Context(), other, wish(w.dance, at(27, 9, 0), at(27, 10, 0)))
		require.NoError(t, err, "the time asked for is free")
		queued, err := w.Book(t.Context(), other, wish(w.dance, at(27, 14, 0), at(27, 15, 0)))
		require.NoError(t, err)
		require.False(t, queued.Holds, "the time proposed is held")
		_, err = w.Accept(t.Context(), other, p.ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		b, err = w.Accept(t.Context(), me, p.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
		require.Equal(t, at(27, 14, 0), b.StartsAt)
	})
}

// What a partner lends needs the partner's yes, whoever else agrees.
func TestOwnersYes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		var owner int64
		w.write(t, func(tx *db.Tx) error {
			return tx.Scan(&owner, `INSERT INTO orgs (path, code, name, kind, created_at) VALUES ('/9/', 'binhe', '体育中心', 'partner', ?) RETURNING id`, tx.Now())
		})
		_, err := w.SaveVenue(t.Context(), w.staff, w.venue, room.VenueEntry{Code: "v", Name: "活动中心", OrgID: w.org, OwnerID: &owner})
		require.NoError(t, err)
		partner := w.actor(t, "partner")
		partner.Grants = []auth.Grant{{Role: auth.Partner, OrgID: owner, Path: "/9/"}}
		p, err := w.Book(t.Context(), w.staff, wish(w.dance, at(27, 9, 0), at(27, 10, 0)))
		require.NoError(t, err)
		require.Equal(t, models.RoomPending, p.Status)
		b, err := w.Approve(t.Context(), w.staff, p.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.RoomPending, b.Status, "the scheduler's yes is not the partner's")
		queue, err := w.List(t.Context(), partner, room.Shelf{Decides: true})
		require.NoError(t, err)
		require.Len(t, queue.Items, 1)
		b, err = w.Approve(t.Context(), partner, p.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
	})
}

// A booking moves with all rules checked, or stays as it was.
func TestMove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		p, err := w.Book(t.Context(), me, wish(w.tables[0], at(25, 9, 0), at(25, 10, 0)))
		require.NoError(t, err)
		_, err = w.Book(t.Context(), other, wish(w.tables[0], at(25, 11, 0), at(25, 12, 0)))
		require.NoError(t, err)
		to := func(from, until models.Instant) room.Moving {
			return room.Moving{Another: room.Another{Span: models.Span{Start: from, End: until}}}
		}
		_, err = w.Move(t.Context(), me, p.ID, to(at(25, 10, 30), at(25, 11, 30)))
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		try := to(at(25, 9, 30), at(25, 10, 30))
		try.Only = true
		_, err = w.Move(t.Context(), me, p.ID, try)
		require.NoError(t, err)
		b, err := w.Get(t.Context(), me, p.ID)
		require.NoError(t, err)
		require.Equal(t, at(25, 9, 0), b.StartsAt, "tried, not moved; and the refusal before changed nothing")
		b, err = w.Move(t.Context(), me, p.ID, to(at(25, 9, 30), at(25, 10, 30)))
		require.NoError(t, err, "over its own time")
		require.Equal(t, at(25, 9, 30), b.StartsAt)
		stale := to(at(25, 8, 0), at(25, 9, 0))
		stale.Version = b.Version - 1
		_, err = w.Move(t.Context(), me, p.ID, stale)
		require.ErrorIs(t, err, room.ErrChanged)
		stale.Version, stale.RoomID = b.Version, w.tables[1].ID
		b, err = w.Move(t.Context(), w.staff, p.ID, stale)
		require.NoError(t, err)
		require.Equal(t, w.tables[1].ID, b.RoomID)
		_, err = w.Book(t.Context(), other, wish(w.tables[0], at(25, 9, 30), at(25, 10, 30)))
		require.NoError(t, err, "the old table is free")
	})
}

// Nobody comes: the room is free after the grace, a warning, a warning, a pause that
// an appeal lifts; somebody else's booking is never in question.
func TestNoShowsAreWarnedThenPaused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Strikes, r.PerWeek, r.AheadDays = 2, 0, 60 })
		me := w.actor(t, "me")
		book := func(day int) (room.Placed, error) {
			return w.Book(t.Context(), me, wish(w.tables[0], at(day, 9, 0), at(day, 10, 0)))
		}
		for _, day := range []int{24, 25} {
			_, err := book(day)
			require.NoError(t, err)
			clock.Set(at(day, 9, 14).Time())
			n, err := w.ReleaseNoShows(t.Context(), clock.Instant())
			require.NoError(t, err)
			require.Zero(t, n, "within the grace")
			clock.Set(at(day, 9, 15).Time())
			n, err = w.ReleaseNoShows(t.Context(), clock.Instant())
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
		_, err := book(30)
		require.ErrorIs(t, err, room.ErrPaused)
		var person int64
		w.write(t, func(tx *db.Tx) error {
			return tx.Scan(&person, `INSERT INTO people (account_id, name, notify, created_at) VALUES (?, '母亲', 'helper', ?) RETURNING id`, me.AccountID, tx.Now())
		})
		mother := wish(w.tables[0], at(30, 9, 0), at(30, 10, 0))
		mother.PersonID = person
		_, err = w.Book(t.Context(), me, mother)
		require.NoError(t, err, "for somebody else")

		mine, err := w.pauses.List(t.Context(), me)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, models.Day{Year: 2026, Month: 12, Day: 9}.At(0, shanghai), mine[0].EndsAt)
		_, err = w.pauses.Appeal(t.Context(), me, mine[0].ID, "那天住院")
		require.NoError(t, err)
		_, err = w.pauses.Answer(t.Context(), w.staff, mine[0].ID, pause.Lift, "情况属实")
		require.NoError(t, err)
		_, err = book(27)
		require.NoError(t, err)
		_, err = w.pauses.Answer(t.Context(), w.staff, mine[0].ID, pause.Keep, "")
		require.ErrorIs(t, err, pause.ErrNotPaused)
	})
}

// Who comes late all the same did not stay away: the warning is taken back, and the pause
// that no other time justifies.
func TestWhoComesAfterAllIsNotPaused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		me := w.actor(t, "me")
		strikes := func(n int) {
			w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Strikes, r.PerWeek, r.AheadDays = n, 0, 60 })
		}
		book := func(table room.Room, day int) (room.Placed, error) {
			return w.Book(t.Context(), me, wish(table, at(day, 9, 0), at(day, 10, 0)))
		}
		missed := func(tables ...room.Room) (all []room.Placed) {
			day := models.DayOf(clock.Instant(), shanghai).Day + 1
			for _, table := range tables {
				p, err := book(table, day)
				require.NoError(t, err)
				all = append(all, p)
			}
			clock.Set(at(day, 9, 15).Time())
			n, err := w.ReleaseNoShows(t.Context(), clock.Instant())
			require.NoError(t, err)
			require.Equal(t, len(tables), n)
			return all
		}
		comes := func(p room.Placed) {
			clock.Advance(10 * time.Minute)
			_, found, err := w.CheckIn(t.Context(), w.staff, booking.Scan{Code: p.Code})
			require.NoError(t, err)
			require.True(t, found)
		}
		said := func(kind string) (n int) {
			w.write(t, func(tx *db.Tx) error {
				return tx.Scan(&n, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND channel = 'inbox' AND state <> 'void'`, kind)
			})
			return n
		}
		strikes(2)
		comes(missed(w.tables[0])[0])
		require.Equal(t, []int{0, 1}, []int{said("room_warned"), said("absence_undone")})
		missed(w.tables[0])
		late := missed(w.tables[0])[0]
		_, err := book(w.dance, 30)
		require.ErrorIs(t, err, room.ErrPaused, "the second time")
		comes(late)
		require.Equal(t, []int{0, 2, 0}, []int{said("room_paused"), said("absence_undone"), said("absence_paused")})
		_, err = book(w.dance, 30)
		require.NoError(t, err, "one time is no pause")

		strikes(1)
		both := missed(w.tables[0], w.tables[1])
		comes(both[0])
		require.Equal(t, 1, said("absence_paused"))
		_, err = book(w.whole, 30)
		require.ErrorIs(t, err, room.ErrPaused, "for the other time")
		comes(both[1])
		_, err = book(w.whole, 30)
		require.NoError(t, err, "of the time before them there was a warning, and no more comes of it now")
	})
}

// Who comes is checked in within the window; a second time says when the first was.
func TestCheckIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		me := w.actor(t, "me")
		p, err := w.Book(t.Context(), me, wish(w.tables[0], at(24, 9, 0), at(24, 10, 0)))
		require.NoError(t, err)
		scan := booking.Scan{Code: p.Code, Door: "前台"}
		_, found, err := w.CheckIn(t.Context(), me, scan)
		require.NoError(t, err)
		require.False(t, found, "no staff")
		_, _, err = w.CheckIn(t.Context(), w.staff, scan)
		require.ErrorIs(t, err, booking.ErrDoorEarly)
		clock.Set(at(24, 8, 30).Time())
		in, found, err := w.CheckIn(t.Context(), w.staff, scan)
		require.NoError(t, err)
		require.True(t, found)
		require.Len(t, in.Checked, 1)
		clock.Advance(time.Minute)
		in, _, err = w.CheckIn(t.Context(), w.staff, scan)
		require.NoError(t, err)
		require.Empty(t, in.Checked)
		require.Equal(t, at(24, 8, 30), in.Already[0].At)
		clock.Set(at(24, 10, 0).Time())
		n, err := w.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = w.FinishDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// A closure shows whom it hits and proposes a slot for each; a yes does it all.
func TestClosureProposesASlotForEach(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		me, other := w.actor(t, "me"), w.actor(t, "other")
		a, err := w.Book(t.Context(), me, wish(w.tables[0], at(25, 9, 0), at(25, 10, 0)))
		require.NoError(t, err)
		b, err := w.Book(t.Context(), other, wish(w.dance, at(25, 9, 0), at(25, 10, 0)))
		require.NoError(t, err)
		c, err := w.Close(t.Context(), w.staff, room.Closing{VenueID: w.venue, Span: models.Span{Start: at(25, 8, 0), End: at(25, 12, 0)}, Reason: "停电"})
		require.NoError(t, err)
		require.Equal(t, models.ClosureDraft, c.Status)
		require.Len(t, c.Hits, 2)
		for _, h := range c.Hits {
			require.NotNil(t, h.Proposed, h.Room)
			require.False(t, models.Span{Start: h.Proposed.Start, End: h.Proposed.End}.Overlaps(c.Span()), h.Room)
		}
		_, err = w.ApproveClosure(t.Context(), w.staff, c.ID, []room.Resolution{})
		require.ErrorIs(t, err, room.ErrClosureHits)
		c, err = w.ApproveClosure(t.Context(), w.staff, c.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.ClosureClosed, c.Status)
		_, err = w.Book(t.Context(), me, wish(w.tables[1], at(25, 10, 0), at(25, 11, 0)))
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		for id, who := range map[string]auth.Actor{a.ID: me, b.ID: other} {
			got, err := w.Get(t.Context(), who, id)
			require.NoError(t, err)
			require.Equal(t, models.RoomProposed, got.Status)
			got, err = w.Accept(t.Context(), who, id)
			require.NoError(t, err)
			require.Equal(t, models.RoomBooked, got.Status)
		}
		_, err = w.Reopen(t.Context(), w.staff, c.ID)
		require.NoError(t, err)
		_, err = w.Book(t.Context(), me, wish(w.tables[1], at(25, 10, 0), at(25, 11, 0)))
		require.NoError(t, err)
	})
}

// The first times at which several are free together, with a reason for the days before.
func TestFirstFreeTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		day := func(n int) models.Day { return models.Day{Year: 2026, Month: 11, Day: n} }
		w.write(t, func(tx *db.Tx) error {
			for i, c := range []booking.Claim{
				{ResourceID: w.dance.ID, Span: models.Span{Start: at(24, 8, 0), End: at(24, 22, 0)}},
				{ResourceID: w.dance.ID, Span: models.Span{Start: at(25, 8, 0), End: at(25, 15, 0)}},
				{ResourceID: w.tables[0].ID, Span: models.Span{Start: at(25, 15, 0), End: at(25, 22, 0)}},
				{ResourceID: w.tables[0].ID, Span: models.Span{Start: at(26, 8, 0), End: at(26, 10, 0)}},
			} {
				if _, err := booking.Reserve(tx, booking.Source{Kind: "lecture", ID: int64(i)}, c); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := w.FirstFree(t.Context(), room.Search{Wanted: []room.Wanted{{ID: w.tables[0].ID}, {Use: "dance"}}, Minutes: 60, From: day(24), To: day(27), Most: 1})
		require.NoError(t, err)
		require.Len(t, got.Times, 1)
		require.Equal(t, at(26, 10, 0), got.Times[0].Start)
		require.Equal(t, []room.Named{{ID: w.tables[0].ID, Name: "乒乓球室 · 1号台"}, {ID: w.dance.ID, Name: "舞蹈室"}}, got.Times[0].Resources)
		require.Len(t, got.Days, 3)
		require.Equal(t, "taken", got.Days[0].Why[0].Code)
		require.Equal(t, "舞蹈室", got.Days[0].Why[0].Resource)
		require.Equal(t, "never_together", got.Days[1].Why[0].Code)
		two, err := w.FirstFree(t.Context(), room.Search{Wanted: []room.Wanted{{Use: "table_tennis"}, {ID: w.tables[1].ID}}, Minutes: 60, From: day(26), To: day(26), Most: 1})
		require.NoError(t, err)
		require.Equal(t, at(26, 10, 0), two.Times[0].Start, "the whole room and the other table are one another's; the first table is taken until ten")
	})
}

// Anybody may search: what can be combined in too many ways is refused at once, and of
// like wishes it does not matter which has which.
func TestASearchIsBounded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		for i := range 7 {
			w.room(t, room.Entry{Kind: models.RoomWhole, Name: "教室" + string(rune('A'+i)), Use: "reading", Capacity: 10})
		}
		day := models.Day{Year: 2026, Month: 11, Day: 24}
		q := room.Search{Minutes: 60, From: day, To: day.Add(30)}
		for range 8 {
			q.Wanted = append(q.Wanted, room.Wanted{Use: "reading"})
		}
		got, err := w.FirstFree(t.Context(), q)
		require.NoError(t, err)
		require.Empty(t, got.Times)
		require.Equal(t, "never_together", got.Days[0].Why[0].Code)
		for i := range 4 {
			q.Wanted[2*i].VenueID = w.venue
		}
		_, err = w.FirstFree(t.Context(), q)
		require.ErrorIs(t, err, room.ErrTooWide)
		q.Wanted = q.Wanted[:7]
		got, err = w.FirstFree(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, got.Times, 3)
		require.Len(t, got.Times[0].Resources, 7)

		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = w.FirstFree(gone, q)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// A yes to one place is none to another: who lends, and who runs, the place that is
// proposed instead is asked when the booker has agreed.
func TestAProposalElsewhereAsksThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.Approve, r.PerWeek = true, 0 })
		place := func(code, kind string) (org int64, a auth.Actor) {
			w.write(t, func(tx *db.Tx) error {
				if err := tx.Scan(&org, `INSERT INTO orgs (path, code, name, kind, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id`, "/"+code+"/", code, code, kind, tx.Now()); err != nil {
					return err
				}
				_, err := tx.Exec(`UPDATE orgs SET path = ? WHERE id = ?`, fmt.Sprintf("/%d/", org), org)
				return err
			})
			a = w.actor(t, code)
			a.Grants = []auth.Grant{{Role: map[string]auth.Role{"partner": auth.Partner, "station": auth.Scheduler}[kind], OrgID: org, Path: fmt.Sprintf("/%d/", org)}}
			return org, a
		}
		furnish := func(by auth.Actor, e room.VenueEntry, r models.RoomRule) room.Room {
			v, err := w.SaveVenue(t.Context(), by, 0, e)
			require.NoError(t, err)
			var week []models.OpeningHours
			for day := 1; day <= models.HoursHoliday; day++ {
				week = append(week, models.OpeningHours{Day: day, Opens: 8 * 60, Closes: 22 * 60})
			}
			require.NoError(t, w.SetHours(t.Context(), by, room.Target{VenueID: v.ID}, week))
			require.NoError(t, w.SetRule(t.Context(), by, room.Target{VenueID: v.ID}, r))
			out, err := w.SaveRoom(t.Context(), by, 0, room.Entry{VenueID: v.ID, Kind: models.RoomWhole, Name: e.Code, Use: "dance", Capacity: 30})
			require.NoError(t, err)
			return out
		}
		owner, lender := place("owner", "partner")
		owner2, lender2 := place("owner2", "partner")
		station, other := place("station", "station")
		rule := models.DefaultRoomRule(models.ByResident)
		lent := furnish(w.staff, room.VenueEntry{Code: "lent", Name: "体育中心", OrgID: w.org, OwnerID: &owner}, rule)
		lent2 := furnish(w.staff, room.VenueEntry{Code: "lent2", Name: "成长中心", OrgID: w.org, OwnerID: &owner2}, rule)
		rule.Approve = true
		theirs := furnish(other, room.VenueEntry{Code: "theirs", Name: "别的站", OrgID: station}, rule)

		me := w.actor(t, "me")
		for _, x := range []struct {
			from, to room.Room
			asked    auth.Actor
		}{{lent, lent2, lender2}, {w.dance, theirs, other}} {
			p, err := w.Book(t.Context(), me, wish(x.from, at(27, 9, 0), at(27, 10, 0)))
			require.NoError(t, err)
			if x.from.ID == lent.ID { // the first lender agrees, and is asked for nothing more
				_, err = w.Propose(t.Context(), w.staff, p.ID, room.Another{Span: models.Span{Start: at(27, 11, 0), End: at(27, 12, 0)}})
				require.NoError(t, err)
				_, err = w.Accept(t.Context(), me, p.ID)
				require.NoError(t, err)
				_, err = w.Approve(t.Context(), lender, p.ID, nil)
				require.NoError(t, err)
				c, err := w.Close(t.Context(), w.staff, room.Closing{RoomID: lent.ID, Span: models.Span{Start: at(27, 8, 0), End: at(27, 20, 0)}, Reason: "检修"})
				require.NoError(t, err)
				_, err = w.ApproveClosure(t.Context(), w.staff, c.ID, []room.Resolution{{ID: p.ID, RoomID: x.to.ID, Span: models.Span{Start: at(27, 14, 0), End: at(27, 15, 0)}}})
				require.NoError(t, err)
			} else {
				_, err = w.Propose(t.Context(), w.staff, p.ID, room.Another{RoomID: x.to.ID, Span: models.Span{Start: at(27, 14, 0), End: at(27, 15, 0)}})
				require.NoError(t, err)
			}
			b, err := w.Accept(t.Context(), me, p.ID)
			require.NoError(t, err)
			require.Equal(t, models.RoomPending, b.Status, x.to.Name)
			b, err = w.Approve(t.Context(), x.asked, p.ID, nil)
			require.NoError(t, err)
			require.Equal(t, models.RoomBooked, b.Status)
		}
	})
}

// A time of thousands of years is refused without a look at each of its days.
func TestNobodyBooksForEver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		begun := time.Now()
		_, err := w.Book(t.Context(), w.actor(t, "me"), wish(w.dance, models.InstantOf(time.Date(2, 1, 1, 10, 0, 0, 0, shanghai)), models.InstantOf(time.Date(9998, 1, 1, 10, 0, 0, 0, shanghai))))
		require.ErrorIs(t, err, room.ErrClosedThen)
		require.Less(t, time.Since(begun), 3*time.Second)
	})
}

// A place can be closed at once, also while a party that was checked in is there.
func TestAClosureWaitsForNobodyInside(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		p, err := w.Book(t.Context(), w.actor(t, "me"), wish(w.dance, at(24, 10, 0), at(24, 12, 0)))
		require.NoError(t, err)
		clock.Set(at(24, 10, 30).Time())
		w.write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE room_bookings SET status = 'attended', checked_in_at = ? WHERE uid = ?`, tx.Now(), p.ID)
			return err
		})
		c, err := w.Close(t.Context(), w.staff, room.Closing{RoomID: w.dance.ID, Span: models.Span{Start: clock.Instant(), End: at(24, 20, 0)}, Reason: "漏水"})
		require.NoError(t, err)
		require.Len(t, c.Hits, 1)
		c, err = w.ApproveClosure(t.Context(), w.staff, c.ID, nil)
		require.NoError(t, err)
		require.Equal(t, models.ClosureClosed, c.Status)
		b, err := w.Get(t.Context(), w.staff, p.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomAttended, b.Status, "they were there")
	})
}
