#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: on Debian as root by
# apt-get, elsewhere it says what to install and fails.
set -euo pipefail

have() { command -v "$1" >/dev/null 2>&1; }
postgres() {
	[ -n "${YOUYUE_TEST_POSTGRES:-}" ] || have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
		{ have pg_config && [ -x "$(pg_config --bindir)/initdb" ]; }
}
chromium() { have chromium || have chromium-browser || have google-chrome; }
cjk_font() {
	compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null ||
		{ have fc-list && [ -n "$(fc-list :lang=zh-cn)" ]; }
}

missing=() names=()
postgres || { missing+=(postgresql) names+=("PostgreSQL server (initdb, pg_ctl)"); }
chromium || { missing+=(chromium) names+=("Chromium"); }
cjk_font || { missing+=(fonts-noto-cjk) names+=("a font with Chinese glyphs"); }
have gcc || have cc || { missing+=(gcc libc6-dev) names+=("a C compiler, for the race detector"); }

if [ ${#missing[@]} -gt 0 ]; then
	if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
		export DEBIAN_FRONTEND=noninteractive
		echo "installing: ${missing[*]}"
		apt-get update -q
		apt-get install -q -y --no-install-recommends "${missing[@]}"
	else
		echo "The tests need what this machine lacks:" >&2
		printf '  - %s\n' "${names[@]}" >&2
		echo "On Debian or Ubuntu: sudo apt-get install ${missing[*]}" >&2
		exit 1
	fi
fi
have node && have npm || {
	echo "The tests need Node.js 20 or later with npm: https://nodejs.org" >&2
	exit 1
}
