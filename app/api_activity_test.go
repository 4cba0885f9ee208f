package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/apitest"
	"youyue/app/db"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type act struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Audience string `json:"audience"`
	Capacity int    `json:"capacity"`
	Taken    int    `json:"taken"`
	Free     int    `json:"free"`
	Waiting  int    `json:"waiting"`
	State    string `json:"state"`
	Sessions []struct {
		ID       int64          `json:"id"`
		StartsAt models.Instant `json:"starts_at"`
		EndsAt   models.Instant `json:"ends_at"`
		State    string         `json:"state"`
		Taken    int            `json:"taken"`
	} `json:"sessions"`
	Questions []struct {
		ID int64 `json:"id"`
	} `json:"questions"`
}

type signed struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Party    int    `json:"party"`
	Code     string `json:"code"`
	Ahead    int    `json:"ahead"`
	Overlaps []m    `json:"overlaps"`
}

func activityPath(id int64, more string) string { return "/api/v1/activities/" + itoa(id) + more }

// named is the demo activity whose title begins so.
func named(w *apitest.World, title string) act {
	page := apitest.Into[struct{ Items []act }](w.As("").Get("/api/v1/activities?per_page=100").Want(http.StatusOK))
	for _, a := range page.Items {
		if strings.HasPrefix(a.Title, title) {
			return a
		}
	}
	return act{}
}

// opened is an activity of the scheduler's, two days from now.
func opened(w *apitest.World, more m) act {
	start := w.Now().Add(48 * time.Hour)
	body := m{"org_id": orgID(w, "yzn"), "kind": "reading", "title": "测试读书会", "summary": "一起读书", "place": "阅览室", "audience": "all", "capacity": 4, "max_party": 4,
		"sessions": []m{{"start": start, "end": start.Add(time.Hour)}}}
	for k, v := range more {
		body[k] = v
	}
	return apitest.Into[act](w.As("scheduler").Post("/api/v1/activities", body).Want(http.StatusCreated))
}

func orgID(w *apitest.World, code string) (id int64) {
	_ = w.App.DB.Read(context.Background(), func(tx *db.Tx) error {
		_, err := tx.One(&id, `SELECT id FROM orgs WHERE code = ?`, code)
		return err
	})
	return id
}

func join(w *apitest.World, who string, id int64, body m) signed {
	return apitest.Into[signed](w.As(who).Post(activityPath(id, "/signups"), body).Want(http.StatusCreated))
}

