package pgtest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"youyue/app/db/pgtest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) (v T) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&v))
	return v
}

func TestEachDatabaseIsEmptyAndOnesOwn(t *testing.T) {
	t.Parallel()
	a, b := pgtest.URL(t), pgtest.URL(t)
	require.NotEqual(t, a, b)
	_, err := connect(t, a).Exec(t.Context(), "CREATE TABLE seats (id int)")
	require.NoError(t, err)
	require.Zero(t, ask[int](t, connect(t, b), "SELECT count(*) FROM pg_class WHERE relname = 'seats'"))
}

func TestADatabaseIsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	watcher := connect(t, pgtest.URL(t))
	var name string
	t.Run("uses one and leaves a connection open", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), pgtest.URL(t))
		require.NoError(t, err)
		name = ask[string](t, conn, "SELECT current_database()")
		require.Equal(t, 1, ask[int](t, watcher, "SELECT count(*) FROM pg_database WHERE datname = $1", name))
	})
	require.Zero(t, ask[int](t, watcher, "SELECT count(*) FROM pg_database WHERE datname = $1", name))
}

func TestATemplateIsPreparedOnceAndCopiedForEach(t *testing.T) {
	t.Parallel()
	key := rand.Text() // keys are the process', and -count runs a test twice in it
	var prepared atomic.Int32
	prepare := func(url string) error {
		prepared.Add(1)
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(context.Background(), "CREATE TABLE halls (id int); INSERT INTO halls VALUES (172)")
		return errors.Join(err, conn.Close(context.Background()))
	}
	t.Run("copies", func(t *testing.T) {
		for range 4 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				conn := connect(t, pgtest.Cloned(t, key, prepare))
				require.Equal(t, 172, ask[int](t, conn, "SELECT id FROM halls"))
				_, err := conn.Exec(t.Context(), "DELETE FROM halls")
				require.NoError(t, err)
			})
		}
	})
	require.EqualValues(t, 1, prepared.Load())
}

func TestAClusterAnswersOnLoopbackAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c, err := pgtest.Start(pgtest.Options{Durability: pgtest.Durable, MaxConnections: 33})
	require.NoError(t, err)
	conn := connect(t, c.URL())
	require.Equal(t, "on", ask[string](t, conn, "SHOW fsync"))
	require.Equal(t, "33", ask[string](t, conn, "SHOW max_connections"))
	require.Equal(t, "127.0.0.1", ask[string](t, conn, "SHOW listen_addresses"))
	dir := ask[string](t, conn, "SHOW data_directory")
	require.NoError(t, c.Stop())
	_, err = os.Stat(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// The process that started a cluster is killed; the server and its files go too.
func TestAClusterDiesWithItsParent(t *testing.T) {
	t.Parallel()
	if os.Getenv("PGTEST_CHILD") != "" {
		c, err := pgtest.Start(pgtest.Options{})
		require.NoError(t, err)
		_, _ = os.Stdout.WriteString("URL " + c.URL() + "\n")
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^TestAClusterDiesWithItsParent$")
	child.Env = append(os.Environ(), "PGTEST_CHILD=1")
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	line := make([]byte, 256)
	n, err := out.Read(line)
	require.NoError(t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "URL ")
	require.True(t, ok, "%s", line[:n])

	conn := connect(t, url)
	dir := ask[string](t, conn, "SHOW data_directory")
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist) && conn.Ping(t.Context()) != nil
	}, 30*time.Second, 50*time.Millisecond)
}

func TestTextIsOrderedByALanguageUnlessTheQueryAsksForBytes(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))
	if ask[int](t, conn, "SELECT current_setting('server_version_num')::int") < 150000 || os.Getenv(pgtest.EnvURL) != "" {
		t.Log("only the own server of version 15 and later is set up so")
		return
	}
	require.True(t, ask[bool](t, conn, "SELECT 'a' < 'B'"))
	require.False(t, ask[bool](t, conn, `SELECT 'a' < 'B' COLLATE "C"`))
}
