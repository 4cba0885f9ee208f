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
