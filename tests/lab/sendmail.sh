# shellcheck shell=bash
# sendmail.sh - a sending Sendmail beside the Postfix, with the lines of doc/examples/sendmail.mc
#
# It listens on port 13025, puts what it accepts into its queue, and tries nothing before it is told to.

MTA_TITLE[sendmail]='Sendmail 8.17' MTA_CONFIG[sendmail]=default MTA_LOG[sendmail]=sendmail MTA_CODELESS[sendmail]=yes # it says 4.2.0 where its rules have said 4.7.0

sendmail_up() {
	local cf=/usr/share/sendmail/cf domain next
	mkdir -p /etc/mail /var/run/sendmail/mta /var/spool/mqueue /var/lib/sendmail
	chmod 700 /var/spool/mqueue
	: >"$W/log/sendmail"
	"$lab/syslog" "$W/log/sendmail" 2>"$W/log/syslog" </dev/null &
	wait_for "syslog" test -S /dev/log
	for domain in "${!ROUTE[@]}"; do
		next=${ROUTE[$domain]#*:}
		echo "$domain esmtp:${next%:*}"
	done >/etc/mail/mailertable
	{
		cat <<-C
			include(\`$cf/m4/cf.m4')dnl
			define(\`_CF_DIR_', \`$cf/')dnl
			define(\`_USE_ETC_MAIL_')dnl
			OSTYPE(\`linux')dnl
			define(\`ALIAS_FILE', \`')dnl
			define(\`HELP_FILE', \`/dev/null')dnl
			define(\`STATUS_FILE', \`')dnl
			define(\`QUEUE_DIR', \`/var/spool/mqueue')dnl
			define(\`confPID_FILE', \`/var/run/sendmail/mta/sendmail.pid')dnl
			define(\`confDOMAIN_NAME', \`mail.sender.example')dnl
			define(\`confTO_IDENT', \`0')dnl
			define(\`confTO_CONNECT', \`2s')dnl
			define(\`confTO_QUIT', \`1s')dnl
			define(\`confLOG_LEVEL', \`14')dnl
			define(\`confDELIVERY_MODE', \`queue')dnl
			FEATURE(\`mailertable', \`text -k0 -v1 /etc/mail/mailertable')dnl
			FEATURE(\`no_default_msa')dnl
			FEATURE(\`accept_unresolvable_domains')dnl
			DAEMON_OPTIONS(\`Family=inet, Name=MTA, Port=13025, Addr=127.0.0.1')dnl
		C
		[ -n "$without_milter" ] || sed "s|/etc/ssl/certs/ca-certificates.crt|$W/pki/trusted.crt|" /src/doc/examples/sendmail.mc
		printf '%s\n' "MAILER(\`local')dnl" "MAILER(\`smtp')dnl"
	} >/etc/mail/sendmail.mc
	m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf 2>"$W/log/sendmail-m4" || die "sendmail.mc: $(tail -n 1 "$W/log/sendmail-m4")"
	sendmail_run -bd || die "Sendmail does not start: $(tail -n 1 "$W/log/sendmail-start")"
	wait_for "Sendmail" answers "13025@127.0.0.1"
}

sendmail_run() { /usr/libexec/sendmail/sendmail -L sendmail "$@" >>"$W/log/sendmail-start" 2>&1 </dev/null; }

sendmail_send() { client_smtp 13025 '' "$SENDER" "${@:2}"; }

# One process for all messages of the case that wait, as a queue runner is: what it has learned about a host holds for the next one.
sendmail_deliver() { sendmail_run -qf "-qR$name.example"; }

sendmail_status() {
	local status code
	read -r _ code status <<<"$(sendmail_last "$1" "$2")"
	case $status in
	kept | saved | '') ;;
	Sent*) status=sent ;;
	Deferred* | [4]*) status=deferred ;;
	*) status=bounced ;;
	esac
	echo "$status $code"
}

# sendmail_last MESSAGE-ID [RCPT]: "QUEUE-ID CODE STATUS" of its last delivery; the queue id alone before the first. Why its rules have
# refused a connection stands in a line before, of the same process.
sendmail_last() {
	awk -v token="<$1>" -v rcpt="<${2:-}>" '
		match($0, /sendmail\[[0-9]+\]: /) { pid = substr($0, RSTART, RLENGTH); id = $5; sub(/:$/, "", id) }
		/ruleset=tls_(server|rcpt|clt_features), .* reject=/ { refused[pid] = 1 }
		index($0, "msgid=" token) {
			mine[id] = 1
			if (last == "") last = id
		}
		/: to=.*, dsn=/ && mine[id] {
			was = refused[pid]
			delete refused[pid]
			if (!index($0, rcpt) || !match($0, /dsn=[0-9.]+/)) next
			code = substr($0, RSTART + 4, RLENGTH - 4)
			if (!match($0, /stat=.*/)) next
			status = substr($0, RSTART + 5)
			if (was && status !~ /^Sent/) kept = pid
			last = id " " code " " (!was && kept != pid ? status : status ~ /^Sent/ ? "saved" : "kept")
		}
		END { print last }' "$W/log/sendmail"
}
