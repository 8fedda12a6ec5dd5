# shellcheck shell=bash
# columns.sh - cases that several MTAs play beside each other: a column for each, what it said at RCPT and what came of the delivery
#
# An MTA is a name N in MTAS, with MTA_TITLE[N], MTA_CONFIG[N] (the daemon that it asks, a line of configs), MTA_LOG[N] (its log), and
#
#   N_up                          starts it, after the first Postfix and before the daemons; in the background, so it sets no variables
#   N_send MESSAGE-ID TEXT RCPT   hands it a message by SMTP (client_smtp fills REPLY); what it accepts has to wait
#   N_deliver MESSAGE-ID RCPT     it tries to deliver, at once: for the first time or again
#   N_status MESSAGE-ID RCPT      what came of the last attempt, "STATUS CODE". STATUS: sent, deferred, kept (deferred, because the
#                                 host was not what the daemon had told it to demand), saved (sent, after such a host), bounced, or nothing.
#                                 CODE: why, as it logs it
#
# MTA_CODELESS[N]: its codes are not Postfix's; none is wanted or shown. MTA_MISSING[N] tells why one of them cannot be had; its cells say SKIPPED, and are counted as that.

MTAS=()
declare -A MTA_TITLE=() MTA_CONFIG=() MTA_LOG=() MTA_MISSING=() MTA_CODELESS=()
declare -A COLUMN_LINE=() # so many its log had before that message
declare -A COLUMN_TOKEN=() COLUMN_RCPT=() COLUMN_WANT=() COLUMN_BAD=() # of the message that each MTA has now

# case_mtas "NAME...": the others do not play this case
case_mtas() { mtas=" $1 "; }

column_plays() { [[ -z $mtas || $mtas == *" $1 "* ]]; }

# column_any: one of those that play this case can be had
column_any() {
	local mta
	for mta in "${MTAS[@]}"; do
		if column_plays "$mta" && [ -z "${MTA_MISSING[$mta]:-}" ]; then return 0; fi
	done
	return 1
}

