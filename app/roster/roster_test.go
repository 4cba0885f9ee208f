package roster_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/org"
	"youyue/app/roster"
	"youyue/app/secret"
	"youyue/app/sheet"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

type office struct {
	t     *testing.T
	db    *db.DB
	s     *roster.Service
	acc   *account.Service
	root  models.Org
	admin auth.Actor
}

func open(t *testing.T, d *db.DB) *office {
	t.Helper()
	box, err := secret.New([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	o := &office{t: t, db: d, acc: account.New(d, box, account.Config{Hash: account.HashCost{Memory: 8, Passes: 1, Threads: 1}})}
	o.s = roster.New(d, o.acc)
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) (err error) {
		o.root, err = org.Create(tx, auth.Actor{Login: "seed"}, org.Entry{Code: "wbl", Name: "万柏林区", Kind: models.OrgCentre})
		return err
	}))
	o.admin = auth.Actor{AccountID: 900, Login: "admin", Grants: []auth.Grant{{Role: auth.Admin, OrgID: o.root.ID, Path: o.root.Path}}}
	return o
}

const head = "代号\t名称\t类别\t上级代号\t电话\t地址\n"

func (o *office) orgs(a auth.Actor, text string) roster.Preview {
	o.t.Helper()
	p, err := o.s.PreviewOrgs(o.t.Context(), a, text)
	require.NoError(o.t, err)
	require.Empty(o.t, p.Faults)
	p, err = o.s.ImportOrgs(o.t.Context(), a, text, p.Digest)
	require.NoError(o.t, err)
	return p
}

// tree is every open organisation as "code<parent name".
func (o *office) tree() map[string]string {
	var rows []models.Org
	require.NoError(o.t, o.db.Read(context.Background(), func(tx *db.Tx) error {
		return tx.Scan(&rows, `SELECT * FROM orgs WHERE archived_at IS NULL ORDER BY id`)
	}))
	byID, out := map[int64]models.Org{}, map[string]string{}
	for _, r := range rows {
		byID[r.ID] = r
	}
	for _, r := range rows {
		if r.ParentID != nil {
			p := byID[*r.ParentID]
			require.Equal(o.t, fmt.Sprintf("%s%d/", p.Path, r.ID), r.Path)
			out[r.Code] = p.Code + " " + r.Name
		}
	}
	return out
}

func TestOrganisationsComeInMoveAndChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		// Children before parents, words as people write them.
		p := o.orgs(o.admin, head+"zb1\t前进支部\t支部\tsq1\t\t\nsq1\t前进社区\t社区站\tjd1\t0351-1\t前进路1号\njd1\t千峰街道\t街道\twbl")
		require.Len(t, p.Changes, 3)
		require.Equal(t, map[string]string{"jd1": "wbl 千峰街道", "sq1": "jd1 前进社区", "zb1": "sq1 前进支部"}, o.tree())

		// The same again changes nothing.
		p = o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\nsq1\t前进社区\tstation\tJD1\t0351-1\t前进路1号")
		require.Empty(t, p.Changes)
		require.Equal(t, 2, p.Same)

		// Parent and child change places: possible in one order only.
		p = o.orgs(o.admin, head+"jd1\t千峰街道\t街道\tsq1\nsq1\t前进社区\t社区站\twbl\t0351-2\t前进路1号")
		require.Len(t, p.Changes, 3)
		require.Equal(t, map[string]string{"jd1": "sq1 千峰街道", "sq1": "wbl 前进社区", "zb1": "sq1 前进支部"}, o.tree())
	})
}

func TestTenFaultsAreTenNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\nold\t旧站\t社区站\twbl")
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE orgs SET archived_at = ? WHERE code = 'old'`, tx.Now())
			return err
		}))
		before := o.tree()
		book, err := sheet.Write(sheet.Sheet{Name: "单位", Head: []string{"代号", "名称", "类别", "上级代号"}, Rows: [][]any{
			{"good", "好站", "社区站", "jd1"},
			{"", "没有代号", "社区站", "jd1"},
			{"坏 代号", "坏", "社区站", "jd1"},
			{"good", "又一个", "社区站", "jd1"},
			{"a1", "", "社区站", "jd1"},
			{"a2", "没有类别的", "衙门", "jd1"},
			{"a3", "没有上级", "社区站", ""},
			{"a4", "上级不存在", "社区站", "nowhere"},
			{"a5", "上级已撤", "社区站", "old"},
			{"jd1", "千峰街道", "社区站", "wbl"},
			{"r1", "圈一", "社区站", "r2"},
			{"r2", "圈二", "社区站", "r1"},
		}})
		require.NoError(t, err)
		text, err := sheet.Text(book)
		require.NoError(t, err)
		p, err := o.s.PreviewOrgs(t.Context(), o.admin, text)
		require.NoError(t, err)
		var said []string
		for _, f := range p.Faults {
			said = append(said, f.Words(locales.ZhCN))
		}
		require.Equal(t, []string{
			"第3行“代号”：这一项要填。",
			"第4行“代号”：用小写字母、数字和短横，最多 40 个字符。",
			"第5行“代号”：和第2行重复。",
			"第6行“名称”：这一项要填。",
			"第7行“类别”：没有这种类别。可以写：中心、街道、社区站、党支部、共建单位、学校、队伍。",
			"第8行“上级代号”：这一项要填。",
			"第9行“上级代号”：没有这一项。",
			"第10行“上级代号”：这个单位已经撤销。",
			"第11行“类别”：类别定了不能改。",
			"第13行“上级代号”：上级绕了一圈又回到它自己，请核对。",
		}, said)
		_, err = o.s.ImportOrgs(t.Context(), o.admin, text, p.Digest)
		require.ErrorIs(t, err, roster.ErrFaults)
		require.Equal(t, before, o.tree())
	})
}

func TestEveryFaultOfARowIsNamed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		p, err := o.s.PreviewOrgs(t.Context(), o.admin, head+"a1\t\t衙门\tnowhere\nA1\t好\t庙\t\n\t好\t社区站\tnowhere")
		require.NoError(t, err)
		var said []string
		for _, f := range p.Faults {
			said = append(said, fmt.Sprint(f.Line, " ", f.Column, " ", f.Code))
		}
		require.ElementsMatch(t, []string{"2 名称 required", "2 类别 org_kind", "2 上级代号 unknown",
			"3 代号 twice", "3 类别 org_kind", "3 上级代号 required", "4 代号 required", "4 上级代号 unknown"}, said)
	})
}

func TestWhatWasLookedAtIsWhatIsDone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\njd2\t下元街道\t街道\twbl")
		text := head + "sq1\t前进社区\t社区站\tjd1\njd1\t千峰街道\t街道\twbl"
		p, err := o.s.PreviewOrgs(t.Context(), o.admin, text)
		require.NoError(t, err)
		o.orgs(o.admin, head+"jd1\t千峰街道办\t街道\twbl") // somebody else, meanwhile
		now, err := o.s.ImportOrgs(t.Context(), o.admin, text, p.Digest)
		require.ErrorIs(t, err, roster.ErrChanged)
		require.Len(t, now.Changes, 2, "the new preview")
		require.NotContains(t, o.tree(), "sq1")

		// Five at once: one does it, the others are told that there is nothing left to do.
		var wg sync.WaitGroup
		done := make(chan error, 5)
		for range 5 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, err := o.s.ImportOrgs(context.Background(), o.admin, text, now.Digest)
				done <- err
			}()
		}
		wg.Wait()
		close(done)
		ok := 0
		for err := range done {
			if err == nil {
				ok++
				continue
			}
			require.ErrorIs(t, err, roster.ErrChanged)
		}
		require.Equal(t, 1, ok)
	})
}

func TestImportStaysInScope(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\njd2\t下元街道\t街道\twbl\nsq2\t下元社区\t社区站\tjd2")
		var jd1 models.Org
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) (err error) { jd1, err = org.ByCode(tx, "jd1"); return err }))
		local := auth.Actor{AccountID: 901, Login: "local", Grants: []auth.Grant{{Role: auth.Admin, OrgID: jd1.ID, Path: jd1.Path}}}
		p, err := o.s.PreviewOrgs(t.Context(), local, head+"sq2\t改名\t社区站\tjd2\nsq3\t新\t社区站\tjd2\nsq2b\t抢来\t社区站\tjd1")
		require.NoError(t, err)
		require.Len(t, p.Faults, 2, "the row, and the new one's parent")
		for _, f := range p.Faults {
			require.Equal(t, "beyond_scope", f.Code)
		}
		p, err = o.s.PreviewStaff(t.Context(), local, "登录名\t姓名\t职责\t单位代号\nzhao\t赵\t管理员\tjd2")
		require.NoError(t, err)
		require.Equal(t, "beyond_scope", p.Faults[0].Code)
	})
}

func TestStaffComeInWithAPasswordThatIsToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\nzb1\t前进支部\t支部\tjd1")
		text := "登录名\t姓名\t职责\t单位代号\nzhao\t赵云\t支部书记\tzb1\nzhao\t赵云\t代办员\tjd1\nqian\t钱多\t排期员\tjd1"
		p, err := o.s.PreviewStaff(t.Context(), o.admin, text)
		require.NoError(t, err)
		require.Empty(t, p.Faults)
		require.Len(t, p.Changes, 3)
		_, first, err := o.s.ImportStaff(t.Context(), o.admin, text, p.Digest)
		require.NoError(t, err)
		require.Len(t, first, 2)
		for _, f := range first {
			acc, err := o.acc.SignIn(t.Context(), f.Login, f.Password, "127.0.0.1")
			require.NoError(t, err)
			require.Equal(t, f.Name, acc.Name)
			require.Len(t, f.Password, 12)
			require.True(t, acc.PasswordOnce, "the first log-in sets another")
		}
		// Once more: all are there, nobody gets a new password.
		p, err = o.s.PreviewStaff(t.Context(), o.admin, text)
		require.NoError(t, err)
		require.Equal(t, 3, p.Same)
		_, again, err := o.s.ImportStaff(t.Context(), o.admin, text, p.Digest)
		require.NoError(t, err)
		require.Empty(t, again)
		// Somebody else's log-in, a word that is no role, a row twice.
		p, err = o.s.PreviewStaff(t.Context(), o.admin, "登录名\t姓名\t职责\t单位代号\nzhao\t赵六\t队长\tjd1\nsun\t孙\t局长\tjd1\nli\t李\t评委\twbl\nli\t李\t评委\twbl")
		require.NoError(t, err)
		var said []string
		for _, f := range p.Faults {
			said = append(said, f.Words(locales.ZhCN))
		}
		require.Equal(t, []string{"第2行“姓名”：这个登录名是赵云的。",
			"第3行“职责”：没有这种职责。可以写：支部书记、代办员、排期员、影院、队长、评委、管理员、审计。", "第5行：和第4行重复。"}, said)
	})
}

// Whoever looks after a part gives roles to its people only: a role given to a
// stranger would make that account, and its password, theirs.
func TestStrangersAreNotTakenIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\njd2\t下元街道\t街道\twbl")
		staff := "登录名\t姓名\t职责\t单位代号\n"
		p, err := o.s.PreviewStaff(t.Context(), o.admin, staff+"zhao\t赵云\t评委\tjd2\nqian\t钱多\t评委\tjd1")
		require.NoError(t, err)
		_, _, err = o.s.ImportStaff(t.Context(), o.admin, staff+"zhao\t赵云\t评委\tjd2\nqian\t钱多\t评委\tjd1", p.Digest)
		require.NoError(t, err)
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { // a resident with no role
			_, err := o.acc.Create(tx, o.admin, account.Entry{Login: "sun", Name: "孙大妈"})
			return err
		}))
		local := o.local("jd1")
		p, err = o.s.PreviewStaff(t.Context(), local, staff+"zhao\t谁\t评委\tjd1\nsun\t孙大妈\t评委\tjd1\nqian\t钱多\t队长\tjd1")
		require.NoError(t, err)
		require.Len(t, p.Faults, 2, "their own they may")
		for _, f := range p.Faults {
			require.Equal(t, "beyond_scope", f.Code)
			require.Empty(t, f.Args, "no name is told")
		}
	})
}

func (o *office) local(code string) auth.Actor {
	var at models.Org
	require.NoError(o.t, o.db.Read(o.t.Context(), func(tx *db.Tx) (err error) { at, err = org.ByCode(tx, code); return err }))
	return auth.Actor{AccountID: 901, Login: "local", Grants: []auth.Grant{{Role: auth.Admin, OrgID: at.ID, Path: at.Path}}}
}

// Their own workbook comes in again as it went out, and a column that it does
// not have leaves what stands.
func TestATableWithLessLeavesTheRest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		o.orgs(o.admin, head+"jd1\t千峰街道\t街道\twbl\t6070000\t滨河西路1号\nsq1\t前进社区\t社区站\tjd1\t6070001")
		p, err := o.s.PreviewOrgs(t.Context(), o.local("jd1"), head+"jd1\t千峰街道\t街道\twbl\t6070000\t滨河西路1号\nsq1\t前进社区\t社区站\tjd1\t6070001")
		require.NoError(t, err)
		require.Empty(t, p.Faults)
		require.Equal(t, 2, p.Same)

		p, err = o.s.PreviewOrgs(t.Context(), o.admin, "代号\t名称\t类别\t上级代号\njd1\t千峰街道\t街道\twbl")
		require.NoError(t, err)
		require.Empty(t, p.Changes)
		p, err = o.s.PreviewOrgs(t.Context(), o.admin, head+"jd1\t千峰街道\t街道\twbl\t\t滨河西路1号")
		require.NoError(t, err)
		require.Len(t, p.Changes, 1, "an empty cell empties it")
	})
}

// The workbook of staff holds the administrator's own row too.
func TestOnesOwnRowMayStandAsItIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		staff := "登录名\t姓名\t职责\t单位代号\nboss\t王管理\t"
		p, err := o.s.PreviewStaff(t.Context(), o.admin, staff+"管理员\twbl")
		require.NoError(t, err)
		_, _, err = o.s.ImportStaff(t.Context(), o.admin, staff+"管理员\twbl", p.Digest)
		require.NoError(t, err)
		me := o.admin
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
			acc, err := account.ByLogin(tx, "boss")
			me.AccountID = acc.ID
			return err
		}))
		p, err = o.s.PreviewStaff(t.Context(), me, staff+"管理员\twbl")
		require.NoError(t, err)
		require.Empty(t, p.Faults)
		require.Equal(t, 1, p.Same)
		p, err = o.s.PreviewStaff(t.Context(), me, staff+"评委\twbl")
		require.NoError(t, err)
		require.Len(t, p.Faults, 1, "another role must come from another administrator")
	})
}

func TestPhoneAndAddressAreHeldToTheirForm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		o := open(t, d)
		p, err := o.s.PreviewOrgs(t.Context(), o.admin, head+"a1\t甲\t站\twbl\t"+strings.Repeat("9", 41)+"\nb1\t乙\t站\twbl\t1\t路\u202e号")
		require.NoError(t, err)
		require.Len(t, p.Faults, 2)
		require.Equal(t, "电话", p.Faults[0].Column)
		require.Equal(t, "地址", p.Faults[1].Column)
	})
}
