package app_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"youyue/app/apitest"
	"youyue/app/booking"

	"github.com/stretchr/testify/require"
)

func TestSeatsAreOneSharedBodyWithAnETag(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		first := w.As("").Get(screeningPath(s.ID, "/seats")).Want(http.StatusOK)
		require.Equal(t, first.Body, w.As("resident").Get(screeningPath(s.ID, "/seats")).Body, "the same for everybody")
		v := seats(w, s.ID)
		require.Len(t, v.Seats, 172)
		require.Len(t, inState(v, "free"), 172)
		kinds := map[string]int{}
		for _, seat := range v.Seats {
			kinds[string(seat.Kind)]++
			require.NotEmpty(t, seat.Label)
			require.Positive(t, seat.Row)
		}
		require.Equal(t, map[string]int{"standard": 164, "wheelchair": 4, "companion": 4}, kinds)

		same := w.As("").With("If-None-Match", first.Header.Get("ETag")).Get(screeningPath(s.ID, "/seats")).Want(http.StatusNotModified)
		require.Empty(t, same.Body)
		mine := book(w, "resident", s.ID, m{"count": 3})
		changed := w.As("").With("If-None-Match", first.Header.Get("ETag")).Get(screeningPath(s.ID, "/seats")).Want(http.StatusOK)
		require.NotEqual(t, first.Header.Get("ETag"), changed.Header.Get("ETag"))
		now := seats(w, s.ID)
		require.Greater(t, now.Version, v.Version)
		require.ElementsMatch(t, ids(mine.Seats), inState(now, "taken"))
		require.NotContains(t, changed.Body, "刘建国", "and nobody's name")

		shared := puton(t, w, at(25, 13), m{"reserved_percent": nil})
		require.Equal(t, 34, shared.Reserved, "a fifth by default, as concrete seats")
		require.Len(t, inState(seats(w, shared.ID), "reserved"), 34)
	})
}

func TestScreeningsAreListedByStart(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(24, 9), nil)
		all := apitest.Into[page[show]](w.As("").Get("/api/v1/screenings?per_page=100").Want(http.StatusOK))
		require.Equal(t, s.ID, all.Items[0].ID)
		require.True(t, slices.IsSortedFunc(all.Items, func(a, b show) int { return strings.Compare(a.StartsAt, b.StartsAt) }))
		require.Equal(t, "2026-11-24T01:00:00Z", all.Items[0].StartsAt)
		require.Equal(t, "2026-11-24T01:15:00Z", all.Items[0].FilmStart, "the oath comes first")
		audiences := map[string]bool{}
		spare := false
		for _, x := range all.Items {
			audiences[x.Audience] = true
			spare = spare || (x.Audience == "public" && x.Bookable && x.Reserved == 0 && x.Free >= 160)
		}
		require.True(t, audiences["public"] && audiences["branches"])
		require.True(t, spare, "the demo always holds a public screening with nothing reserved and nearly all free")
		one := apitest.Into[page[show]](w.As("").Get("/api/v1/screenings?page=2&per_page=1").Want(http.StatusOK))
		require.Equal(t, all.Items[1].ID, one.Items[0].ID)
		require.Equal(t, all.Total, one.Total)
		require.Empty(t, apitest.Into[page[show]](w.As("").Get("/api/v1/screenings?page=1000000&per_page=100").Want(http.StatusOK)).Items)
		only := apitest.Into[page[show]](w.As("").Get("/api/v1/screenings?audience=branches&open=true&from=2026-11-24T00:00:00Z&to=2026-12-30T00:00:00Z").Want(http.StatusOK))
		for _, x := range only.Items {
			require.Equal(t, "branches", x.Audience)
		}
		for _, bad := range []string{"per_page=101", "page=-1", "page=x", "audience=nobody", "from=tomorrow", "film_id=x"} {
			w.As("").Get("/api/v1/screenings?"+bad).Refused(http.StatusUnprocessableEntity, "request.invalid")
		}
		w.As("").Get("/api/v1/screenings?sort=id;DROP+TABLE+events").Want(http.StatusOK)
	})
}

func TestBookChosenSeats(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		want := inState(seats(w, s.ID), "free")[20:23]
		b := book(w, "resident", s.ID, m{"seats": want})
		require.Equal(t, want, ids(b.Seats))
		require.Len(t, b.Code, 8)
		require.Equal(t, "booked", b.Status)
		one := apitest.Into[ticket](w.As("resident").Get("/api/v1/bookings/" + b.ID).Want(http.StatusOK))
		require.Equal(t, b.Code, one.Code)
		require.Equal(t, b.Seats, one.Seats)
		require.Equal(t, "online", one.Channel)
		all := apitest.Into[page[ticket]](w.As("resident").Get("/api/v1/bookings?when=upcoming&per_page=100").Want(http.StatusOK))
		require.True(t, slices.ContainsFunc(all.Items, func(x ticket) bool { return x.ID == b.ID }))
		sound(t, w)
	})
}

