#!/bin/bash
# with_postfix.sh PROGRAM ARG... - runs PROGRAM where the lab's Postfix is: own network, mounts, processes, host name
#
# PROGRAM is named from the build directory, which is the current one. All that it starts ends with it. Status 77: Postfix
# cannot be had here.
set -euo pipefail
clone=$(cd "$(dirname "$0")/../.." && pwd)
build=$(pwd)
work=$clone/build/lab

[ "$(id -u)" = 0 ] || { echo "bench: Postfix needs root, for namespaces" >&2 && exit 77; }
"$clone/tests/lab/unpack" "$work" || exit 77
mkdir -p "$work/mnt" "$work/out"
exec setpriv --pdeathsig KILL \
	unshare --net --mount --pid --uts --ipc --fork --kill-child=KILL --propagation private \
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LAB_FIRST=tests/bench/in_postfix.sh \
	bash "$clone/tests/lab/root" "$clone" "$build" "$work" "$@" </dev/null
