#!/bin/sh
# logging.sh [SOURCE] - doc/LOGGING.md names every event and key of the log lines in the source, and no other
set -u
src=${1:-${srcdir:-.}}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
found=0

lines_of_source() {
	cat "$src"/common/engine/*.c "$src"/milter/daemon/*.c
}

# Events: kv_begin(&kv, "x"), notice_trouble(t, "x", ...), whole lines that begin with event=x, and the rows of event.h.
lines_of_source | grep -Eo '(kv_begin\(&kv, |notice_trouble\(t, |log_event\([a-z]+, )"[a-z-]+"|"event=[a-z-]+' |
	sed 's/.*"event=//; s/.*"\([a-z-]*\)"/\1/' >"$work/events"
sed -n 's/^[[:space:]]*X([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$src/common/sts/event.h" >>"$work/events"
sort -u -o "$work/events" "$work/events"
lines_of_source | grep -Eo 'kv_(str|int|span)\(&kv, "[a-z_]+"' | sed 's/.*"\([a-z_]*\)"/\1/' >"$work/keys"
lines_of_source | grep -Eo 'warn_once\([a-z]+, "[a-z]+"' | sed 's/.*"\([a-z]*\)"/\1/' >>"$work/keys"
lines_of_source | grep -Eo '"event=[^;]*' | grep -Eo ' [a-z_]+=' | tr -d ' =' >>"$work/keys"
echo cut >>"$work/keys"
sort -u -o "$work/keys" "$work/keys"

names_in() { # section-number: first cells of the n-th table
	awk -v n="$1" '/^\|---/ { table++ } table == n && /^\| `/ { split($0, cell, "|"); print cell[2] }' \
		"$src/doc/LOGGING.md" | grep -Eo '`[a-z_-]+`' | tr -d '`' | sort -u
}

names_in 1 >"$work/events-told"
names_in 2 >"$work/keys-told"
for what in events keys; do
	diff "$work/$what" "$work/$what-told" >"$work/differ" && continue
	echo "logging: $what in the source (<) and in doc/LOGGING.md (>) differ:"
	grep '^[<>]' "$work/differ"
	found=1
done
[ -s "$work/events" ] && [ -s "$work/keys" ] || found=1
exit $found
