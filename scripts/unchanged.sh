#!/usr/bin/env bash
# Fails when a generated file differs from the one in git, or is not in git.
set -euo pipefail
cd "$(dirname "$0")/.."

generated=(docs/openapi.json app/web/src/api.d.ts)
new=$(git ls-files --others --exclude-standard -- "${generated[@]}")
if [ -n "$new" ]; then
	echo "generated and not in git: $new" >&2
	exit 1
fi
git --no-pager diff --exit-code -- "${generated[@]}" || {
	echo "generated files differ: run make generate and commit them" >&2
	exit 1
}
