#!/usr/bin/env bash
# Lints Go and TypeScript. The Go linter is built once from its module, at the
# version below, into .cache; that takes minutes the first time.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v2.15.0
tools=$PWD/.cache/golangci-lint-$version
if [ ! -x "$tools/golangci-lint" ]; then
	echo "building golangci-lint $version (once)"
	GOBIN=$tools GOFLAGS= go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi

# A package that the architecture does not name would have no wall around it.
failed=0
# Packages of tests alone, apitest and soak, stand above everything.
for package in $(go list -f '{{.ImportPath}}' ./app/... | sed -n 's#^youyue/\(app/[^/]*\).*#\1#p' | grep -v -x -e app/apitest -e app/soak | sort -u); do
	grep -q "\*\*/$package/" .golangci.yml || {
		echo ".golangci.yml: depguard has no rule for $package"
		failed=1
	}
	grep -q "${package#app/}" docs/architecture.md || {
		echo "docs/architecture.md: does not name $package"
		failed=1
	}
done

"$tools/golangci-lint" run ./... || failed=1
scripts/web.sh lint || failed=1
exit "$failed"