func TestBookAPartyTogether(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		rows := map[int64]int{}
		for _, seat := range seats(w, s.ID).Seats {
			rows[seat.ID] = seat.Row
		}
		for zone, span := range map[string][2]int{"front": {1, 4}, "middle": {4, 7}, "back": {7, 10}} {
			b := book(w, "resident", s.ID, m{"count": 4, "preference": zone})
			require.Len(t, b.Seats, 4)
			require.Equal(t, "one_row", b.Together)
			row := rows[b.Seats[0].ID]
			require.True(t, row >= span[0] && row <= span[1], "%s gave row %d", zone, row)
			for _, x := range b.Seats {
				require.Equal(t, row, rows[x.ID], "in one row")
			}
		}
		large := book(w, "branch", s.ID, m{"count": 20, "preference": "middle"})
		require.Len(t, large.Seats, 20)
		kinds := map[int64]string{}
		for _, seat := range seats(w, s.ID).Seats {
			kinds[seat.ID] = string(seat.Kind)
		}
		wheeled := book(w, "resident", s.ID, m{"count": 2, "wheelchairs": 1, "companions": 1})
		require.ElementsMatch(t, []string{"wheelchair", "companion"}, []string{kinds[wheeled.Seats[0].ID], kinds[wheeled.Seats[1].ID]})
		sound(t, w)
	})
}

func TestConflictOffersSeatsThatCanReallyBeBooked(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		want := inState(seats(w, s.ID), "free")[40:43]
		book(w, "branch", s.ID, m{"seats": want[1:2]})
		for range 3 {
			no := w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"seats": want}).Refused(http.StatusConflict, "screening.seat_taken")
			r := apitest.Into[refused](no)
			require.NotEmpty(t, r.Alternatives)
			require.NotContains(t, r.Detail, "{")
			for _, o := range r.Alternatives {
				require.Len(t, o.Seats, 3)
			}
			b := book(w, "resident", s.ID, m{"seats": ids(r.Alternatives[0].Seats)})
			require.Equal(t, r.Alternatives[0].Seats, b.Seats)
		}
		sound(t, w)
	})
}

func TestFullHouseSaysHowManyAreLeft(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), m{"max_seats": 172})
		book(w, "branch", s.ID, m{"count": 164})
		w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"count": 9}).Refused(http.StatusConflict, "screening.full")
		book(w, "resident", s.ID, m{"seats": inState(seats(w, s.ID), "free")})
		now := apitest.Into[show](w.As("").Get(screeningPath(s.ID, "")).Want(http.StatusOK))
		require.Zero(t, now.Free)
		last := seats(w, s.ID).Seats[0].ID
		no := w.As("resident").Post(screeningPath(s.ID, "/bookings"), m{"seats": []int64{last}}).Refused(http.StatusConflict, "screening.seat_taken")
		require.Equal(t, []booking.Option{}, apitest.Into[refused](no).Alternatives, "none, and not null")
		sound(t, w)
	})
}

func TestIdempotencyKeyBooksOnce(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		w.As("resident") // its token is made before the race
		var wg sync.WaitGroup
		got := make([]*apitest.Answer, 3)
		for i := range got {
			wg.Go(func() {
				got[i] = w.As("resident").With("Idempotency-Key", "key-1").Post(screeningPath(s.ID, "/bookings"), m{"count": 2, "preference": "back"})
			})
		}
		wg.Wait()
		for _, a := range got {
			require.Equal(t, got[0].Want(http.StatusCreated).Body, a.Body, "the same answer to the letter")
		}
		again := w.As("resident").With("Idempotency-Key", "key-1").Post(screeningPath(s.ID, "/bookings"), m{"count": 2, "preference": "back"}).Want(http.StatusCreated)
		require.Equal(t, got[0].Body, again.Body)
		require.Len(t, inState(seats(w, s.ID), "taken"), 2)

		w.As("resident").With("Idempotency-Key", "key-1").Post(screeningPath(s.ID, "/bookings"), m{"count": 3}).Refused(http.StatusUnprocessableEntity, "idempotency.reused")
		w.As("resident").With("Idempotency-Key", strings.Repeat("k", 201)).Post(screeningPath(s.ID, "/bookings"), m{"count": 3}).Refused(http.StatusBadRequest, "idempotency.bad_key")
		other := apitest.Into[ticket](w.As("branch").With("Idempotency-Key", "key-1").Post(screeningPath(s.ID, "/bookings"), m{"count": 2, "preference": "back"}).Want(http.StatusCreated))
		require.NotEqual(t, apitest.Into[ticket](again).ID, other.ID, "another person's key is another key")
		sound(t, w)
	})
}

func TestRefusalsAreEvaluatedAgainUnderTheSameKey(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		s := puton(t, w, at(25, 9), nil)
		seat := inState(seats(w, s.ID), "free")[:1]
		theirs := book(w, "branch", s.ID, m{"seats": seat})
		ask := w.As("resident").With("Idempotency-Key", "k")
		ask.Post(screeningPath(s.ID, "/bookings"), m{"seats": seat}).Refused(http.StatusConflict, "screening.seat_taken")
		w.As("branch").Post("/api/v1/bookings/"+theirs.ID+"/cancel", nil).Want(http.StatusOK)
		ask.Post(screeningPath(s.ID, "/bookings"), m{"seats": seat}).Want(http.StatusCreated)
		sound(t, w)
	})
}
