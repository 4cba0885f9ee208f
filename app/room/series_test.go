package room_test

import (
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// weekly is a wish for every Tuesday from the 24th on, six to seven.
func weekly(w *world) room.Wish {
	out := wish(w.dance, at(24, 18, 0), at(24, 19, 0))
	out.Rule = "FREQ=WEEKLY;BYDAY=TU"
	return out
}

// Every occurrence or none: a clash on one date refuses all, with what is in the way
// and what is possible instead; skipped, or at another time, the rest is had.
func TestSeriesIsBookedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.AheadDays, r.PerWeek = 28, 0 })
		me, other := w.actor(t, "me"), w.actor(t, "other")
		december := func(day, hour int) models.Instant { return at(30, hour, 0).Add(time.Duration(day) * 24 * time.Hour) }
		_, err := w.Book(t.Context(), other, wish(w.dance, december(8, 18), december(8, 19)))
		require.NoError(t, err)

		preview, err := w.Preview(t.Context(), me, weekly(w))
		require.NoError(t, err)
		require.Len(t, preview, 4)
		day := preview[2].Day
		require.Equal(t, models.Day{Year: 2026, Month: 12, Day: 8}, day)
		require.Equal(t, "taken", preview[2].Fate)
		require.Len(t, preview[2].Conflicts, 1)
		require.NotEmpty(t, preview[2].Suggestions)

		_, err = w.Book(t.Context(), me, weekly(w))
		require.ErrorIs(t, err, booking.ErrResourceTaken)
		require.Len(t, errs.As(err).Extra["conflicts"], 1)
		mine, err := w.List(t.Context(), me, room.Shelf{})
		require.NoError(t, err)
		require.Zero(t, mine.Total, "nothing was taken")

		again := weekly(w)
		again.Instead = map[models.Day]models.Instant{day: preview[2].Suggestions[0].Start}
		p, err := w.Book(t.Context(), me, again)
		require.NoError(t, err)
		require.Len(t, p.Occurrences, 4)
		require.Equal(t, preview[2].Suggestions[0].Start, p.Occurrences[2].Start)
		other2 := weekly(w)
		other2.RoomID, other2.Skip = w.whole.ID, []models.Day{day}
		q, err := w.Book(t.Context(), me, other2)
		require.NoError(t, err)
		require.Len(t, q.Occurrences, 3)

		clock.Advance(14 * 24 * time.Hour)
		n, err := w.Materialise(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 4, n, "two more weeks of each")
		n, err = w.Materialise(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		all, err := w.List(t.Context(), me, room.Shelf{RoomID: w.whole.ID})
		require.NoError(t, err)
		require.EqualValues(t, 5, all.Total, "the date left out stays so")
	})
}

