package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// state is where a sign-up stands.
func state(w *apitest.World, who, id string) string {
	return apitest.Into[signed](w.As(who).Get("/api/v1/signups/" + id).Want(http.StatusOK)).Status
}

// A sign-up that can be given up no more is refused, and one that got that far all
// the same holds nobody up who gave theirs up after it.
func TestOneQuitThatCannotBeHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	a := opened(w, m{"capacity": 9})
	missed := join(w, "resident", a.ID, m{"party": 1})
	w.Clock.Set(a.Sessions[0].EndsAt.Time())
	_, err := w.App.Kernel.FinishDue(t.Context(), w.Now())
	require.NoError(t, err)
	require.Equal(t, "no_show", state(w, "resident", missed.ID))
	form(w, "clerk", "/signups/"+missed.ID+"/quit", nil).Want(http.StatusConflict)

	require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE activity_signups SET quit_at = ? WHERE uid = ?`, tx.Now(), missed.ID)
		return err
	}))
	now := opened(w, m{"capacity": 9, "sessions": []m{{"start": w.Now().Add(time.Minute), "end": w.Now().Add(time.Hour)}}})
	came := join(w, "judge", now.ID, m{"party": 1})
	w.As("clerk").Post("/api/v1/checkins/batch", m{"device": "门口", "session_id": now.Sessions[0].ID, "scans": []m{{"nonce": "came", "code": came.Code}}}).Want(http.StatusOK)
	form(w, "clerk", "/signups/"+came.ID+"/quit", nil).Want(http.StatusConflict)
	require.NoError(t, w.App.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE activity_signups SET quit_at = ? WHERE uid = ?`, tx.Now(), came.ID)
		return err
	}))

	next := opened(w, m{"capacity": 9})
	other := join(w, "neighbour", next.ID, m{"party": 1})
	w.Clock.Advance(time.Second)
	form(w, "neighbour", "/signups/"+other.ID+"/quit", nil).Want(http.StatusSeeOther)
	w.Clock.Advance(time.Minute)
	_, err = w.App.Activities.FinishQuits(t.Context(), w.Now())
	require.NoError(t, err)
	require.Equal(t, []string{"no_show", "confirmed", "cancelled"}, []string{state(w, "resident", missed.ID), state(w, "judge", came.ID), state(w, "neighbour", other.ID)})
	sound(t, w)
}

// Everybody has one lot; and when the public value is not entered in time, the draw is
// held again by itself, with its reason, beside the one that is void.
func TestOneLotForEachAndAnotherDrawAfterAVoidOne(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		start := w.Now().Add(20 * 24 * time.Hour)
		a := opened(w, m{"capacity": 1, "choose": "draw", "entries_until": w.Now().Add(time.Hour), "sessions": []m{{"start": start, "end": start.Add(time.Hour)}}})
		first := join(w, "resident", a.ID, m{"party": 1})
		require.Equal(t, first.ID, join(w, "resident", a.ID, m{"party": 1}).ID, "entering again is the same entry")
		kept := apitest.Into[struct{ ID int64 }](w.As("resident").Post("/api/v1/people", m{"name": "老母亲", "relation": "parent"}).Want(http.StatusCreated)).ID
		require.NotEqual(t, first.ID, join(w, "resident", a.ID, m{"party": 1, "person_id": kept}).ID, "the mother has a lot of her own")
		join(w, "neighbour", a.ID, m{"party": 1})

		w.Clock.Advance(2 * time.Hour)
		closing := func() int {
			_, err := w.App.Draws.VoidLate(t.Context(), w.Now())
			require.NoError(t, err)
			n, err := w.App.Activities.CloseEntries(t.Context(), w.Now())
			require.NoError(t, err)
			return n
		}
		require.Equal(t, []int{1, 0}, []int{closing(), closing()})
		w.Clock.Advance(8 * 24 * time.Hour)
		require.Equal(t, []int{2, 0}, []int{closing(), closing()}, "this one, for its draw is void, and one of the demo district")
		type file struct {
			Number int
			Count  int
			Reason string
			State  string
		}
		id := apitest.Into[struct {
			DrawID int64 `json:"draw_id"`
		}](w.As("").Get(activityPath(a.ID, "/draw")).Want(http.StatusOK)).DrawID
		f := apitest.Into[file](w.As("").Get("/api/v1/draws/" + itoa(id)).Want(http.StatusOK))
		require.Equal(t, []any{2, 3, "open"}, []any{f.Number, f.Count, f.State})
		require.NotEmpty(t, f.Reason)
		w.As("scheduler").Post(activityPath(a.ID, "/draw"), m{"value": "03-08-11"}).Want(http.StatusOK)
		require.Equal(t, 1, apitest.Into[act](w.As("").Get(activityPath(a.ID, "")).Want(http.StatusOK)).Taken)
		sound(t, w)
	})
}

