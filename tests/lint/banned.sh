#!/bin/sh
# banned.sh [SOURCE] - functions that we never call, and what to use instead
set -u
LC_ALL=C
export LC_ALL
src=${1:-${srcdir:-.}}
here=$(dirname "$0")
work=$(mktemp) || exit 99
trap 'rm -f "$work"' EXIT
found=0

# function: instead
cat >"$work" <<'EOF'
strcpy: struct buf, span_copy
strcat: struct buf
strncpy: span_copy
strncat: struct buf
stpcpy: struct buf
sprintf: snprintf, buf_addf
vsprintf: vsnprintf, buf_addf
gets: a bounded read
scanf: span_*, num_*
sscanf: span_*, num_*
fscanf: span_*, num_*
strtok: span_word, span_until
strtok_r: span_word, span_until
atoi: num_u64
atol: num_u64
atoll: num_u64
atof: num_u64
gmtime: gmtime_r
localtime: gmtime_r
asctime: strftime
ctime: strftime
rand: getrandom
srand: getrandom
random: getrandom
tmpnam: mkstemp
tempnam: mkstemp
mktemp: mkstemp
system: posix_spawn
popen: posix_spawn
alloca: an array with a maximum
gethostbyname: struct resolver
inet_addr: netaddr_parse
inet_ntoa: netaddr_format
EOF

pattern=$(cut -d: -f1 "$work" | paste -sd'|')
call="(^|[^A-Za-z0-9_>.])($pattern)[[:space:]]*\\("

for dir in common milter packaging tests; do
	[ -d "$src/$dir" ] && find "$src/$dir" -name '*.[ch]'
done | sort | while read -r file; do
	perl "$here/code_only.pl" "$file" | grep -E "^[0-9]+:.*$call" | while IFS=: read -r line code; do
		for name in $(echo " $code" | grep -Eo "$call" | grep -Eo '[a-z0-9_]+'); do
			case $name:$file in
			sscanf:"$src"/tests/*) continue ;; # of text that the test itself has made
			esac
			echo "banned: ${file#"$src"/}:$line: $name; use$(sed -n "s/^$name://p" "$work")"
		done
	done
done >"$work.found"
cat "$work.found"
[ -s "$work.found" ] && found=1
rm -f "$work.found"
exit $found
