# shellcheck shell=bash
# postfix310.sh - a second sending Postfix, of Debian 13, in a root of its own (/trixie): it reports TLS outcomes to the daemon
#
# It listens on port 12025, lets what it accepts wait in its hold queue, and asks the daemon `reports` of configs. What comes in on
# 12026 is delivered at once, as the daemon `default` says, which knows of no Postfix 3.10.

MTAS+=(postfix310)
MTA_TITLE[postfix310]='Postfix 3.10' MTA_CONFIG[postfix310]=reports MTA_LOG[postfix310]=sender310
[ ! -s /trixie/missing ] || MTA_MISSING[postfix310]=$(cat /trixie/missing)

postfix310_up() {
	local dir spool=/trixie/var/spool/postfix
	[ -z "${MTA_MISSING[postfix310]:-}" ] || return 0
	mkdir -p /trixie/{dev,etc/postfix,proc,tmp,var/lib/postfix} "/trixie$W" $spool/mta-sts /var/spool/postfix/mta-sts "$W/bin310"
	printf '#!/bin/sh\nexec chroot /trixie postconf "$@"\n' >"$W/bin310/postconf" # for setup.sh
	chmod +x "$W/bin310/postconf"
	for dir in /dev "$W" /var/spool/postfix/mta-sts; do
		mount --rbind $dir "/trixie$dir"
	done
	cp /etc/{passwd,group,hosts,resolv.conf,services} /trixie/etc
	for dir in active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid; do
		mkdir -p $spool/$dir
		case $dir in
		maildrop | public) chown postfix:postdrop $spool/$dir && chmod 730 $spool/$dir ;;
		pid) ;;
		*) chown postfix $spool/$dir && chmod 700 $spool/$dir ;;
		esac
	done
	chown postfix /trixie/var/lib/postfix
	cp /trixie/usr/share/postfix/master.cf.dist /trixie/etc/postfix/master.cf
	cp /trixie/usr/share/postfix/dynamicmaps.cf /trixie/etc/postfix/dynamicmaps.cf 2>/dev/null || true
	{
		sender_main sender310
		cat <<-C
			smtpd_client_restrictions = static:hold
			smtp_tlsrpt_enable = yes
			smtp_tlsrpt_socket_name = mta-sts/$(daemon_socket reports tlsrpt)
		C
		if [ -z "$without_milter" ]; then
			echo "smtpd_milters = unix:mta-sts/$(daemon_socket reports milter)"
			echo "milter_default_action = tempfail"
			echo "smtp_tls_policy_maps = socketmap:unix:mta-sts/$(daemon_socket reports policy):postfix"
		fi
	} >/trixie/etc/postfix/main.cf
	in_trixie postconf -F '*/*/chroot=n'
	in_trixie postconf -MX smtp/inet
	in_trixie postconf -M '127.0.0.1:12025/inet=127.0.0.1:12025 inet n - n - - smtpd'
	{
		echo '127.0.0.1:12026 inet n - n - - smtpd -o content_filter=smtp-older: -o smtpd_milters= -o smtpd_client_restrictions='
		echo 'smtp-older unix - - n - - smtp -o smtp_tlsrpt_enable=no'
		[ -n "$without_milter" ] || echo "  -o smtp_tls_policy_maps=socketmap:unix:mta-sts/$(daemon_socket default policy):postfix"
	} >>/trixie/etc/postfix/master.cf
	in_trixie /usr/lib/postfix/sbin/master -w 2>"$W/log/sender310-start" </dev/null ||
		die "Postfix 3.10 does not start: $(cat "$W/log/sender310-start")"
	wait_for "Postfix 3.10" answers 12025@127.0.0.1
}

in_trixie() { chroot /trixie "$@"; }

postfix310_send() { client_smtp 12025 '' "$SENDER" "${@:2}"; }

postfix310_deliver() { sender_deliver 'in_trixie' "$(sender_last "$W/log/sender310" "$1" "$2" | cut -d' ' -f1)"; }

postfix310_status() { sender_status "$W/log/sender310" "$1" "$2"; }