// The public value comes while whoever gets a place can still give it back. When it does
// not come, and there is no time for another draw, the entries have their turn as they
// came in, and the page says so; no session moves in front of its draw.
func TestADrawIsOverBeforeItsActivityBegins(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		start := w.Now().Add(48 * time.Hour)
		later := start.Add(30 * 24 * time.Hour) // another session far ahead: it gives no time
		a := opened(w, m{"capacity": 3, "choose": "draw", "signup": "term", "entries_until": w.Now().Add(time.Hour),
			"sessions": []m{{"start": start, "end": start.Add(time.Hour)}, {"start": later, "end": later.Add(time.Hour)}}})
		ids := map[string]string{}
		for i, who := range []string{"resident", "judge", "neighbour"} {
			ids[who] = join(w, who, a.ID, m{"party": 1 + i}).ID // 1, 2, 3
			w.Clock.Advance(time.Minute)
		}
		w.Clock.Advance(2 * time.Hour)
		pass := func() {
			_, err := w.App.Draws.VoidLate(t.Context(), w.Now())
			require.NoError(t, err)
			_, err = w.App.Activities.CloseEntries(t.Context(), w.Now())
			require.NoError(t, err)
		}
		pass()
		var due models.Instant
		require.NoError(t, w.App.DB.Read(t.Context(), func(tx *db.Tx) error {
			_, err := tx.One(&due, `SELECT value_due FROM draws WHERE subject_kind = 'activity' AND subject_id = ? ORDER BY id DESC LIMIT 1`, a.ID)
			return err
		}))
		require.Equal(t, start.Add(-2*time.Hour), due, "as long as a place can be given back")
		move := func(to models.Instant) *apitest.Answer {
			return w.As("scheduler").Post("/api/v1/sessions/"+itoa(a.Sessions[1].ID)+"/move", m{"start": to, "end": to.Add(time.Hour), "reason": "提前"})
		}
		move(start.Add(-time.Hour)).Refused(http.StatusConflict, "activity.draw_first")
		move(start.Add(24 * time.Hour)).Want(http.StatusOK)

		w.Clock.Set(due.Time()) // nobody has entered the value
		w.As("scheduler").Post(activityPath(a.ID, "/draw"), m{"value": "03-08-11"}).Refused(http.StatusConflict, "draw.late")
		pass()
		require.Equal(t, []string{"confirmed", "confirmed", "waiting"}, []string{state(w, "resident", ids["resident"]), state(w, "judge", ids["judge"]), state(w, "neighbour", ids["neighbour"])})
		page := w.Browser("").Get("/activities/" + itoa(a.ID) + "/draw").Want(http.StatusOK).Body
		require.Contains(t, page, "这次没有抽签")
		require.NotContains(t, page, "名额不够就抽签")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM draws WHERE subject_kind = 'activity' AND subject_id = `+itoa(a.ID)), "no second one after the session")
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM audit_log WHERE action = 'activity.no_time_to_draw'`))
		sound(t, w)

		soon := w.Now().Add(6 * time.Hour)
		w.As("scheduler").Post("/api/v1/activities", m{"org_id": orgID(w, "yzn"), "kind": "reading", "title": "来不及抽签", "summary": "x", "place": "x", "audience": "all", "capacity": 1,
			"choose": "draw", "entries_until": soon.Add(-2 * time.Hour), "sessions": []m{{"start": soon, "end": soon.Add(time.Hour)}}}).Want(http.StatusUnprocessableEntity)
	})
}

// A draw gives the places that are kept for some to them, and is held when those that
// are left for all do not do.
func TestADrawKnowsWhomPlacesAreKeptFor(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	start := w.Now().Add(20 * 24 * time.Hour)
	a := opened(w, m{"capacity": 3, "choose": "draw", "entries_until": w.Now().Add(time.Hour), "sessions": []m{{"start": start, "end": start.Add(time.Hour)}},
		"shares": []m{{"who": "newcomers", "name": "第一次来的", "places": 2}}})
	first, second := join(w, "resident", a.ID, m{"party": 1}), join(w, "neighbour", a.ID, m{"party": 1})
	w.Clock.Advance(2 * time.Hour)
	_, err := w.App.Activities.CloseEntries(t.Context(), w.Now())
	require.NoError(t, err)
	w.As("scheduler").Post(activityPath(a.ID, "/draw"), m{"value": "03-08-11"}).Want(http.StatusOK)
	require.Equal(t, []string{"confirmed", "confirmed"}, []string{state(w, "resident", first.ID), state(w, "neighbour", second.ID)})
	sound(t, w)
}

