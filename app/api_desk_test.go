package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"youyue/app/apitest"
	"youyue/app/auth"

	"github.com/stretchr/testify/require"
)

// send posts a form as a browser does.
func send(w *apitest.World, who, path string, form url.Values) *apitest.Answer {
	return w.Browser(who).With("Content-Type", "application/x-www-form-urlencoded").Do(http.MethodPost, path, form.Encode())
}

var hiddenSeat = regexp.MustCompile(`name="seats" value="(\d+)"`)

func seatsIn(page string) (out []string) {
	for _, m := range hiddenSeat.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// What is read to a caller is what is booked, once, however often the key is
// pressed; looking books nothing.
func TestTheDeskBooksWhatItReadOut(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"reserved_percent": 20})
		call := url.Values{"do": {"check"}, "for": {"caller"}, "name": {"郑桂兰"}, "phone": {"139 0000 5563"}, "screening": {itoa(s.ID)},
			"count": {"3"}, "preference": {"front"}, "channel": {"phone"}}
		read := send(w, "clerk", "/desk/book", call).Want(http.StatusOK).Body
		require.Contains(t, read, "郑桂兰")
		said := seatsIn(read)
		require.Len(t, said, 3)
		require.Empty(t, inState(seats(w, s.ID), "taken"), "reading out books nothing")
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM people WHERE name = '郑桂兰'`))

		call.Set("do", "heard")
		call["seats"] = said
		call.Set("idempotency_key", "f2")
		var got [3]*apitest.Answer
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() { got[i] = send(w, "clerk", "/desk/book", call) })
		}
		all.Wait()
		for _, a := range got {
			require.Equal(t, got[0].Want(http.StatusSeeOther).Header.Get("Location"), a.Header.Get("Location"))
		}
		taken := inState(seats(w, s.ID), "taken")
		require.Len(t, taken, 3)
		for i, id := range taken {
			require.Contains(t, said, itoa(id), i)
		}
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM people WHERE name = '郑桂兰'`))
		require.Equal(t, 1, count(t, w, `SELECT COUNT(*) FROM bookings WHERE name = '郑桂兰' AND channel = 'phone' AND read_back`+truth(w)))

		call.Set("name", "孙建国")
		call.Set("idempotency_key", "later")
		again := send(w, "clerk", "/desk/book", call).Want(http.StatusConflict).Body
		require.Contains(t, again, "刚被订走")
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM people WHERE name = '孙建国'`), "a refusal leaves no trace of the caller")
		for name, edit := range map[string]url.Values{"no screening": {"screening": {""}}, "no name": {"name": {""}}, "nobody": {"count": {"0"}},
			"too many": {"count": {"173"}}, "hostile": {"name": {hostile}}} {
			form := url.Values{"do": {"check"}, "for": {"caller"}, "name": {"x"}, "screening": {itoa(s.ID)}, "count": {"1"}}
			for k, v := range edit {
				form[k] = v
			}
			require.Equal(t, http.StatusUnprocessableEntity, send(w, "clerk", "/desk/book", form).Status, name)
		}
		sound(t, w)
	})
}

// truth completes "read_back" to a condition on either engine.
func truth(w *apitest.World) string {
	if strings.Contains(string(w.App.DB.Engine()), "sqlite") {
		return " = 1"
	}
	return ""
}

// Colleagues of one desk see each other's calls; other desks see neither the
// calls nor the callers.
func TestADeskKeepsToItsCallers(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		for login, org := range map[string]string{"clerk8": "xinghua", "clerk8b": "xinghua", "clerk8c": "xinghua", "clerk9": "qianfeng"} {
			_, err := w.App.Accounts.AddAccount(t.Context(), login, login, "")
			require.NoError(t, err)
			require.NoError(t, w.App.Accounts.GrantByCode(t.Context(), login, auth.Clerk, org))
		}
		s := puton(t, w, at(25, 9), nil)
		b := book(w, "clerk8", s.ID, m{"count": 2, "caller": m{"name": "何秀珍", "phone": "139 0000 6612"}, "channel": "phone"})
		person := "caller:" + itoa(int64(count(t, w, `SELECT id FROM people WHERE name = '何秀珍'`)))
		for who, sees := range map[string]bool{"clerk8": true, "clerk8b": true, "clerk9": false} {
			for _, path := range []string{"/desk", "/desk?q=6612", "/desk/slips"} {
				require.Equal(t, sees, strings.Contains(w.Browser(who).Get(path).Want(http.StatusOK).Body, "何秀珍"), "%s %s", who, path)
			}
			want := http.StatusOK
			if !sees {
				want = http.StatusNotFound
			}
			w.Browser(who).Get("/desk?for=" + person).Want(want)
			w.Browser(who).Get("/bookings/" + b.ID + "/seats").Want(want)
			form := url.Values{"do": {"check"}, "for": {person}, "screening": {itoa(s.ID)}, "count": {"1"}}
			require.Equal(t, want, send(w, who, "/desk/book", form).Status, who)
		}
		w.Browser("clerk8").Get("/desk?for=person:1").Want(http.StatusNotFound)
		w.Browser("resident").Get("/desk").Want(http.StatusForbidden)
		moveTo(t, w, at(24, 0))
		require.NotContains(t, w.Browser("clerk8c").Get("/desk").Want(http.StatusOK).Body, "何秀珍", "yesterday's calls are not today's")
	})
}
