# shellcheck shell=bash
# sender.sh - the reader's side: a Postfix as Debian sets it up (chroot and all), with our milter
#
# Each line of tests/lab/configs is one daemon and one smtpd that asks it: `default` on port 25, the next on 10001, ...
# What comes in on port 10024 no milter sees; what comes in on 10025 waits in the hold queue until it is told to go.

declare -A PORT=([default]=25)
MTAS+=(postfix)
MTA_TITLE[postfix]='Postfix 3.7' MTA_CONFIG[postfix]=default MTA_LOG[postfix]=sender

# sender_main LOG: main.cf of a sending Postfix, but for where it lives and whom it asks
sender_main() {
	cat <<-C
		compatibility_level = 3.6
		maillog_file = $W/log/$1
		biff = no
		append_dot_mydomain = no
		alias_maps =
		alias_database =
		local_recipient_maps =
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
	C
}

sender_up() {
	local name port=10000
	{
		sender_main sender
		cat <<-C
			transport_maps = inline:{ {lab.invalid = error:unused} $(sender_map ROUTE) }
			smtp_tls_policy_maps = $(sender_policies)
			relay_domains = inline:{gateway.example=here}
			virtual_mailbox_domains = inline:{sender.example=here inbound.example=here}
			virtual_transport = dovecot
		C
	} | postfix_instance sender
	if [ -z "$without_milter" ]; then
		bash -ec "$(readme 'Six lines for a real Postfix' '^postconf')"
		postconf -e "smtp_tls_policy_maps = $(sender_policies), $(postconf -h smtp_tls_policy_maps)"
	fi
	cat >>/etc/postfix/master.cf <<-C
		dovecot unix - n n - - pipe
		  flags=DRhu user=nobody:nogroup argv=$lab/deliver $W/dovecot \${user}@\${domain}
	C
	postconf -M '127.0.0.1:10024/inet=127.0.0.1:10024 inet n - y - - smtpd -o smtpd_milters='
	postconf -M '127.0.0.1:10025/inet=127.0.0.1:10025 inet n - y - - smtpd -o smtpd_client_restrictions=static:hold'
	postconf -M 'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy' # for smtp_tls_connection_reuse
	for name in "${CONFIGS[@]}"; do
		[ "$name" = default ] && continue
		PORT[$name]=$((++port))
		sender_doors "$name" >>/etc/postfix/master.cf
	done
	mkdir -p "$W/dovecot"
	chown nobody "$W/dovecot"
	chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
	chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
	sh /usr/lib/postfix/configure-instance.sh - || die "Postfix's chroot cannot be made"
	postfix start 2>"$W/log/sender-start" || die "the sending Postfix does not start: $(cat "$W/log/sender-start")"
	wait_for "the sending Postfix" answers 25@127.0.0.1
}

# sender_doors NAME: an smtpd that asks this daemon, and an smtp of its own for the mail that comes in there
sender_doors() {
	echo "127.0.0.1:${PORT[$1]} inet n - y - - smtpd -o content_filter=smtp-$1:"
	[ -n "$without_milter" ] || echo "  -o smtpd_milters=unix:mta-sts/$(daemon_socket "$1" milter)"
	echo "smtp-$1 unix - - y - - smtp"
	if [ -n "$without_milter" ] || ! daemon_has_map "$1"; then
		echo "  -o { smtp_tls_policy_maps = $(sender_policies) }"
		return
	fi
	[[ ${SETTINGS[$1]} != *'dane = postfix'* ]] || echo '  -o smtp_tls_security_level=dane'
	echo "  -o { smtp_tls_policy_maps = $(sender_policies), socketmap:unix:mta-sts/$(daemon_socket "$1" policy):postfix }"
}

# What a case's tls-policy says comes first.
sender_policies() { echo "inline:{ {lab.invalid = may} $(sender_map TLS_POLICY) }"; }

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

postfix_send() { client_smtp 10025 "${login:+login=$login}" "$SENDER" "${@:2}"; }

postfix_deliver() { sender_deliver '' "$(sender_last "$W/log/sender" "$1" "$2" | cut -d' ' -f1)"; }

postfix_status() { sender_status "$W/log/sender" "$1" "$2"; }

# sender_deliver IN QUEUE-ID: it is released, and tried whatever has been before. IN: a command that enters its root
sender_deliver() {
	$1 postsuper -H "$2" 2>/dev/null || true
	$1 postqueue -i "$2"
}

# sender_status LOG MESSAGE-ID RCPT: "STATUS CODE" (columns.sh). Postfix says 4.7.x when TLS is not what it has to be.
sender_status() {
	local status code refused
	read -r _ code status refused <<<"$(sender_last "$@")"
	[ -n "${TLS_POLICY[${3##*@}]:-}" ] || case "$status $code $refused" in
	'deferred 4.7.'* | 'deferred '*' refused') status=kept ;;
	'sent '*' refused') status=saved ;;
	esac
	echo "$status $code"
}

# sender_last LOG MESSAGE-ID RCPT: "QUEUE-ID CODE STATUS" of its last delivery, and "refused" when it turned away from another host
# before; the queue id alone before the first
sender_last() {
	awk -v token="<$2>" -v rcpt="<$3>" '
		match($0, /: [0-9A-F]+: /) { id = substr($0, RSTART + 2, RLENGTH - 4) }
		index($0, " message-id=" token) {
			mine[id] = 1
			if (last == "") last = id
		}
		/: (TLS is required, but|Server certificate not) |\(server unavailable or unable to receive mail\)/ { refused[id] = " refused" }
		index($0, ": to=" rcpt) && mine[id] && match($0, /dsn=[0-9.]+/) {
			code = substr($0, RSTART + 4, RLENGTH - 4)
			match($0, /status=[a-z]+/)
			last = id " " code " " substr($0, RSTART + 7, RLENGTH - 7) refused[id]
			refused[id] = ""
		}
		END { print last }' "$1"
}

sender_reload() {
	postfix reload 2>>"$W/log/sender-start"
	sleep 1 # pickup and smtpd go away when they notice
}
