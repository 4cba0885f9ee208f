package feedback_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/feedback"
	"youyue/app/idem"
	"youyue/app/secret"

	"github.com/stretchr/testify/require"
)

var (
	ctx   = context.Background()
	noKey idem.Key
)

func service(t *testing.T, d *db.DB) *feedback.Service {
	t.Helper()
	box, err := secret.New(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	return feedback.New(d, box)
}

func TestAMessageWaitsUntilItIsDone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := service(t, d)
		id, err := s.Send(ctx, auth.Actor{}, feedback.Message{Kind: feedback.Complaint, Text: "门口的坡太陡", Contact: "139 3510 8826", Page: "/screenings/3"}, noKey)
		require.NoError(t, err)
		waiting, err := s.List(ctx, feedback.Filter{})
		require.NoError(t, err)
		require.Len(t, waiting.Items, 1)
		require.Equal(t, "139 3510 8826", waiting.Items[0].Contact)
		var stored string
		require.NoError(t, d.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&stored, `SELECT contact_enc FROM feedback`) }))
		require.NotContains(t, stored, "8826", "sealed at rest")

		clerk := auth.Actor{AccountID: 4, Login: "clerk"}
		require.NoError(t, s.Done(ctx, clerk, id))
		require.NoError(t, s.Done(ctx, clerk, id))
		require.ErrorIs(t, s.Done(ctx, clerk, 999), errs.ErrNotFound)
		waiting, err = s.List(ctx, feedback.Filter{})
		require.NoError(t, err)
		require.Empty(t, waiting.Items)
		done, err := s.List(ctx, feedback.Filter{Done: true})
		require.NoError(t, err)
		require.EqualValues(t, 4, *done.Items[0].DoneBy)
		var lines int
		require.NoError(t, d.Read(ctx, func(tx *db.Tx) error {
			return tx.Scan(&lines, `SELECT count(*) FROM audit_log WHERE action = 'feedback.done'`)
		}))
		require.Equal(t, 1, lines)
	})
}

func TestAFormSentThreeTimesIsOneMessage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := service(t, d)
		key := idem.Key{Scope: "account:0 POST /feedback", Key: "k1", Body: "b"}
		ids := make([]int64, 3)
		var done sync.WaitGroup
		for i := range ids {
			done.Go(func() {
				var err error
				ids[i], err = s.Send(ctx, auth.Actor{}, feedback.Message{Kind: feedback.Suggestion, Text: "多放几场"}, key)
				require.NoError(t, err)
			})
		}
		done.Wait()
		require.Equal(t, []int64{ids[0], ids[0], ids[0]}, ids)
		require.NotZero(t, ids[0])
	})
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := service(t, d)
		for name, m := range map[string]feedback.Message{
			"NoText":      {Kind: feedback.Complaint, Text: " \n"},
			"NoKind":      {Text: "x"},
			"OtherKind":   {Kind: "praise", Text: "x"},
			"LongText":    {Kind: feedback.Complaint, Text: strings.Repeat("长", 2001)},
			"LongContact": {Kind: feedback.Complaint, Text: "x", Contact: strings.Repeat("长", 101)},
		} {
			_, err := s.Send(ctx, auth.Actor{}, m, noKey)
			require.ErrorIs(t, err, errs.ErrInvalid, name)
		}
		none, err := s.List(ctx, feedback.Filter{})
		require.NoError(t, err)
		require.Zero(t, none.Total)
	})
}
