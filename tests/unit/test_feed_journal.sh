#!/bin/sh
# mta-sts feed reads the journal of a real systemd-journald, in namespaces of its own: what MTAs wrote, and nobody else.
set -u
journald=/lib/systemd/systemd-journald
skip() {
	echo "skipped: $*"
	exit 77
}
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" = 0 ] || skip "it takes root to make namespaces"
	[ -x $journald ] || skip "no systemd-journald here"
	[ -e /etc/machine-id ] || skip "no /etc/machine-id to stand in for"
	unshare --mount --pid --net --ipc --fork --mount-proc true 2>/dev/null || skip "no namespaces here"
	exec unshare --mount --pid --net --ipc --fork --kill-child --mount-proc --propagation private "$0" inside
fi

mount -t tmpfs -o mode=755 tmpfs /run || exit 99
mount -t tmpfs -o mode=755 tmpfs /var/log || exit 99
echo 0123456789abcdef0123456789abcdef >/run/machine-id
mount --bind /run/machine-id /etc/machine-id || exit 99
printf '[daemon]\ncontrol_socket = /run/nobody\n' >/run/conf
$journald >/run/journald 2>&1 &

failures=0
fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# await WHAT COMMAND...
await() {
	what=$1 tries=0
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -le 200 ] || { fail "$what" && return 1; }
		sleep 0.05
	done
}

# log [COMMAND... --] IDENTIFIER MESSAGE
log() {
	as=
	while [ $# -gt 2 ]; do
		[ "$1" = -- ] || as="$as $1"
		shift
	done
	# shellcheck disable=SC2086 # words
	printf '%s\n' "SYSLOG_IDENTIFIER=$1" SYSLOG_PID=77 "MESSAGE=$2" | $as logger --journald
}

refused='relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=4.7.5, status=deferred (Server certificate not verified)'
fed() { ./mta-sts -c /run/conf feed --once --dry-run journal 2>&1; }
knows() { fed | grep -q "^$1 "; }

await "no journal" test -S /run/systemd/journal/socket || exit 1
log setpriv --reuid 1000 --clear-groups -- postfix/smtp "4F2B80: to=<u@person.example>, $refused"
log postfix/smtpd "4F2B81: to=<u@other.example>, $refused"
log postfix/smtp "4F2B82: to=<u@postfix.example>, $refused"
log sm-mta 'STARTTLS=client, relay=mx.example.com., version=TLSv1.3, verify=OK, cipher=TLS_AES_256_GCM_SHA384, bits=256/256'
log sm-mta '6AM6wuKq003119: to=<u@sendmail.example>, delay=00:00:01, xdelay=00:00:00, mailer=esmtp, pri=210236, relay=mx.example.com. [192.0.2.1], dsn=2.0.0, stat=Sent (Ok)'
log exim4 '1xV1XM-0000oU-0N == u@exim.example R=mta_sts T=mta_sts_smtp defer (-38) H=mx.example.com [192.0.2.1]: a TLS session is required, but the server did not offer TLS support'
await "the last line is not read" knows exim.example
want='postfix.example validation-failure
sendmail.example success
exim.example starttls-not-supported'
[ "$(fed | cut -d' ' -f1,2)" = "$want" ] || fail "it reads '$(fed)'"

# As it grows; what was there before does not count.
./mta-sts -c /run/conf feed --dry-run journal >/run/live &
follower=$!
lives() {
	log postfix/smtp "4F2B84: to=<u@live.example>, $refused"
	grep -q '^live.example ' /run/live
}
await "what comes is not read" lives
! grep -v '^live.example ' /run/live || fail "it begins before its beginning"
kill $follower
exit $((failures > 0))
