# shellcheck shell=bash
# sender.sh - the reader's side: a Postfix as Debian sets it up (chroot and all), with our milter
#
# Each line of tests/lab/configs is one daemon and one smtpd that asks it: `default` on port 25, the next on 10001, ...

declare -A PORT=([default]=25)

sender_up() {
	local name port=10000
	postfix_instance sender <<-C
		myhostname = mail.sender.example
		mydestination =
		mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.7
		inet_interfaces = loopback-only
		inet_protocols = all
		smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
		smtpd_authorized_xclient_hosts = 127.0.0.1
		smtpd_peername_lookup = no
		smtp_tls_security_level = may
		smtp_tls_loglevel = 1
		smtp_tls_CAfile = $W/pki/trusted.crt
		smtp_connect_timeout = 2s
		smtp_host_lookup = dns
		smtp_dns_support_level = dnssec
		transport_maps = inline:{ {lab.invalid = error:unused} $(sender_map ROUTE) }
		smtp_tls_policy_maps = inline:{ {lab.invalid = may} $(sender_map TLS_POLICY) }
		relay_domains = inline:{gateway.example=here}
		virtual_mailbox_domains = inline:{sender.example=here inbound.example=here}
		virtual_transport = dovecot
	C
	[ -n "$without_milter" ] || bash -ec "$(readme 'Five lines for a real Postfix' '^postconf')"
	cat >>/etc/postfix/master.cf <<-C
		dovecot unix - n n - - pipe
		  flags=DRhu user=nobody:nogroup argv=$lab/deliver $W/dovecot \${user}@\${domain}
	C
	for name in "${CONFIGS[@]}"; do
		[ "$name" = default ] && continue
		PORT[$name]=$((++port))
		{
			echo "127.0.0.1:$port inet n - y - - smtpd"
			[ -n "$without_milter" ] || echo "  -o smtpd_milters=unix:mta-sts/$(daemon_socket "$name")"
		} >>/etc/postfix/master.cf
	done
	mkdir -p "$W/dovecot"
	chown nobody "$W/dovecot"
	chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
	chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
	sh /usr/lib/postfix/configure-instance.sh - || die "Postfix's chroot cannot be made"
	postfix start 2>"$W/log/sender-start" || die "the sending Postfix does not start: $(cat "$W/log/sender-start")"
	wait_for "the sending Postfix" answers 25@127.0.0.1
}

# sender_map ARRAY: its entries as an inline table has them
sender_map() {
	local -n map=$1
	local domain
	for domain in "${!map[@]}"; do
		printf '{%s = %s} ' "$domain" "${map[$domain]}"
	done
}

# readme SECTION PATTERN: the commands that README.md shows there
readme() {
	sed -n "/^## $1\$/,/^## /s/^    //p" /src/README.md | grep -- "$2" || die "README.md: no '$2' below '$1'"
}

# sender_status TOKEN RCPT: what became of an accepted recipient: the status of its last delivery, and its queue id
sender_status() {
	awk -v token="<$1>" -v rcpt="<$2>" '
		index($0, "message-id=" token) && match($0, /: [0-9A-Za-z]+: message-id/) {
			mine[substr($0, RSTART + 2, RLENGTH - 14)] = 1
		}
		index($0, ": to=" rcpt) && match($0, /: [0-9A-Za-z]+: to=/) {
			id = substr($0, RSTART + 2, RLENGTH - 7)
			if (mine[id] && match($0, /status=[a-z]+/)) status = substr($0, RSTART + 7, RLENGTH - 7) " " id
		}
		END { print status }' "$W/log/sender"
}

sender_reload() {
	postfix reload 2>>"$W/log/sender-start"
	sleep 1 # pickup and smtpd go away when they notice
}
