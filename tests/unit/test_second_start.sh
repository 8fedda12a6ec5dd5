#!/bin/sh
# A daemon that is started twice by mistake must not cost the first one its sockets.
set -u
TSAN_OPTIONS="suppressions=${srcdir:-.}/tests/daemon/tsan.supp report_destroy_locked=0 report_thread_leaks=0" # of libmilter's own shutdown
export TSAN_OPTIONS
daemon=./mta-sts-milter
dir=$(mktemp -d) || exit 99
port=$((20000 + $$ % 12000)) # of nobody else, and below those that the system hands out
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$dir"' EXIT
user=nobody
[ "$(id -u)" != 0 ] || chown "$user" "$dir"
chmod 755 "$dir"

cat >"$dir/conf" <<END
[daemon]
user = $user
database = $dir/mta-sts.db
control_socket = $dir/control.sock
log = stderr
[milter]
milter_socket = unix:$dir/milter.sock
[delivery]
socketmap = unix:$dir/policy.sock inet:$port@127.0.0.1
exim_socket = unix:$dir/exim.sock
tlsrpt_socket = $dir/tlsrpt.sock
[dns]
dns = 127.0.0.1@9
dns_timeout = 100ms
END

"$daemon" -c "$dir/conf" 2>"$dir/log" &
pid=$!
tries=0
until grep -q '^event=start' "$dir/log"; do
	tries=$((tries + 1))
	if [ $tries -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
		cat "$dir/log"
		echo "FAIL: the first did not start"
		exit 1
	fi
	sleep 0.05
done

"$daemon" -c "$dir/conf" 2>"$dir/second"
status=$?
failures=0
expect() { # WHAT COMMAND...
	what=$1
	shift
	"$@" && return
	echo "FAIL: $what"
	failures=$((failures + 1))
}
expect "exit status is $status, not 78" [ $status = 78 ]
expect "the reason is not given" grep -q 'another process is serving it already' "$dir/second"
# Nor those of the policy service, whichever of them are the same.
for socket in "unix:$dir/policy.sock" "inet:$port@127.0.0.1"; do
	sed "s|^socketmap.*|socketmap = $socket|; /^socketmap/!s|/\([a-z]*\)\.sock\$|/\1-2.sock|" \
		"$dir/conf" >"$dir/conf-2"
	"$daemon" -c "$dir/conf-2" 2>"$dir/second"
	status=$?
	expect "exit status is $status, not 78: $socket" [ $status = 78 ]
	expect "the reason is not given: $socket" grep -q "socketmap: another process is serving it already: $socket" "$dir/second"
	expect "the policy socket of the first is gone" [ -S "$dir/policy.sock" ]
done
expect "the milter socket of the first is gone" [ -S "$dir/milter.sock" ]
expect "the control socket of the first is gone" [ -S "$dir/control.sock" ]
expect "the first has ended" kill -0 "$pid"
[ $failures = 0 ] || exit 1

# Its own sockets it takes along.
kill "$pid"
wait "$pid"
pid=
expect "the milter socket stayed behind" [ ! -e "$dir/milter.sock" ]
expect "the control socket stayed behind" [ ! -e "$dir/control.sock" ]
[ $failures = 0 ]
