package soak_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/db/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// postmaster is a PostgreSQL server of the test's own, to be killed.
type postmaster struct {
	bin, data string
	owner     *syscall.Credential
}

func newPostmaster(t *testing.T) (*postmaster, *pgtest.Cluster) {
	t.Helper()
	c, err := pgtest.Start(pgtest.Options{Durability: pgtest.Durable})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Stop() })
	m := &postmaster{}
	m.bin, err = pgtest.BinDir()
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), c.URL())
	require.NoError(t, err)
	require.NoError(t, conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&m.data))
	require.NoError(t, conn.Close(t.Context()))
	info, err := os.Stat(m.data)
	require.NoError(t, err)
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Getuid() {
		m.owner = &syscall.Credential{Uid: st.Uid, Gid: st.Gid}
	}
	return m, c
}

// kill is kill -9 of the postmaster; its children notice and end by themselves.
func (m *postmaster) kill(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.data, "postmaster.pid"))
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

// start starts it again on the same files. The last children of the dead one
// may still hold its memory, so it may take more than one try.
func (m *postmaster) start(t *testing.T) {
	t.Helper()
	var out []byte
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last start of PostgreSQL: %s", out)
		}
	})
	await(t, func() bool {
		cmd := exec.Command(filepath.Join(m.bin, "pg_ctl"), "-D", m.data, "-l", filepath.Join(m.data, "again.log"), "-w", "-t", "60", "start")
		cmd.Dir = m.data
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: m.owner, Setsid: true}
		var err error
		out, err = cmd.CombinedOutput()
		return err == nil
	})
}

// TestKillOfTheDatabaseLosesNothing: while PostgreSQL is away every booking is
// answered 503 with a time to come back after, and the server is not ready;
// when PostgreSQL is there again the same server goes on, and no acknowledged
// booking is lost.
func TestKillOfTheDatabaseLosesNothing(t *testing.T) {
	t.Parallel()
	bin := binary(t)
	m, c := newPostmaster(t)
	p := newPlace(t, bin, db.Postgres, postgresURL(t, c))
	for range rounds(t, 10) {
		l, seats := p.storm(t)
		over := make(chan struct{})
		go func() {
			defer close(over)
			l.rush(p, seats, clients, func(a answer) bool {
				if a.err != nil || a.status != 503 || a.retry == "" {
					l.complain("without a database a client was told %d %s, Retry-After %q, %v", a.status, a.body, a.retry, a.err)
				}
				return true
			})
		}()
		await(t, func() bool { return l.acked.Load() >= 40 })
		m.kill(t)
		<-over
		n := l.count()
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		a := p.post(ctx, fmt.Sprintf("/api/v1/screenings/%d/bookings", l.screenings[0]), p.tokens["resident"], "away", map[string]any{"count": 1})
		cancel()
		require.NoError(t, a.err)
		require.Equal(t, 503, a.status, a.body)
		require.NotEmpty(t, a.retry)
		require.Equal(t, "db.unavailable", a.code)
		require.Equal(t, 503, p.get(t.Context(), "/readyz", "").status)
		m.start(t)
		await(t, func() bool { return p.get(t.Context(), "/readyz", "").status == 200 })
		lost := l.missing(t, p)
		l.settle(t.Context(), p)
		found := append(lost, l.breaches(t, p)...)
		report(p.engine, "PostgreSQL", n, l, found)
		require.Empty(t, found)
	}
}
