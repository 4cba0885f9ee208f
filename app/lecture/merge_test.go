package lecture_test

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lecture"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// told counts the messages of a kind to somebody that are on their way.
func (w *world) told(t *testing.T, kind string, a auth.Actor) int {
	t.Helper()
	return w.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = ? AND recipient = ? AND channel = 'inbox' AND state <> 'void'`, kind, accountOf(a))
}

// Whoever dispatches judges what is alike: other words, another community's order,
// one that a team has accepted. She is shown what they share, and everybody hears.
func TestAnyTwoOrdersMayBeOne(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		lead := w.taken(t)
		other := w.Account(t)
		o, err := s.Place(ctx, other, w.ask(func(in *lecture.Ask) {
			in.TopicID, in.Wish, in.Audience = 0, "防骗课", models.AudienceParty
			in.Times = lecture.Times{First: lead.StartsAt}
		}))
		require.NoError(t, err)
		all, err := s.Similar(ctx, w.Clerk, o.ID)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, []string{"org", "time", "place"}, all[0].Same)
		require.Equal(t, []string{"topic", "audience"}, all[0].Differs)
		_, err = s.Merge(ctx, w.Clerk, o.ID, lead.ID)
		require.NoError(t, err)
		for kind, who := range map[string]auth.Actor{"lecture_merged": other, "lecture_accepted": other, "lecture_joined": w.Resident, "lecture_guests": w.Leaders[0]} {
			require.Equal(t, 1, w.told(t, kind, who), kind)
		}
		require.Equal(t, 2, w.told(t, "lecture_reminder", other), "a day and two hours before")
		require.Equal(t, 60, w.get(t, lead.ID).Guests)

		// The team gives it back: nobody is reminded of what is not held.
		_, err = s.Decline(ctx, w.Leaders[0], lead.ID, "车坏了")
		require.NoError(t, err)
		require.Zero(t, w.told(t, "lecture_reminder", other)+w.told(t, "lecture_reminder", w.Resident)+w.told(t, "lecture_up_next", w.Leaders[0]))
		require.Equal(t, 1, w.told(t, "lecture_handed_back", other))
		// Accepted once more for the same hour, they are reminded after all.
		_, err = s.Dispatch(ctx, w.Clerk, lead.ID, lecture.Dispatching{Mode: models.DispatchDirect, TeamID: w.Teams[0], Start: lead.StartsAt})
		require.NoError(t, err)
		_, err = s.Accept(ctx, w.Leaders[0], lead.ID)
		require.NoError(t, err)
		require.Equal(t, 2, w.told(t, "lecture_reminder", other))
		require.Equal(t, 2, w.told(t, "lecture_up_next", w.Leaders[0]))
		// One of them cancels: the team hears for how many, the others are reminded still.
		w.Clock.Advance(time.Hour)
		_, err = s.Cancel(ctx, other, o.ID, "", "")
		require.NoError(t, err)
		require.Zero(t, w.told(t, "lecture_reminder", other))
		require.Equal(t, 2, w.told(t, "lecture_reminder", w.Resident))
		require.Equal(t, 1, w.told(t, "lecture_guests", w.Leaders[0]), "the word before was taken back with the session")
		w.sound(t)
	})
}

// Nobody is sent to a stranger's home: a visit is one only with a visit to the
// same address.
func TestAVisitAtHomeIsOneWithTheSameHomeAlone(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		home := func(address string) func(*lecture.Ask) {
			return func(in *lecture.Ask) { in.PlaceKind, in.Address = models.PlaceAddress, address }
		}
		at, same, elsewhere, hall := w.placed(t, home("3 号楼 501")), w.placed(t, home("3 号楼 501")), w.placed(t, home("4 号楼 102")), w.placed(t)
		for _, o := range []lecture.Order{elsewhere, hall} {
			_, err := s.Merge(ctx, w.Clerk, o.ID, at.ID)
			require.ErrorIs(t, err, lecture.ErrNotSimilar)
			_, err = s.Merge(ctx, w.Clerk, at.ID, o.ID)
			require.ErrorIs(t, err, lecture.ErrNotSimilar)
		}
		_, err := s.Merge(ctx, w.Clerk, same.ID, at.ID)
		require.NoError(t, err)
	})
}

// What was returned can be changed, not only sent again; a draft is seen by nobody
// else and waits for nothing.
func TestADraftAndAReturnedOrderAreChanged(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		o := w.placed(t, func(in *lecture.Ask) { in.Draft, in.PlaceKind, in.Address = true, models.PlaceAddress, "3 号楼 501" })
		require.Equal(t, models.LectureDraft, o.State)
		require.True(t, o.DueAt.IsZero())
		require.Zero(t, w.told(t, "lecture_to_review", w.Clerk))
		_, err := s.Get(ctx, w.Clerk, o.ID)
		require.ErrorIs(t, err, errs.ErrNotFound, "it was not handed in")
		in := w.ask(func(in *lecture.Ask) { in.Heads, in.Phone, in.PlaceKind = 12, "", models.PlaceAddress })
		o, err = s.Revise(ctx, w.Resident, o.ID, in)
		require.NoError(t, err)
		require.Equal(t, models.LectureSubmitted, o.State)
		require.Equal(t, 12, o.Heads)
		require.Equal(t, "3 号楼 501", o.Address, "what is not told anew stays")
		require.Equal(t, "+8613935108826", o.Phone)
		_, err = s.Revise(ctx, w.Resident, o.ID, in)
		require.ErrorIs(t, err, lecture.ErrNotNow, "it is being reviewed")
		_, err = s.Return(ctx, w.Clerk, o.ID, "请写清人数")
		require.NoError(t, err)
		in.Heads, in.PlaceKind = 80, models.PlaceOwn
		o, err = s.Revise(ctx, w.Resident, o.ID, in)
		require.NoError(t, err)
		require.Equal(t, 80, o.Heads)
		require.Empty(t, o.Address)
		require.Zero(t, w.count(t, `SELECT COUNT(*) FROM lecture_orders WHERE address_enc <> ''`))
		_, err = s.Revise(ctx, w.Account(t), o.ID, in)
		require.Error(t, err)
		w.sound(t)
	})
}

// A clock that stood goes on, whichever step it was.
func TestEachStepGoesOnWithWhatWasLeft(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		o := w.placed(t, func(in *lecture.Ask) { in.Times.First = in.Times.First.Add(20 * 24 * time.Hour) }) // Monday at nine
		_, err := s.Approve(ctx, w.Clerk, o.ID, 0)
		require.NoError(t, err)
		require.Equal(t, 1, w.told(t, "lecture_approved", w.Resident))
		w.Clock.Advance(time.Hour)
		_, err = s.Return(ctx, w.Clerk, o.ID, "换个时间")
		require.NoError(t, err)
		w.Clock.Set(moment(t, "2026-11-25 08:30"))
		o, err = s.Send(ctx, w.Resident, o.ID, lecture.Times{})
		require.NoError(t, err)
		require.Equal(t, "2026-11-26 09:30", o.DueAt.In(zone).Format("2006-01-02 15:04"), "it is reviewed anew")
		o, err = s.Approve(ctx, w.Clerk, o.ID, 0)
		require.NoError(t, err)
		require.Equal(t, "2026-11-25 18:00", o.DueAt.In(zone).Format("2006-01-02 15:04"), "of the dispatch an hour was used")
	})
}

// A wish becomes an order of whoever wished; those who wished for the same hear too.
func TestAWishBecomesAnOrderOfWhoeverWished(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		other := w.Account(t)
		wish := func(a auth.Actor, text string) lecture.Wish {
			x, err := s.AddWish(ctx, a, lecture.WishAsk{OrgID: w.Community.ID, Text: text, Audience: models.AudienceOld})
			require.NoError(t, err)
			return x
		}
		a, b, c := wish(w.Resident, "教太极"), wish(other, "学太极拳"), wish(other, "开飞机")
		require.Equal(t, 3, w.told(t, "lecture_wished", w.Clerk))
		require.NoError(t, s.MergeWish(ctx, w.Clerk, b.ID, a.ID))
		require.ErrorIs(t, s.MergeWish(ctx, w.Clerk, b.ID, a.ID), lecture.ErrNotNow)
		require.ErrorIs(t, s.CloseWish(ctx, w.Clerk, c.ID, " "), lecture.ErrReason)
		require.NoError(t, s.CloseWish(ctx, w.Clerk, c.ID, "没有场地"))
		ask := w.ask(func(in *lecture.Ask) { in.TopicID, in.Wish, in.WishID = 0, a.Text, a.ID })
		_, err := s.Place(ctx, other, ask)
		require.Error(t, err, "turning wishes into orders is for staff")
		o, err := s.Place(ctx, w.Clerk, ask)
		require.NoError(t, err)
		require.Equal(t, w.Resident.AccountID, *o.HolderID, "it is hers who wished")
		mine, err := s.Get(ctx, w.Resident, o.ID)
		require.NoError(t, err)
		require.True(t, mine.Own(w.Resident))
		for kind, who := range map[string][]auth.Actor{"lecture_wish_ordered": {w.Resident, other}, "lecture_wish_merged": {other}, "lecture_wish_closed": {other}} {
			for _, x := range who {
				require.Equal(t, 1, w.told(t, kind, x), kind)
			}
		}
		left, err := s.Wishes(ctx, w.Clerk)
		require.NoError(t, err)
		require.Empty(t, left)
		_, err = s.Place(ctx, w.Clerk, ask)
		require.ErrorIs(t, err, lecture.ErrNotNow, "once")
	})
}

// Who ordered hears in words why the clock ended an order.
func TestAnOrderThatNobodyCouldDeliverEndsInWords(t *testing.T) {
	t.Parallel()
	each(t, 1, func(t *testing.T, w *world) {
		w.placed(t)
		w.Clock.Advance(5 * 24 * time.Hour)
		w.jobs(t)
		require.Equal(t, 1, w.told(t, "lecture_expired", w.Resident))
		var vars []string
		w.Read(t, func(tx *db.Tx) error {
			return tx.Scan(&vars, `SELECT vars FROM outbox WHERE kind = 'lecture_cancelled'`)
		})
		require.Empty(t, vars, "no code is told as a reason")
	})
}
