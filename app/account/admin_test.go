package account_test

import (
	"testing"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/app/list"

	"github.com/stretchr/testify/require"
)

func TestAdministratorsSeeTheirOwnOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("district", [2]string{"admin", "qu"})
		w.staff("local", [2]string{"admin", "xinghua"})
		w.staff("mine", [2]string{"clerk", "fenyuan"})
		other := w.staff("other", [2]string{"clerk", "qianfeng"})
		w.resident(mobile)
		district, local := w.actor("district"), w.actor("local")

		all, err := w.s.Accounts(w.ctx, district, account.Filter{})
		require.NoError(t, err)
		require.EqualValues(t, 5, all.Total)
		all, err = w.s.Accounts(w.ctx, local, account.Filter{Query: list.Query{Sort: "login"}})
		require.NoError(t, err)
		require.EqualValues(t, 2, all.Total)
		require.Equal(t, "xinghua", all.Items[0].Grants[0].OrgName)
		_, err = w.s.Account(w.ctx, local, other.ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = w.s.Grant(w.ctx, local, other.ID, auth.Clerk, w.orgs["xinghua"].ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
	})
}

// Who administers a station must not become the district's administrator.
func TestNoWayUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		boss := w.staff("district", [2]string{"admin", "qu"}, [2]string{"clerk", "xinghua"})
		self := w.staff("local", [2]string{"admin", "xinghua"})
		local := w.actor("local")

		_, err := w.s.Grant(w.ctx, local, self.ID, auth.Admin, w.orgs["qu"].ID)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.s.Grant(w.ctx, local, self.ID, auth.Scheduler, w.orgs["xinghua"].ID)
		require.ErrorIs(t, err, account.ErrSelf, "another administrator gives it")
		require.NoError(t, w.s.GrantByCode(w.ctx, "local", auth.Clerk, "fenyuan"), "or the command line")
		_, err = w.s.SetPassword(w.ctx, local, boss.ID, "my own password")
		require.ErrorIs(t, err, account.ErrBeyondScope, "visible through one role, not to be taken over through it")
		_, err = w.s.Disable(w.ctx, local, boss.ID)
		require.ErrorIs(t, err, account.ErrBeyondScope)
		seen, err := w.s.Account(w.ctx, local, boss.ID)
		require.NoError(t, err)
		_, err = w.s.Revoke(w.ctx, local, boss.ID, seen.Grants[0].ID)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.s.Add(w.ctx, local, account.Entry{Login: "puppet", Name: "x", Password: goodWord}, account.FirstGrant{Role: auth.Admin, OrgID: w.orgs["qu"].ID})
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.s.Add(w.ctx, local, account.Entry{Login: "puppet", Name: "x", Password: goodWord}, account.FirstGrant{})
		require.ErrorIs(t, err, errs.ErrInvalid)
	})
}

func TestAccountsAreMadeGrantedAndClosed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		boss := w.staff("district", [2]string{"admin", "qu"})
		admin := w.actor("district")
		st, err := w.s.Add(w.ctx, admin, account.Entry{Login: "Clerk", Name: "李代办", Password: goodWord}, account.FirstGrant{Role: auth.Clerk, OrgID: w.orgs["fenyuan"].ID})
		require.NoError(t, err)
		require.Equal(t, "clerk", *st.Login)
		require.Len(t, st.Grants, 1)
		for range 2 { // twice is once
			st, err = w.s.Grant(w.ctx, admin, st.ID, auth.Branch, w.orgs["fenyuan"].ID)
			require.NoError(t, err)
			require.Len(t, st.Grants, 2)
		}
		_, err = w.s.SignIn(w.ctx, "clerk", goodWord, victimHome)
		require.NoError(t, err)
		st, err = w.s.Revoke(w.ctx, admin, st.ID, st.Grants[0].ID)
		require.NoError(t, err)
		require.Len(t, st.Grants, 1)
		st, err = w.s.Grant(w.ctx, admin, st.ID, auth.Clerk, w.orgs["fenyuan"].ID)
		require.NoError(t, err, "given again after it was taken back")
		require.Len(t, st.Grants, 2)

		st, err = w.s.Disable(w.ctx, admin, st.ID)
		require.NoError(t, err)
		require.False(t, st.DisabledAt.IsZero())
		_, err = w.s.SignIn(w.ctx, "clerk", goodWord, victimHome)
		require.ErrorIs(t, err, account.ErrDisabled)
		_, err = w.s.Enable(w.ctx, admin, st.ID)
		require.NoError(t, err)
		_, err = w.s.SetPassword(w.ctx, admin, st.ID, "a new long word")
		require.NoError(t, err)
		_, err = w.s.SignIn(w.ctx, "clerk", "a new long word", victimHome)
		require.NoError(t, err)

		_, err = w.s.Add(w.ctx, admin, account.Entry{Login: "CLERK", Name: "x"}, account.FirstGrant{})
		require.ErrorIs(t, err, account.ErrLoginTaken)
		_, err = w.s.Add(w.ctx, admin, account.Entry{Login: "no spaces", Name: "x"}, account.FirstGrant{})
		require.ErrorIs(t, err, errs.ErrInvalid)
		_, err = w.s.SetPassword(w.ctx, admin, st.ID, "short")
		require.ErrorIs(t, err, errs.ErrInvalid)
		_, err = w.s.Grant(w.ctx, admin, st.ID, "emperor", w.orgs["qu"].ID)
		require.ErrorIs(t, err, account.ErrRoleUnknown)
		_, err = w.s.Disable(w.ctx, admin, boss.ID)
		require.ErrorIs(t, err, account.ErrSelf)
		require.NotZero(t, w.count(`SELECT count(*) FROM audit_log WHERE action = 'account.grant' AND actor = 'district'`))
	})
}