// Where the organiser says yes to each, no way to a place goes past that: neither an
// offer of the waiting list nor a draw; and nobody is visited at home by fewer than two.
func TestNoPlaceGoesPastTheOrganisersYes(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		home := m{"kind": "home_visit", "home": true, "capacity": 1, "max_party": 1}
		a := opened(w, home)
		in := join(w, "neighbour", a.ID, m{"party": 1, "address": "甲路1号"})
		waits := join(w, "resident", a.ID, m{"party": 1, "address": "乙路2号"})
		require.Equal(t, []string{"asked", "waiting"}, []string{in.Status, waits.Status})
		w.As("neighbour").Post("/api/v1/signups/"+in.ID+"/cancel", nil).Want(http.StatusOK)
		accept := w.As("resident")
		require.Equal(t, "asked", apitest.Into[signed](accept.Post("/api/v1/signups/"+waits.ID+"/accept", nil).Want(http.StatusOK)).Status)
		require.Equal(t, "asked", apitest.Into[signed](accept.Post("/api/v1/signups/"+waits.ID+"/accept", nil).Want(http.StatusOK)).Status, "accepted again")
		w.Clock.Advance(24 * time.Hour)
		_, err := w.App.Kernel.ExpireOffers(t.Context(), w.Now())
		require.NoError(t, err)
		require.Equal(t, "asked", state(w, "resident", waits.ID), "it is no offer any more")
		sound(t, w)
		form(w, "scheduler", "/signups/"+waits.ID+"/decide", url.Values{"yes": {"on"}}).Want(http.StatusConflict)
		form(w, "scheduler", "/signups/"+waits.ID+"/decide", nil).Want(http.StatusUnprocessableEntity)
		require.Equal(t, "asked", state(w, "resident", waits.ID), "nothing said is no no")
		form(w, "scheduler", "/signups/"+waits.ID+"/decide", url.Values{"yes": {"off"}}).Want(http.StatusSeeOther)
		require.Equal(t, "cancelled", state(w, "resident", waits.ID))

		home["choose"], home["entries_until"] = "draw", w.Now().Add(time.Hour)
		b := opened(w, home)
		join(w, "resident", b.ID, m{"party": 1, "address": "乙路2号"})
		join(w, "neighbour", b.ID, m{"party": 1, "address": "甲路1号"})
		w.Clock.Advance(2 * time.Hour)
		_, err = w.App.Activities.CloseEntries(t.Context(), w.Now())
		require.NoError(t, err)
		w.As("scheduler").Post(activityPath(b.ID, "/draw"), m{"value": "03-08-11"}).Want(http.StatusOK)
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM bookings b JOIN activity_signups g ON g.uid = b.id WHERE g.activity_id = ? AND b.status <> 'held'`, b.ID))
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM bookings b JOIN activity_signups g ON g.uid = b.id WHERE g.activity_id = ?`, b.ID))
		sound(t, w)
	})
}

// Who has entered for a draw hears of it when the activity is called off before.
func TestEntriesHearThatTheirActivityIsCalledOff(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	a := opened(w, m{"capacity": 1, "choose": "draw", "entries_until": w.Now().Add(time.Hour)})
	mine := join(w, "resident", a.ID, m{"party": 1})
	w.As("scheduler").Post(activityPath(a.ID, "/cancel"), m{"reason": "场地修缮"}).Want(http.StatusOK)
	require.Equal(t, "cancelled", state(w, "resident", mine.ID))
	require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind = 'session_cancelled' AND channel = 'inbox'`))
	said := lettersOf(t, w, "resident", a.Title)
	require.Contains(t, said, "不抽签了")
	require.NotContains(t, said, "其余各次照常", "there are no others")
}

// What is told of an activity speaks of places and of its code, not of a cinema's seats.
func TestMessagesAboutAnActivitySpeakOfPlaces(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	a := opened(w, m{"capacity": 2})
	first := join(w, "resident", a.ID, m{"party": 2})
	join(w, "neighbour", a.ID, m{"party": 1})
	require.Regexp(t, "报上了：.*签到码", lettersOf(t, w, "resident", a.Title))
	w.As("resident").Post("/api/v1/signups/"+first.ID+"/cancel", nil).Want(http.StatusOK)
	for login, words := range map[string][]string{"resident": {"报上了：", "签到码", "名额已让出"}, "neighbour": {"有名额马上通知您", "有名额了："}} {
		said := lettersOf(t, w, login, a.Title)
		for _, x := range words {
			require.Contains(t, said, x, login)
		}
		require.NotRegexp(t, "座|取票", said, login)
	}
}

// lettersOf is what an inbox says of what has a title, once that is delivered.
func lettersOf(t *testing.T, w *apitest.World, login, title string) string {
	t.Helper()
	_, err := w.App.Notices.SendDue(t.Context(), w.Now())
	require.NoError(t, err)
	var said strings.Builder
	for _, text := range regexp.MustCompile(`<p>[^<]*</p>`).FindAllString(w.Browser(login).Get("/inbox").Want(http.StatusOK).Body, -1) {
		if strings.Contains(text, title) {
			said.WriteString(text)
		}
	}
	require.NotEmpty(t, said.String())
	return said.String()
}
