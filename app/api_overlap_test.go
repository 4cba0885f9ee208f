package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// joins signs somebody up for the first session, and says what else they have then.
func joins(w *apitest.World, login string, a act) (uid, also string) {
	got := apitest.Into[signed](w.As(login).Post(activityPath(a.ID, "/signups"), m{"session_id": a.Sessions[0].ID, "party": 1}).Want(http.StatusCreated))
	var titles []string
	for _, o := range got.Overlaps {
		titles = append(titles, o["title"].(string))
	}
	return got.ID, strings.Join(titles, "; ")
}

func TestWhoBooksHearsWhatElseTheyHaveThen(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		show := puton(t, w, at(25, 9), nil)
		seat := book(w, "resident", show.ID, m{"count": 1})
		danced(t, w, "resident", 9, "合唱排练")
		danced(t, w, "resident", 15, "太极拳")
		danced(t, w, "neighbour", 12, "老年合唱")

		uid, also := joins(w, "resident", opened(w, m{"title": "血压义诊", "sessions": []m{{"start": at(25, 9), "end": at(25, 10)}}}))
		require.Equal(t, "1921; 舞蹈室 · 合唱排练", also)
		_, none := joins(w, "resident", opened(w, m{"title": "识字班", "sessions": []m{{"start": at(25, 12), "end": at(25, 13)}}}))
		require.Empty(t, none, "what others have is nobody's business")
		term := m{"title": "书法班", "signup": "term", "sessions": []m{{"start": at(25, 13), "end": at(25, 14)}, {"start": at(27, 13), "end": at(27, 14)}}}
		_, between := joins(w, "resident", opened(w, term))
		require.Empty(t, between, "between the evenings of a term one is free")
		_, evening := joins(w, "resident", opened(w, m{"title": "茶会", "sessions": []m{{"start": at(27, 13), "end": at(27, 14)}}}))
		require.Equal(t, "书法班", evening, "each evening of a term counts")

		const said = "同一时间您还有："
		body := w.Browser("resident").Get("/signups/" + uid).Want(http.StatusOK).Body
		require.Contains(t, body, said+"舞蹈室 · 合唱排练")
		require.Regexp(t, said+`1921（.*–\d\d:\d\d，.*影厅`, body, "two of a name are told apart by when and where")
		ticket := w.Browser("resident").Get("/bookings/" + seat.ID).Want(http.StatusOK).Body
		require.Contains(t, ticket, said+"舞蹈室 · 合唱排练")
		require.Contains(t, ticket, said+"血压义诊")
		require.NotContains(t, ticket, said+"1921", "not itself")
		var room string
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			return tx.Scan(&room, `SELECT uid FROM room_bookings WHERE purpose = '合唱排练' ORDER BY id DESC LIMIT 1`)
		}))
		require.Contains(t, w.Browser("resident").Get("/room-bookings/"+room).Want(http.StatusOK).Body, said+"1921")

		// A team's session: whoever leads the team is there.
		var session struct{ StartsAt, EndsAt models.Instant }
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			ok, err := tx.One(&session, `SELECT s.starts_at, s.ends_at FROM lecture_sessions s JOIN lecture_teams tm ON tm.id = s.team_id
				JOIN grants g ON g.org_id = tm.org_id AND g.role = 'leader' WHERE s.state = 'planned' AND s.starts_at > ? AND g.account_id = ? ORDER BY s.starts_at LIMIT 1`, tx.Now().Add(time.Hour), actor(t, w, "leader").AccountID)
			require.True(t, ok, "the demo's team has something to come")
			return err
		}))
		_, duty := joins(w, "leader", opened(w, m{"title": "插花", "sessions": []m{{"start": session.StartsAt, "end": session.EndsAt}}}))
		require.NotEmpty(t, duty)
	})
}
