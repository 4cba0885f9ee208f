package pgtest

import (
	"bufio"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Durability says what a cluster does with a commit.
type Durability string

// Fast forgets everything in a power cut and is what tests use. Durable is a
// server as it is in production, for benchmarks and kill tests.
const (
	Fast    Durability = "fast"
	Durable Durability = "durable"
)

// Options of a cluster; the zero value is a fast one.
type Options struct {
	Durability     Durability
	MaxConnections int // 200 when 0
}

// Cluster is a running throw-away PostgreSQL server.
type Cluster struct {
	url   string
	alive io.Closer // its end of file is the keeper's sign to clean up
	keep  *exec.Cmd
}

// The keeper is a shell, and a process of its own, because it must outlive us:
// whatever ends this process, kill -9 included, closes the pipe that the keeper
// reads, and the keeper stops the server and removes its files.
//
//go:embed keeper.sh
var keeper string

// Start makes a cluster in a temporary directory and starts it on a free port
// of the loopback interface, as an ordinary user when we are root. Stop it, or
// let this process end. The error carries the server's log, or says what to
// install.
func Start(o Options) (*Cluster, error) {
	bin, err := BinDir()
	if err != nil {
		return nil, err
	}
	// The free port is found by asking for one and letting it go, so somebody
	// else may be faster.
	for range 3 {
		var c *Cluster
		if c, err = start(bin, o); err == nil || !strings.Contains(err.Error(), "Address already in use") {
			return c, err
		}
	}
	return nil, err
}

func start(bin string, o Options) (_ *Cluster, err error) {
	as, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir(as)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir) // the keeper's task, if it came to life
		}
	}()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	for name, text := range map[string]string{"password": password, "settings": settings(o, port)} {
		if err := give(filepath.Join(dir, name), text, as); err != nil {
			return nil, err
		}
	}

	cmd := exec.Command("/bin/sh", "-c", keeper, "keeper", bin, dir) //nolint:gosec,noctx // a fixed script and two directories; Stop ends it
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	// A session of its own: Ctrl-C in the terminal reaches us, not the server.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	out := bufio.NewReader(stdout)
	if line, _ := out.ReadString('\n'); line != "ready\n" {
		rest, _ := io.ReadAll(out)
		return nil, fmt.Errorf("pgtest: PostgreSQL did not start: %w\n%s%s", errors.Join(stdin.Close(), cmd.Wait()), line, rest)
	}
	admin := url.URL{
		Scheme: "postgres", User: url.UserPassword("youyue", password),
		Host: net.JoinHostPort("127.0.0.1", port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return &Cluster{url: admin.String(), alive: stdin, keep: cmd}, nil
}

// URL is the address of the maintenance database, as superuser.
func (c *Cluster) URL() string { return c.url }

// Stop kills the server and removes its files.
func (c *Cluster) Stop() error { return errors.Join(c.alive.Close(), c.keep.Wait()) }

// makeDir makes the cluster's directory and gives it to the server's user.
func makeDir(as *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if as != nil {
		parent = "/tmp" // root's TMPDIR may lie where the server's user cannot go
	}
	dir, err := os.MkdirTemp(parent, "youyue-pg-")
	if err != nil {
		return "", err
	}
	if as != nil {
		err = os.Chown(dir, int(as.Uid), int(as.Gid))
	}
	return dir, err
}

func give(path, text string, to *syscall.Credential) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil || to == nil {
		return err
	}
	return os.Chown(path, int(to.Uid), int(to.Gid))
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // asks the kernel alone
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

func settings(o Options, port string) string {
	if o.MaxConnections == 0 {
		o.MaxConnections = 200
	}
	lines := []string{
		"listen_addresses = '127.0.0.1'",
		"unix_socket_directories = ''",
		"port = " + port,
		"max_connections = " + strconv.Itoa(o.MaxConnections),
		// As on a server in China, so that a moment written without its zone shows.
		"timezone = 'Asia/Shanghai'",
	}
	if o.Durability != Durable {
		lines = append(lines, "fsync = off", "synchronous_commit = off", "full_page_writes = off",
			"wal_level = minimal", "max_wal_senders = 0", "shared_buffers = 64MB")
	}
	return strings.Join(lines, "\n") + "\n"
}
