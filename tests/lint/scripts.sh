#!/bin/sh
# scripts.sh [SOURCE] - shellcheck on every shell script that we ship
set -u
src=${1:-${srcdir:-.}}
if ! command -v shellcheck >/dev/null; then
	echo "scripts: shellcheck is missing (apt-get install shellcheck)"
	exit 77
fi
work=$(mktemp) || exit 99
trap 'rm -f "$work"' EXIT
cd "$src" || exit 99
for place in bootstrap .ci packaging tests; do
	[ -e "$place" ] && find "$place" -type f
done | sort >"$work"
found=0
while read -r file; do
	case $(head -c 64 "$file" | tr -d '\0' | head -n 1) in
	'#!'*/sh | '#!'*/sh\ * | '#!'*bash* | '# shellcheck shell='*) shellcheck -S warning -- "$file" || found=1 ;;
	esac
done <"$work"
exit $found