func TestSignUpsFromJoiningToTheDoor(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		demo := named(w, "读书会")
		require.Equal(t, []any{40, 0, 40, "all"}, []any{demo.Capacity, demo.Taken, demo.Free, demo.Audience})
		key := w.As("resident").With("Idempotency-Key", "join-1")
		first := apitest.Into[signed](key.Post(activityPath(demo.ID, "/signups"), m{"party": 3}).Want(http.StatusCreated))
		require.Equal(t, "confirmed", first.Status)
		require.Equal(t, first, apitest.Into[signed](key.Post(activityPath(demo.ID, "/signups"), m{"party": 3}).Want(http.StatusCreated)))
		key.Post(activityPath(demo.ID, "/signups"), m{"party": 2}).Refused(http.StatusUnprocessableEntity, "idempotency.reused")
		require.Equal(t, 3, apitest.Into[act](w.As("").Get(activityPath(demo.ID, "")).Want(http.StatusOK)).Taken)
		w.As("").Post(activityPath(demo.ID, "/signups"), m{"party": 1}).Refused(http.StatusUnauthorized, "sign_in")
		w.As("resident").Post(activityPath(demo.ID, "/signups"), m{"party": 11}).Refused(http.StatusUnprocessableEntity, "activity.too_many")

		a := opened(w, nil)
		in := join(w, "resident", a.ID, m{"party": 3})
		late := join(w, "leader", a.ID, m{"party": 2})
		require.Equal(t, []any{"waiting", 2, 0}, []any{late.Status, late.Party, late.Ahead})
		require.Equal(t, "confirmed", join(w, "judge", a.ID, m{"party": 1}).Status, "who fits is not kept waiting by who does not")
		caller := join(w, "clerk", a.ID, m{"party": 1, "caller": m{"name": "王奶奶"}, "channel": "phone", "read_back": true})
		require.Equal(t, []any{"waiting", 1}, []any{caller.Status, caller.Ahead})
		list := apitest.Into[struct{ Items []m }](w.As("").Get(activityPath(a.ID, "/waitlist")).Want(http.StatusOK)).Items
		require.Len(t, list, 2)
		require.Nil(t, list[0]["name"], "the public reads no names")
		require.Equal(t, "王奶奶", apitest.Into[struct{ Items []m }](w.As("clerk").Get(activityPath(a.ID, "/waitlist")).Want(http.StatusOK)).Items[1]["name"])

		w.As("leader").Post("/api/v1/signups/"+in.ID+"/cancel", nil).Refused(http.StatusNotFound, "not_found")
		require.Equal(t, "cancelled", apitest.Into[signed](w.As("resident").Post("/api/v1/signups/"+in.ID+"/cancel", nil).Want(http.StatusOK)).Status)
		w.As("resident").Post("/api/v1/signups/"+in.ID+"/cancel", nil).Want(http.StatusOK)
		require.Equal(t, "offered", apitest.Into[signed](w.As("leader").Get("/api/v1/signups/"+late.ID).Want(http.StatusOK)).Status)
		got := apitest.Into[signed](w.As("leader").Post("/api/v1/signups/"+late.ID+"/accept", nil).Want(http.StatusOK))
		require.Equal(t, []any{late.ID, "confirmed"}, []any{got.ID, got.Status})
		sound(t, w)

		// The door: two devices, one of them long without a line.
		w.Clock.Set(a.Sessions[0].StartsAt.Time())
		scan := func(nonce string) m {
			return m{"nonce": nonce, "code": got.Code, "at": a.Sessions[0].StartsAt.Add(-time.Minute)}
		}
		batch := m{"device": "门口甲", "session_id": a.Sessions[0].ID, "scans": []m{scan("a1"), {"nonce": "a2", "code": "ZZZZZZZZ"}}}
		type seen struct {
			Items []struct {
				Nonce, Outcome string
				Heads          int
				First          *struct{ Nonce, Device string }
			}
			Arrived int
		}
		one := apitest.Into[seen](w.As("clerk").Post("/api/v1/checkins/batch", batch).Want(http.StatusOK))
		require.Equal(t, []any{"in", 2, "unknown", 2}, []any{one.Items[0].Outcome, one.Items[0].Heads, one.Items[1].Outcome, one.Arrived})
		require.Equal(t, one, apitest.Into[seen](w.As("clerk").Post("/api/v1/checkins/batch", batch).Want(http.StatusOK)), "sent again it is the same")
		w.Clock.Set(a.Sessions[0].EndsAt.Add(time.Hour).Time())
		batch["device"], batch["scans"] = "门口乙", []m{scan("b1")}
		two := apitest.Into[seen](w.As("clerk").Post("/api/v1/checkins/batch", batch).Want(http.StatusOK))
		require.Equal(t, "double", two.Items[0].Outcome)
		require.Equal(t, "a1", two.Items[0].First.Nonce)
		require.Equal(t, 2, two.Arrived)
		w.As("resident").Post("/api/v1/checkins/batch", batch).Refused(http.StatusForbidden, "forbidden")
		_, err := w.App.Kernel.FinishDue(t.Context(), w.Now())
		require.NoError(t, err)
		require.Equal(t, "attended", apitest.Into[signed](w.As("leader").Get("/api/v1/signups/"+late.ID).Want(http.StatusOK)).Status)
		sound(t, w)
	})
}

// bringBack is what a device sends of its scans, signed.
func bringBack(t *testing.T, key *ecdsa.PrivateKey, device string, session int64, scans []activity.Pass) m {
	t.Helper()
	sum := sha256.Sum256([]byte(activity.Batch{Device: device, SessionID: session, Passes: scans}.Text()))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	require.NoError(t, err)
	raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	rows := []m{}
	for _, p := range scans {
		rows = append(rows, m{"nonce": p.Nonce, "kind": p.Kind, "code": p.Code, "heads": p.Heads, "at": p.At})
	}
	return m{"device": device, "session_id": session, "scans": rows, "signature": base64.StdEncoding.EncodeToString(raw)}
}

