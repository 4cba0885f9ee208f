package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/account"
	"youyue/app/db"
	"youyue/app/db/dbtest"

	"github.com/stretchr/testify/require"
)

// A password that an administrator gave opens nothing but the form for another.
func TestAPasswordThatSomebodyGaveIsGoodForSettingAnother(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("boss", [2]string{"admin", "qu"})
		anna := w.staff("anna", [2]string{"clerk", "xinghua"})
		const given, own = "given on paper", "one of her own"
		give := func() {
			_, err := w.s.SetPassword(w.ctx, w.actor("boss"), anna.ID, given)
			require.NoError(t, err)
		}
		give()
		r := newReader(t, site(t, w))
		enter := func(password string) {
			r.open("/login/password").send("/login/password", "login", "anna", "password", password, "next", "/me")
		}
		enter(given)
		require.Equal(t, "/login/first", r.at.Path)
		ticket := r.hidden("ticket")
		r.open("/me")
		require.Equal(t, "/login", r.at.Path, "nobody is signed in yet")
		r.open("/login/first?next=/me&ticket="+ticket).send("/login/first", "ticket", ticket, "password", "short", "next", "/me")
		require.Equal(t, http.StatusUnprocessableEntity, r.code)
		r.send("/login/first", "ticket", ticket, "password", given, "next", "/me")
		require.Contains(t, r.page, "和现在的一样")
		r.send("/login/first", "ticket", ticket, "password", own, "next", "/me")
		require.Equal(t, "/me", r.at.Path, "signed in, where she wanted to go")
		_, err := w.s.SetFirstPassword(w.ctx, ticket, "a third password")
		require.ErrorIs(t, err, account.ErrFirstOver, "spent")
		_, err = w.s.SignIn(w.ctx, "anna", given, victimHome)
		require.ErrorIs(t, err, account.ErrWrong)

		// Given once more: a form that stood open is overtaken, and runs out.
		give()
		enter(given)
		late := r.hidden("ticket")
		give()
		_, err = w.s.SetFirstPassword(w.ctx, late, own)
		require.ErrorIs(t, err, account.ErrFirstOver, "another was given meanwhile")
		enter(given)
		late = r.hidden("ticket")
		clock.Advance(16 * time.Minute)
		r.open("/login/first?ticket=" + late)
		require.Contains(t, r.page, "已经过期")
		_, err = w.s.SetFirstPassword(w.ctx, late, own)
		require.ErrorIs(t, err, account.ErrFirstOver)
		_, err = w.s.SetFirstPassword(w.ctx, strings.Repeat("x", 40), own)
		require.ErrorIs(t, err, account.ErrFirstOver)
	})
}

func TestOnesOwnPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("anna", [2]string{"clerk", "xinghua"})
		r, elsewhere := newReader(t, site(t, w)), newReader(t, site(t, w))
		for _, x := range []*reader{r, elsewhere} {
			x.open("/login/password").send("/login/password", "login", "anna", "password", goodWord, "next", "/me/password")
			require.Equal(t, "/me/password", x.at.Path)
		}
		r.send("/me/password", "old", "not this one", "password", "one of her own")
		require.Contains(t, r.page, "现在的密码不对")
		r.send("/me/password", "old", goodWord, "password", goodWord)
		require.Contains(t, r.page, "和现在的一样")
		r.send("/me/password", "old", goodWord, "password", "one of her own")
		require.Equal(t, "/me", r.at.Path, "still signed in here")
		elsewhere.open("/me")
		require.Equal(t, "/login", elsewhere.at.Path, "and nowhere else")
		_, err := w.s.SignIn(w.ctx, "anna", "one of her own", victimHome)
		require.NoError(t, err)
	})
}
