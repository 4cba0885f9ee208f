package activity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"youyue/app/activity"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// What cannot be written is reported, and keeps nothing behind it waiting: neither the
// places of other devices nor what follows for others who did not come.
func TestOneBadRowKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	w := newWorld(t, dbtest.Open(t, db.SQLite, clock), clock)
	v := w.open(t)
	session := v.Meetings[0]
	var signed []activity.Signed
	for _, a := range w.Accounts(t, 3) {
		one, err := w.join(t, a, v, 1)
		require.NoError(t, err)
		signed = append(signed, one)
	}
	clock.Set(session.StartsAt.Time())
	_, _, err := w.Admit(t.Context(), w.Staff, activity.Batch{Device: "门口", SessionID: session.ID, Passes: []activity.Pass{{Nonce: "n", Kind: models.ScanIn, Code: signed[2].Code}}})
	require.NoError(t, err)
	var leases []int64
	for _, device := range []string{"甲", "乙"} {
		lent, err := w.Lend(t.Context(), w.Staff, session.ID, device, deviceKey(t), 2)
		require.NoError(t, err)
		leases = append(leases, lent.Lease.ID)
	}
	clock.Set(session.EndsAt.Time())
	_, err = w.Kernel.FinishDue(t.Context(), clock.Instant())
	require.NoError(t, err)
	clock.Advance(3 * time.Hour)

	w.Stuck(t, "activity_leases", fmt.Sprintf("OLD.id = %d", leases[0]))
	n, err := w.EndLeases(t.Context(), clock.Instant())
	require.ErrorContains(t, err, fmt.Sprintf("lease %d", leases[0]))
	require.Equal(t, 1, n)

	w.Stuck(t, "activity_signups", fmt.Sprintf("OLD.uid = '%s'", signed[0].ID))
	n, err = w.Strike(t.Context(), clock.Instant())
	require.ErrorContains(t, err, "missed "+signed[0].ID)
	require.Equal(t, 1, n)
}

// deviceKey is the public key of a device, as its browser sends it.
func deviceKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(der)
}
