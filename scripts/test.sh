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
	local name=$1 start=$SECONDS result=ok
	shift
	echo "== $name: $*"
	"$@" || { result=FAILED failed=1; }
	summary+=("$(printf '%-8s %-6s %4d s' "$name" "$result" $((SECONDS - start)))")
}

suite web scripts/web.sh build
suite binary env CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -o bin/youyue ./cmd/youyue
# The race detector watches all Go code; of SQLite only what was written in C, whose
# memory is not Go's, is left out, which makes its tests three times faster (ADR 20). Vet is part of make lint.
suite go env CGO_ENABLED=1 GOGC=300 go test -race -gcflags=modernc.org/sqlite/lib=-race=false -vet=off -shuffle=on -timeout=20m ./...
suite vitest scripts/web.sh test
suite browser scripts/web.sh e2e

echo "== summary"
printf '%s\n' "${summary[@]}"
exit "$failed"
