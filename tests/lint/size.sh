#!/bin/sh
# size.sh [SOURCE] - a file is one noun, a function one thought.
# Tests have more room: their functions hold tables of cases.
set -u
src=${1:-${srcdir:-.}}
complexity=20 # a switch counts once
found=0

limits() { # file: sets the most lines of a file, and of a function
	case $1 in
	tests/*) file_lines=700 function_lines=150 ;;
	*) file_lines=400 function_lines=100 ;;
	esac
}

work=$(mktemp) || exit 99
trap 'rm -f "$work"' EXIT
(cd "$src" && for dir in common milter packaging tests; do
	[ -d "$dir" ] && find "$dir" -name '*.c'
done | sort) >"$work"

while read -r file; do
	limits "$file"
	lines=$(wc -l <"$src/$file")
	if [ "$lines" -gt "$file_lines" ]; then
		echo "size: $file has $lines lines, at most $file_lines"
		found=1
	fi
done <"$work"

if ! command -v pmccabe >/dev/null; then
	echo "size: functions were not measured, pmccabe is missing (apt-get install pmccabe)"
	[ $found = 1 ] || exit 77
	exit $found
fi
while read -r file; do
	limits "$file"
	(cd "$src" && pmccabe "$file") | awk -v most="$function_lines" -v complex="$complexity" '
		$5 > most { printf "size: %s %s has %d lines, at most %d\n", $6, $7, $5, most; bad = 1 }
		$1 > complex { printf "size: %s %s has complexity %d, at most %d\n", $6, $7, $1, complex; bad = 1 }
		END { exit bad }' || found=1
done <"$work"
exit $found
