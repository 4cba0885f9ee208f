package room_test

import (
	"testing"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/room"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// The whole room takes its tables and what goes along, each with its buffers; a
// table takes itself; what another feature reserves refuses and is refused.
func TestClaimsOfARoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		span := models.Span{Start: at(25, 9, 0), End: at(25, 11, 0)}
		held := models.Span{Start: at(25, 8, 50), End: at(25, 11, 20)}
		w.write(t, func(tx *db.Tx) error {
			got, err := w.Claims(tx, w.dance.ID, span, w.projector.ID)
			require.NoError(t, err)
			require.Equal(t, []booking.Claim{{ResourceID: w.dance.ID, Span: held}, {ResourceID: w.projector.ID, Span: span}}, got)
			got, err = w.Claims(tx, w.whole.ID, span, w.tables[0].ID)
			require.NoError(t, err)
			require.Equal(t, []booking.Claim{{ResourceID: w.whole.ID, Span: span}, {ResourceID: w.tables[0].ID, Span: span}, {ResourceID: w.tables[1].ID, Span: span}}, got,
				"a table that goes along with its room counts once")

			table, err := w.Claims(tx, w.tables[1].ID, span)
			require.NoError(t, err)
			require.Len(t, table, 1)
			clashes, err := booking.Reserve(tx, booking.Source{Kind: "lecture", ID: 1}, table...)
			require.NoError(t, err)
			require.Empty(t, clashes)
			clashes, err = booking.Reserve(tx, booking.Source{Kind: "lecture", ID: 2}, got...)
			require.NoError(t, err)
			require.Len(t, clashes, 1, "the whole room is refused for the sake of one table")
			require.Equal(t, w.tables[1].ID, clashes[0].ResourceID)
			return nil
		})
		w.write(t, func(tx *db.Tx) error {
			_, err := w.Claims(tx, 9999, span)
			require.ErrorIs(t, err, errs.ErrInvalid)
			_, err = w.Claims(tx, w.dance.ID, models.Span{Start: at(25, 21, 0), End: at(25, 22, 30)})
			require.ErrorIs(t, err, room.ErrClosedThen)
			_, err = w.Claims(tx, w.dance.ID, models.Span{Start: at(25, 9, 0), End: at(25, 9, 0)})
			require.ErrorIs(t, err, room.ErrSpan)
			return nil
		})
	})
}

// A table that is added later is taken by what has the whole room already.
func TestAddedTableIsTakenWithItsRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		span := models.Span{Start: at(25, 9, 0), End: at(25, 11, 0)}
		w.write(t, func(tx *db.Tx) error {
			claims, err := w.Claims(tx, w.whole.ID, span)
			require.NoError(t, err)
			_, err = booking.Reserve(tx, booking.Source{Kind: "lecture", ID: 1}, claims...)
			return err
		})
		added := w.room(t, room.Entry{Kind: models.RoomUnit, WholeID: &w.whole.ID, Name: "3号台", Capacity: 4})
		w.write(t, func(tx *db.Tx) error {
			claims, err := w.Claims(tx, added.ID, span)
			require.NoError(t, err)
			clashes, err := booking.Reserve(tx, booking.Source{Kind: "lecture", ID: 2}, claims...)
			require.Len(t, clashes, 1)
			return err
		})
	})
}

// Hours of the room stand in for the venue's, an exception for both; holidays and
// worked weekends come from the working calendar; a place that is open all night may
// be had past midnight.
func TestOpeningHours(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world, _ *dbtest.Clock) {
		own := room.Target{VenueID: w.venue, RoomID: &w.dance.ID}
		open := func(from, to models.Instant) bool {
			var err error
			w.write(t, func(tx *db.Tx) error {
				_, err = w.Claims(tx, w.dance.ID, models.Span{Start: from, End: to})
				return nil
			})
			if err != nil {
				require.ErrorIs(t, err, room.ErrClosedThen)
			}
			return err == nil
		}
		require.True(t, open(at(25, 8, 0), at(25, 22, 0)))
		require.False(t, open(at(25, 7, 59), at(25, 9, 0)))
		require.NoError(t, w.SetHours(t.Context(), w.staff, own, []models.OpeningHours{
			{Day: 3, Opens: 18 * 60, Closes: 24 * 60}, {Day: 4, Opens: 0, Closes: 2 * 60}, {Day: 6, Opens: 9 * 60, Closes: 12 * 60},
			{Day: models.HoursMakeup, Opens: 13 * 60, Closes: 14 * 60}}))
		require.False(t, open(at(25, 9, 0), at(25, 10, 0)), "Wednesday evening only")
		require.True(t, open(at(25, 23, 0), at(26, 1, 30)), "past midnight")
		require.False(t, open(at(25, 23, 0), at(26, 2, 30)))
		require.True(t, open(at(28, 9, 0), at(28, 10, 0)), "Saturday")

		saturday := models.Day{Year: 2026, Month: 11, Day: 28}
		w.days.Marks = map[models.Day]models.DayKind{saturday: models.DayMakeup, saturday.Add(-3): models.DayHoliday}
		require.False(t, open(at(28, 9, 0), at(28, 10, 0)), "a Saturday that is worked has the hours of such days")
		require.True(t, open(at(28, 13, 0), at(28, 14, 0)))
		require.False(t, open(at(25, 19, 0), at(25, 20, 0)), "a holiday without hours is closed")

		require.NoError(t, w.SetException(t.Context(), w.staff, own, room.Exception{Day: saturday, Hours: []models.Minutes{{From: 600, To: 660}}, Reason: "活动"}))
		require.True(t, open(at(28, 10, 0), at(28, 11, 0)))
		require.False(t, open(at(28, 13, 0), at(28, 14, 0)))
		require.NoError(t, w.DropException(t.Context(), w.staff, own, saturday))
		require.True(t, open(at(28, 13, 0), at(28, 14, 0)))
	})
}
