package notify

import (
	"testing"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestABranchIsToldThroughItsSecretariesOfNow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		old, successor := w.account(t, "", ""), w.account(t, "", "")
		branch := models.Org{Path: "/1/", Code: "zb", Name: "第一党支部", Kind: models.OrgBranch, CreatedAt: clock.Instant()}
		w.insert(t, &branch)
		w.insert(t, &models.Grant{AccountID: old, Role: "branch", OrgID: branch.ID, CreatedAt: clock.Instant(), RevokedAt: clock.Instant()})
		note := Notice{Account: old, Branch: branch.ID, Kind: Booked, Subject: "booking:1", Vars: film}

		w.enqueue(t, note)
		require.Equal(t, []string{"account:1 inbox waiting"}, w.outbox(t), "a branch without a secretary: whoever booked")

		w.insert(t, &models.Grant{AccountID: successor, Role: "branch", OrgID: branch.ID, CreatedAt: clock.Instant()})
		note.Subject = "booking:2"
		w.enqueue(t, note)
		require.Equal(t, "account:2 inbox waiting", w.outbox(t)[1])
		require.Len(t, w.outbox(t), 2, "the former secretary is not told")
	})
}
