#!/bin/sh
# run.sh PROGRAM... - runs the benchmarks one after the other; standard output holds nothing but their figures
#
# Servers, ports and /dev/log are private: one network and one mount namespace for each program, gone when it ends.
set -eu

[ "$(id -u)" = 0 ] || {
	echo "bench: needs root, for a private network namespace" >&2
	exit 77
}
status=0
for program; do
	unshare --net --mount --ipc "./$program" || status=1
done
exit $status
