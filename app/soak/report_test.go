package soak_test

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"

	"youyue/app/db"
)

// sums is what the rounds of one kind came to.
type sums struct{ rounds, wishes, acked, cancelled, open, found, breaches int }

var reported = struct {
	sync.Mutex
	by map[[2]string]*sums
}{by: map[[2]string]*sums{}}

// report adds a round: n is what stood when the process was killed, l what
// everything came to.
func report(e db.Engine, killed string, n tally, l *ledger, breaches []string) {
	reported.Lock()
	defer reported.Unlock()
	key := [2]string{string(e), killed}
	s := reported.by[key]
	if s == nil {
		s = &sums{}
		reported.by[key] = s
	}
	after := l.count()
	s.rounds++
	s.wishes += len(l.wishes)
	s.acked += n.acked
	s.cancelled += n.cancelled
	s.open += n.open
	s.found += after.acked
	s.breaches += len(breaches)
}

// writeReport keeps the results of a soak, and only of one, in docs/soak.md.
func writeReport() error {
	asked := os.Getenv("YOUYUE_SOAK")
	if asked == "" || len(reported.by) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Soak

What the last run of `+"`make soak`"+` came to; it writes this page (rounds asked for: %s).

Each round: %d clients book and cancel seats over HTTP as fast as they can, each booking under an Idempotency-Key of its
own. In the middle of it a process is killed with kill -9: the server, or the postmaster of a PostgreSQL server with fsync
on. It is started again on the same files, and every client asks again, twice at once and with the same keys, for whatever
was left open. Then everything is compared: the bookings in the database are those that clients know of and no others, each
with its seats, one line in the audit log, one notice and one kept answer; the same key was told the same; the seat map,
its counters and the claims agree.

A breach is anything that does not fit. In the line marked "planted" the server answers before it commits, and the
rounds must notice: without that line the others would prove nothing.

| database | killed | rounds | requests to book | acknowledged before the kill | cancelled | left open by the kill | booked in the end | breaches |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
`, asked, clients)
	var keys [][2]string
	for k := range reported.by {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i][0]+keys[i][1] < keys[j][0]+keys[j][1] })
	for _, k := range keys {
		s := reported.by[k]
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d | %d | %d |\n",
			k[0], k[1], s.rounds, s.wishes, s.acked, s.cancelled, s.open, s.found, s.breaches)
	}
	return os.WriteFile("../../docs/soak.md", []byte(b.String()), 0o644)
}

// watchRow is what one round of watchers came to.
type watchRow struct {
	engine   db.Engine
	watchers int
	servers  int
	version  int64
	pushes   int64
	back     int64
	bytes    int64
	each     float64 // KiB of a server's memory
	wrong    int
}

var watchRows []watchRow

func reportWatch(r watchRow) {
	reported.Lock()
	defer reported.Unlock()
	watchRows = append(watchRows, r)
}

// writeWatchReport keeps the results of watchers in a soak in docs/watchers.md.
func writeWatchReport() error {
	if os.Getenv("YOUYUE_SOAK") == "" || len(watchRows) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Watchers

What the last soak of watchers came to; it writes this page: `+"`YOUYUE_SOAK=200 go test -count=1 -run SoakWatchers ./app/soak`"+`,
a part of `+"`make soak`"+`.

So many watch the seats of one screening by server-sent events, each over a connection of its own, while %d clients book
and cancel there as fast as they can. The server that takes the bookings is killed with kill -9, started again, and booked
on. With PostgreSQL there are two servers; every second watcher is at the one that takes no bookings and hears of all of
them from the database. A watcher is wrong whose last state is not, to the letter, what the seats' own address
says at the end.

Memory is the growth of the process (resident set) of one server from none to all of its watchers, divided by their number.

| database | servers | watchers | wrong at the end | changes | pushes to each | bytes per push | tries to come back | KiB a watcher |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
`, clients)
	sort.Slice(watchRows, func(i, j int) bool { return watchRows[i].engine < watchRows[j].engine })
	for _, r := range watchRows {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %.1f | %.0f | %d | %.1f |\n", r.engine, r.servers, r.watchers, r.wrong, r.version-1,
			float64(r.pushes)/float64(r.watchers), float64(r.bytes)/float64(r.pushes), r.back, r.each)
	}
	return os.WriteFile("../../docs/watchers.md", []byte(b.String()), 0o644)
}
