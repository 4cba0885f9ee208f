package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// series is one figure, measured several times.
type series []float64

func (s series) median() float64 {
	if len(s) == 0 {
		return 0
	}
	t := slices.Sorted(slices.Values(s))
	return (t[(len(t)-1)/2] + t[len(t)/2]) / 2
}

// cells are median, smallest and largest as table cells.
func (s series) cells(format string) string {
	if len(s) == 0 {
		return "not measured | | "
	}
	return fmt.Sprintf(format+" | "+format+" | "+format, s.median(), slices.Min(s), slices.Max(s))
}

// machine is where it was measured; no names, no paths.
type machine struct{ cores, memory, cpu, kernel, postgres, golang string }

func describe(ctx context.Context, l *lab) (m machine, err error) {
	m.cores, m.golang = strconv.Itoa(runtime.NumCPU()), strings.TrimPrefix(runtime.Version(), "go")
	m.memory = fmt.Sprintf("%.0f GB", number("/proc/meminfo", "MemTotal:")*1024/1e9)
	m.cpu = word("/proc/cpuinfo", "model name")
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel, _, _ = strings.Cut(strings.TrimSpace(string(text)), "-")
	}
	return m, l.admin.QueryRow(ctx, "SHOW server_version").Scan(&m.postgres)
}

// word is what a file of the kernel says behind a label.
func word(file, label string) string {
	text, _ := os.ReadFile(file) //nolint:gosec // a file of the kernel
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, label); ok {
			return strings.TrimSpace(strings.TrimLeft(v, " \t:"))
		}
	}
	return "unknown"
}

func number(file, label string) float64 {
	v, _ := strconv.ParseFloat(strings.Fields(word(file, label) + " 0")[0], 64)
	return v
}

// target is a promise of the design and how it went.
type target struct {
	what, promise, got string
	met                bool
	measured           bool
}

