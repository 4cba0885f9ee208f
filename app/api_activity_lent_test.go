package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/apitest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Devices that take places along at once get what there is, fewer or none, and no word of
// a waiting list; walk-ins that come back after the places are given back are said to be
// late, by who signed for them.
func TestDevicesShareThePlacesAndComeBackLate(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		a := opened(w, m{"capacity": 7})
		session := a.Sessions[0].ID
		w.Clock.Set(a.Sessions[0].StartsAt.Time())
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		require.NoError(t, err)
		var (
			all  sync.WaitGroup
			lock sync.Mutex
			lent = map[string]int{}
		)
		for i := range 6 {
			device := fmt.Sprint("平板", i)
			all.Go(func() {
				got := apitest.Into[struct{ Places int }](w.As("clerk").Post("/api/v1/checkins/leases", m{"device": device, "session_id": session, "public_key": base64.StdEncoding.EncodeToString(der), "places": 3}).Want(http.StatusOK))
				lock.Lock()
				defer lock.Unlock()
				lent[device] = got.Places
			})
		}
		all.Wait()
		sum, first := 0, ""
		for d, n := range lent {
			if sum += n; n == 3 {
				first = d
			}
		}
		require.Equal(t, 7, sum, "%v", lent)
		sound(t, w)

		walk := func(nonce string) []activity.Pass {
			return []activity.Pass{{Nonce: nonce, Kind: models.ScanWalkIn, Heads: 1, At: w.Now()}}
		}
		outcome := func(b m) string {
			return apitest.Into[struct{ Items []struct{ Outcome string } }](w.As("clerk").Post("/api/v1/checkins/batch", b).Want(http.StatusOK)).Items[0].Outcome
		}
		require.Equal(t, "walk_in", outcome(bringBack(t, key, first, session, walk("n1"))))
		late := bringBack(t, key, first, session, walk("n2"))
		w.Clock.Advance(3 * time.Hour)
		_, err = w.App.Activities.EndLeases(t.Context(), w.Now())
		require.NoError(t, err)
		require.Equal(t, "late", outcome(late))
		require.Equal(t, "late", outcome(late), "the same for ever")
		late["signature"] = ""
		w.As("clerk").Post("/api/v1/checkins/batch", late).Refused(http.StatusUnprocessableEntity, "activity.signature")
		sound(t, w)
	})
}

// What a page of visits costs does not grow with them; whom one may choose is one's own
// people, and others by name.
func TestVisitsCostTheSameHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		start := w.Now().Add(2 * time.Hour)
		a := opened(w, m{"kind": "home_visit", "home": true, "capacity": 30, "sessions": []m{{"start": start, "end": start.Add(time.Hour)}}})
		people := fmt.Sprintf("/activities/%d/people", a.ID)
		page := func(query string) string {
			return w.Browser("scheduler").Get(people + query).Want(http.StatusOK).Body
		}
		require.NotContains(t, page(""), "周队长", "of another organisation")
		require.Contains(t, page("?mate="+url.QueryEscape("周队")), "周队长")
		require.NotContains(t, page("?mate=%25"), "周队长", "what was typed is no pattern")

		w.As("scheduler").Do(http.MethodPut, fmt.Sprintf("/api/v1/sessions/%d/duty", a.Sessions[0].ID), m{"accounts": []int64{accountID(t, w, "leader"), accountID(t, w, "partner")}}).Want(http.StatusOK)
		require.Contains(t, page(""), "周队长", "who goes already stays to be chosen")
		visit := func(i int) {
			got := join(w, "clerk", a.ID, m{"party": 1, "address": fmt.Sprint(i, "号楼"), "caller": m{"name": fmt.Sprint("老人", strings.Repeat("甲", i))}, "channel": "phone"})
			form(w, "scheduler", "/signups/"+got.ID+"/decide", url.Values{"yes": {"on"}})
		}
		cost := func(who, path string) int64 {
			reader := w.Browser(who)
			reader.Get(path).Want(http.StatusOK)
			before := w.App.DB.Statements()
			reader.Get(path).Want(http.StatusOK)
			return w.App.DB.Statements() - before
		}
		visit(1)
		list, mine := cost("scheduler", people), cost("leader", "/visits")
		for i := range 12 {
			visit(i + 2)
		}
		require.Equal(t, 13, strings.Count(w.Browser("leader").Get("/visits").Want(http.StatusOK).Body, "号楼"))
		require.Equal(t, []int64{list, mine}, []int64{cost("scheduler", people), cost("leader", "/visits")})
		require.LessOrEqual(t, mine, int64(10))
	})
}
