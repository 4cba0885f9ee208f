package lecture_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Fifty teams press at the same moment: one has the order, the others are told so.
func TestOfFiftyTeamsOneHasTheOffer(t *testing.T) {
	t.Parallel()
	const n = 50
	each(t, n, func(t *testing.T, w *world) {
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchOpen})
		require.EqualValues(t, n, o.Waiting)
		words := w.links(t, "lecture_offer", "/lecture-offers/")
		require.Len(t, words, n)
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for _, word := range words {
			wg.Go(func() {
				<-start
				switch _, err := w.Lectures.AcceptLink(t.Context(), word); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, lecture.ErrOfferLost):
					lost.Add(1)
				default:
					t.Errorf("neither won nor lost: %v", err)
				}
			})
		}
		close(start)
		wg.Wait()
		require.EqualValues(t, 1, won.Load())
		require.EqualValues(t, n-1, lost.Load())
		require.Equal(t, 1, w.count(t, `SELECT COUNT(*) FROM lecture_sessions`))
		require.Equal(t, n-1, w.count(t, `SELECT COUNT(DISTINCT recipient) FROM outbox WHERE kind = 'lecture_lost'`), "each is told")
		require.Equal(t, models.LectureAccepted, w.get(t, o.ID).State)
		w.sound(t)
		// The referee, should the lock ever be forgotten.
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE lecture_offers SET state = 'accepted' WHERE order_id = ?`, o.ID)
			return err
		})
		require.Equal(t, "lecture_offers_order_id_key", db.Constraint(err))
	})
}

// A team and a room are wanted through two features at once: one has them, the
// other is refused with what is in the way, and nothing is half taken.
func TestTwoFeaturesNeverShareATeamOrARoom(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		kinds := map[string]int64{"team": w.Teams[0], "room": w.Hall.ID}
		for round := range 8 {
			for what, resource := range kinds {
				o := w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]}, func(in *lecture.Ask) {
					in.PlaceKind, in.RoomID = models.PlaceRoom, w.Hall.ID
				})
				span := models.Span{Start: o.FirstAt.Add(20 * time.Minute), End: o.FirstAt.Add(30 * time.Minute)}
				var accepted, refused error
				var clashes []booking.Clash
				var wg sync.WaitGroup
				wg.Go(func() { _, accepted = w.Lectures.Accept(t.Context(), w.Leaders[0], o.ID) })
				wg.Go(func() {
					refused = w.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
						clashes, err = booking.Reserve(tx, booking.Source{Kind: "room_booking", ID: int64(round + 1)}, booking.Claim{ResourceID: resource, Span: span})
						return err
					})
				})
				wg.Wait()
				require.NoError(t, refused)
				taken := w.count(t, `SELECT COUNT(*) FROM occupancies WHERE source_kind = 'lecture'`)
				if accepted == nil {
					require.NotEmpty(t, clashes, what)
					require.Equal(t, 2, taken, "team and room together")
				} else {
					require.ErrorIs(t, accepted, booking.ErrResourceTaken)
					require.Empty(t, clashes, what)
					require.Zero(t, taken, "nothing half taken")
					require.Equal(t, models.LectureDispatched, w.get(t, o.ID).State, "the offer waits on")
				}
				_, err := w.Lectures.Cancel(t.Context(), w.Resident, o.ID, "", "")
				require.NoError(t, err)
				w.Write(t, func(tx *db.Tx) error {
					return booking.Release(tx, booking.Source{Kind: "room_booking", ID: int64(round + 1)})
				})
				require.Zero(t, w.count(t, `SELECT COUNT(*) FROM occupancies WHERE source_kind IN ('lecture', 'room_booking')`))
			}
		}
	})
}

// The way there and back belongs to the session: half an hour after one, half an
// hour before the next.
func TestATeamNeedsItsWay(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		first := w.taken(t)
		w.Read(t, func(tx *db.Tx) error {
			all, err := w.Lectures.Occupants(tx, []int64{*first.SessionID})
			require.NoError(t, err)
			require.Len(t, all, 1)
			require.Equal(t, "accepted", all[0].State, "on the calendar it is agreed")
			require.Equal(t, "反诈知识进社区", all[0].Title)
			return nil
		})
		ask := func(minutes int) error {
			o := w.placed(t, func(in *lecture.Ask) {
				in.Times = lecture.Times{First: first.EndsAt.Add(time.Duration(minutes) * time.Minute)}
			})
			_, err := w.Lectures.Dispatch(t.Context(), w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
			return err
		}
		require.ErrorIs(t, ask(59), lecture.ErrTeamCannot)
		require.NoError(t, ask(60))
	})
}
