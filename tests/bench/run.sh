#!/bin/sh
# run.sh PROGRAM... - runs the benchmarks one after the other; standard output holds nothing but their figures
#
# Each program makes the network and the /dev/log that it needs; they are gone when it ends.
set -u

status=0
for program; do
	"./$program" || {
		echo "bench: $program ended with status $?" >&2
		status=1
	}
done
exit $status
