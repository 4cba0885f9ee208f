package app_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"youyue/app"
	"youyue/app/apitest"
	"youyue/app/booking"
	"youyue/app/screening"

	"github.com/stretchr/testify/require"
)

// letters are the seats of a screening as GET …/seats has them, one letter each.
func letters(w *apitest.World, id int64) screening.SeatsNow {
	v := apitest.Into[screening.SeatsView](w.As("").Get("/api/v1/screenings/" + itoa(id) + "/seats").Want(http.StatusOK))
	var b strings.Builder
	for _, s := range v.Seats {
		b.WriteByte(s.State[0])
	}
	return screening.SeatsNow{Version: v.Version, States: b.String()}
}

// A watcher at each of two nodes sees what is booked and given back at one of
// them, and what both see at the end is what the seats' own address says.
func TestWatchersAtEveryNodeSeeTheSeats(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		path := "/api/v1/screenings/" + itoa(s.ID) + "/events"
		for name, node := range map[string]*app.App{"the same": w.App, "another": w.Node()} {
			var b ticket
			step := 0
			last := screening.SeatsNow{}
			w.As("").Watch(node, path, func(id, data string) bool {
				var got screening.SeatsNow
				require.NoError(t, json.Unmarshal([]byte(data), &got))
				require.Equal(t, id, strconv.FormatInt(got.Version, 10))
				require.Greater(t, got.Version, last.Version)
				last = got
				now := letters(w, s.ID)
				if got != now {
					return true
				}
				switch step++; step {
				case 1:
					b = book(w, "resident", s.ID, m{"count": 3})
				case 2:
					require.Equal(t, 3, strings.Count(got.States, "t"), name)
					require.Less(t, len(data), 230)
					require.NotContains(t, data, b.Code)
					w.As("resident").Post("/api/v1/bookings/"+b.ID+"/cancel", m{}).Want(http.StatusOK)
				default:
					require.Zero(t, strings.Count(got.States, "t"), name)
					return false
				}
				return true
			})
			require.Equal(t, 3, step, name)
		}
	})
}

// The door's count goes to those who stand there, and to nobody else; it ends
// with the role.
func TestTheDoorIsToldTheCountWhileItMay(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		moveTo(t, w, at(25, 0))
		path := "/api/v1/screenings/" + itoa(s.ID) + "/door/events"
		w.As("").Get(path).Refused(http.StatusUnauthorized, "sign_in")
		w.As("resident").Get(path).Refused(http.StatusForbidden, "forbidden")
		b := book(w, "branch", s.ID, m{"count": 4})
		step := 0
		version := int64(0)
		w.Browser("cinema").Watch(w.Node(), path, func(_, data string) bool {
			var got booking.DoorCount
			require.NoError(t, json.Unmarshal([]byte(data), &got))
			require.Greater(t, got.Version, version)
			version = got.Version
			switch step++; step {
			case 1:
				require.Equal(t, [2]int64{0, 4}, [2]int64{got.Arrived, int64(got.Expected)})
				scan(w, "clerk", m{"code": b.Code, "nonce": "n1", "seats": ids(b.Seats)[:3]})
			case 2:
				require.Equal(t, [2]int64{3, 4}, [2]int64{got.Arrived, int64(got.Expected)})
				w.As("cinema").Post("/api/v1/checkins/undo", m{"code": b.Code, "seats": ids(b.Seats)[:1], "reason": "扫错了人"}).Want(http.StatusOK)
			case 3:
				require.Equal(t, [2]int64{2, 4}, [2]int64{got.Arrived, int64(got.Expected)})
				book(w, "resident", s.ID, m{"count": 2})
			case 4:
				require.Equal(t, [2]int64{2, 6}, [2]int64{got.Arrived, int64(got.Expected)})
				require.NoError(t, w.App.Accounts.RevokeByCode(t.Context(), "cinema", "cinema", "oscar"))
			}
			return true
		})
		require.Equal(t, 4, step)
	})
}

// Signing out everywhere ends what the account watches, also what everybody may.
func TestStreamsEndWithTheSession(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		path := "/api/v1/screenings/" + itoa(s.ID) + "/events"
		for who, c := range map[string]*apitest.Client{"resident": w.As("resident"), "neighbour": w.Browser("neighbour")} {
			n := 0
			c.Watch(w.App, path, func(_, _ string) bool {
				n++
				w.As(who).Post("/api/v1/me/sign-out-everywhere", nil).Want(http.StatusNoContent)
				return true
			})
			require.Equal(t, 1, n)
		}
		w.As("").Get("/api/v1/screenings/999999/events").Refused(http.StatusNotFound, "not_found")
	})
}
