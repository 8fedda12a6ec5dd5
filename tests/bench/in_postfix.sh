#!/bin/bash
# in_postfix.sh PROGRAM ARG... - the lab's first process for benchmarks: Debian's Postfix, ready to be started, then PROGRAM
#
# Three smtpd: with our milter, with a milter that takes every step, with none. PROGRAM makes the milters, DNS, the MX
# host behind port 2525 and the mail; tests/bench/with_postfix.sh makes the namespaces, and they end with it.
set -euo pipefail
lab=/src/tests/lab W=/var/lab
die() {
	echo "bench: $*" >&2
	exit 70
}
# shellcheck source=/dev/null
. $lab/postfix.sh
# shellcheck source=/dev/null
. <(sed -n '/^lab_user()/,/^}/p' $lab/inside)

mkdir -p $W/log /mnt
ip link set lo up
lab_user postfix postdrop mta-sts
echo bench.sender.example >/proc/sys/kernel/hostname
printf '%s\n' '127.0.0.1 localhost' '127.0.0.1 bench.sender.example bench' >/etc/hosts
rm -f /etc/resolv.conf # may be a link
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
postfix_instance sender <<-C
	myhostname = bench.sender.example
	mydestination =
	mynetworks = 127.0.0.0/8
	inet_interfaces = loopback-only
	inet_protocols = ipv4
	smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
	smtpd_peername_lookup = no
	smtp_host_lookup = dns
	smtp_tcp_port = 2525
	milter_default_action = tempfail
C
# As Debian sets it up, the log goes to /dev/log, not to a process of Postfix.
postconf -# maillog_file
postconf -MX postlog/unix-dgram smtp/inet
for entry in 2501:unix:/tmp/ours.sock 2502:unix:/tmp/null.sock 2503:; do
	printf '127.0.0.1:%s inet n - n - - smtpd\n  -o smtpd_milters=%s\n' "${entry%%:*}" "${entry#*:}" >>/etc/postfix/master.cf
done
chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
sh /usr/lib/postfix/configure-instance.sh - || die "Postfix's chroot cannot be made"
cd /build
exec "$@"
