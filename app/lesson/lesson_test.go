package lesson_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lesson"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestARecordFromFirstWordToCorrection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.list(t, []string{"甲", "乙", "丙", "丁"}, w.seats())
		_, err := w.Lessons.Save(ctx, w.Secretary, w.Booking.ID, full(0))
		require.ErrorIs(t, err, lesson.ErrNotBegun)
		require.Equal(t, w.Event.StartsAt, errs.As(err).Args["at"])

		w.begin()
		w.arrive(t, w.seats()[:3]...)
		r := w.read(t, w.Secretary)
		require.Equal(t, models.LessonNone, r.State)
		require.Equal(t, models.LessonCounts{Expected: 4, Arrived: 3, Absent: "丁"}, r.Counts())
		require.True(t, r.MayWrite)
		require.False(t, r.MaySign)

		r = w.save(t, w.Clerk, lesson.Entry{Notes: "草稿"})
		require.Equal(t, []any{models.LessonDraft, 1, 1}, []any{r.State, r.Version, r.Revision})
		_, err = w.Lessons.Sign(ctx, w.Secretary, w.Booking.ID, r.Version, r.Facts)
		require.ErrorIs(t, err, lesson.ErrNotOver)
		require.Equal(t, w.Event.EndsAt, errs.As(err).Args["at"])

		w.Clock.Set(w.Event.EndsAt.Add(-time.Microsecond).Time())
		_, err = w.Lessons.Sign(ctx, w.Secretary, w.Booking.ID, r.Version, r.Facts)
		require.ErrorIs(t, err, lesson.ErrNotOver, "a moment too early")
		w.end()
		_, err = w.Lessons.Sign(ctx, w.Secretary, w.Booking.ID, r.Version, r.Facts)
		require.ErrorIs(t, err, lesson.ErrIncomplete)
		require.Len(t, errs.As(err).Fields, 2)

		_, err = w.Lessons.Correct(ctx, w.Secretary, w.Booking.ID, full(1), "错字")
		require.ErrorIs(t, err, lesson.ErrNotSigned)
		r = w.save(t, w.Secretary, full(1))
		require.Equal(t, 2, r.Version)
		require.True(t, r.MaySign)
		r = w.sign(t)
		require.Equal(t, []any{models.LessonSigned, 3, 1, "陈书记", w.Clock.Instant()}, []any{r.State, r.Version, r.Revision, r.SignedName, r.SignedAt})
		require.False(t, r.MayWrite)

		// Frozen: whatever happens to what it was made from.
		w.execute(t, `UPDATE checkins SET undone_at = ? WHERE booking_id = ?`, w.Clock.Instant(), w.Booking.ID)
		w.execute(t, `UPDATE films SET title = 'x'`)
		w.execute(t, `UPDATE orgs SET name = 'x' WHERE id = ?`, w.Branch.ID)
		require.Equal(t, r.LessonRecord, w.read(t, w.Secretary).LessonRecord)

		for name, change := range map[string]func() error{
			"save": func() error { _, err := w.Lessons.Save(ctx, w.Clerk, w.Booking.ID, full(3)); return err },
			"sign": func() error {
				_, err := w.Lessons.Sign(ctx, w.Secretary, w.Booking.ID, r.Version, r.Facts)
				return err
			},
		} {
			require.ErrorIs(t, change(), lesson.ErrSigned, name)
		}

		w.Clock.Advance(time.Hour)
		next := full(3)
		next.Notes = "观影后讨论，三人发言"
		_, err = w.Lessons.Correct(ctx, w.Secretary, w.Booking.ID, next, "  ")
		require.Equal(t, "reason", errs.As(err).Fields[0].Name)
		r, err = w.Lessons.Correct(ctx, w.Secretary, w.Booking.ID, next, "记录漏了发言")
		require.NoError(t, err)
		require.Equal(t, []any{models.LessonCorrected, 4, 2, "记录漏了发言"}, []any{r.State, r.Version, r.Revision, r.Reason})
		require.Equal(t, 3, r.Counts().Arrived, "the facts stay those of the signature")
		require.Len(t, r.Versions, 2)
		old, err := w.Lessons.Record(ctx, w.Secretary, w.Booking.ID, 1)
		require.NoError(t, err)
		require.Equal(t, "重温入党誓词\n观影后讨论", old.Notes)
		require.False(t, old.MayCorrect, "only the last version goes on")
		_, err = w.Lessons.Record(ctx, w.Secretary, w.Booking.ID, 3)
		require.ErrorIs(t, err, errs.ErrNotFound)

		var log []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&log, `SELECT action FROM audit_log WHERE action LIKE 'lesson.%' ORDER BY id`)
		})
		require.Equal(t, []string{"lesson.save", "lesson.save", "lesson.sign", "lesson.correct"}, log)
	})
}