# column_of MTA "WANT; MTA WANT; ...": what this one is meant to do; the first WANT is everybody else's
column_of() {
	local want
	while read -r want; do
		[[ $want != "$1 "* ]] || { echo "${want#"$1 "}" && return; }
	done <<<"${2//; /$'\n'}"
	want=${2%%; *}
	[[ -z ${MTA_CODELESS[$1]:-} || $want != 4.[0-9].[0-9]\ * ]] || want=${want#* }
	echo "$want"
}

# case_with "DOMAIN...": the messages of the `accept` lines below are to MTA@DOMAIN as well, behind the first recipient
case_with() { read -ra with <<<"$1"; }

# case_accept "REPLY | KNOWLEDGE REASON; MTA REPLY | KNOWLEDGE REASON; ...": a message by each MTA to MTA@DOMAIN, which then waits
case_accept() {
	local mta rcpt want verdict line text
	COLUMN_TOKEN=() REPLY=()
	for mta in "${MTAS[@]}"; do
		if ! column_plays "$mta" || [ -n "${MTA_MISSING[$mta]:-}" ]; then continue; fi
		token=$name.$((++MESSAGES)) rcpt=$mta@$domain
		COLUMN_TOKEN[$mta]=$token COLUMN_RCPT[$mta]=$rcpt COLUMN_BAD[$mta]=''
		COLUMN_LINE[$mta]=$(wc -l <"$W/log/${MTA_LOG[$mta]}")
		line=$(($(daemon_lines "${MTA_CONFIG[$mta]}") + 1))
		text=$(case_text "$rcpt" "${with[@]/#/$mta@}")
		"${mta}_send" "$token@sender.example" "$text" "$rcpt" "${with[@]/#/$mta@}"
		IFS='|' read -r want verdict <<<"$(column_of "$mta" "${1// | /|}")"
		COLUMN_WANT[$mta]=$want
		[[ ${REPLY[$rcpt]:--} == "$want"* ]] || COLUMN_BAD[$mta]+=" $mta: answer '$want', got '${REPLY[$rcpt]:--}';"
		[[ ${REPLY[$rcpt]:--} != [45]* ]] || REFUSED+=("$token@sender.example $rcpt $mta")
		[ -n "$without_milter" ] || [ -z "$verdict" ] ||
			column_same "$mta" verdict "$verdict" "$(daemon_said "${MTA_CONFIG[$mta]}" "$rcpt" "$line" "$verdict")"
	done
	last_rcpt=${rcpt:-}
	attempt=0
}

column_same() { [ "$3" = "$4" ] || COLUMN_BAD[$1]+=" $1: $2 '$3', got '$4';"; }

# case_deliver "[CODE] PLACE...; MTA [CODE] PLACE...; ...": each tries to deliver, and this comes of it. One row.
case_deliver() {
	local mta pids=()
	attempt=$((attempt + 1))
	# Where nothing keeps mail back, the first attempt has delivered it.
	[ -z "$without_milter" ] || [ $attempt = 1 ] || return 0
	for mta in "${!COLUMN_TOKEN[@]}"; do
		COLUMN_RCPT[$mta]=$mta@$domain
		[[ ${REPLY[$mta@$domain]:--} == 2* ]] || continue
		"${mta}_deliver" "${COLUMN_TOKEN[$mta]}@sender.example" "$mta@$domain" &
		pids+=($!)
	done
	[ ${#pids[@]} = 0 ] || wait "${pids[@]}" || true
	column_row "$domain" "$1"
}

# case_beside "DOMAIN WANT": what came of another recipient of the same message
case_beside() {
	local mta
	for mta in "${!COLUMN_TOKEN[@]}"; do COLUMN_RCPT[$mta]=$mta@${1%% *}; done
	column_row "${1%% *}" "${1#* }"
}

# column_row DOMAIN WANT
column_row() {
	local mta got cells=()
	for mta in "${MTAS[@]}"; do
		if [ -n "${COLUMN_TOKEN[$mta]:-}" ]; then
			got=$(column_wait "$mta" "$(column_of "$mta" "$2")")
			column_same "$mta" delivery "$(column_of "$mta" "$2")" "$got"
			cells+=("${REPLY[${COLUMN_RCPT[$mta]}]:0:3} $got")
		elif column_plays "$mta"; then
			cells+=(SKIPPED)
		else
			cells+=('')
		fi
	done
	table_columns "$1" "$wrong" "$2" "${cells[@]}"
	for mta in "${!COLUMN_BAD[@]}"; do COLUMN_BAD[$mta]=''; done
}

# column_wait MTA WANT: "CODE PLACE..." when it is as wanted, or has come to rest otherwise
column_wait() {
	local got='' i rest=0 patience=5
	[ $attempt = 1 ] || patience=50 # what is seen at first is where the last attempt left it
	for ((i = 0; i < 150 && rest < patience; i++)); do
		got=$(column_got "$1")
		[ "$got" != "$2" ] || break
		[ -z "$got" ] || rest=$((rest + 1))
		sleep 0.1
	done
	echo "$got"
}

# The code counts only where mail waits or comes back.
column_got() {
	local places status code
	places=$(evidence "${COLUMN_TOKEN[$1]}@sender.example" "${COLUMN_RCPT[$1]}" "${REPLY[${COLUMN_RCPT[$1]}]:--}" "$1")
	read -r status code <<<"$("$1_status" "${COLUMN_TOKEN[$1]}@sender.example" "${COLUMN_RCPT[$1]}")"
	case $status in
	deferred | kept | bounced)
		[ -z "${MTA_CODELESS[$1]:-}" ] || code=''
		echo "${code:+$code }$places" ;;
	*) echo "$places" ;;
	esac
}
