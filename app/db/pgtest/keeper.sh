# Run by cluster.go with: BIN DIR. Says "ready" when the server answers, else
# the log; then waits for the end of its input and cleans up.
bin=$1 dir=$2
trap '' INT TERM HUP
trap '"$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1; cd /; rm -rf "$dir"' EXIT

# The default order of text is a language's, as on many production servers, and
# not that of the bytes: a query that needs COLLATE "C" and forgets it then fails.
icu=
if "$bin/initdb" --help | grep -q icu-locale; then icu='--locale-provider=icu --icu-locale=zh'; fi

if ! {
	"$bin/initdb" -D "$dir/data" -U youyue -A password --pwfile="$dir/password" -E UTF8 --no-sync $icu &&
		cat "$dir/settings" >>"$dir/data/postgresql.conf" &&
		"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 start
} >"$dir/start" 2>&1 </dev/null; then
	cat "$dir/start" "$dir/log" 2>&1
	exit 1
fi
echo ready
cat >/dev/null
