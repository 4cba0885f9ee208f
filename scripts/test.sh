#!/usr/bin/env bash
# Runs every test. A failing suite does not hide the others; their own closing
# lines stay as they are, and one line per suite follows at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${YOUYUE_TEST_POSTGRES:-}" ]; then
	scripts/deps.sh
	go build -o bin/pg ./scripts/pg
	exec bin/pg "$PWD/scripts/test.sh" # one throw-away PostgreSQL for the whole run
fi

summary=() failed=0
suite() {
	local name=$1 start=${since:-$SECONDS} result=ok
	shift
	echo "== $name: $*"
	"$@" || { result=FAILED failed=1; }
	summary+=("$(printf '%-8s %-6s %4d s' "$name" "$result" $((SECONDS - start)))")
}

# The race detector watches all Go code; of SQLite only what was written in C, whose memory
# is not Go's, is left out, which makes its tests three times faster (ADR 20). Vet is part of
# make lint.
go_tests() {
	CGO_ENABLED=1 GOGC=300 exec nice go test -p 3 -race -gcflags=modernc.org/sqlite/lib=-race=false \
		-vet=off -shuffle=on -timeout=20m ./... >"$log" 2>&1
}

# go_results waits for them and shows what they said.
go_results() {
	local result=0
	wait "$running" || result=$?
	running=
	cat "$log"
	return "$result"
}

suite web scripts/web.sh build
suite binary env CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -o bin/youyue ./cmd/youyue
# A browser leaves the processors idle much of the time, as do tests that wait: Go's run
# meanwhile, three packages at once, and give way.
log=$(mktemp) begun=$SECONDS
trap 'rm -f "$log"; [ -z "$running" ] || kill "$running" || true' EXIT
go_tests &
running=$!
suite vitest scripts/web.sh test
suite browser scripts/web.sh e2e
since=$begun suite go go_results
suite oracle go test -count=1 -run TestSpansAgainstTheOracle ./app/room # 50,000 wishes on each engine

echo "== summary"
printf '%s\n' "${summary[@]}"
exit "$failed"
