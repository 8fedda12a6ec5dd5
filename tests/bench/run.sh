#!/bin/sh
# run.sh PROGRAM... - runs the benchmarks one after the other; standard output holds nothing but their figures
#
# Each program makes the network and the /dev/log that it needs; they are gone when it ends. What stands beside it and cannot
# be had gives verdict=SKIPPED.
set -u
here=$(dirname "$0")

play() {
	case $1 in
	*/bench_postfix)
		bash "$here/with_postfix.sh" "$1" && return
		set -- $?
		[ "$1" = 77 ] || return "$1"
		echo 'bench name=postfix_messages verdict=SKIPPED why="no Postfix, or no namespaces for it"'
		;;
	*/bench_socketmap)
		bash "$here/../lab/unpack" "$PEER" "$here/peer-packages" || true
		srcdir=$here/../.. PEER_ROOT=$PEER/root "./$1"
		;;
	*) "./$1" ;;
	esac
}

PEER=$(cd "$here/../.." && pwd)/build/peer
status=0
for program; do
	play "$program" || {
		echo "bench: $program ended with status $?" >&2
		status=1
	}
done
exit $status
