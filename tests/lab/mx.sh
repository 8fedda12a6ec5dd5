# shellcheck shell=bash
# mx.sh - MX hosts: one receiving Postfix, with an smtpd and a certificate for each address in mx-hosts
#
# All mail ends up in $W/mail/all/new, each file with its recipient; the log tells whether it came over TLS.

mx_up() {
	local name address options
	postfix_instance mx <<-C
		compatibility_level = 3.6
		maillog_file = $W/log/mx
		myhostname = mx.example
		inet_protocols = all
		alias_maps =
		alias_database =
		local_recipient_maps =
		mydestination =
		virtual_mailbox_domains = static:all
		virtual_mailbox_maps = static:all/
		virtual_mailbox_base = $W/mail
		virtual_uid_maps = static:65534
		virtual_gid_maps = static:65534
		virtual_minimum_uid = 100
		smtpd_recipient_restrictions = reject_unauth_destination
		smtpd_tls_security_level = may
		smtpd_tls_loglevel = 1
		smtpd_peername_lookup = no
	C
	mkdir -p "$W/mail"
	chown 65534:65534 "$W/mail"
	postconf -c "$W/mx/etc" -MX smtp/inet
	for name in "${!MX_ADDRESS[@]}"; do
		address=${MX_ADDRESS[$name]} options=''
		case ${MX_WHAT[$name]} in
		absent) continue ;;
		refuses) options=' -o smtpd_delay_reject=no -o smtpd_client_restrictions=defer' ;;
		esac
		case ${MX_CERT[$name]} in
		none) options+=' -o smtpd_tls_security_level=none' ;;
		*) options+=" -o smtpd_tls_chain_files=$W/pki/mx-$name.pem" ;;
		esac
		[[ $address != *:* ]] || address="[$address]"
		printf '%s:25 inet n - n - - smtpd\n %s\n' "$address" "$options" >>"$W/mx/etc/master.cf"
	done
	in_world postfix -c "$W/mx/etc" start 2>"$W/log/mx-start" || die "the receiving Postfix does not start: $(cat "$W/log/mx-start")"
	wait_for "the receiving Postfix" answers "25@${MX_ADDRESS[good]}"
}

# mx_file MESSAGE-ID RCPT: the file of that message in the mailbox; fails when it is not there
mx_file() {
	local files
	mapfile -t files < <(grep -lsF -- "<$1>" /dev/null "$W/mail/all/new"/*)
	[ ${#files[@]} != 0 ] || return 1
	mapfile -t files < <(grep -lixF "Delivered-To: $2" "${files[@]}")
	[ ${#files[@]} != 0 ] && echo "${files[0]}"
}

# mx_how MESSAGE-ID RCPT: "tls" or "clear", as the receiving Postfix logged it; once for each time that it came
mx_how() {
	awk -v token="<$1>" -v rcpt="<$2>" '
		match($0, /smtpd\[[0-9]+\]: /) {
			pid = substr($0, RSTART, RLENGTH)
			rest = substr($0, RSTART + RLENGTH)
			if (rest ~ /^connect from/) tls[pid] = "clear"
			if (rest ~ /TLS connection established/) tls[pid] = "tls"
			if (split(rest, word, ":") > 1 && word[2] ~ /^ client=/) how[word[1]] = tls[pid]
		}
		index($0, "message-id=" token) && match($0, /: [0-9A-Za-z]+: message-id/) {
			mine[substr($0, RSTART + 2, RLENGTH - 14)] = 1
		}
		index($0, ": to=" rcpt) && match($0, /: [0-9A-Za-z]+: to=/) {
			id = substr($0, RSTART + 2, RLENGTH - 7)
			if (mine[id]) print how[id]
		}' "$W/log/mx"
}
