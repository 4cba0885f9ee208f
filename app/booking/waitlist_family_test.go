package booking_test

import (
	"fmt"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// kept notes somebody under an account.
func kept(t *testing.T, w *bookingtest.World, a auth.Actor, relation string) models.Person {
	t.Helper()
	p := models.Person{AccountID: &a.AccountID, Name: relation, Relation: relation, Notify: models.NotifyHolder}
	w.Write(t, func(tx *db.Tx) error { p.CreatedAt = tx.Now(); return tx.Insert(&p) })
	return p
}

func (h *house) joinFor(who auth.Actor, p models.Person, n int, ch models.Channel) (booking.Waiting, error) {
	o := bookingtest.Together(h.event, who, n)
	o.HolderID, o.PersonID, o.Name, o.Channel = p.AccountID, &p.ID, p.Name, ch
	return joinOn(h.DB, h.Kernel, o)
}

// An account and each of those it looks after wait for themselves, in the order in which
// they came; nobody waits twice, by whichever way and however fast they ask.
func TestEachOfAFamilyWaitsOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 8)
		anna := w.Account(t)
		self, mother, son := kept(t, w, anna, "self"), kept(t, w, anna, "mother"), kept(t, w, anna, "son")
		own := h.join(t, anna, 2)
		hers, err := h.joinFor(anna, mother, 2, models.ChannelOnline)
		require.NoError(t, err)
		require.Equal(t, 1, hers.Ahead, "a turn of her own")
		var (
			all  sync.WaitGroup
			lock sync.Mutex
			got  = map[int64]map[int64]bool{}
		)
		for i := range 12 {
			p, ch := []models.Person{self, mother, son}[i%3], []models.Channel{models.ChannelOnline, models.ChannelPhone}[i%2]
			all.Go(func() {
				x, err := h.joinFor(anna, p, 2, ch)
				lock.Lock()
				defer lock.Unlock()
				if err != nil {
					t.Errorf("join for %s: %v", p.Relation, err)
				}
				if got[p.ID] == nil {
					got[p.ID] = map[int64]bool{}
				}
				got[p.ID][x.ID] = true
			})
		}
		all.Wait()
		require.Equal(t, map[int64]bool{own.ID: true}, got[self.ID], "oneself is the account")
		require.Equal(t, map[int64]bool{hers.ID: true}, got[mother.ID], "the desk finds her turn")
		require.Len(t, got[son.ID], 1)
		require.Equal(t, 3, w.Saved(t, h.event.ID).Waiting)

		h.cancel(t, 0)
		h.state(t, own.ID, models.WaitOffered)
		require.Zero(t, h.state(t, hers.ID, models.Waiting).Ahead)
		_, err = reply(w.DB, own.ID, anna, w.Kernel.Decline)
		require.NoError(t, err)
		h.state(t, hers.ID, models.WaitOffered)
		again := h.join(t, anna, 1)
		require.NotEqual(t, own.ID, again.ID, "who has left may come again")

		// The unique index is what says no to a second turn of one person.
		spoilt := fmt.Sprintf(`UPDATE waitlist_entries SET holder = (SELECT holder FROM waitlist_entries WHERE id = %d) WHERE id = %d`, hers.ID, again.ID)
		err = w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(spoilt); return err })
		require.Equal(t, "waitlist_entries_event_id_holder_key", db.Constraint(err))
	})
}

// What a family waits for counts together where an event limits the seats of an account:
// offers are made without asking again.
func TestAFamilyWaitsWithinItsLimit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *bookingtest.World, _ *dbtest.Clock) {
		h := soldOut(t, w, 8)
		w.Write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE events SET person_seats = 3 WHERE id = ?`, h.event.ID)
			return err
		})
		anna := w.Account(t)
		mother := kept(t, w, anna, "mother")
		h.join(t, anna, 2)
		_, err := h.joinFor(anna, mother, 2, models.ChannelOnline)
		require.ErrorIs(t, err, booking.ErrPersonLimit)
		_, err = h.joinFor(anna, mother, 1, models.ChannelOnline)
		require.NoError(t, err)
	})
}