func TestADeviceSignsWhatItBringsBack(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	a := opened(w, m{"capacity": 10})
	got := join(w, "resident", a.ID, m{"party": 2})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	lend := m{"device": "平板", "session_id": a.Sessions[0].ID, "public_key": base64.StdEncoding.EncodeToString(der), "places": 3}
	type lent struct {
		Places int
		People []m
	}
	soon := m{"device": "早到的平板", "session_id": a.Sessions[0].ID, "public_key": lend["public_key"], "places": 3}
	require.Zero(t, apitest.Into[lent](w.As("clerk").Post("/api/v1/checkins/leases", soon).Want(http.StatusOK)).Places, "days before, places are for who signs up")
	w.As("clerk").Post("/api/v1/checkins/batch", m{"device": "门口", "session_id": a.Sessions[0].ID, "scans": []m{{"nonce": "n0", "code": got.Code}}}).Refused(http.StatusConflict, "checkin.early")
	w.Clock.Set(a.Sessions[0].StartsAt.Time())
	along := apitest.Into[lent](w.As("clerk").Post("/api/v1/checkins/leases", lend).Want(http.StatusOK))
	require.Equal(t, 3, along.Places)
	require.Len(t, along.People, 1)
	require.Equal(t, 5, apitest.Into[act](w.As("").Get(activityPath(a.ID, "")).Want(http.StatusOK)).Taken, "what is lent is nobody else's")

	at := w.Now()
	scans := []activity.Pass{{Nonce: "n1", Kind: models.ScanIn, Code: got.Code, At: at}, {Nonce: "n2", Kind: models.ScanWalkIn, Heads: 2, At: at}, {Nonce: "n3", Kind: models.ScanWalkIn, Heads: 2, At: at}}
	batch := bringBack(t, key, "平板", a.Sessions[0].ID, scans)
	signature := batch["signature"]
	delete(batch, "signature")
	w.As("clerk").Post("/api/v1/checkins/batch", batch).Refused(http.StatusUnprocessableEntity, "activity.signature")
	batch["signature"] = signature
	out := apitest.Into[struct {
		Items   []struct{ Outcome string }
		Arrived int
	}](w.As("clerk").Post("/api/v1/checkins/batch", batch).Want(http.StatusOK))
	require.Equal(t, []string{"in", "walk_in", "full"}, []string{out.Items[0].Outcome, out.Items[1].Outcome, out.Items[2].Outcome})
	require.Equal(t, 4, out.Arrived)
	sound(t, w)
	_, err = w.App.Activities.EndLeases(t.Context(), w.Now().Add(3*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 4, apitest.Into[act](w.As("").Get(activityPath(a.ID, "")).Want(http.StatusOK)).Taken, "the place that was not used is back")
	sound(t, w)
}

func TestAChildIsSignedUpWithItsGuardian(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	a := named(w, "周末手工课")
	full := apitest.Into[act](w.As("").Get(activityPath(a.ID, "")).Want(http.StatusOK))
	answers := m{itoa(full.Questions[0].ID): "yes"}
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1, "answers": answers}).Want(http.StatusUnprocessableEntity)
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1, "age": 30, "answers": answers}).Refused(http.StatusUnprocessableEntity, "activity.age")
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1, "age": 8, "answers": answers}).Refused(http.StatusUnprocessableEntity, "activity.guardian")
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1, "age": 8, "guardian": "刘建国", "pick_up": "刘建国"}).Want(http.StatusUnprocessableEntity)
	got := join(w, "resident", a.ID, m{"party": 1, "age": 8, "guardian": "刘建国", "pick_up": "王芳", "answers": answers})
	require.Equal(t, "confirmed", got.Status)

	kept := func() int {
		return count(t, w, `SELECT COUNT(*) FROM activity_answers a JOIN activity_signups g ON g.uid = a.uid WHERE g.guardian <> ''`)
	}
	require.Equal(t, 1, kept())
	w.Clock.Advance(60 * 24 * time.Hour)
	_, err := w.App.Activities.EndOver(t.Context(), w.Now())
	require.NoError(t, err)
	_, err = w.App.Activities.PurgeAnswers(t.Context(), w.Now())
	require.NoError(t, err)
	require.Zero(t, kept())
}

// A bound holds for who leaves the age out as well, at the clerk's desk too; without a
// bound nobody is asked.
func TestAnAgeIsSaidWhereItIsBounded(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	elders, young := opened(w, m{"min_age": 60}), opened(w, m{"max_age": 17})
	for _, a := range []act{elders, young} {
		w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1}).Refused(http.StatusUnprocessableEntity, "request.invalid")
		w.As("clerk").Post(activityPath(a.ID, "/signups"), m{"party": 1, "caller": m{"name": "王奶奶"}, "channel": "phone", "read_back": true}).Refused(http.StatusUnprocessableEntity, "request.invalid")
		for _, who := range []string{"resident", "clerk"} {
			require.Regexp(t, `<input id="f-age"[^>]* required`, w.Browser(who).Get("/activities/"+itoa(a.ID)).Want(http.StatusOK).Body)
		}
	}
	w.As("resident").Post(activityPath(young.ID, "/signups"), m{"party": 1, "age": 9}).Refused(http.StatusUnprocessableEntity, "activity.guardian")
	require.Equal(t, "confirmed", join(w, "resident", elders.ID, m{"party": 1, "age": 66}).Status)
	require.Equal(t, "confirmed", join(w, "resident", opened(w, nil).ID, m{"party": 1}).Status)
}