// A series of an organisation that has been closed ends there: what it had stays,
// nothing more is made. In the control it stands, and the series goes on.
func TestASeriesOfAClosedOrganisationEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByOrg, func(r *models.RoomRule) { r.AheadDays, r.PerWeek = 28, 0 })
		var club int64
		w.write(t, func(tx *db.Tx) error {
			return tx.Scan(&club, `INSERT INTO orgs (path, code, name, kind, parent_id, created_at) VALUES ('club', 'club', '书画社', 'partner', ?, ?) RETURNING id`, w.org, tx.Now())
		})
		path := fmt.Sprintf("/%d/%d/", w.org, club)
		closing := func(at models.Instant) {
			w.write(t, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE orgs SET path = ?, archived_at = ? WHERE id = ?`, path, at, club)
				return err
			})
		}
		closing(models.Instant{})
		secretary := w.actor(t, "club")
		secretary.Grants = []auth.Grant{{Role: auth.Branch, OrgID: club, Path: path}}
		ask := weekly(w)
		ask.OrgID = club
		p, err := w.Book(t.Context(), secretary, ask)
		require.NoError(t, err)

		extended := func() int {
			clock.Advance(7 * 24 * time.Hour)
			n, err := w.Materialise(t.Context(), clock.Instant())
			require.NoError(t, err)
			return n
		}
		require.Equal(t, 1, extended(), "while it stands")
		closing(clock.Instant())
		require.Zero(t, extended())
		_, err = w.Book(t.Context(), secretary, ask)
		require.ErrorIs(t, err, errs.ErrInvalid)
		closing(models.Instant{})
		require.Zero(t, extended(), "an ended series stays ended")
		all, err := w.List(t.Context(), secretary, room.Shelf{RoomID: w.dance.ID})
		require.NoError(t, err)
		require.EqualValues(t, len(p.Occurrences)+1, all.Total)
	})
}

// Cancelling is of one occurrence; a change of this and the following, or of all,
// keeps it cancelled and what was moved by itself where it is, and shows beforehand
// what it does.
func TestSeriesEditKeepsItsExceptions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, clock *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.AheadDays, r.PerWeek = 42, 0 })
		me := w.actor(t, "me")
		p, err := w.Book(t.Context(), me, weekly(w))
		require.NoError(t, err)
		require.Len(t, p.Occurrences, 6)
		_, err = w.Cancel(t.Context(), me, p.Occurrences[2].ID, "", "")
		require.NoError(t, err)
		alone := p.Occurrences[3].Start.Add(2 * time.Hour)
		_, err = w.Move(t.Context(), me, p.Occurrences[3].ID, room.Moving{Another: room.Another{Span: models.Span{Start: alone, End: alone.Add(time.Hour)}}})
		require.NoError(t, err)

		next := p.Occurrences[1].Start.Add(24*time.Hour - 2*time.Hour) // Wednesdays at four
		e := room.Edit{Scope: room.ScopeFollowing, Span: models.Span{Start: next, End: next.Add(time.Hour)}, Only: true}
		shown, err := w.EditSeries(t.Context(), me, p.Occurrences[1].ID, e)
		require.NoError(t, err)
		changes := func(all []room.Difference) (out []string) {
			for _, d := range all {
				out = append(out, d.Change)
			}
			return out
		}
		want := []string{"moved", "kept", "kept", "moved", "moved"}
		require.Equal(t, want, changes(shown))
		b, err := w.Get(t.Context(), me, p.Occurrences[1].ID)
		require.NoError(t, err)
		require.Equal(t, p.Occurrences[1].Start, b.StartsAt, "shown, not saved")

		e.Only = false
		done, err := w.EditSeries(t.Context(), me, p.Occurrences[1].ID, e)
		require.NoError(t, err)
		require.Equal(t, want, changes(done))
		for i, start := range []models.Instant{p.Occurrences[0].Start, next, p.Occurrences[2].Start, alone, p.Occurrences[4].Start.Add(22 * time.Hour), p.Occurrences[5].Start.Add(22 * time.Hour)} {
			b, err := w.Get(t.Context(), me, p.Occurrences[i].ID)
			require.NoError(t, err)
			require.Equal(t, start, b.StartsAt, i)
			require.Equal(t, i == 2, b.Status == models.RoomCancelled, i)
		}
		clock.Advance(7 * 24 * time.Hour)
		n, err := w.Materialise(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n, "one more Wednesday; the cancelled date is not made again")

		all := room.Edit{Scope: room.ScopeAll, Span: models.Span{Start: next, End: next.Add(2 * time.Hour)}}
		done, err = w.EditSeries(t.Context(), me, p.Occurrences[1].ID, all)
		require.NoError(t, err)
		require.Equal(t, []string{"moved", "kept", "kept", "moved", "moved", "moved"}, changes(done))
		ended, err := w.EndSeries(t.Context(), me, p.Occurrences[4].ID, "")
		require.NoError(t, err)
		require.Equal(t, 3, ended)
		clock.Advance(21 * 24 * time.Hour)
		n, err = w.Materialise(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// Whoever changes a series by themselves asks for a yes again, and what was proposed
// for one of its dates is off; who runs the place sees to it without.
func TestASeriesThatIsChangedIsDecidedAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		w.rule(t, models.ByResident, func(r *models.RoomRule) { r.AheadDays, r.PerWeek, r.Approve = 28, 0, true })
		me := w.actor(t, "me")
		p, err := w.Book(t.Context(), me, weekly(w))
		require.NoError(t, err)
		for _, o := range p.Occurrences[1:] {
			_, err := w.Approve(t.Context(), w.staff, o.ID, nil)
			require.NoError(t, err)
		}
		first := p.Occurrences[0]
		_, err = w.Propose(t.Context(), w.staff, first.ID, room.Another{Span: models.Span{Start: first.Start.Add(2 * time.Hour), End: first.End.Add(2 * time.Hour)}})
		require.NoError(t, err)
		_, err = w.EditSeries(t.Context(), me, first.ID, room.Edit{Scope: room.ScopeAll, Rule: "FREQ=WEEKLY;BYDAY=TU,TH",
			Span: models.Span{Start: first.Start.Add(-time.Hour), End: first.End}})
		require.NoError(t, err)
		mine, err := w.List(t.Context(), me, room.Shelf{})
		require.NoError(t, err)
		require.Len(t, mine.Items, 8)
		for _, b := range mine.Items {
			require.Equal(t, models.RoomPending, b.Status, b.StartsAt)
		}
		_, err = w.Accept(t.Context(), me, first.ID)
		require.ErrorIs(t, err, room.ErrDecided)

		_, err = w.EditSeries(t.Context(), w.staff, first.ID, room.Edit{Scope: room.ScopeAll, Span: models.Span{Start: first.Start, End: first.End}})
		require.NoError(t, err)
		b, err := w.Get(t.Context(), me, first.ID)
		require.NoError(t, err)
		require.Equal(t, models.RoomBooked, b.Status)
	})
}
