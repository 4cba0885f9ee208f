package lecture_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func accountOf(a auth.Actor) string { return fmt.Sprintf("account:%d", a.AccountID) }

func uniq(ids []int64) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// Links: opened ahead by a scanner, used, used again, another's, too late, gone.
func TestLinksAnswerOnceAndForOneOffer(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchOpen})
		words := w.links(t, "lecture_offer", "/lecture-offers/")
		require.Len(t, words, 2)
		before := w.count(t, `SELECT COUNT(*) FROM audit_log`)
		for range 5 { // a scanner opens it again and again
			l, err := s.Behind(ctx, words[0])
			require.NoError(t, err)
			require.Equal(t, models.OfferWaiting, l.Offer.State)
		}
		require.Equal(t, before, w.count(t, `SELECT COUNT(*) FROM audit_log`), "opening changes nothing")
		for _, forged := range []string{"", "x", words[0] + "A", words[0][:len(words[0])-1], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
			_, err := s.AcceptLink(ctx, forged)
			require.ErrorIs(t, err, errs.ErrNotFound, forged)
			_, err = s.RateLink(ctx, forged, lecture.Opinion{Face: 3})
			require.ErrorIs(t, err, errs.ErrNotFound, forged)
		}
		l, err := s.AcceptLink(ctx, words[0])
		require.NoError(t, err)
		require.Equal(t, models.OfferAccepted, l.Offer.State)
		again, err := s.AcceptLink(ctx, words[0])
		require.NoError(t, err, "used again it answers the same")
		require.Equal(t, l.Order.TeamID, again.Order.TeamID)
		_, err = s.AcceptLink(ctx, words[1])
		require.ErrorIs(t, err, lecture.ErrOfferLost)
		_, err = s.StartLink(ctx, words[1])
		require.ErrorIs(t, err, lecture.ErrOfferOver, "another's session is not theirs to begin")
		_, err = s.RateLink(ctx, words[0], lecture.Opinion{Face: 3})
		require.ErrorIs(t, err, errs.ErrNotFound, "a link for one thing opens no other")
		_, err = s.Cancel(ctx, w.Resident, o.ID, "", "")
		require.NoError(t, err)
		_, err = s.AcceptLink(ctx, words[0])
		require.ErrorIs(t, err, lecture.ErrOfferOver)

		late := w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]}, func(in *lecture.Ask) {
			in.Times = lecture.Times{First: w.Clock.Instant().Add(9 * 24 * time.Hour)}
		})
		word := w.links(t, "lecture_offer", "/lecture-offers/")[0]
		w.Clock.Advance(25 * time.Hour)
		_, err = s.AcceptLink(ctx, word)
		require.ErrorIs(t, err, lecture.ErrOfferLapsed, "before the job comes round too")
		require.Equal(t, models.LectureDispatched, w.get(t, late.ID).State)
	})
}

