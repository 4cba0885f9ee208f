package app_test

import (
	"net/http"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/booking"
	"youyue/app/db"

	"github.com/stretchr/testify/require"
)

func TestMembersAndHeadsAtTheDoor(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "branch", s.ID, m{"count": 6})
		var who [3]int64
		require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
			for i, name := range []string{"张建国", "李秀英", "王强"} {
				if _, err := tx.One(&who[i], `INSERT INTO attendees (booking_id, ord, name, created_at) VALUES (?, ?, ?, ?) RETURNING id`, b.ID, i, name, tx.Now()); err != nil {
					return err
				}
			}
			return nil
		}))
		moveTo(t, w, at(25, 0))
		one := scan(w, "cinema", m{"code": b.Code, "nonce": "n1", "attendees": who[:2], "door": "东门"})
		require.Len(t, one.Checked, 2)
		require.Equal(t, "张建国", one.Checked[0].Name)
		require.Len(t, one.Attendees, 3)
		require.Nil(t, one.Attendees[2].Here)
		scan(w, "clerk", m{"code": b.Code, "nonce": "n2", "count": 2})
		w.As("clerk").Post("/api/v1/checkins", m{"code": b.Code, "nonce": "n3", "count": 3}).Refused(http.StatusConflict, "checkin.fewer_left")
		w.As("clerk").Post("/api/v1/checkins", m{"code": b.Code, "nonce": "n3", "attendees": []int64{1 << 40}}).Refused(http.StatusUnprocessableEntity, "checkin.unknown_attendee")

		type door struct {
			Count booking.DoorCount
			Items []struct{ Attendees []booking.Comer }
		}
		all := apitest.Into[door](w.As("cinema").Get(screeningPath(s.ID, "/door?q=李秀英")).Want(http.StatusOK))
		require.Len(t, all.Items, 1, "a party is found by its members")
		require.Equal(t, "东门", all.Items[0].Attendees[1].Here.Door)
		bare := apitest.Into[door](w.As("cinema").Get(screeningPath(s.ID, "/door?only=count")).Want(http.StatusOK))
		require.Empty(t, bare.Items)
		require.Equal(t, all.Count, bare.Count)
		require.EqualValues(t, 4, bare.Count.Arrived)
		w.As("cinema").Post("/api/v1/checkins/undo", m{"code": b.Code, "attendees": who[:1], "reason": "不是他"}).Want(http.StatusOK)
		back := scan(w, "cinema", m{"code": b.Code, "nonce": "n1", "attendees": who[:2], "door": "东门"})
		require.Len(t, back.TakenBack, 1, "sent again after the undo, it lets nobody in")
		require.Len(t, back.Checked, 1)
		after := apitest.Into[door](w.As("cinema").Get(screeningPath(s.ID, "/door?only=count")).Want(http.StatusOK)).Count
		require.Greater(t, after.Version, bare.Count.Version)
		require.EqualValues(t, 3, after.Arrived)
		sound(t, w)
	})
}

func TestWalkInsSeatsLetGoAndTheListOnPaper(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(24, 9), nil)
		came, gone := book(w, "resident", s.ID, m{"count": 2}), book(w, "branch", s.ID, m{"count": 4})
		walk, release, paper := screeningPath(s.ID, "/walk-ins"), screeningPath(s.ID, "/no-shows"), screeningPath(s.ID, "/paper-list")
		w.As("cinema").Post(walk, m{"count": 2}).Refused(http.StatusConflict, "walkin.not_yet")
		start := at(24, 9)
		moveTo(t, w, start)
		w.As("resident").Post(walk, m{"count": 2}).Refused(http.StatusForbidden, "forbidden")
		in := apitest.Into[booking.Arrivals](w.As("cinema").With("Idempotency-Key", "w1").Post(walk, m{"count": 2, "name": "路过的人", "door": "东门"}).Want(http.StatusCreated))
		require.Len(t, in.Checked, 2)
		again := apitest.Into[booking.Arrivals](w.As("cinema").With("Idempotency-Key", "w1").Post(walk, m{"count": 2, "name": "路过的人", "door": "东门"}).Want(http.StatusCreated))
		require.Equal(t, in, again)

		letGo := m{"bookings": []string{gone.ID}, "reason": "没有来"}
		w.As("cinema").Post(release, letGo).Refused(http.StatusConflict, "walkin.release_later")
		w.Clock.Advance(11 * time.Minute)
		w.As("cinema").Post(release, m{"bookings": []string{gone.ID}}).Refused(http.StatusUnprocessableEntity, "request.invalid")
		w.As("branch").Post(release, letGo).Refused(http.StatusForbidden, "forbidden")
		require.Equal(t, 4, apitest.Into[booking.LetGoes](w.As("cinema").Post(release, letGo).Want(http.StatusOK)).Seats)
		w.As("cinema").Post("/api/v1/checkins", m{"code": gone.Code, "nonce": "g"}).Refused(http.StatusConflict, "checkin.released")
		require.Equal(t, "no_show", apitest.Into[ticket](w.As("branch").Get("/api/v1/bookings/"+gone.ID).Want(http.StatusOK)).Status)
		sound(t, w)

		moveTo(t, w, at(25, 9))
		w.As("admin").Post("/api/v1/jobs/close_finished/run", nil).Want(http.StatusOK)
		list := m{"came": "before", "lines": []m{{"booking_id": came.ID, "all": true}}}
		w.As("cinema").Post(paper, list).Refused(http.StatusUnprocessableEntity, "request.invalid")
		list["reason"] = "停电"
		w.As("resident").Post(paper, list).Refused(http.StatusForbidden, "forbidden")
		got := apitest.Into[booking.PaperEntry](w.As("cinema").Post(paper, list).Want(http.StatusOK))
		require.Equal(t, []int64{2, 4}, []int64{int64(got.Checked), got.Arrived})
		require.Equal(t, "attended", apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/"+came.ID).Want(http.StatusOK)).Status)
		sound(t, w)
		moveTo(t, w, at(28, 9))
		w.As("cinema").Post(paper, list).Refused(http.StatusConflict, "checkin.record_closed")
	})
}
