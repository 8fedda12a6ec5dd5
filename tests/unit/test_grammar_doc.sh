#!/bin/sh
# Every row of doc/GRAMMAR.md is a test case, and every numbered test case a row.
set -eu
src=${srcdir:-.}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sed -n 's/^| \([PR][0-9][0-9]\) |.*/\1/p' "$src/doc/GRAMMAR.md" | sort >"$dir/doc"
uniq -d "$dir/doc" >"$dir/twice"
grep -ho '"[PR][0-9][0-9][ "]' "$src/tests/unit/test_policy.c" "$src/tests/unit/test_record.c" |
	tr -d '" ' | sort -u >"$dir/tests"

status=0
if [ ! -s "$dir/doc" ] || [ ! -s "$dir/tests" ]; then
	echo "no rows found: this check has lost its subject"
	status=1
fi
if [ -s "$dir/twice" ]; then
	echo "more than one row with the number $(tr '\n' ' ' <"$dir/twice")"
	status=1
fi
diff "$dir/doc" "$dir/tests" || {
	echo "doc/GRAMMAR.md (<) and the tests (>) differ"
	status=1
}
exit $status
