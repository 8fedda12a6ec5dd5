#!/bin/sh
# docs.sh [SOURCE [BUILD]] - the man pages are well-formed, and say what the settings table and the programs say
set -u
src=${1:-${srcdir:-.}}
build=${2:-.}
found=0

fault() {
	echo "docs: $*"
	found=1
}

# A generated file stands in the build tree, or came with the tarball.
page() {
	if [ -f "$build/$1" ]; then echo "$build/$1"; else echo "$src/$1"; fi
}

# Everything that `gen_settings $1` prints stands in file $2.
check_generated() {
	"$build/packaging/gen_settings" "$1" >"$work/want" || fault "gen_settings $1 failed"
	grep -Fxvf "$2" "$work/want" >"$work/missing" && fault "$2 is older than the settings table, it lacks:
$(head -n 3 "$work/missing")"
}

# What `$1 --help` offers stands in page $2.
check_help() { # program page
	[ -x "$build/$1" ] || return 1
	"$build/$1" --help >"$work/help" 2>&1 </dev/null || fault "$1 --help fails"
	[ -s "$work/help" ] || return 1
	grep -Eo -- '(^|[ [|])--?[a-z][a-z-]*' "$work/help" | grep -Eo -- '-.*' | sort -u | while read -r option; do
		name=${option#-}
		grep -Eq -- "Fl ([a-z]*${name#-}|-${name#-})" "$2" || echo "$1 --help offers $option, $2 does not explain it"
	done >"$work/missing"
	[ ! -s "$work/missing" ] || fault "$(cat "$work/missing")"
}

check_verbs() { # page; after check_help
	sed -n 's/^  mta-sts \(\[--json] \)*\([a-z]*\).*/\2/p' "$work/help" | sort -u >"$work/offered"
	sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$1" | sort -u >"$work/explained"
	diff "$work/offered" "$work/explained" >"$work/differ" ||
		fault "verbs of mta-sts --help (<) and of $1 (>) differ: $(grep '^[<>]' "$work/differ" | tr '\n' ' ')"
}

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

if [ -x "$build/packaging/gen_settings" ]; then
	check_generated mdoc "$(page doc/mta-sts.conf.5)"
	check_generated sample "$(page packaging/mta-sts.conf)"
fi
check_help mta-sts-milter "$(page doc/mta-sts-milter.8)"
check_help mta-sts "$(page doc/mta-sts.1)" && check_verbs "$(page doc/mta-sts.1)"

# Each event of the table in the source has its row in the guide, and each row its event.
sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)", \(true\|false\),.*/\1/p' "$src/common/sts/event.h" | sort >"$work/events"
[ -s "$work/events" ] || fault "no events in common/sts/event.h"
sed -n '/^| event | what it means/,/^$/s/^| `\([a-z-]*\)` .*/\1/p' "$src/doc/GUIDE.md" | sort >"$work/guided"
diff "$work/events" "$work/guided" >"$work/differ" ||
	fault "events of common/sts/event.h (<) and of doc/GUIDE.md (>) differ: $(grep '^[<>]' "$work/differ" | tr '\n' ' ')"

if command -v mandoc >/dev/null; then
	for name in mta-sts-milter.8 mta-sts.1 mta-sts.conf.5; do
		mandoc -Tlint "$(page doc/$name)" 2>&1 |
			grep -Ev 'referenced manual not found|outdated mandoc.db' >"$work/lint" && fault "$(cat "$work/lint")"
	done
elif [ $found = 0 ]; then
	echo "docs: the pages were not checked, mandoc is missing (apt-get install mandoc)"
	exit 77
fi
exit $found