func TestOnlyTheOwnSecretarySigns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := models.Org{ParentID: &w.Station.ID, Code: "other", Name: "other", Kind: models.OrgBranch, Path: w.Station.Path + "99/", CreatedAt: w.Clock.Instant()}
		w.Write(t, func(tx *db.Tx) error { return tx.Insert(&other) })
		above := w.with(t, auth.Branch, w.Station) // a secretary of what stands above is not this branch's
		foreign := w.with(t, auth.Branch, other)
		auditor, scheduler := w.with(t, auth.Auditor, w.Centre), w.Staff
		resident := w.Account(t)
		w.end()
		r := w.save(t, w.Secretary, full(0))

		for name, a := range map[string]auth.Actor{"clerk": w.Clerk, "above": above, "auditor": auditor, "scheduler": scheduler} {
			seen := w.read(t, a)
			require.False(t, seen.MaySign, name)
			_, err := w.Lessons.Sign(ctx, a, w.Booking.ID, r.Version, r.Facts)
			require.ErrorIs(t, err, lesson.ErrSecretary, name)
		}
		for name, a := range map[string]auth.Actor{"auditor": auditor, "scheduler": scheduler} {
			require.False(t, w.read(t, a).MayWrite, name)
			_, err := w.Lessons.Save(ctx, a, w.Booking.ID, full(1))
			require.ErrorIs(t, err, errs.ErrForbidden, name)
			_, err = w.Lessons.AddPhoto(ctx, a, w.Booking.ID, []byte("x"))
			require.ErrorIs(t, err, errs.ErrForbidden, name)
		}
		for name, a := range map[string]auth.Actor{"another branch": foreign, "resident": resident, "visitor": {}} {
			_, err := w.Lessons.Record(ctx, a, w.Booking.ID, 0)
			require.ErrorIs(t, err, errs.ErrNotFound, name)
			_, err = w.Lessons.Save(ctx, a, w.Booking.ID, full(1))
			require.ErrorIs(t, err, errs.ErrNotFound, name)
			_, err = w.Lessons.Sign(ctx, a, w.Booking.ID, r.Version, r.Facts)
			require.ErrorIs(t, err, errs.ErrNotFound, name)
			_, err = w.Lessons.Year(ctx, a, w.Branch.ID, 0)
			require.ErrorIs(t, err, errs.ErrNotFound, name)
		}
		w.sign(t)
		_, err := w.Lessons.Correct(ctx, w.Clerk, w.Booking.ID, full(2), "改")
		require.ErrorIs(t, err, lesson.ErrSecretary)
	})
}

// Somebody else's booking for oneself has no record: there is no branch.
func TestABookingOfAPersonHasNoRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		own := w.MustBook(t, bookingtest.Together(w.Event, w.Secretary, 2))
		w.end()
		_, err := w.Lessons.Record(t.Context(), w.Secretary, own.ID, 0)
		require.ErrorIs(t, err, errs.ErrNotFound)
	})
}

// Of many who save at once from the same version one is first, and each of the
// others hears who it was; so it goes on, version by version, and nothing is lost.
func TestOfManyWhoSaveAtOnceOneIsFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.end()
		const rounds, savers = 4, 8
		for version := range rounds {
			var mu sync.Mutex
			var won, stale int
			var all sync.WaitGroup
			for i := range savers {
				who := w.Secretary
				if i%2 == 0 {
					who = w.Clerk
				}
				all.Go(func() {
					e := full(version)
					e.Notes = strings.Repeat("我", i+1)
					_, err := w.Lessons.Save(t.Context(), who, w.Booking.ID, e)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case errors.Is(err, lesson.ErrStale):
						stale++
						refusal := errs.As(err)
						if refusal.Args["who"] == "" || refusal.Extra["version"] != version+1 {
							t.Errorf("a refusal that says too little: %v %v", refusal.Args, refusal.Extra)
						}
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.Equal(t, []int{1, savers - 1}, []int{won, stale}, "version %d", version)
			require.Equal(t, version+1, w.read(t, w.Secretary).Version)
		}
	})
}