// An address is seen by whoever gave it and, from acceptance to the end of the
// session, by the team on duty: by nobody else, at no other time.
func TestAddressesAreSeenOnDutyAlone(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		const secret = "漪汾苑 3 号楼 2 单元 501"
		o := w.placed(t, func(in *lecture.Ask) { in.PlaceKind, in.Address = models.PlaceAddress, secret })
		member, stranger, auditor := w.Account(t), w.Account(t), w.with(t, auth.Auditor, w.Centre)
		w.Write(t, func(tx *db.Tx) error {
			return lecture.Enlist(tx, models.LectureMember{TeamID: w.Teams[0], AccountID: &member.AccountID, Name: "队员"})
		})
		cast := map[string]auth.Actor{"giver": w.Resident, "clerk": w.Clerk, "scheduler": w.Upper, "district": w.Staff, "auditor": auditor,
			"leader": w.Leaders[0], "member": member, "other team": w.Leaders[1], "stranger": stranger, "visitor": {}}
		sees := func(phase string, want ...string) {
			t.Helper()
			for who, a := range cast {
				got, err := s.Get(ctx, a, o.ID)
				if slices.Contains(want, who) {
					require.NoError(t, err, "%s, %s", phase, who)
					require.Equal(t, secret, got.Address, "%s, %s", phase, who)
					continue
				}
				if err != nil {
					require.ErrorIs(t, err, errs.ErrNotFound)
				}
				require.Empty(t, got.Address, "%s, %s", phase, who)
			}
			require.Zero(t, w.count(t, `SELECT COUNT(*) FROM outbox WHERE vars LIKE '%501%'`), "nor in any message")
			require.Zero(t, w.count(t, `SELECT COUNT(*) FROM audit_log WHERE before || after || reason LIKE '%501%'`), "nor in the log")
			require.Zero(t, w.count(t, `SELECT COUNT(*) FROM lecture_orders WHERE address_enc LIKE '%501%'`), "nor open in the database")
		}
		byLink := func(want string) {
			t.Helper()
			l, err := s.Behind(ctx, w.links(t, "lecture_offer", "/lecture-offers/")[0])
			require.NoError(t, err)
			require.Equal(t, want, l.Order.Address)
		}
		sees("handed in", "giver")
		_, err := s.Dispatch(ctx, w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
		require.NoError(t, err)
		sees("offered", "giver")
		byLink("")
		_, err = s.Accept(ctx, w.Leaders[0], o.ID)
		require.NoError(t, err)
		sees("accepted", "giver", "leader", "member")
		byLink(secret)
		w.Clock.Set(o.FirstAt.Time())
		_, err = s.Start(ctx, w.Leaders[0], o.ID)
		require.NoError(t, err)
		sees("under way", "giver", "leader", "member")
		_, err = s.Finish(ctx, w.Leaders[0], o.ID, lecture.Delivered{Heads: 1})
		require.NoError(t, err)
		sees("over", "giver")
		byLink("")
	})
}

// No answer is 未评: counted apart, never as good. Below five answers no average
// is known.
func TestNoAnswerIsNeverGood(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		for i := range 7 {
			o := w.taken(t)
			w.Clock.Set(o.StartsAt.Time())
			_, err := s.Finish(ctx, w.Leaders[0], o.ID, lecture.Delivered{Heads: 10})
			require.NoError(t, err)
			word := w.links(t, "lecture_rate", "/lecture-ratings/")[0]
			if i < 2 { // nobody answers the first two
				w.Clock.Advance(8 * 24 * time.Hour)
				w.jobs(t)
				_, err = s.RateLink(ctx, word, lecture.Opinion{Face: models.FaceGood})
				require.ErrorIs(t, err, lecture.ErrRateOver)
				got := w.get(t, o.ID)
				require.Equal(t, models.LectureClosed, got.State)
				require.Nil(t, got.Face)
				continue
			}
			_, err = s.RateLink(ctx, word, lecture.Opinion{})
			require.Error(t, err, "nothing is chosen beforehand")
			_, err = s.RateLink(ctx, word, lecture.Opinion{Face: models.FacePoor})
			require.NoError(t, err)
			_, err = s.RateLink(ctx, word, lecture.Opinion{Face: models.FaceGood})
			require.ErrorIs(t, err, lecture.ErrRated, "once")
			score, err := s.TeamScore(ctx, w.Teams[0])
			require.NoError(t, err)
			require.Equal(t, models.LectureScore{Asked: i + 1, Rated: i - 1, Known: i == 6, Average: map[bool]float64{true: 1}[i == 6]}, score)
		}
	})
}

