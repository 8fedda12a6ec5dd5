# shellcheck shell=bash
# exim.sh - a sending Exim beside the Postfix, as Debian sets it up (split configuration), with doc/examples/exim-*.conf
#
# It listens on port 14025, puts what it accepts into its queue, and tries nothing before it is told to.

MTA_TITLE[exim]='Exim 4.96' MTA_CONFIG[exim]=default MTA_LOG[exim]=exim/mainlog MTA_CODELESS[exim]=yes # it has numbers of its own

exim_up() {
	local conf=/etc/exim4/conf.d
	mkdir -p "$W/log/exim" /var/spool/exim4 /var/lib/exim4
	install -d -g mail -m 2775 /var/mail
	[ -e /etc/aliases ] || : >/etc/aliases
	chown Debian-exim:Debian-exim "$W/log/exim" /var/spool/exim4
	chown root:Debian-exim /etc/exim4/passwd.client
	echo mail.sender.example >/etc/mailname
	echo options trust-ad >>/etc/resolv.conf # Postfix tells the C library itself that it wants to know what is signed
	cat >/etc/exim4/update-exim4.conf.conf <<-C
		dc_eximconfig_configtype='internet'
		dc_other_hostnames='mail.sender.example'
		dc_local_interfaces='127.0.0.1.14025'
		dc_readhost=''
		dc_relay_domains=''
		dc_minimaldns='true'
		dc_relay_nets='127.0.0.1'
		dc_smarthost=''
		CFILEMODE='644'
		dc_use_split_config='true'
		dc_hide_mailname=''
		dc_mailname_in_oh='true'
		dc_localdelivery='mail_spool'
	C
	cat >$conf/main/000_lab <<-C
		MTA_STS_AUTHORITIES = $W/pki/trusted.crt
		MAIN_HARDCODE_PRIMARY_HOSTNAME = mail.sender.example
		queue_only = true
		log_file_path = $W/log/exim/%slog
	C
	cat >$conf/auth/40_lab <<-'C'
		lab_plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_prompts = :
		  server_condition = ${if eq{$auth3}{secret}}
		  server_set_id = $auth2
	C
	if [ -z "$without_milter" ]; then
		cp /src/doc/examples/exim-main.conf $conf/main/000_mta-sts
		cp /src/doc/examples/exim-acl.conf $conf/acl/25_mta-sts
		cp /src/doc/examples/exim-router.conf $conf/router/190_mta-sts
		cp /src/doc/examples/exim-transport.conf $conf/transport/30_mta-sts
	fi
	update-exim4.conf 2>"$W/log/exim-start" || die "Exim's configuration: $(tail -n 1 "$W/log/exim-start")"
	: >"$W/log/exim/mainlog"
	chown Debian-exim:Debian-exim "$W/log/exim/mainlog"
	exim4 -bdf >>"$W/log/exim-start" 2>&1 </dev/null & # with -bd it takes our process 1 for a reason to stay in the foreground
	wait_for "Exim" answers "14025@127.0.0.1"
}

exim_send() { client_smtp 14025 "${login:+auth=$login}" "$SENDER" "${@:2}"; }

exim_deliver() { exim4 -M "$(exim_last "$1" | cut -d' ' -f1)" >>"$W/log/exim-start" 2>&1 </dev/null; }

# check exim-inbound: a message for a mailbox here has arrived, without the verdict that its sender claims
check_exim_inbound() {
	local token=inbound.$((++MESSAGES)) claims=yes got
	[ -z "$without_milter" ] || return 0
	client_smtp 14025 '' "$SENDER" "$(case_text root@mail.sender.example)" root@mail.sender.example
	exim_deliver "$token@sender.example"
	got=$(awk -v RS='\n\n' -v id="<$token@" 'index($0, id)' /var/mail/mail 2>&1)
	[[ $got == *"<$token@"* && $got != *MTA-STS-Verdict* ]] || echo " it is '$got'"
}

exim_status() {
	case $(exim_last "$1" "$2") in
	*' => '*' (refused)' | *' -> '*' (refused)') echo saved ;;
	*' => '* | *' -> '*) echo sent ;;
	*' == '*'MTA-STS'* | *' == '*' R=mta_sts '*'defer (-3'[78]\)* | *' == '*' R=mta_sts '*'defer (-58)'*) echo kept ;;
	*' == '*) echo deferred ;;
	*' ** '*) echo bounced ;;
	esac
}

# exim_last MESSAGE-ID [RCPT]: the id, and then the last line that its log has about RCPT
exim_last() {
	awk -v token="id=$1" -v rcpt="${2:-}" '
		$4 == "<=" && index($0, " " token) { id = last = $3 }
		id == "" || $3 != id { next }
		/ Event requests alternate response$| TLS session: |a TLS session is required/ && $4 ~ /^H=/ { refused = $4 }
		$4 ~ /^(=>|->|==|\*\*)$/ && $5 == rcpt { last = $0 (refused && !index($0, " " refused " ") ? " (refused)" : "") } # of the same host: about another recipient
		$4 == "==" { refused = "" }
		END { print last }' "$W/log/exim/mainlog"
}
