// Command bench measures the program against raw pgbench and a bare Echo
// handler, all in one run on this machine, and writes docs/benchmarks.md:
//
//	go run ./cmd/bench [-quick] [-stored N] [-only a,b] [-out FILE]
//
// PostgreSQL is a throw-away server with fsync on. The program under test, the
// handler it is compared with and the load generator are three processes.
// Whatever is compared runs in turns, several times; medians are reported.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// plan is how long and how often things are measured.
type plan struct {
	reps   int
	length time.Duration // of one repetition
	warm   time.Duration // before it, uncounted
	stored int           // bookings in the large database
	users  time.Duration // how long the thousand users stay
	only   []string      // measures to take; empty: all
}

func (p plan) wants(name string) bool { return len(p.only) == 0 || slices.Contains(p.only, name) }

func main() {
	if file := os.Getenv(envStatic); file != "" {
		if err := serveStatic(file); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	quick := flag.Bool("quick", false, "a look in two minutes instead of a measurement")
	stored := flag.Int("stored", 0, "bookings in the large database (usually 5,000,000; 200,000 when quick)")
	only := flag.String("only", "", "measures to take, by comma: bookings,seats,users,stored,start,sqlite,calendar,rooms")
	out := flag.String("out", "docs/benchmarks.md", "file to write; - for standard output")
	flag.Parse()
	p := plan{reps: 5, length: 8 * time.Second, warm: 2 * time.Second, stored: 5_000_000, users: 60 * time.Second}
	if *quick {
		p = plan{reps: 3, length: 2 * time.Second, warm: time.Second, stored: 200_000, users: 10 * time.Second}
	}
	if *stored > 0 {
		p.stored = *stored
	}
	if *only != "" {
		p.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, p, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, out string) (err error) {
	begun := time.Now()
	l, err := newLab(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	var f figures
	for _, m := range []struct {
		name string
		take func(context.Context, *lab, *figures) error
	}{
		{"start", measureStart}, {"bookings", measureBookings}, {"seats", measureSeats},
		{"users", measureUsers}, {"calendar", measureCalendar}, {"rooms", measureRooms}, {"sqlite", measureSQLite}, {"stored", measureStored},
	} {
		if !p.wants(m.name) {
			continue
		}
		since := time.Now()
		if err := m.take(ctx, l, &f); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		progress("%s took %s", m.name, time.Since(since).Round(time.Second))
	}
	f.took = time.Since(begun)
	if f.machine, err = describe(ctx, l); err != nil {
		return err
	}
	text := f.document(p)
	if out == "-" {
		_, err = os.Stdout.WriteString(text)
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644) //nolint:gosec // a page for everybody
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}