// One order in twenty is drawn to be called back; a closed one is open again for a
// week, with a team looked for anew.
func TestCallBacksAndOpeningAgain(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		finished := func(draw float64) lecture.Order {
			w.Draw = draw
			o := w.taken(t)
			w.Clock.Set(o.StartsAt.Time())
			_, err := s.Finish(ctx, w.Leaders[0], o.ID, lecture.Delivered{Heads: -1})
			require.NoError(t, err)
			o, err = s.Rate(ctx, w.Resident, o.ID, lecture.Opinion{Face: 3, Text: "讲得好"})
			require.NoError(t, err)
			return o
		}
		finished(0.05)
		drawn := finished(0.049)
		all, err := s.Callbacks(ctx, w.Clerk)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, drawn.ID, all[0].ID)
		require.Equal(t, "+8613935108826", all[0].Phone)
		_, err = s.Called(ctx, w.Clerk, drawn.ID, "都满意")
		require.NoError(t, err)
		all, err = s.Callbacks(ctx, w.Clerk)
		require.NoError(t, err)
		require.Empty(t, all)

		again := lecture.Times{First: w.Clock.Instant().Add(72 * time.Hour)}
		_, err = s.Reopen(ctx, w.Resident, drawn.ID, "", again)
		require.ErrorIs(t, err, lecture.ErrReason)
		w.Clock.Advance(6 * 24 * time.Hour)
		again.First = w.Clock.Instant().Add(72 * time.Hour)
		o, err := s.Reopen(ctx, w.Resident, drawn.ID, "有一半没讲到", again)
		require.NoError(t, err)
		require.Equal(t, models.LectureToDispatch, o.State)
		require.Nil(t, o.Face, "that was of the first time")
		_, err = s.Dispatch(ctx, w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchRotation})
		require.NoError(t, err)
		o, err = s.Accept(ctx, w.Leaders[0], o.ID)
		require.NoError(t, err)
		w.Clock.Set(o.StartsAt.Time())
		_, err = s.Finish(ctx, w.Leaders[0], o.ID, lecture.Delivered{Heads: -1})
		require.NoError(t, err)
		word := w.links(t, "lecture_rate", "/lecture-ratings/")[0]
		second, err := s.Rating(ctx, word)
		require.NoError(t, err)
		require.Nil(t, second.Face, "asked anew")
		_, err = s.RateLink(ctx, word, lecture.Opinion{Face: 1})
		require.NoError(t, err)
		score, err := s.TeamScore(ctx, w.Teams[0])
		require.NoError(t, err)
		require.Equal(t, []int{3, 3}, []int{score.Asked, score.Rated}, "both opinions count, each of its session")
		other := finished(1)
		w.Clock.Advance(8 * 24 * time.Hour)
		_, err = s.Reopen(ctx, w.Resident, other.ID, "太晚了", lecture.Times{First: w.Clock.Instant().Add(72 * time.Hour)})
		require.ErrorIs(t, err, lecture.ErrReopenOver)
	})
}

// Two orders become one session, are rated apart, and part again when the one
// they follow is called off.
func TestMergedOrdersShareASession(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		lead, follower := w.placed(t), w.placed(t)
		_, err := s.Merge(ctx, w.Clerk, follower.ID, lead.ID)
		require.NoError(t, err)
		_, err = s.Dispatch(ctx, w.Clerk, lead.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
		require.NoError(t, err)
		o, err := s.Accept(ctx, w.Leaders[0], lead.ID)
		require.NoError(t, err)
		require.Equal(t, 60, o.Guests)
		require.Equal(t, *o.SessionID, *w.get(t, follower.ID).SessionID)
		w.sound(t)
		w.Clock.Set(o.StartsAt.Add(4 * time.Hour).Time())
		w.jobs(t)
		for _, id := range []string{lead.ID, follower.ID} {
			got := w.get(t, id)
			require.Equal(t, models.LectureToRate, got.State)
			require.True(t, got.Flagged, "nobody marked its end")
		}
		a, b := w.placed(t), w.placed(t)
		_, err = s.Merge(ctx, w.Clerk, b.ID, a.ID)
		require.NoError(t, err)
		_, err = s.Cancel(ctx, w.Resident, a.ID, "", "")
		require.NoError(t, err)
		require.Equal(t, models.LectureToDispatch, w.get(t, b.ID).State)
		w.sound(t)
	})
}

// An order that was opened again is accepted and rated once more, by another team or
// by the same; the link to the first session serves no other.
func TestAnOrderOpenedAgainIsHeldAgain(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		o := w.taken(t, func(in *lecture.Ask) { in.PlaceKind, in.Address = models.PlaceAddress, "漪汾苑 3 号楼" })
		old := w.links(t, "lecture_offer", "/lecture-offers/")[0]
		w.Clock.Set(o.StartsAt.Time())
		_, err := s.FinishLink(ctx, old, lecture.Delivered{Heads: 5})
		require.NoError(t, err)
		_, err = s.Rate(ctx, w.Resident, o.ID, lecture.Opinion{Face: 1})
		require.NoError(t, err)
		for _, team := range []int{1, 0} { // another team, and the same one by another link
			_, err = s.Reopen(ctx, w.Resident, o.ID, "没讲完", lecture.Times{First: w.Clock.Instant().Add(72 * time.Hour)})
			require.NoError(t, err)
			_, err = s.Dispatch(ctx, w.Clerk, o.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[team], Start: w.Clock.Instant().Add(72 * time.Hour)})
			require.NoError(t, err)
			o, err = s.Accept(ctx, w.Leaders[team], o.ID)
			require.NoError(t, err)
			w.Clock.Set(o.StartsAt.Time())
			l, err := s.Behind(ctx, old)
			require.NoError(t, err)
			require.Empty(t, l.Order.Address)
			_, err = s.StartLink(ctx, old)
			require.ErrorIs(t, err, lecture.ErrOfferOver)
			_, err = s.FinishLink(ctx, old, lecture.Delivered{Heads: 2000})
			require.ErrorIs(t, err, lecture.ErrOfferOver)
			_, err = s.Finish(ctx, w.Leaders[team], o.ID, lecture.Delivered{Heads: 7})
			require.NoError(t, err)
			require.Nil(t, w.get(t, o.ID).Face, "what was said of the first session is not said of this one")
			_, err = s.Rate(ctx, w.Resident, o.ID, lecture.Opinion{Face: 2})
			require.NoError(t, err)
		}
	})
}

