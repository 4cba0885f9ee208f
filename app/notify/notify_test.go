package notify

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/notify/notifytest"
	"youyue/app/secret"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// world is a service with its database and the outside.
type world struct {
	*Service
	box   *secret.Box
	clock *dbtest.Clock
	post  *notifytest.Post
	sms   *notifytest.Gateway
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	box, err := secret.New([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	w := &world{box: box, clock: clock, post: notifytest.Mail(t), sms: notifytest.SMS(t)}
	w.Service = w.node(d)
	return w
}

// node is one more service on a handle of the same world.
func (w *world) node(d *db.DB) *Service {
	return New(Config{DB: d, Phones: w.box, SMS: SMS(w.sms.Config), Mail: Mail(w.post.Config),
		BaseURL: "https://book.example.org", Zone: shanghai, Log: slog.New(slog.DiscardHandler)})
}

func (w *world) account(t *testing.T, phone, email string) int64 {
	t.Helper()
	a := models.Account{Name: "刘明", Email: email, Lang: "zh-CN", CreatedAt: w.clock.Instant()}
	if phone != "" {
		a.PhoneEnc = w.box.Seal(phone)
	}
	w.insert(t, &a)
	return a.ID
}

func (w *world) person(t *testing.T, keeper int64, phone string, who models.NotifyWho) int64 {
	t.Helper()
	p := models.Person{Name: "张建华", Notify: who, CreatedAt: w.clock.Instant()}
	if keeper != 0 {
		p.AccountID = &keeper
	}
	if phone != "" {
		p.PhoneEnc = w.box.Seal(phone)
	}
	w.insert(t, &p)
	return p.ID
}

func (w *world) insert(t *testing.T, row any) {
	t.Helper()
	require.NoError(t, w.DB.Write(t.Context(), func(tx *db.Tx) error { return tx.Insert(row) }))
}

func (w *world) enqueue(t *testing.T, notices ...Notice) {
	t.Helper()
	require.NoError(t, w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.Enqueue(tx, notices...) }))
}

// outbox lists "recipient channel state" of all rows, in order of their making.
func (w *world) outbox(t *testing.T) []string {
	t.Helper()
	var rows []models.Outbox
	require.NoError(t, w.DB.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&rows, `SELECT * FROM outbox ORDER BY id`) }))
	out := []string{}
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %s", r.Recipient, r.Channel, r.State))
	}
	return out
}

func (w *world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.DB.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&n, query, args...) }))
	return n
}

var film = map[string]string{"title": "《长津湖》", "start": "2026-12-03T11:00:00Z", "seats": "5排7座、5排8座",
	"code": "6K2M7XPQ", "place": "奥斯卡影城4号厅", "path": "/bookings/1"}

func TestWhoHearsOfWhat(t *testing.T) {
	t.Parallel()
	d := directory{sms: true, mail: true,
		accounts: map[int64]entry{1: {Account: 1, Phone: true, Mail: true}, 2: {Account: 2}},
		people: map[int64]entry{
			10: {Person: 10, Account: 1, Notify: models.NotifyHelper, Phone: true},
			11: {Person: 11, Account: 1, Notify: models.NotifyHolder, Phone: true},
			12: {Person: 12, Account: 1, Notify: models.NotifyBoth, Phone: true},
			13: {Person: 13, Account: 2, Notify: models.NotifyHolder},
			14: {Person: 14, Phone: true}, 15: {Person: 15},
		}}
	noSMS := d
	noSMS.sms = false
	for name, c := range map[string]struct {
		d    directory
		n    Notice
		want string
	}{
		"AccountImportant":          {d, Notice{Account: 1, Important: Important}, "account:1 inbox, account:1 sms, account:1 mail"},
		"AccountOrdinary":           {d, Notice{Account: 1}, "account:1 inbox, account:1 mail"},
		"AccountWithNothing":        {d, Notice{Account: 2, Important: Important}, "account:2 inbox"},
		"DisabledAccountIsCalled":   {d, Notice{Account: 3}, "account:3 call"},
		"HelperHearsForMother":      {d, Notice{Account: 1, Person: 10}, "account:1 inbox, account:1 mail"},
		"KeeperIsFoundByThePerson":  {d, Notice{Person: 10}, "account:1 inbox, account:1 mail"},
		"HolderHearsAlone":          {d, Notice{Account: 1, Person: 11}, "person:11 sms"},
		"BothHear":                  {d, Notice{Account: 1, Person: 12}, "account:1 inbox, account:1 mail, person:12 sms"},
		"HolderWithoutNumber":       {d, Notice{Account: 2, Person: 13}, "account:2 inbox"},
		"CallerWithMobile":          {d, Notice{Person: 14}, "person:14 sms"},
		"CallerWithoutMobile":       {d, Notice{Person: 15}, "person:15 call"},
		"CallerWhereNothingIsSent":  {noSMS, Notice{Person: 14}, "person:14 call"},
		"NobodyAtAll":               {d, Notice{}, ""},
		"UnknownPersonOfAnAccount":  {d, Notice{Account: 2, Person: 99}, "account:2 inbox"},
		"UnknownPersonIsNotDropped": {d, Notice{Person: 99}, "person:99 call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, a := range c.d.addresses(c.n) {
				got = append(got, a.recipient+" "+string(a.channel))
			}
			require.Equal(t, c.want, strings.Join(got, ", "))
		})
	}
}

func TestANoticeIsWrittenOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a := w.account(t, "+8613900008826", "liu@example.org")
		p := w.person(t, a, "+8613900000001", models.NotifyBoth)
		later := clock.Instant().Add(time.Hour)
		n := Notice{Account: a, Person: p, Kind: Booked, Subject: "booking:1", Vars: film, Important: Important}
		other := n
		other.DueAt = later
		for range 3 {
			w.enqueue(t, n, n, other)
		}
		want := []string{}
		for range 2 {
			want = append(want, fmt.Sprintf("account:%d inbox waiting", a), fmt.Sprintf("account:%d sms waiting", a),
				fmt.Sprintf("account:%d mail waiting", a), fmt.Sprintf("person:%d sms waiting", p))
		}
		require.Equal(t, want, w.outbox(t))
	})
}

func TestABatchOfBookingsIsWritten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a, p := w.account(t, "+8613900008826", "liu@example.org"), w.person(t, 0, "", "")
		var batch []Notice
		for i := range 600 {
			batch = append(batch, Notice{Account: a, Kind: Booked, Subject: fmt.Sprint("booking:", i), Important: Important},
				Notice{Person: p, Kind: Booked, Subject: fmt.Sprint("booking:", i)})
		}
		w.enqueue(t, batch...)
		w.enqueue(t)
		require.Len(t, w.outbox(t), 2400)
	})
}

func TestAVoidedNoticeIsNotSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a := w.account(t, "", "")
		w.enqueue(t, Notice{Account: a, Kind: Reminder, Subject: "booking:1"}, Notice{Account: a, Kind: Booked, Subject: "booking:1"},
			Notice{Account: a, Kind: Reminder, Subject: "booking:2"}, Notice{Account: a, Kind: Reminder, Subject: "booking:3"})
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			if err := w.Void(tx, "booking:1", Reminder); err != nil {
				return err
			}
			return w.VoidAll(tx, []string{"booking:2", "booking:9"})
		}))
		n, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM inbox WHERE kind = 'booked' AND subject = 'booking:1'`))
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM inbox WHERE subject = 'booking:3'`))
	})
}

func TestACommitWakesTheSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.SQLite, dbtest.NewClock()), dbtest.NewClock())
	a := w.account(t, "", "")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	w.enqueue(t, Notice{Account: a, Kind: Booked, Subject: "booking:1", Vars: film})
	require.Eventually(t, func() bool { return w.Unread(t.Context(), a) == 1 }, 10*time.Second, 20*time.Millisecond)
	cancel()
	<-ended
}

func TestACodeIsSentAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Open(t, db.SQLite, dbtest.NewClock()), dbtest.NewClock())
	require.NoError(t, w.SendCode(t.Context(), "+8613900008826", "042917", locales.ZhCN))
	require.Equal(t, []notifytest.Text{{Phone: "+8613900008826", Text: "验证码042917，用于登录。请不要告诉别人。"}}, w.sms.Texts())
	w.sms.Break()
	require.ErrorIs(t, w.SendCode(t.Context(), "+8613900008826", "042917", locales.En), ErrNoSMS)
	w.SMS = nil
	require.ErrorIs(t, w.SendCode(t.Context(), "+8613900008826", "042917", locales.En), ErrNoSMS)
}

func TestAGatewayMayWantEverythingInTheAddress(t *testing.T) {
	t.Parallel()
	g := notifytest.SMS(t)
	g.Config.Method, g.Config.URL = "GET", g.Config.URL+"?v=2"
	require.NoError(t, SMS(g.Config).Send(t.Context(), Message{To: "+8613900008826", Text: "a&b=\"c\""}))
	require.Equal(t, []notifytest.Text{{Phone: "+8613900008826", Text: "a&b=\"c\""}}, g.Texts())
}

