#!/bin/bash
# skipped_check.sh - without Debian 13's packages the lab goes on: unpack-trixie says why, soon, once; bootstrap counts what was skipped
#
# apt-get is one that fails as the real one did with a dead mirror.
set -u
src=$(cd "${srcdir:-.}" && pwd) || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
[ -r /usr/share/keyrings/debian-archive-trixie-stable.gpg ] || { echo "skipped: no key of Debian 13" && exit 77; }
failed=0
fault() {
	echo "skipped: $*"
	failed=1
}

mkdir -p "$work/bin" "$work/lab/trixie/root"
cat >"$work/bin/apt-get" <<-'A'
	#!/bin/sh
	echo "$@" >>"$CALLS"
	printf '%s\n' 'Err:1 http://deb.debian.org/debian trixie InRelease' \
		'E: Failed to fetch http://deb.debian.org/debian/dists/trixie/InRelease  Could not connect' \
		'E: Some index files failed to download. They have been ignored, or old ones used instead.'
	exit 100
A
chmod +x "$work/bin/apt-get"
export CALLS=$work/calls PATH=$work/bin:$PATH
unpack() { "$src/tests/lab/unpack-trixie" "$work/lab" 2>"$work/said" || fault "$1: status $?"; }
calls() { wc -l <"$CALLS"; }

unpack "a dead mirror"
grep -q 'Could not connect' "$work/lab/trixie/missing" || fault "it does not tell why: $(cat "$work/lab/trixie/missing")"
grep -q 'Could not connect' "$work/said" || fault "it does not say why: $(cat "$work/said")"
[ ! -e "$work/lab/trixie/root" ] || fault "an older root is still there"
[ "$(calls)" = 1 ] || fault "apt-get was run $(calls) times"
unpack "again at once"
grep -q 'Could not connect' "$work/said" || fault "again it does not say why: $(cat "$work/said")"
[ "$(calls)" = 1 ] || fault "it was tried again at once"
touch -d '1 hour ago' "$work/lab/trixie/missing"
unpack "an hour later"
[ "$(calls)" = 2 ] || fault "it was not tried again after an hour"

# shellcheck source=/dev/null
. <(sed -n '/^results()/,/^}/p' "$src/bootstrap")
printf '%s\n' 'late-good  SKIPPED' '70 passed, 0 failed, 28 skipped' >"$work/log"
[ "$(results "$work/log" 0)" = '70 0 28' ] || fault "bootstrap counts $(results "$work/log" 0)"
exit $failed
