#!/usr/bin/env bash
# Usage: scripts/web.sh SCRIPT [--or-go-on]
# Runs an npm script of app/web, after npm ci when the lock file has changed.
# --or-go-on: what is missing is said, and is no failure.
set -euo pipefail
cd "$(dirname "$0")/../app/web"

missing() {
	echo "app/web: $1" >&2
	if [ "${2:-}" = --or-go-on ]; then
		echo "app/web: going on without; every page works without its scripts." >&2
		exit 0
	fi
	exit 1
}

command -v node >/dev/null && command -v npm >/dev/null ||
	missing "Node.js 20 or later and npm are missing (https://nodejs.org)." "${2:-}"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ||
	missing "Node.js $(node -v) is too old; 20 or later is needed (https://nodejs.org)." "${2:-}"

if ! cmp -s package-lock.json node_modules/.installed-from; then
	npm ci --no-audit --no-fund || missing "npm ci failed." "${2:-}"
	cp package-lock.json node_modules/.installed-from
fi
npm run --silent "$1" || missing "npm run $1 failed." "${2:-}"
# The build empties its folder, and the Go build embeds it: it must never be gone.
mkdir -p dist && touch dist/.keep