func TestPartiesAreDrawnAsOneAndPlacedInTheDrawnOrder(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		a := named(w, "非遗课堂")
		mine := join(w, "resident", a.ID, m{"party": 2})
		require.Equal(t, "entered", mine.Status)
		w.As("scheduler").Post(activityPath(a.ID, "/draw"), m{"value": "01-02"}).Refused(http.StatusConflict, "activity.no_draw")
		w.Clock.Advance(8 * 24 * time.Hour)
		n, err := w.App.Activities.CloseEntries(t.Context(), w.Now())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		w.As("leader").Post(activityPath(a.ID, "/signups"), m{"party": 1}).Refused(http.StatusConflict, "activity.closed")
		type drawn struct {
			DrawID int64 `json:"draw_id"`
			State  string
			Lines  []struct {
				Entry        string
				Party, Place int
				Note         string
			}
		}
		require.Equal(t, "committed", apitest.Into[drawn](w.As("").Get(activityPath(a.ID, "/draw")).Want(http.StatusOK)).State)
		out := apitest.Into[drawn](w.As("scheduler").Post(activityPath(a.ID, "/draw"), m{"value": "03-08-11-19-25-32-07"}).Want(http.StatusOK))
		require.Equal(t, "drawn", out.State)
		require.Len(t, out.Lines, 6)

		// Replayed by the published rule: in the order, whole or waiting.
		secret := apitest.Into[struct{ Secret string }](w.As("").Get("/api/v1/draws/" + itoa(out.DrawID)).Want(http.StatusOK)).Secret
		ids, of := []string{}, map[string]int{}
		for i, l := range out.Lines {
			ids, of[l.Entry] = append(ids, l.Entry), i
		}
		order := models.DrawOrder(ids, models.DrawSeed(models.DrawListHash(ids), secret, "03-08-11-19-25-32-07", 0))
		left := 12
		for place, id := range order {
			l := out.Lines[of[id]]
			want := "waits"
			if l.Party <= left {
				want, left = "in", left-l.Party
			}
			require.Equal(t, []any{place + 1, want}, []any{l.Place, l.Note}, id)
		}
		require.Equal(t, 12-left, apitest.Into[act](w.As("").Get(activityPath(a.ID, "")).Want(http.StatusOK)).Taken)
		sound(t, w)
	})
}

func TestSessionsMoveAndAreCalledOff(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	start := w.Now().Add(72 * time.Hour)
	a := opened(w, m{"signup": "term", "sessions": []m{{"start": start, "end": start.Add(time.Hour)}, {"start": start.Add(168 * time.Hour), "end": start.Add(169 * time.Hour)}}})
	got := join(w, "resident", a.ID, m{"party": 2})
	session := "/api/v1/sessions/" + itoa(a.Sessions[1].ID)
	w.As("resident").Post(session+"/cancel", m{"reason": "下雨"}).Refused(http.StatusForbidden, "forbidden")
	w.As("scheduler").Post(session+"/cancel", m{"reason": "老师生病"}).Want(http.StatusOK)
	require.Equal(t, "confirmed", apitest.Into[signed](w.As("resident").Get("/api/v1/signups/"+got.ID).Want(http.StatusOK)).Status, "the term stands")
	w.As("scheduler").Post("/api/v1/sessions/"+itoa(a.Sessions[0].ID)+"/move", m{"start": start.Add(time.Hour), "end": start.Add(2 * time.Hour), "reason": "教室换了"}).Want(http.StatusOK)
	require.Equal(t, 2, count(t, w, `SELECT COUNT(*) FROM outbox WHERE kind IN ('session_moved','session_cancelled') AND channel = 'inbox'`))
	w.As("scheduler").Post(activityPath(a.ID, "/cancel"), m{"reason": "场地修缮"}).Want(http.StatusOK)
	require.Equal(t, "cancelled", apitest.Into[signed](w.As("resident").Get("/api/v1/signups/"+got.ID).Want(http.StatusOK)).Status)
	w.As("resident").Post(activityPath(a.ID, "/signups"), m{"party": 1}).Refused(http.StatusConflict, "activity.over")
	sound(t, w)
}

