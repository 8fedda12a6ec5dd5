# shellcheck shell=bash
# daemon.sh - mta-sts-milter, once for each line of tests/lab/configs

declare -A SETTINGS=() DAEMON_PID=()
CONFIGS=()

daemon_configs() {
	local name settings
	while read -r name settings; do
		[[ $name == \#* || -z $name ]] && continue
		CONFIGS+=("$name")
		SETTINGS[$name]=$settings
	done <"$lab/configs"
}

# daemon_socket CONFIG KIND: milter, policy, tlsrpt, exim or control; the default daemon has the product's names
daemon_socket() { [ "$1" = default ] && echo "$2.sock" || echo "$2-$1.sock"; }

daemon_up() {
	local name tests=()
	mkdir -p /etc/mta-sts-milter /var/lib/mta-sts /var/spool/postfix/mta-sts /run/mta-sts
	chown mta-sts /var/lib/mta-sts /var/spool/postfix/mta-sts /run/mta-sts
	for name in "${CONFIGS[@]}"; do
		daemon_write "$name" >"/etc/mta-sts-milter/$(daemon_file "$name")"
		daemon_test "$name" &
		tests+=($!)
	done
	wait "${tests[@]}"
	for name in "${CONFIGS[@]}"; do daemon_run "$name"; done
	for name in "${CONFIGS[@]}"; do daemon_ready "$name"; done
}

daemon_file() { [ "$1" = default ] && echo mta-sts.conf || echo "$1.conf"; }

# What every laboratory needs (its own trust, addresses and patience), then what the line of configs says.
daemon_write() {
	cat <<-C
		[daemon]
		log = stderr
		$([ "$1" = default ] || printf '%s\n' "database = /var/lib/mta-sts/$1.db" "control_socket = /run/mta-sts/$(daemon_socket "$1" control)")
		[milter]
		$([ "$1" = default ] || printf '%s\n' "milter_socket = unix:/var/spool/postfix/mta-sts/$(daemon_socket "$1" milter)")
		[delivery]
		$([ "$1" = default ] || daemon_delivery "$1")
		[dns]
		dns_trust_anchor = $W/dns/root.anchor
		[policy]
		ca_bundle = $W/pki/trusted.crt
		allow_networks = 198.51.100.0/24 203.0.113.0/24 2001:db8::/32
		fetch_timeout = 3s
		[probe]
		connect_timeout = 2s
		facts_ttl_bad = 1s
		$(printf '%b' "${SETTINGS[$1]//; /\\n}")
	C
}

# daemon_delivery CONFIG: where it is asked by delivery agents, unless its line of configs says that
daemon_delivery() {
	[[ ${SETTINGS[$1]} == *'socketmap ='* ]] || echo "socketmap = unix:/var/spool/postfix/mta-sts/$(daemon_socket "$1" policy)"
	echo "exim_socket = unix:/run/mta-sts/$(daemon_socket "$1" exim)"
	echo "tlsrpt_socket = /var/spool/postfix/mta-sts/$(daemon_socket "$1" tlsrpt)"
	[ "$1" != reports ] || [ ! -e /trixie/version ] || echo "postfix_version = $(cat /trixie/version)"
}

# daemon_has_map CONFIG: the policy service is in use
daemon_has_map() { [[ ${SETTINGS[$1]}';' != *'socketmap =;'* ]]; }

# daemon_start CONFIG: once more
daemon_start() {
	daemon_test "$1"
	daemon_run "$1"
	daemon_ready "$1"
}

# A case may want it to complain.
daemon_test() { /build/mta-sts-milter -t -c "/etc/mta-sts-milter/$(daemon_file "$1")" >"$W/log/self-test-$1" 2>&1 || true; }

daemon_run() {
	/build/mta-sts-milter -c "/etc/mta-sts-milter/$(daemon_file "$1")" </dev/null >>"$W/log/daemon-$1" 2>&1 &
	DAEMON_PID[$1]=$!
}

daemon_ready() { wait_for "mta-sts-milter ($1)" test -S "/var/spool/postfix/mta-sts/$(daemon_socket "$1" milter)"; }

# daemon_stop CONFIG...: all of them at once; libmilter takes seconds to notice
daemon_stop() {
	local name pids=()
	for name; do
		pids+=("${DAEMON_PID[$name]}")
	done
	kill -TERM "${pids[@]}"
	for name; do
		wait "${DAEMON_PID[$name]}" || die "mta-sts-milter ($name) ended with status $?: $(tail -n 3 "$W/log/daemon-$name")"
	done
}

daemon_lines() {
	[ -n "$without_milter" ] || wc -l <"$W/log/daemon-$1"
}

# daemon_said CONFIG RCPT LINE WANTED: knowledge and reason of the last decision about RCPT since that line of the log
daemon_said() {
	local said='' i patience=40
	[ -z "$without_milter" ] || { echo - && return; }
	[ "$4" != - ] || patience=5 # none is meant to come
	for ((i = 0; i < patience; i++)); do # the daemon gathers lines before it writes them
		said=$(daemon_decision "$@")
		[ -z "$said" ] || break
		sleep 0.05
	done
	echo "${said:--}"
}

daemon_decision() {
	tail -n "+$3" "$W/log/daemon-$1" | RCPT=$(daemon_escaped "${2,,}") awk '
		/event=rcpt / {
			split("", value)
			for (i = 1; i <= NF; i++)
				if (n = index($i, "=")) value[substr($i, 1, n - 1)] = substr($i, n + 1)
			if (tolower(value["rcpt"]) == ENVIRON["RCPT"]) said = value["knowledge"] " " value["reason"]
		}
		END { print said }'
}

# As the daemon writes what is not ASCII.
daemon_escaped() { perl -pe 's/([\x80-\xff])/sprintf "\\x%02x", ord $1/ge' <<<"$1"; }
