# shellcheck shell=bash
# evidence.sh - where a message is, from the places themselves
#
#   client     the MTA refused it and it is nowhere else      mailbox+tls   in the mailbox; the MX host's log shows TLS
#   queue      the sending MTA will try again                 mailbox+clear in the mailbox; it came in the clear
#   kept       the same, because the MX host was not what the policy service had told it to demand
#   bounced    the sender has a bounce                        attacker      the attacker has read it
#   saved      the same host refused; but another MX host was what it had to be, and took it
#   dovecot    delivered here, to the stand-in for dovecot

# evidence MESSAGE-ID RCPT REPLY [MTA]: the places, in alphabetical order
evidence() {
	local id=$1 rcpt=$2 reply=$3 mta=${4:-postfix} how status place=()
	attack_saw "$id" && place+=(attacker)
	evidence_bounce "$id" "$rcpt" && place+=(bounced)
	grep -qsF -- "<$id>" /dev/null "$W/dovecot/$rcpt."* && place+=(dovecot)
	if mx_file "$id" "$rcpt" >/dev/null; then
		for how in $(mx_how "$id" "$rcpt"); do
			place+=("mailbox+$how")
		done
	fi
	read -r status _ <<<"$("${mta}_status" "$id" "$rcpt")"
	case $status in
	kept | saved) place+=("$status") ;;
	deferred) place+=(queue) ;;
	esac
	[ ${#place[@]} = 0 ] && [[ $reply == [45]* ]] && place+=(client)
	echo "${place[*]}"
}

evidence_bounce() {
	local files
	mapfile -t files < <(grep -lsF -- "$1" /dev/null "$W/dovecot/$SENDER."*)
	[ ${#files[@]} != 0 ] && grep -qs "^Final-Recipient: rfc822; *$2\$" "${files[@]}"
}

# evidence_wait MESSAGE-ID RCPT REPLY WANTED MTA: until the mail is where it is wanted, or has come to rest elsewhere
evidence_wait() {
	local places='' i rest=0
	for ((i = 0; i < 200 && rest < 5; i++)); do
		places=$(evidence "$1" "$2" "$3" "$5")
		[ "$places" != "$4" ] || break
		[ -z "$places" ] || rest=$((rest + 1))
		sleep 0.1
	done
	echo "$places"
}