// twenty is a service list of twenty services and twelve months, with cells replaced.
func twenty(faults map[[2]int]string) string {
	var b strings.Builder
	b.WriteString("服务\t类别")
	for mth := 1; mth <= 12; mth++ {
		fmt.Fprintf(&b, "\t%d月", mth)
	}
	for row := range 20 {
		cells := []string{fmt.Sprintf("服务%02d", row+1), "课堂"}
		for mth := 1; mth <= 12; mth++ {
			cells = append(cells, fmt.Sprintf("第%d次×%d", mth, 1+row%3))
		}
		for i := range cells {
			if f, ok := faults[[2]int{row, i}]; ok {
				cells[i] = f
			}
		}
		b.WriteString("\n" + strings.Join(cells, "\t"))
	}
	return b.String()
}

func TestTenFaultsOfAServiceListAreNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	type imported struct {
		Written  bool
		Services int
		Cells    int
		Changes  []m
		Faults   []struct {
			Row    int
			Column string
			Fault  string
		}
		Digest string
	}
	org, year := orgID(w, "cxb"), 2027
	look := func(text, digest string) *apitest.Answer {
		return w.As("scheduler").Post("/api/v1/service-lists/import", m{"org_id": org, "year": year, "text": text, "digest": digest})
	}
	// Row and column (from 0) of each planted fault; column 2 is January.
	planted := map[[2]int]string{{0, 2}: "义诊×0", {1, 5}: "义诊×99", {2, 0}: "", {3, 1}: "没有的类别", {4, 7}: "42", {6, 0}: "服务06", {9, 13}: "义诊×很多",
		{11, 3}: strings.Repeat("长", 61), {12, 6}: "义诊×x", {13, 4}: "义诊*", {15, 8}: "剪发（40次）", {19, 12}: "3.5"}
	got := apitest.Into[imported](look(twenty(planted), "").Want(http.StatusOK))
	var named []string
	for _, f := range got.Faults {
		require.NotEmpty(t, f.Fault)
		named = append(named, fmt.Sprintf("%d %s", f.Row, f.Column))
	}
	require.ElementsMatch(t, []string{"2 1月", "3 4月", "4 服务", "5 类别", "6 6月", "8 服务", "11 12月", "13 2月", "14 5月", "15 3月", "17 7月", "21 11月"}, named)
	look(twenty(planted), got.Digest).Refused(http.StatusUnprocessableEntity, "service.faults")
	require.Zero(t, count(t, w, `SELECT COUNT(*) FROM service_lists WHERE year = 2027`))

	good := apitest.Into[imported](look(twenty(nil), "").Want(http.StatusOK))
	require.Equal(t, []any{20, 240, 240, false}, []any{good.Services, good.Cells, len(good.Changes), good.Written})
	look(twenty(nil), "other").Refused(http.StatusConflict, "service.changed")
	require.True(t, apitest.Into[imported](look(twenty(nil), good.Digest).Want(http.StatusOK)).Written)
	again := apitest.Into[imported](look(twenty(map[[2]int]string{{0, 2}: "义诊×2"}), "").Want(http.StatusOK))
	require.Len(t, again.Changes, 1)
	require.True(t, apitest.Into[imported](look(twenty(map[[2]int]string{{0, 2}: "义诊×2"}), again.Digest).Want(http.StatusOK)).Written)
	look(twenty(nil), good.Digest).Refused(http.StatusConflict, "service.changed") // looked at before somebody else's list came
	w.As("scheduler").Post("/api/v1/service-lists/roll-back", m{"org_id": org, "year": year}).Want(http.StatusNoContent)
	board := w.As("").Get(fmt.Sprintf("/api/v1/service-lists?org_id=%d&year=2027", org)).Want(http.StatusOK)
	require.NotContains(t, board.Body, "义诊")

	// Words with an x in them are words; times are a number after it.
	words := look("服务\t1月\t2月\t3月\n健康\t胸部X光\t学Linux\t胸部X光 x 3", "").Want(http.StatusOK).Body
	require.Contains(t, words, `"after":"胸部X光"`)
	require.Contains(t, words, `"after":"学Linux"`)
	require.Contains(t, words, `"after":"胸部X光×3"`)
	w.As("resident").Post("/api/v1/service-lists/import", m{"org_id": org, "year": year}).Refused(http.StatusForbidden, "forbidden")
}
