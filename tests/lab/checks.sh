# shellcheck shell=bash
# checks.sh - what a case can do beside sending (do ...), and look at beside one recipient (check ...)
#
# They see what case_play keeps: name, wrong, config, token, last_rcpt. A check prints what is not as it should be.

case_do() {
	local verb words
	read -r verb words <<<"$1"
	"do_${verb//-/_}" "$words"
}

case_check() {
	local verb words
	read -r verb words <<<"$1"
	if [ -n "$mtas" ] && ! column_any; then
		table_skipped "$name" "$wrong"
		return
	fi
	table_check "$name" "$wrong" "$("check_${verb//-/_}" "$words")"
}

do_restart() {
	[ -z "$without_milter" ] || return 0
	daemon_stop "$config"
	daemon_start "$config"
}

do_attack_on() { attack_on "$1"; }
do_attack_off() { attack_off "$1"; }

# do lead NAME ASTRAY: who connects to the first of these in mx-hosts is at the second; do let: no more of that
do_lead() { attack_lead "${1% *}" "${1#* }"; }
do_let() { attack_let; }

# do kill, do start: the daemon dies, as by a power cut; it comes back
do_kill() {
	[ -z "$without_milter" ] || return 0
	kill -KILL "${DAEMON_PID[$config]}"
	wait "${DAEMON_PID[$config]}" 2>/dev/null || true
	rm -f "/var/spool/postfix/mta-sts/$(daemon_socket "$config" milter)" # for daemon_start, which waits for it
}

do_start() { [ -n "$without_milter" ] || daemon_start "$config"; }

# do wait SECONDS: for something that the daemon's clock decides
do_wait() { [ -n "$without_milter" ] || sleep "$1"; }

# do postconf NAME=VALUE; NAME=VALUE...
do_postconf() {
	local settings
	IFS=';' read -ra settings <<<"$1"
	postconf -e "${settings[@]}"
	sender_reload
}

# do cure: local submissions go through SMTP once, by the very commands of the README
do_cure() {
	bash -ec "$(readme 'Local submissions' .)" 2>>"$W/log/sender-start"
	wait_for "the way back in" answers 10026@127.0.0.1
	sleep 1 # the old pickup ends when it notices
}

# check unasked HOST: no policy host of that name was asked for anything
check_unasked() { grep -F -m 1 "$1 " "$W/log/nginx" || true; }

# check log PATTERN: this configuration's daemon has logged such a line
check_log() {
	[ -n "$without_milter" ] || grep -Eiq -- "$1" "$W/log/daemon-$config" || echo " no line like '$1' in daemon-$config"
}

# check untalked MTA-LOG HOST: that MTA has not connected to the host
check_untalked() { [ -n "$without_milter" ] || grep -m 1 -F "${1#* }[" "$W/log/${1% *}" || true; }

# check logged MTA-LOG PATTERN: that MTA has logged such a line
check_logged() { [ -n "$without_milter" ] || grep -Eq -- "${1#* }" "$W/log/${1%% *}" || echo " no line like '${1#* }' in ${1%% *}"; }

# check outcome PATTERN: the daemon has kept such an outcome of the domain's TLS sessions
check_outcome() {
	local answer
	[ -z "$without_milter" ] || return 0
	answer=$(mta_sts outcomes "$domain" 2>&1) || { echo " status $?: $answer" && return; }
	grep -Eq -- "$1" <<<"$answer" || echo " no '$1' in $answer"
}

# check fed "RESULT COUNT; MTA RESULT COUNT; ...": in each MTA's own log `mta-sts feed` finds so many sessions for its last message that came
# out like that, and the daemon keeps them
check_fed() {
	local mta want told config from before after
	[ -z "$without_milter" ] || return 0
	for mta in "${!COLUMN_TOKEN[@]}"; do
		config=${MTA_CONFIG[$mta]} from=${COLUMN_LINE[$mta]} want=$(column_of "$mta" "$1")
		before=$(check_counted "${want% *}")
		told=$(tail -n "+$((from + 1))" "$W/log/${MTA_LOG[$mta]}" | mta_sts feed --once - 2>&1) || told+=" (status $?)"
		after=$(check_counted "${want% *}")
		[ $((after - before)) = "${want#* }" ] || echo " $mta: $((after - before)) kept, ${told//$'\n'/, };"
	done
}

# check_counted RESULT: so many of the domain's sessions have come out like that, as logs tell
check_counted() {
	mta_sts outcomes --json "$domain" 2>/dev/null | perl -MJSON::PP -e '
		local $/; my $n = 0; my $o = eval { decode_json(<STDIN>) } // {};
		$n += $_->{count} for grep { $_->{source} eq "log" && $_->{result} eq $ARGV[0] } @{$o->{outcomes}};
		print $n' "$1"
}

# check self-test PATTERN: so has mta-sts-milter -t
check_self_test() {
	[ -n "$without_milter" ] || grep -Eiq -- "$1" "$W/log/self-test-$config" || echo " no line like '$1' in self-test-$config"
}

# check map NAME KEY PATTERN: asked for KEY on the port that other policy servers have, under that map name, the daemon says so
check_map() {
	local map key pattern got
	[ -z "$without_milter" ] || return 0
	read -r map key pattern <<<"$1"
	got=$(postmap -q "$key" "socketmap:inet:127.0.0.1:8461:$map" 2>&1) || true
	[[ $got =~ ^${pattern:-}$ ]] || echo " it says '$got'"
}

# check one-id: message, decision and delivery have the same number in the header and in the log; for each MTA
check_one_id() {
	local mta log id accepted delivered
	[ -z "$without_milter" ] || return 0
	for mta in "${!COLUMN_TOKEN[@]}"; do
		log=$W/log/daemon-${MTA_CONFIG[$mta]} id=$(column_id "$mta")
		accepted=$(grep "event=rcpt .*id=$id " "$log" | grep -cF "rcpt=${COLUMN_RCPT[$mta]} " || true)
		delivered=$(grep -F "event=delivery " "$log" | grep -F "nexthop=$domain " | grep -Ec " ids?=([0-9a-f]+,)*$id(,| |\$)" || true)
		[[ -n $id && $accepted != 0 && $delivered != 0 ]] ||
			echo " $mta: '$id' stands in $accepted and $delivered lines;"
	done
}

# column_id MTA: as its last message has it in the header
column_id() {
	local file
	file=$(mx_file "${COLUMN_TOKEN[$1]}@sender.example" "${COLUMN_RCPT[$1]}") || return 0
	sed -n 's/^MTA-STS-Verdict: .*; id=\([0-9a-f]*\);.*/\1/p' "$file"
}

# check one-verdict WORD: for each MTA, the last message carries one field, which is the daemon's own word, and no other host's
check_one_verdict() {
	local mta file fields id
	[ -z "$without_milter" ] || return 0
	for mta in "${!COLUMN_TOKEN[@]}"; do
		file=$(mx_file "${COLUMN_TOKEN[$mta]}@sender.example" "${COLUMN_RCPT[$mta]}") || { echo " $mta: no message;" && continue; }
		fields=$(grep -i '^MTA-STS-Verdict:' "$file") id=$(column_id "$mta")
		[[ $fields == *"; result=$1" && $(wc -l <<<"$fields") = 1 ]] && grep -q "event=rcpt .*id=$id " "$W/log/daemon-${MTA_CONFIG[$mta]}" ||
			echo " $mta: ${fields//$'\n'/, };"
	done
}

# check header WORD: the last message carries one verdict of ours, and it is WORD
check_header() {
	local got
	[ -z "$without_milter" ] || return 0
	got=$(check_verdicts 'mail\.sender\.example')
	[[ $got =~ ^[^=]*\ id=[^\;]+\;\ result="$1"$ ]] || echo " the field of ours is '$got'"
}

# check foreign-header: the last message still carries another host's verdict
check_foreign_header() { [ -n "$(check_verdicts 'other\.example')" ] || echo " it is gone"; }

# check_verdicts AUTHORITY: the fields of the last message that start like that
check_verdicts() {
	local file
	file=$(mx_file "$token@sender.example" "$last_rcpt") || return 0
	grep -i "^MTA-STS-Verdict: $1;" "$file" || true
}

# mta_sts WORD...: the operator's command, for this configuration's daemon
mta_sts() { /build/mta-sts -c "/etc/mta-sts-milter/$(daemon_file "$config")" "$@"; }

# do command WORDS: it must end well
do_command() {
	local words
	[ -z "$without_milter" ] || return 0
	read -ra words <<<"$1"
	mta_sts "${words[@]}" >"$W/log/command" 2>&1 || die "mta-sts $1: status $?: $(cat "$W/log/command")"
}

# do warm NAME...: these domains are in a list
do_warm() { [ -n "$without_milter" ] || printf '%s\n' $1 | do_command "cache warm --rate 100 -"; }

# check events NAME...: all of these have happened to the domain, and the log says so
check_events() {
	local answer event
	[ -z "$without_milter" ] || return 0
	answer=$(mta_sts events --json "$domain" 2>&1) || { echo " status $?: $answer" && return; }
	for event in $1; do
		[[ $answer == *"\"$event\""* ]] || echo " no $event in $answer"
		check_log "event=$event domain=$domain "
	done
}

# check query PATTERN: the command knows it too
check_query() {
	local answer
	[ -z "$without_milter" ] || return 0
	answer=$(mta_sts query --json "$domain" 2>&1) || { echo " status $?: $answer" && return; }
	[[ $answer == *"$1"* ]] || echo " it said $answer"
}

# check probed KNOWLEDGE: an outcome has made the daemon look again, and this is what it knows now
check_probed() {
	local answer i
	[ -z "$without_milter" ] || return 0
	for ((i = 0; i < 40; i++)); do
		answer=$(mta_sts query --json "$domain" 2>&1) || true
		[[ $answer != *"\"$1\""* ]] || return 0
		sleep 0.1
	done
	echo " it says $answer"
}

# check same RCPT: the last two messages to RCPT are the same, but for what tells when and by which way they came
check_same() {
	local files
	mapfile -t files < <(grep -lixF "Delivered-To: $1" "$W/mail/all/new/"* | xargs ls -tr | tail -n 2)
	[ ${#files[@]} = 2 ] || { echo " not two messages" && return; }
	diff <(check_timeless "${files[0]}") <(check_timeless "${files[1]}") >"$W/difference" || echo " see $(tr '\n' ' ' <"$W/difference")"
}

# Without Received fields, and with the numbers of message and decision blotted out.
check_timeless() {
	awk '
		/^\r?$/ { body = 1 }
		!body && /^[^ \t]/ { skip = /^Received:/ }
		!skip || body' "$1" |
		sed -E "s/(^Message-ID: <$name)\.[0-9]+/\1/; s/(^MTA-STS-Verdict: .*id=)[^; ]+/\1/"
}
