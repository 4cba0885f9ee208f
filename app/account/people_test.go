package account_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/errs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestPeopleKeptUnderAnAccount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		me, other := actorOf(w.resident(mobile)), actorOf(w.resident("13703510009"))
		mother, err := w.s.AddPerson(w.ctx, me, account.PersonEntry{Name: " 刘淑芬 ", Relation: "母亲", Phone: "137 0351 0001", Notify: models.NotifyBoth})
		require.NoError(t, err)
		require.Equal(t, "刘淑芬", mother.Name)
		require.Equal(t, "+8613703510001", mother.Phone)
		require.NotContains(t, mother.PhoneEnc, "0001")

		all, err := w.s.People(w.ctx, me)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Equal(t, "self", all[0].Relation)

		_, err = w.s.ChangePerson(w.ctx, other, mother.ID, account.PersonEntry{Name: "x"})
		require.ErrorIs(t, err, errs.ErrNotFound)
		require.ErrorIs(t, w.s.ArchivePerson(w.ctx, other, mother.ID), errs.ErrNotFound)
		changed, err := w.s.ChangePerson(w.ctx, me, mother.ID, account.PersonEntry{Name: "刘淑芳", Relation: "母亲"})
		require.NoError(t, err)
		require.Empty(t, changed.Phone)
		require.Nil(t, changed.PhoneIndex)
		require.NoError(t, w.s.ArchivePerson(w.ctx, me, mother.ID))
		require.ErrorIs(t, w.s.ArchivePerson(w.ctx, me, mother.ID), errs.ErrNotFound)
		require.ErrorIs(t, w.s.ArchivePerson(w.ctx, me, all[0].ID), errs.ErrForbidden, "oneself stays")

		for name, in := range map[string]account.PersonEntry{
			"NoName": {Name: "  "}, "LongName": {Name: fmt.Sprint(make([]int, 40))},
			"BadPhone": {Name: "刘", Phone: "123"}, "PosesAsSelf": {Name: "刘", Relation: "self"},
		} {
			_, err := w.s.AddPerson(w.ctx, me, in)
			require.ErrorIs(t, err, errs.ErrInvalid, name)
		}
	})
}

func TestTenPeopleAtMostEvenAllAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		me := actorOf(w.resident(mobile))
		var done sync.WaitGroup
		for i := range 16 {
			done.Go(func() {
				_, err := w.s.AddPerson(w.ctx, me, account.PersonEntry{Name: fmt.Sprint("人", i)})
				if err != nil {
					require.ErrorIs(t, err, account.ErrTooMany)
				}
			})
		}
		done.Wait()
		all, err := w.s.People(w.ctx, me)
		require.NoError(t, err)
		require.Len(t, all, 11)
	})
}

func TestOneSelfHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.resident(mobile)
		require.NoError(t, d.Write(w.ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM people WHERE account_id = ?`, acc.ID) // as accounts made before had none
			return err
		}))
		// On PostgreSQL all are inside their transactions before the first goes on;
		// on SQLite there is only ever one inside.
		var done, inside sync.WaitGroup
		ids := make([]int64, 8)
		inside.Add(len(ids))
		for i := range ids {
			done.Go(func() {
				var arrive sync.Once
				require.NoError(t, d.Write(w.ctx, func(tx *db.Tx) error {
					arrive.Do(inside.Done)
					if d.Engine() == db.Postgres {
						inside.Wait()
					}
					p, err := account.EnsureSelf(tx, actorOf(acc))
					ids[i] = p.ID
					return err
				}))
			})
		}
		done.Wait()
		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}
	})
}

func TestDeskPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("here", [2]string{"clerk", "xinghua"})
		w.staff("there", [2]string{"clerk", "qianfeng"})
		here, there := w.actor("here"), w.actor("there")
		station := w.orgs["fenyuan"].ID

		granny, err := w.s.AddDeskPerson(w.ctx, here, station, "刘玉兰", "139 3510 8826", models.ChannelPhone)
		require.NoError(t, err)
		again, err := w.s.AddDeskPerson(w.ctx, here, station, "刘玉兰", "13935108826", models.ChannelPhone)
		require.NoError(t, err)
		require.Equal(t, granny.ID, again.ID, "the same caller")
		husband, err := w.s.AddDeskPerson(w.ctx, here, station, "张建国", "13935108826", models.ChannelPhone)
		require.NoError(t, err)
		require.NotEqual(t, granny.ID, husband.ID, "families share phones")
		one, err := w.s.AddDeskPerson(w.ctx, here, station, "王芳", "", models.ChannelPhone)
		require.NoError(t, err)
		two, err := w.s.AddDeskPerson(w.ctx, here, station, "王芳", "", models.ChannelPhone)
		require.NoError(t, err)
		require.NotEqual(t, one.ID, two.ID, "two may share a name")
		_, err = w.s.AddDeskPerson(w.ctx, there, station, "x", "", models.ChannelPhone)
		require.ErrorIs(t, err, errs.ErrForbidden)
		_, err = w.s.AddDeskPerson(w.ctx, here, 999, "x", "", models.ChannelPhone)
		require.ErrorIs(t, err, errs.ErrInvalid)

		for text, want := range map[string]int{
			"8826": 2, "5108826": 2, "13935108826": 2, "826": 0, "0000": 0,
			"玉兰": 1, "王": 2, "%": 0, "": 0, "'": 0,
		} {
			found, err := w.s.FindPeople(w.ctx, here, text)
			require.NoError(t, err)
			require.Len(t, found, want, text)
			found, err = w.s.FindPeople(w.ctx, there, text)
			require.NoError(t, err)
			require.Empty(t, found, "another desk's people: %s", text)
		}
		found, err := w.s.FindPeople(w.ctx, auth.Actor{AccountID: 1}, "8826")
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestADeskFindsAnAccountHolderByTheWholeNumberOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		acc := w.resident(mobile)
		w.staff("clerk", [2]string{"clerk", "xinghua"})
		clerk := w.actor("clerk")
		found, err := w.s.FindPeople(w.ctx, clerk, mobile)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, acc.ID, *found[0].AccountID)
		found, err = w.s.FindPeople(w.ctx, clerk, "8826")
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestNamesAreKeptAsTheyShow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("district", [2]string{"admin", "qu"})
		admin := w.actor("district")
		for _, bad := range []string{"", "　 ", "王\n芳", "王\u202e芳", "王\u200b芳", "\u200d", "王\x00芳"} {
			_, err := w.s.AddPerson(w.ctx, admin, account.PersonEntry{Name: bad})
			require.ErrorIs(t, err, errs.ErrInvalid, "%q", bad)
			_, err = w.s.AddAccount(w.ctx, "odd", bad, "")
			require.ErrorIs(t, err, errs.ErrInvalid, "%q", bad)
			require.ErrorIs(t, w.s.Change(w.ctx, admin, bad, "zh-CN"), errs.ErrInvalid, "%q", bad)
			_, err = w.s.AddDeskPerson(w.ctx, w.actor("district"), w.orgs["qu"].ID, bad, "", models.ChannelPhone)
			require.ErrorIs(t, err, errs.ErrInvalid, "%q", bad)
		}
		_, err := w.s.AddPerson(w.ctx, admin, account.PersonEntry{Name: "妈妈", Relation: "母\u2066亲"})
		require.ErrorIs(t, err, errs.ErrInvalid)
		for in, want := range map[string]string{"妈妈": "妈妈", " 张　 三 ": "张 三", "O'Neil": "O'Neil", "奶奶👵": "奶奶👵"} {
			p, err := w.s.AddPerson(w.ctx, admin, account.PersonEntry{Name: in})
			require.NoError(t, err)
			require.Equal(t, want, p.Name)
		}
	})
}

// A consent is noted once for each version: of who signs in for themselves, of a
// relative by the account that keeps them, of a caller by the clerk and the channel.
func TestConsentsAreNotedOnceWithTheirChannel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("here", [2]string{"clerk", "xinghua"})
		clerk, station := w.actor("here"), w.orgs["fenyuan"].ID
		me := actorOf(w.resident(mobile))
		clock.Advance(time.Hour)
		w.resident(mobile)
		mother, err := w.s.AddPerson(w.ctx, me, account.PersonEntry{Name: "刘淑芬"})
		require.NoError(t, err)
		caller, err := w.s.AddDeskPerson(w.ctx, clerk, station, "刘玉兰", "13703510001", models.ChannelWindow)
		require.NoError(t, err)
		_, err = w.s.AddDeskPerson(w.ctx, clerk, station, "刘玉兰", "13703510001", models.ChannelPhone)
		require.NoError(t, err)
		_, err = w.s.AddDeskPerson(w.ctx, clerk, 999, "x", "", models.ChannelPhone)
		require.Error(t, err)

		var all []models.NoticeConsent
		require.NoError(t, d.Read(w.ctx, func(tx *db.Tx) error { return tx.Scan(&all, `SELECT * FROM consents ORDER BY id`) }))
		require.Len(t, all, 3)
		for i, want := range []models.NoticeConsent{
			{AccountID: &me.AccountID, Channel: models.ChannelOnline, ByAccount: me.AccountID},
			{PersonID: &mother.ID, Channel: models.ChannelOnline, ByAccount: me.AccountID},
			{PersonID: &caller.ID, Channel: models.ChannelWindow, ByAccount: clerk.AccountID},
		} {
			want.ID, want.Version, want.CreatedAt = all[i].ID, models.NoticeVersion, all[i].CreatedAt
			require.Equal(t, want, all[i])
		}
		require.True(t, all[0].CreatedAt.Before(all[1].CreatedAt), "the first log-in, not the second")
		var logged int
		require.NoError(t, d.Read(w.ctx, func(tx *db.Tx) error {
			return tx.Scan(&logged, `SELECT COUNT(*) FROM audit_log WHERE action = 'privacy.consent' AND after = ?`, models.NoticeVersion)
		}))
		require.Equal(t, 3, logged)
	})
}