// Who proposes another time has a day more for the answer, once, and never so long
// that a yes would be to what has begun.
func TestAProposalKeepsNoOfferAlive(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		start := w.Clock.Instant().Add(30 * time.Hour)
		w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0], Start: start}, func(in *lecture.Ask) { in.Times = lecture.Times{First: start} })
		word := w.links(t, "lecture_offer", "/lecture-offers/")[0]
		w.Clock.Advance(20 * time.Hour)
		l, err := s.ProposeLink(ctx, word, start.Add(48*time.Hour), "")
		require.NoError(t, err)
		require.Equal(t, start, l.Offer.Deadline)
		_, err = s.ProposeLink(ctx, word, start.Add(1000*24*time.Hour), "")
		require.ErrorIs(t, err, errs.ErrInvalid, "nor is it for the year 9999")
		far := w.placed(t)
		_, err = s.Dispatch(ctx, w.Clerk, far.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0], Start: start.Add(1000 * 24 * time.Hour)})
		require.ErrorIs(t, err, errs.ErrInvalid)
		w.Clock.Set(start.Time())
		_, err = s.AcceptLink(ctx, word)
		require.ErrorIs(t, err, lecture.ErrOfferLapsed)
	})
}

// A place that a partner lends is the partner's to give: an order cannot take it.
func TestAnOrderTakesNoRoomThatIsLent(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		w.Write(t, func(tx *db.Tx) error {
			var venue int64
			if err := tx.Scan(&venue, `INSERT INTO venues (code, name, org_id, owner_id, created_at) VALUES ('lent', '体育中心', ?, ?, ?) RETURNING id`, w.Centre.ID, w.Community.ID, tx.Now()); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO rooms (id, venue_id, kind, capacity, audience) VALUES (?, ?, 'room', 60, 'all')`, w.Hall.ID, venue)
			return err
		})
		for _, times := range []lecture.Times{w.ask().Times, {From: models.DayOf(w.Clock.Instant(), zone), Until: models.DayOf(w.Clock.Instant(), zone).Add(14)}} {
			_, err := w.Lectures.Place(t.Context(), w.Resident, w.ask(func(in *lecture.Ask) { in.PlaceKind, in.RoomID, in.Times = models.PlaceRoom, w.Hall.ID, times }))
			require.ErrorIs(t, err, lecture.ErrRoomLent)
		}
	})
}

// What a team has agreed to is settled for the calendar too, where "planned" is what
// nobody has decided yet.
func TestAnAgreedSessionStandsOnTheCalendar(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		o := w.taken(t)
		w.Read(t, func(tx *db.Tx) error {
			all, err := w.Lectures.Occupants(tx, []int64{*o.SessionID})
			require.Len(t, all, 1)
			require.Equal(t, "accepted", all[0].State)
			return err
		})
	})
}

// A team that is asked sees to which time it would say yes, and until when.
func TestATeamSeesWhatItIsAsked(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0]})
		x, ok, err := w.Lectures.Asked(t.Context(), w.Leaders[0], o.ID)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, o.FirstAt, x.StartsAt)
		for _, a := range []auth.Actor{w.Leaders[1], w.Resident, w.Clerk} {
			_, ok, err = w.Lectures.Asked(t.Context(), a, o.ID)
			require.NoError(t, err)
			require.False(t, ok)
		}
	})
}
