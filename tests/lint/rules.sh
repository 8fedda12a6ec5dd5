#!/bin/sh
# rules.sh [SOURCE] - the table of rules in tests/scenario/README.md names files that are played, and texts that stand in them
set -u
LC_ALL=C
export LC_ALL
src=${1:-${srcdir:-.}}
dir=$src/tests/scenario
work=$(mktemp) || exit 99
trap 'rm -f "$work"' EXIT
found=0

complain() {
	echo "rules: $1"
	found=1
}

# One "`FILE` TEXT" a line, of the second column.
# shellcheck disable=SC2016
sed -n '/^## Rules/,$p' "$dir/README.md" | sed -n 's/^| .* | \(`.*\) |$/\1/p' | sed 's/; /\
/g' | sed -n 's/^[^`]*`\([^`]*\)` *\(.*\)$/\1 \2/p' >"$work"
[ "$(wc -l <"$work")" -ge 30 ] || complain "the table is gone, or is written in another way"
while read -r file text; do
	if [ ! -f "$dir/$file" ]; then
		complain "$file does not exist"
	elif [ -n "$text" ] && ! grep -qF -- "$text" "$dir/$file"; then
		complain "\"$text\" does not stand in $file"
	else
		case $file in
		*.scn) grep -q "tests/scenario/$file" "$dir/local.mk" || complain "$file is not played" ;;
		esac
	fi
done <"$work"
exit $found