func (f *figures) targets() []target {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return []target{
		{"HTTP bookings, group commit, against raw pgbench: a rush on one screening after the other", "≥ 1.2", fmt.Sprintf("%.2f", f.ratioRush.median()), f.ratioRush.median() >= 1.2, len(f.ratioRush) > 0},
		{"the same, each booking in a screening at random", "≥ 1.2", fmt.Sprintf("%.2f", f.ratioGrouped.median()), f.ratioGrouped.median() >= 1.2, len(f.ratioGrouped) > 0},
		{"HTTP bookings, a commit each, against raw pgbench", "≥ 0.25", fmt.Sprintf("%.2f", f.ratioSingle.median()), f.ratioSingle.median() >= 0.25, len(f.ratioSingle) > 0},
		{"Seat state against a bare Echo handler", "≥ 0.8", fmt.Sprintf("%.2f", f.seatRatio.median()), f.seatRatio.median() >= 0.8, len(f.seatRatio) > 0},
		{"1,000 people with think time, p99", "≤ 10 ms", fmt.Sprintf("%.1f ms", ms(f.all.at(.99))), ms(f.all.at(.99)) <= 10, len(f.all) > 0},
		{fmt.Sprintf("Loss of bookings a second from %s to %s stored", thousands(f.fewStored), thousands(f.manyStored)), "≤ 10 %",
			fmt.Sprintf("%.0f %%", f.loss.median()), f.loss.median() <= 10, len(f.loss) > 0},
		{"Memory, idle", "≤ 64 MB", fmt.Sprintf("%.0f MB", f.idle), f.idle <= 64, f.idle > 0},
		{"Memory, 1,000 connections at work", "≤ 160 MB", fmt.Sprintf("%.0f MB", f.busy), f.busy <= 160, f.busy > 0},
		{"Start to ready on a migrated database", "≤ 200 ms", fmt.Sprintf("%.0f ms", f.start.median()), f.start.median() <= 200, len(f.start) > 0},
	}
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// document is docs/benchmarks.md.
func (f *figures) document(p plan) string {
	var b strings.Builder
	m := f.machine
	fmt.Fprintf(&b, `# Benchmarks

Written by `+"`make bench`"+` (`+"`go run ./cmd/bench`"+`); numbers are never typed in here.

Measured on %s cores (%s), %s of memory, Linux %s; PostgreSQL %s with fsync and synchronous_commit on and its other
settings as they come; Go %s. The load generator, the program, PostgreSQL and whatever is compared share these cores, so
that absolute figures say little and ratios within this one run much. Differences below 1.5x are noise unless the
smallest of one is above the largest of the other. %d repetitions of %s, %s warm-up before each, what is compared in
turns; the whole run took %s.

## Targets

| what | target | measured (median) | met |
| --- | --- | --- | --- |
`, m.cores, m.cpu, m.memory, m.kernel, m.postgres, m.golang, p.reps, p.length, p.warm, f.took.Round(time.Second))
	for _, t := range f.targets() {
		got, met := t.got, "yes"
		switch {
		case !t.measured:
			got, met = "not measured", "—"
		case !t.met:
			met = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.what, t.promise, got, met)
	}
	fmt.Fprintf(&b, `
## Bookings

A booking of ours is an HTTP request with a bearer token that is looked up, the rules of a booking, the seat, an audit
line, a notice in the outbox (delivered to the inbox meanwhile) and an Idempotency-Key; the rate limit is off and every
request is logged. One seat at random in one of %s screenings, %d connections, each another account; every
repetition on a fresh copy of a database with %s stored bookings. Raw pgbench: %d clients, prepared statements, a
booking in one statement: a row under a unique key and a counter, nothing else. In a rush, ours and theirs, everybody
wants the next free seat of the same screening, and when it is sold out of the next one; a commit each then waits for the
one before, and group commit is made for this.

| bookings a second | median | min | max |
| --- | --- | --- | --- |
| raw pgbench | %s |
| HTTP, group commit | %s |
| HTTP, a commit each | %s |
| group commit : pgbench | %s |
| raw pgbench, rush | %s |
| HTTP, group commit, rush | %s |
| rush, group commit : pgbench | %s |
| a commit each : pgbench | %s |
| SQLite (synchronous=FULL), group commit | %s |
| SQLite, a commit each | %s |

`, thousands(screenings), connections, thousands(small), rawClients,
		f.raw.cells("%.0f"), f.grouped.cells("%.0f"), f.single.cells("%.0f"), f.ratioGrouped.cells("%.2f"),
		f.rawRush.cells("%.0f"), f.rush.cells("%.0f"), f.ratioRush.cells("%.2f"), f.ratioSingle.cells("%.2f"),
		f.liteGrouped.cells("%.0f"), f.liteSingle.cells("%.0f"))
	fmt.Fprintf(&b, `With many stored bookings (the large database is %s MB), group commit:

| bookings a second | median | min | max |
| --- | --- | --- | --- |
| %s stored | %s |
| %s stored | %s |
| loss in %% | %s |

`, thousands(f.largeBytes/1_000_000), thousands(f.fewStored), f.few.cells("%.0f"), thousands(f.manyStored), f.many.cells("%.0f"), f.loss.cells("%.0f"))
	fmt.Fprintf(&b, `## Rooms

Half an hour at random in one of %d rooms over %d days, %d connections, each another account; rules, the week's count,
claims, audit, notices and Idempotency-Key as for everybody. What was taken already is refused with what is free instead,
and not counted.

| | median | min | max |
| --- | --- | --- | --- |
%s
## Seat state

%s bytes for 172 seats over %d connections; the bare handler serves the same bytes from memory and does nothing else.

| answers a second | median | min | max |
| --- | --- | --- | --- |
| bare Echo handler | %s |
| seat state | %s |
| ratio | %s |

`, calendarRooms, roomDays, connections, f.roomRows(), thousands(f.seatBytes), watchers, f.static.cells("%.0f"), f.seatState.cells("%.0f"), f.seatRatio.cells("%.2f"))
	fmt.Fprintf(&b, `## A thousand people

%s people, each on a connection of their own, think %s on average between clicks, for %s: they look at seats, book one,
look at their bookings. Together %.0f requests a second.

| | requests | p50 | p90 | p99 | max |
| --- | --- | --- | --- | --- | --- |
%s%s%s
Resident memory of the program: %.0f MB five seconds after its start, %.0f MB at most with the thousand connected.

## Calendar

Pages of the calendar of a sub-district with %d rooms and %s bookings within a year, asked for one after the other by
one scheduler who is signed in; the queries are the program's own count (youyue_db_statements_total), session and
unread messages included.

| page | p50 | p90 | p99 | queries | size |
| --- | --- | --- | --- | --- | --- |
%s
## Start

From the start of the process to the first "ready", on a migrated database, in milliseconds:

| | median | min | max |
| --- | --- | --- | --- |
| start to ready | %s |
`, thousands(people), meanThink, p.users, f.userRate, f.all.row("all"), f.reads.row("reading"), f.books.row("booking"),
		f.idle, f.busy, calendarRooms, thousands(calendarBookings), f.looks(), f.start.cells("%.0f"))
	return b.String()
}

func (l latency) row(what string) string {
	ms := func(q float64) string { return fmt.Sprintf("%.1f ms", float64(l.at(q).Microseconds())/1000) }
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", what, thousands(len(l)), ms(.5), ms(.9), ms(.99), ms(1))
}