// A signature and drafts race: what is signed is what the secretary saw, or it
// is not signed.
func TestASignatureRacesDrafts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.end()
		seen := w.save(t, w.Secretary, full(0))
		var all sync.WaitGroup
		var signErr error
		for range 6 {
			all.Go(func() {
				e := full(1)
				e.Host = "别人"
				_, err := w.Lessons.Save(t.Context(), w.Clerk, w.Booking.ID, e)
				if err != nil && !errors.Is(err, lesson.ErrStale) && !errors.Is(err, lesson.ErrSigned) {
					t.Error(err)
				}
			})
		}
		all.Go(func() { _, signErr = w.Lessons.Sign(t.Context(), w.Secretary, w.Booking.ID, seen.Version, seen.Facts) })
		all.Wait()
		r := w.read(t, w.Secretary)
		require.Equal(t, 2, r.Version, "one of them was first")
		if signErr == nil {
			require.Equal(t, models.LessonSigned, r.State)
			require.Equal(t, "陈书记", r.Host)
		} else {
			require.ErrorIs(t, signErr, lesson.ErrStale)
			require.Equal(t, []any{models.LessonDraft, "别人"}, []any{r.State, r.Host})
		}
	})
}

func TestASignatureIsUnderTheNumbersThatWereSeen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.end()
		seen := w.save(t, w.Secretary, full(0))
		_, err := w.Kernel.EnterPaper(t.Context(), w.Staff, booking.PaperList{EventID: w.Event.ID, Reason: "补录",
			Lines: []booking.PaperLine{{BookingID: w.Booking.ID, Count: 1}}})
		require.NoError(t, err)
		_, err = w.Lessons.Sign(t.Context(), w.Secretary, w.Booking.ID, seen.Version, seen.Facts)
		require.ErrorIs(t, err, lesson.ErrCountsChanged)
		require.Equal(t, []any{4, 1}, []any{errs.As(err).Args["expected"], errs.As(err).Args["arrived"]})
		require.Equal(t, 1, w.sign(t).Counts().Arrived)
	})
}

func TestOtherCountsNeedAReasonAndBothStay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.list(t, []string{"甲", "乙", "丙", "丁"}, w.seats())
		w.begin()
		w.arrive(t, w.seats()[:2]...)
		w.end()
		n := func(v int) *int { return &v }
		for name, c := range map[string]struct {
			change func(e *lesson.Entry)
			fields []string
		}{
			"no reason":           {func(e *lesson.Entry) { e.Arrived = n(3) }, []string{"count_reason"}},
			"more than expected":  {func(e *lesson.Entry) { e.Arrived, e.CountReason = n(5), "x" }, []string{"arrived"}},
			"too many names":      {func(e *lesson.Entry) { e.Arrived, e.Absent, e.CountReason = n(3), "甲、乙", "x" }, []string{"absent"}},
			"below nobody":        {func(e *lesson.Entry) { e.Arrived, e.CountReason = n(-1), "x" }, []string{"arrived"}},
			"notes too long":      {func(e *lesson.Entry) { e.Notes = strings.Repeat("字", 2001) }, []string{"notes"}},
			"a hidden mark":       {func(e *lesson.Entry) { e.Notes, e.Host = "一\n\u202e二", "陈\u200b" }, []string{"host", "notes"}},
			"a host of two lines": {func(e *lesson.Entry) { e.Host = "一\n二" }, []string{"host"}},
		} {
			e := full(0)
			c.change(&e)
			_, err := w.Lessons.Save(t.Context(), w.Secretary, w.Booking.ID, e)
			require.ErrorIs(t, err, errs.ErrInvalid, name)
			var fields []string
			for _, f := range errs.As(err).Fields {
				fields = append(fields, f.Name)
			}
			require.Equal(t, c.fields, fields, name)
		}
		require.Equal(t, models.LessonNone, w.read(t, w.Secretary).State, "nothing was stored")

		e := full(0)
		e.Notes = strings.Repeat("字", 2000)
		e.Arrived, e.Absent, e.CountReason = n(3), "丁", "丙从侧门进来"
		w.save(t, w.Secretary, e)
		r := w.sign(t)
		require.Equal(t, models.LessonCounts{Expected: 4, Arrived: 3, Absent: "丁"}, r.Counts())
		require.Equal(t, models.LessonCounts{Expected: 4, Arrived: 2, Absent: "丙\n丁"}, r.Counted())

		same := full(2)
		same.Expected, same.Arrived = n(4), n(2)
		r, err := w.Lessons.Correct(t.Context(), w.Secretary, w.Booking.ID, same, "签到无误")
		require.NoError(t, err)
		require.False(t, r.Stated(), "the counted numbers need no reason")
	})
}

func TestWhatNeverTookPlaceHasNoRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		_, err := w.Cancel(w.Booking.ID, booking.Cancelling{Actor: w.Secretary, Channel: models.ChannelOnline, Limit: booking.UntilLimit})
		require.NoError(t, err)
		w.end()
		_, err = w.Lessons.Save(t.Context(), w.Secretary, w.Booking.ID, full(0))
		require.ErrorIs(t, err, lesson.ErrCancelled)
	})
}

// When branches become one, the records go with the bookings and read as signed.
func TestARecordFollowsItsBookingToAnotherBranch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.end()
		w.save(t, w.Secretary, full(0))
		before := w.sign(t)
		other := models.Org{ParentID: &w.Station.ID, Code: "b2", Name: "第二党支部", Kind: models.OrgBranch, Path: w.Station.Path + "77/", CreatedAt: w.Clock.Instant()}
		w.Write(t, func(tx *db.Tx) error { return tx.Insert(&other) })
		w.execute(t, `UPDATE bookings SET org_id = ? WHERE id = ?`, other.ID, w.Booking.ID)
		heir := w.with(t, auth.Branch, other)
		r := w.read(t, heir)
		require.Equal(t, []any{before.Branch, other.ID, true}, []any{r.Branch, r.OrgID, r.MayCorrect})
		y, err := w.Lessons.Year(t.Context(), heir, other.ID, 0)
		require.NoError(t, err)
		require.Equal(t, 1, y.Signed)
		_, err = w.Lessons.Record(t.Context(), w.Secretary, w.Booking.ID, 0)
		require.ErrorIs(t, err, errs.ErrNotFound)
	})
}

// The database itself keeps what is signed, whoever writes to it.
func TestTheDatabaseKeepsWhatIsSigned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.end()
		w.save(t, w.Secretary, full(0))
		w.sign(t)
		for query, want := range map[string]string{
			`UPDATE lesson_records SET notes = 'x'`:   "lesson_records_signed",
			`UPDATE lesson_records SET state='draft'`: "lesson_records_signed",
			`DELETE FROM lesson_records`:              "lesson_records_signed",
			`INSERT INTO lesson_records (booking_id, revision, version, state, branch, film, starts_at, ends_at, place, expected, arrived, saved_by, saved_name, saved_at)
				SELECT booking_id, 2, 9, 'signed', branch, film, starts_at, ends_at, place, expected, arrived, saved_by, saved_name, saved_at FROM lesson_records`: "lesson_records_signature",
			`INSERT INTO lesson_records (booking_id, revision, version, state, branch, film, starts_at, ends_at, place, expected, arrived, saved_by, saved_name, saved_at)
				SELECT booking_id, 2, 9, 'draft', branch, film, starts_at, ends_at, place, 1, 2, saved_by, saved_name, saved_at FROM lesson_records`: "lesson_records_counted",
		} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(query); return err })
			require.Equal(t, want, db.Constraint(err), "%s: %v", query, err)
		}
	})
}

func TestHeadsAtTheDoorNameNobodyInTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.list(t, []string{"甲", "乙", "丙"}, w.seats())
		w.begin()
		_, err := w.Kernel.CheckIn(t.Context(), w.Staff, booking.Scan{Code: w.Booking.Code, Nonce: "1", Count: 2})
		require.NoError(t, err)
		r := w.read(t, w.Secretary)
		require.Equal(t, []any{models.LessonCounts{Expected: 3, Arrived: 2, Absent: "甲\n乙\n丙"}, 2}, []any{r.Counts(), r.Unnamed},
			"two of the three came, and nobody knows who")
	})
}
