# shellcheck shell=bash
# cases.sh - reads cases/*.case and plays them; tests/lab/README.md tells what can stand in a case

CASES=() # names, in order
declare -A CASE_LINES=() CASE_FILE=()

# cases_load FILE...
cases_load() {
	local file directive value name=''
	for file; do
		# shellcheck disable=SC2094 # its name is only a name here
		while read -r directive value; do
			case $directive in
			'' | \#*) ;;
			case)
				name=$value
				[ -z "${CASE_LINES[$name]:-}" ] || die "$file: a second case $name"
				CASES+=("$name")
				CASE_FILE[$name]=$(basename "$file" .case)
				;;
			*) CASE_LINES[$name]+="$directive ${value//DOMAIN/$name.example}"$'\n' ;;
			esac
		done <"$file"
	done
}

# cases_prepare: the world as it is before the first message; certificates, also for the hosts of later
cases_prepare() {
	local name directive value domain begun
	for name in "${CASES[@]}"; do
		domain=$name.example begun=''
		world_domain "$domain"
		while read -r directive value; do
			case $directive in
			'' | wrong | config | mtas | with | login | claims) ;;
			certify) world_certify "- $value" ;;
			send | expect | accept | deliver | beside | do | check) begun=yes ;;
			domain) domain=$value && world_domain "$domain" ;;
			*)
				[ "$directive" != mx ] || world_certify "$value"
				[ -n "$begun" ] || world_set "$domain" "$directive" "$value" || die "case $name: what is '$directive'?"
				;;
			esac
		done <<<"${CASE_LINES[$name]}"
	done
}

# case_play NAME
case_play() {
	local name=$1 domain=$1.example directive value begun='' changed='' wrong='' config=default rcpts=() token='' last_rcpt='' log_line=1 mtas='' with=() login='' claims='' attempt=0 sender=''
	while read -r -u 4 directive value; do
		case $directive in
		'') continue ;;
		certify) continue ;;
		wrong) wrong=$value && continue ;;
		config) config=$value && continue ;;
		mtas) case_mtas "$value" && continue ;;
		with) case_with "$value" && continue ;;
		login) login=$value && continue ;;
		claims) claims=yes && continue ;;
		domain) domain=$value && continue ;;
		send | expect | accept | deliver | beside | do | check)
			begun=yes
			[[ $changed != *dns* ]] || dns_publish
			[[ $changed != *web* ]] || web_publish
			changed=''
			"case_$directive" "$value"
			;;
		*)
			[ -z "$begun" ] || world_set "$domain" "$directive" "$value" || die "case $name: what is '$directive'?"
			case ${begun:+$directive} in
			'') ;;
			web | policy*) changed+='dns web' ;; # the kind of address that it has; the record that a first policy comes with
			*) changed+=dns ;;
			esac
			;;
		esac
	done 4<<<"${CASE_LINES[$name]}"
}

# case_send "[OPTION...] RCPT...": one message; its expect lines follow, one for each RCPT
case_send() {
	local words word by=smtp options=() bcc=() claims='' text
	sender=postfix
	read -ra words <<<"$1"
	rcpts=()
	for word in "${words[@]}"; do
		case $word in
		by=older) by=older sender=postfix310 ;;
		by=*) by=${word#*=} ;;
		login=* | from=* | utf8) options+=("$word") ;;
		claims) claims=yes ;;
		bcc=*) bcc+=("${word#*=}") ;;
		*) rcpts+=("$word") ;;
		esac
	done
	token=$name.$((++MESSAGES))
	text=$(case_text "${rcpts[@]}")
	REPLY=()
	[ -z "${MTA_MISSING[$sender]:-}" ] || return 0
	log_line=$(($(daemon_lines "$config") + 1))
	case $by in
	smtp) client_smtp "${PORT[$config]}" "${options[*]}" "$SENDER" "$text" "${rcpts[@]}" "${bcc[@]}" ;;
	older) client_smtp 12026 '' "$SENDER" "$text" "${rcpts[@]}" ;;
	unasked) client_smtp 10024 '' "$SENDER" "$text" "${rcpts[@]}" ;;
	sendmail) client_sendmail "$SENDER" "$text" ;;
	esac
	rcpts+=("${bcc[@]}")
}

case_text() {
	local to="$*"
	[ -z "$claims" ] || printf 'MTA-STS-Verdict: %s; id=claimed; result=pass\n' mail.sender.example other.example
	printf '%s\n' "Message-ID: <$token@sender.example>" "From: <$SENDER>" "To: ${to// /, }" "Subject: $name" \
		"Date: Thu, 01 Jan 2026 00:00:00 +0000" "X-Lab: case $name" '' "A message of the lab's case $name."
}

# case_expect "REPLY | KNOWLEDGE REASON | PLACE...": for the next recipient
case_expect() {
	local want_reply want_verdict want_places rcpt reply verdict places
	IFS='|' read -r want_reply want_verdict want_places <<<"${1// | /|}"
	[ ${#rcpts[@]} -gt 0 ] || case_send "u@$domain"
	rcpt=${rcpts[0]} last_rcpt=${rcpts[0]}
	rcpts=("${rcpts[@]:1}")
	if [ -n "${MTA_MISSING[$sender]:-}" ]; then
		table_skipped "${rcpt##*@}" "$wrong"
		return
	fi
	reply=${REPLY[$rcpt]:--}
	places=$(evidence_wait "$token@sender.example" "${rcpt#@*:}" "$reply" "$want_places" "$sender")
	verdict=$(daemon_said "$config" "${rcpt#@*:}" "$log_line" "$want_verdict")
	[[ $reply != [45]* ]] || REFUSED+=("$token@sender.example ${rcpt#@*:}")
	table_row "${rcpt##*@}" "$wrong" "$want_reply" "$reply" "$want_verdict" "$verdict" "$want_places" "$places"
}