func TestEveryKindHasWordsThatFitATextMessage(t *testing.T) {
	t.Parallel()
	v := vars{"deadline": "2026-11-30T10:00:00Z", "reason": "设备检修"}
	for k, s := range film {
		v[k] = s
	}
	for _, l := range locales.Langs {
		f := &web.Frame{Lang: l, Zone: shanghai, Now: models.InstantOf(dbtest.Start)}
		for _, k := range Kinds() {
			given := maps.Clone(v)
			if of, _, _ := strings.Cut(k, "_"); slices.Contains([]string{"hall", "room", "contest", "lecture"}, of) {
				delete(given, "seats") // the whole hall; rooms and stages have none
			}
			for _, of := range []string{"", "entry", "signup"} {
				given[Of] = of
				said := wordsFor(f, k, given)
				if own := "notice." + k + "." + of + ".title"; locales.Has(l, own) {
					require.Equal(t, locales.T(l, own, map[string]any{"title": "《长津湖》"}), said.Title)
				}
				require.NotContains(t, said.Title+said.Text, "{", k)
				require.LessOrEqual(t, utf8.RuneCountInString(said.Text), map[locales.Lang]int{locales.ZhCN: 70, locales.En: 300}[l], k)
			}
			w := wordsFor(f, k, given)
			for _, text := range []string{w.Title, w.Text} {
				require.NotContains(t, text, "{", k)
				require.NotContains(t, text, "notice.", k)
			}
			require.Contains(t, w.Title, "《长津湖》", k)
			if l == locales.ZhCN {
				require.LessOrEqual(t, utf8.RuneCountInString(w.Text), 70, "%s: %s", k, w.Text)
			}
		}
	}
	f := &web.Frame{Lang: locales.ZhCN, Zone: shanghai, Now: models.InstantOf(dbtest.Start)}
	require.Equal(t, "提醒：《长津湖》。取票码6K2M 7XPQ。", wordsFor(f, Reminder, vars{"title": "《长津湖》", "code": "6K2M 7XPQ"}).Text, "what is not given leaves no hole")
	require.Contains(t, wordsFor(f, HallProposed, vars{"start": film["start"], "proposed": "2026-12-04T06:00:00Z"}).Text, "12月4日（周五）14:00")
	many := vars{"seats": Seats([]string{"5排7座", "5排8座", "5排9座", "5排10座", "5排11座"})}
	require.Contains(t, wordsFor(f, Booked, many).Text, "5排7座等5座")
}

func TestTheInboxIsOnesOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		me, other := w.account(t, "", ""), w.account(t, "", "")
		for i := range 3 {
			w.enqueue(t, Notice{Account: me, Kind: Booked, Subject: fmt.Sprint("booking:", i), Vars: film})
			clock.Advance(time.Minute)
		}
		w.enqueue(t, Notice{Account: other, Kind: Booked, Subject: "booking:9", Vars: film})
		_, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)

		a := auth.Actor{AccountID: me, Lang: "en"}
		l, err := w.Inbox(t.Context(), a, pageOf(2))
		require.NoError(t, err)
		require.EqualValues(t, 3, l.Total)
		require.Len(t, l.Items, 2)
		require.Equal(t, "booking:2", l.Items[0].Subject)
		require.Equal(t, "Booked: 《长津湖》, Thu 3 Dec, 19:00, Row 5 seats 7, 8, 奥斯卡影城4号厅. Code 6K2M7XPQ.", w.letterView(a, l.Items[0]).Text)
		require.Equal(t, 3, w.Unread(t.Context(), me))

		got, err := w.MarkRead(t.Context(), a, l.Items[0].ID)
		require.NoError(t, err)
		first := got.ReadAt
		clock.Advance(time.Minute)
		got, err = w.MarkRead(t.Context(), a, l.Items[0].ID)
		require.NoError(t, err)
		require.Equal(t, first, got.ReadAt, "again changes nothing")
		require.Equal(t, 2, w.Unread(t.Context(), me))
		_, err = w.MarkRead(t.Context(), auth.Actor{AccountID: other}, l.Items[1].ID)
		require.ErrorIs(t, err, notFound)
		require.NoError(t, w.MarkAllRead(t.Context(), a, l.Items[0].ID))
		require.Zero(t, w.Unread(t.Context(), me))
		require.Equal(t, 1, w.Unread(t.Context(), other))
	})
}
