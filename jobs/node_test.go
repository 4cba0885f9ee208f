package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/secret"
	"youyue/configs"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// A node of the tests is this binary once more, told by its environment to be a
// process that can be killed.
const envNode = "YOUYUE_TEST_NODE"

// nodeSpec is what a node is told.
type nodeSpec struct {
	URL  string
	Job  string // "hold" takes its lease and never ends; "send_outbox" sends for ever
	SMTP configs.SMTP
}

// testLease is short: a test waits for it.
const testLease = 1500 * time.Millisecond

func TestMain(m *testing.M) {
	if text := os.Getenv(envNode); text != "" {
		if err := runNode(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runNode(text string) error {
	var spec nodeSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: spec.URL})
	if err != nil {
		return err
	}
	hold := Job{Name: "hold", Spec: "@every 1h", Lease: testLease, Run: func(ctx context.Context, _ models.Instant) (int, error) {
		fmt.Println("holding")
		<-ctx.Done()
		return 0, ctx.Err()
	}}
	r, err := New(d, time.UTC, slog.New(slog.DiscardHandler), sendJob(newNotify(d, spec.SMTP)), hold)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		if _, err := r.RunOnce(ctx, spec.Job); err != nil && !strings.Contains(err.Error(), "job.running") {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func sendJob(s Sender) Job {
	j := SendOutbox(s)
	j.Lease = testLease
	return j
}

func newNotify(d *db.DB, post configs.SMTP) *notify.Service {
	box, err := secret.New([]byte(strings.Repeat("k", 32)))
	if err != nil {
		panic(err)
	}
	return notify.New(notify.Config{DB: d, Phones: box, Mail: notify.Mail(post), BaseURL: "https://book.example.org",
		Zone: time.UTC, Log: slog.New(slog.DiscardHandler)})
}

// node is a running process.
type node struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// startNode starts a node and waits for its first line, "ready".
func startNode(t *testing.T, spec nodeSpec) *node {
	t.Helper()
	text, err := json.Marshal(spec)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envNode+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	n := &node{cmd, bufio.NewScanner(io.Reader(out))}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	n.await(t, "ready")
	return n
}

func (n *node) await(t *testing.T, line string) {
	t.Helper()
	require.True(t, n.lines.Scan(), "the node said nothing more")
	require.Equal(t, line, n.lines.Text())
}

// kill is kill -9.
func (n *node) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, n.cmd.Process.Kill())
	_ = n.cmd.Wait()
}
