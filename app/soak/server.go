// Package soak runs the released program as a process of its own, so that tests
// can kill it in the middle of a rush and the bench can measure it from outside.
package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Build compiles the program as it is released into dir and returns its path.
// More arguments go to "go build": an overlay with a planted fault, say.
func Build(ctx context.Context, dir string, more ...string) (string, error) {
	out := filepath.Join(dir, "youyue")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-tags", "timetzdata", "-o", out}, more...)
	cmd := exec.CommandContext(ctx, "go", append(args, "youyue/cmd/youyue")...) //nolint:gosec // our own arguments
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, text)
	}
	return out, nil
}

// Program is the program with its settings.
type Program struct {
	Binary string
	Log    string   // file that the server's log is appended to
	Env    []string // YOUYUE_… settings; none are taken from our own environment
}

func (p Program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.Binary, args...) //nolint:gosec // the binary that was just built
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "YOUYUE_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, p.Env...)
	return cmd
}

// Run runs a sub-command to its end and returns what it printed.
func (p Program) Run(ctx context.Context, args ...string) (string, error) {
	cmd := p.command(ctx, args...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("youyue %s: %w\n%s", args[0], err, log.Bytes())
	}
	return strings.TrimSpace(out.String()), nil
}

// Server is the program while it serves.
type Server struct {
	URL  string // http://127.0.0.1:PORT
	PID  int
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; read after done
}

// readyLimit is how long a server may take to its first "ready". It bounds a
// test that would otherwise hang, and is no target.
const readyLimit = time.Minute

// Start serves on a free port of the loopback interface and returns when
// /readyz says so. The error carries the server's log.
func (p Program) Start(ctx context.Context) (*Server, error) {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	before, err := log.Seek(0, 2)
	if err != nil {
		return nil, err
	}
	// The process outlives ctx, which is for the start alone.
	cmd := p.command(context.WithoutCancel(ctx), "serve")
	cmd.Env = append(cmd.Env, "YOUYUE_LISTEN=127.0.0.1:0")
	cmd.Stderr = log
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{PID: cmd.Process.Pid, cmd: cmd, done: make(chan struct{})}
	go func() {
		s.err = cmd.Wait()
		close(s.done)
	}()
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	if err := s.await(ctx, p.Log, before); err != nil {
		_ = s.Kill()
		text, _ := os.ReadFile(p.Log)
		return nil, fmt.Errorf("start: %w\n%s", err, text[min(before, int64(len(text))):])
	}
	return s, nil
}

// await reads the address from the log and asks there until it is ready.
func (s *Server) await(ctx context.Context, log string, from int64) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return errors.Join(errors.New("the server ended"), s.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if s.URL == "" {
			text, err := os.ReadFile(log) //nolint:gosec // the file our caller named
			if err != nil {
				return err
			}
			s.URL = address(text[from:])
			continue
		}
		if Ready(ctx, s.URL) {
			return nil
		}
	}
}

// address finds the line "serving" in a log and returns the address it names.
func address(log []byte) string {
	for line := range bytes.Lines(log) {
		var l struct{ Msg, Listen string }
		if json.Unmarshal(line, &l) == nil && l.Msg == "serving" {
			return "http://" + l.Listen
		}
	}
	return ""
}

// Ready reports whether the server at url says that it is ready.
func Ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// Kill is kill -9; it returns when the process is gone.
func (s *Server) Kill() error {
	err := s.cmd.Process.Kill()
	<-s.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Terminate asks the server to stop; Wait tells how it did.
func (s *Server) Terminate() error { return s.cmd.Process.Signal(syscall.SIGTERM) }

// Wait returns the exit code once the process has ended.
func (s *Server) Wait(ctx context.Context) (int, error) {
	select {
	case <-s.done:
		return s.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return -1, ctx.Err()
	}
}
