package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"youyue/app"
	"youyue/app/demo"
	"youyue/jobs"
)

// shutdownLimit is how long requests in flight have to finish.
const shutdownLimit = 30 * time.Second

type serveCmd struct{}

// Run serves until it is told to stop, then lets requests in flight finish.
func (serveCmd) Run(ctx context.Context, c *cli) error {
	a, runner, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if a.Config.Demo {
		if _, _, err := demo.Seed(ctx, a); err != nil {
			return fmt.Errorf("demo data: %w", err)
		}
	}
	servers, err := listen(ctx, a)
	if err != nil {
		return err
	}
	if a.Config.Demo {
		greet(os.Stdout, a)
	}
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	go a.Notices.Run(sending)
	runner.Start()
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() { failed <- s.server.Serve(s.listener) }()
	}
	go debug.FreeOSMemory() // starting took more than serving does
	a.Log.Info("serving", "listen", servers[0].listener.Addr().String(), "engine", string(a.DB.Engine()))
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return shutdown(a, runner, servers)
}

type serving struct {
	server   *http.Server
	listener net.Listener
}

func listen(ctx context.Context, a *app.App) ([]serving, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	out := []serving{{a.Edge.Server(a.Config.Listen), l}}
	if a.Config.MetricsListen == "" {
		return out, nil
	}
	m, err := lc.Listen(ctx, "tcp", a.Config.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	s := &http.Server{Handler: a.Edge.MetricsHandler(), ReadHeaderTimeout: 5 * time.Second}
	return append(out, serving{s, m}), nil
}

func shutdown(a *app.App, runner *jobs.Runner, servers []serving) error {
	a.Log.Info("stopping", "limit", shutdownLimit)
	ctx, cancel := context.WithTimeout(context.Background(), shutdownLimit)
	defer cancel()
	var all []error
	for _, s := range servers {
		all = append(all, s.server.Shutdown(ctx))
	}
	return errors.Join(append(all, runner.Stop(ctx))...)
}

// makeDataDir makes the folder that an SQLite file is to lie in.
func makeDataDir(url string) error {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || strings.HasPrefix(path, ":memory:") {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("folder of the database: %w", err)
	}
	return nil
}

// greet tells where to look and how to sign in.
func greet(w io.Writer, a *app.App) {
	fmt.Fprintf(w, "\n  Youyue · 文明有约   %s\n\n  Demo log-ins (password = log-in):\n", a.Config.BaseURL)
	for _, l := range demo.Logins() {
		fmt.Fprintf(w, "    %-10s %s\n", l.Login, l.What)
	}
	fmt.Fprintf(w, "\n  API: %s/api/docs\n\n", a.Config.BaseURL)
}
