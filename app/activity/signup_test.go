package activity_test

import (
	"sync"
	"testing"

	"youyue/app/activity"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// However often and however fast somebody asks, one sign-up is theirs; whom they look
// after has one as well, and who gives it back may ask again.
func TestEverybodySignsUpOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a, v := w.Account(t), w.open(t, func(p *activity.Plan) { p.Capacity = 40 })
		mother := models.Person{AccountID: &a.AccountID, Name: "老母亲", Relation: "mother", CreatedAt: clock.Instant()}
		w.Write(t, func(tx *db.Tx) error { return tx.Insert(&mother) })
		var (
			all  sync.WaitGroup
			lock sync.Mutex
			in   []activity.Signed
			out  []error
		)
		for range 8 {
			all.Go(func() {
				got, err := w.join(t, a, v, 4)
				lock.Lock()
				defer lock.Unlock()
				if err != nil {
					out = append(out, err)
					return
				}
				in = append(in, got)
			})
		}
		all.Wait()
		require.Len(t, in, 1)
		for _, err := range out {
			require.ErrorIs(t, err, activity.ErrAlready)
			require.Equal(t, in[0].ID, errs.As(err).Extra["signup_id"])
		}
		hers, err := w.SignUp(t.Context(), a, activity.Wish{ActivityID: v.ID, Party: 1, Whom: booking.Whom{PersonID: mother.ID}})
		require.NoError(t, err)
		require.NotEqual(t, in[0].ID, hers.ID)
		require.Equal(t, 5, w.places(t, v)[0])

		_, err = w.Service.Cancel(t.Context(), a, in[0].ID, "", models.ChannelOnline)
		require.NoError(t, err)
		_, err = w.join(t, a, v, 2)
		require.NoError(t, err)
		w.agree(t)
	})
}
