package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/notify/notifytest"

	"github.com/stretchr/testify/require"
)

func TestMessagesGoOutByEveryChannel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a := w.account(t, "+8613900008826", "liu@example.org")
		w.enqueue(t, Notice{Account: a, Kind: Booked, Subject: "booking:1", Vars: film, Important: Important},
			Notice{Account: a, Kind: Reminder, Subject: "booking:1", Vars: film, DueAt: clock.Instant().Add(time.Hour)})
		n, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 3, n, "the reminder is not due")
		const text = "已订好：《长津湖》，12月3日（周四）19:00，5排7座、8座，奥斯卡影城4号厅。取票码6K2M7XPQ。"
		require.Equal(t, []notifytest.Text{{Phone: "+8613900008826", Text: text}}, w.sms.Texts())
		id := w.count(t, `SELECT id FROM outbox WHERE channel = 'mail' AND state = 'sent'`)
		require.Equal(t, []notifytest.Letter{{From: "notice@example.org", To: "liu@example.org", Subject: "已订好：《长津湖》",
			MessageID: fmt.Sprintf("<outbox-%d@book.example.org>", id),
			Text:      text + "\n\nhttps://book.example.org/bookings/1\n\n文明有约\n"}}, w.post.Letters())
		require.Equal(t, 1, w.Unread(t.Context(), a))

		n, err = w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		clock.Advance(time.Hour)
		n, err = w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Len(t, w.post.Letters(), 2)
		require.Len(t, w.sms.Texts(), 1, "a reminder that is not important costs no text message")
	})
}

func TestARefusedMessageComesAgainAndEndsOnTheCallSheet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		p := w.person(t, 0, "+8613900008826", "")
		w.enqueue(t, Notice{Person: p, Kind: Booked, Subject: "booking:1", Vars: film})
		w.sms.Break()
		for i, wait := range backOff {
			n, err := w.SendDue(t.Context(), clock.Instant())
			require.ErrorContains(t, err, "sms gateway answered 200")
			require.NotContains(t, err.Error(), "13900008826", "numbers stay out of logs")
			require.Zero(t, n)
			clock.Advance(wait - time.Microsecond)
			n, err = w.SendDue(t.Context(), clock.Instant())
			require.NoError(t, err, "it waits")
			require.Zero(t, n)
			require.Len(t, w.sms.Keys(), i+1)
			clock.Advance(time.Microsecond)
		}
		_, err := w.SendDue(t.Context(), clock.Instant())
		require.Error(t, err)
		require.Equal(t, []string{fmt.Sprintf("person:%d sms failed", p), fmt.Sprintf("person:%d call waiting", p)}, w.outbox(t))
		for _, k := range w.sms.Keys() {
			require.Equal(t, w.sms.Keys()[0], k, "every try has the same key")
		}
		w.sms.Mend()
		n, err := w.SendDue(t.Context(), clock.Instant().Add(100*time.Hour))
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestOneWayThatWorksSparesTheCall(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		a := w.account(t, "+8613900008826", "liu@example.org")
		w.post.Check(func(notifytest.Letter) error { return errors.New("no such mailbox") })
		w.enqueue(t, Notice{Account: a, Kind: Booked, Subject: "booking:1", Vars: film, Important: Important})
		for range len(backOff) + 1 {
			_, _ = w.SendDue(t.Context(), clock.Instant())
			clock.Advance(13 * time.Hour)
		}
		require.Equal(t, []string{fmt.Sprintf("account:%d inbox sent", a), fmt.Sprintf("account:%d sms sent", a),
			fmt.Sprintf("account:%d mail failed", a)}, w.outbox(t))
	})
}

func TestAnAddressThatIsGoneIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		p := w.person(t, 0, "+8613900008826", "")
		w.enqueue(t, Notice{Person: p, Kind: Booked, Subject: "booking:1", Vars: film})
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE people SET phone_enc = '' WHERE id = ?`, p)
			return err
		}))
		_, err := w.SendDue(t.Context(), clock.Instant())
		require.ErrorIs(t, err, errNoAddress)
		require.Equal(t, []string{fmt.Sprintf("person:%d sms failed", p), fmt.Sprintf("person:%d call waiting", p)}, w.outbox(t))
	})
}

func TestAReminderOfWhatHasBegunIsDropped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		p := w.person(t, 0, "+8613900008826", "")
		w.enqueue(t, Notice{Person: p, Kind: Reminder, Subject: "booking:1", Vars: film})
		clock.Set(time.Date(2026, 12, 3, 11, 0, 0, 0, time.UTC))
		n, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		require.Empty(t, w.sms.Texts())
		require.Equal(t, []string{fmt.Sprintf("person:%d sms void", p)}, w.outbox(t))
	})
}

func TestTwoSendersShareTheWork(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			url, clock := dbtest.URL(t, e), dbtest.NewClock()
			w := newWorld(t, dbtest.OpenURL(t, url, clock), clock)
			second := w.node(dbtest.OpenURL(t, url, clock))
			var batch []Notice
			a := w.account(t, "", "liu@example.org")
			const n = 150
			for i := range n {
				batch = append(batch, Notice{Account: a, Kind: Booked, Subject: fmt.Sprint("booking:", i), Vars: film})
			}
			w.enqueue(t, batch...)
			var both sync.WaitGroup
			for _, s := range []*Service{w.Service, second, w.Service, second} {
				both.Go(func() {
					_, err := s.SendDue(context.WithoutCancel(t.Context()), clock.Instant())
					if err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			require.Equal(t, n, w.count(t, `SELECT count(*) FROM inbox`))
			seen := map[string]int{}
			for _, l := range w.post.Letters() {
				seen[l.MessageID]++
			}
			require.Len(t, seen, n)
			for id, times := range seen {
				require.Equal(t, 1, times, "%s went out more than once", id)
			}
		})
	}
}

func TestADeadClaimIsTakenOver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		p := w.person(t, 0, "+8613900008826", "")
		w.enqueue(t, Notice{Person: p, Kind: Booked, Subject: "booking:1", Vars: film})
		var dead []errand
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) (err error) {
			dead, err = claim(tx, "dead", clock.Instant(), 10, claimLease)
			return err
		}))
		require.Len(t, dead, 1)
		clock.Advance(claimLease - time.Second)
		n, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Zero(t, n)
		clock.Advance(time.Second)
		n, err = w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		// The dead one comes back and has no say any more.
		dead[0].fate, dead[0].err = fateFailed, errors.New("late")
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error { return settle(tx, "dead", dead) }))
		require.Equal(t, []string{fmt.Sprintf("person:%d sms sent", p)}, w.outbox(t))
	})
}

func TestAStoppedSenderLetsItsClaimsGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		p := w.person(t, 0, "+8613900008826", "")
		w.enqueue(t, Notice{Person: p, Kind: Booked, Subject: "booking:1", Vars: film})
		ctx, cancel := context.WithCancel(t.Context())
		slow := w.node(d)
		slow.SMS = channelFunc(func(ctx context.Context, _ Message) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		_, err := slow.SendDue(ctx, clock.Instant())
		require.ErrorIs(t, err, context.Canceled)
		n, err := w.SendDue(t.Context(), clock.Instant())
		require.NoError(t, err)
		require.Equal(t, 1, n, "nobody has to wait for the lease")
	})
}

type channelFunc func(ctx context.Context, m Message) error

func (f channelFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }
