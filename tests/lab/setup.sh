# shellcheck shell=bash
# setup.sh - faults planted into an MTA's configuration and around it, and what `mta-sts setup postfix|sendmail|exim --check` says of them
#
# Postfix's configuration is a copy that nobody runs: Debian's, with the very lines that `mta-sts setup postfix` prints. Sockets, chroot and
# resolver are those of the Postfix that runs. In a case that Postfix 3.10 alone plays (`mtas`) it is 3.10's, told by its own postconf.

SETUP_UNDO=()

setup_run() { /build/mta-sts setup postfix -c "$W/setup/ours.conf" --mta-config "$W/setup/etc" "$@"; }

# setup_age FILE...: Postfix's programs wait until a main.cf is older than a second
setup_age() { touch -d '1 minute ago' "$@"; }

# setup_each FILE "COMMANDS", a line each
setup_each() {
	local line
	setup_age "$1"
	while read -r line; do
		bash -ec "$line" || return
		setup_age "$1"
	done <<<"$2"
}

# setup_fresh: as it should be
setup_fresh() {
	local root='' good=$W/setup-$config.good
	[ "$mtas" != ' postfix310 ' ] || root=/trixie PATH=$W/bin310:$PATH
	rm -rf "$W/setup"
	[ ! -d "$good" ] || { cp -a "$good" "$W/setup" && return; }
	mkdir -p "$W/setup/etc"
	{ sender_main setup && echo "queue_directory = /var/spool/postfix"; } >"$W/setup/etc/main.cf"
	cp $root/usr/share/postfix/master.cf.dist "$W/setup/etc/master.cf"
	echo 'submission inet n - y - - smtpd' >>"$W/setup/etc/master.cf"
	sed /^postfix_version/d "/etc/mta-sts-milter/$(daemon_file "$config")" >"$W/setup/ours.conf"
	setup_age "$W/setup/etc/main.cf"
	setup_run >"$W/setup/printed" || die "mta-sts setup postfix: status $?"
	sed -n '/^\[/,/^$/p' "$W/setup/printed" >>"$W/setup/ours.conf"
	setup_each "$W/setup/etc/main.cf" "$(grep '^postconf' "$W/setup/printed")" || die "what mta-sts setup postfix prints does not run"
	cp -a "$W/setup" "$good"
}

# check printed TEXT: setup prints that; VERSION is that of the Postfix which is looked at
check_printed() {
	[ -z "$without_milter" ] || return 0
	setup_fresh
	grep -qF -- "${1//VERSION/$(postconf -dh mail_version)}" "$W/setup/printed" || echo " not printed: $(tr '\n' ' ' <"$W/setup/printed")"
}

# check setup PATTERN: it is as it should be, and a line says that
check_setup() {
	[ -z "$without_milter" ] || return 0
	setup_fresh
	setup_run --check >"$W/log/setup" 2>&1 || echo " status $?"
	grep -E '^(warning|problem)' "$W/log/setup" || true
	grep -Eq -- "$1" "$W/log/setup" || echo " no line like '$1': $(cat "$W/log/setup")"
}

# check planted "STATE CHECK: PLANT; PLANT...": with that it says so, and how to mend it, unless STATE is ok
check_planted() {
	local status=0
	[ -z "$without_milter" ] || return 0
	setup_fresh
	setup_plant "${1#*: }"
	setup_run --check >"$W/log/setup" 2>&1 || status=$?
	setup_unplant
	setup_said "${1%%: *}" $status
}

# setup_plant "PLANT; PLANT..."
setup_plant() {
	local plants plant verb words
	IFS=';' read -ra plants <<<"$1"
	for plant in "${plants[@]}"; do
		read -r verb words <<<"$plant"
		"plant_$verb" "$words"
	done
}

setup_unplant() {
	local undo
	for undo in "${SETUP_UNDO[@]}"; do eval "$undo"; done
	SETUP_UNDO=()
}

# setup_said "STATE CHECK" STATUS: the last look has said that, and how to mend it, and has ended so
setup_said() {
	local state check
	read -r state check <<<"$1"
	grep -A1 -E "^$state +$check " "$W/log/setup" | grep -q "$([ "$state" = ok ] || echo '^ *-> .')" || echo " not said: $(tr '\n' ' ' <"$W/log/setup")"
	[ "$2" = "$([ "$state" = problem ] && echo 1 || echo 0)" ] || echo " status $2"
}

# check felt WHO "STATE CHECK: PLANT; PLANT...": the server that runs here feels what is planted, --check says so, and without it all is well again.
# WHO is one of the functions below, which print a 2xx reply or another one.
check_felt() {
	local who said plants mta=sendmail before during after status=0
	[ -z "$without_milter" ] || return 0
	read -r who said <<<"${1%%: *}"
	setup_ours "$who"
	[ "$who" != exim ] || mta=exim
	before=$("felt_$who")
	setup_plant "${1#*: }"
	during=$("felt_$who")
	/build/mta-sts setup $mta -c "$W/setup/ours.conf" ${SETUP_CONFIG[$who]:+--mta-config "${SETUP_CONFIG[$who]}"} --check >"$W/log/setup" 2>&1 || status=$?
	setup_unplant
	after=$("felt_$who")
	[[ $before == 2* && $during == 451* && $after == 2* ]] || echo " it was answered '$before', '$during', '$after'"
	setup_said "$said" $status
}

# runas: a Sendmail that is not root; map: as that user, with a map that asks a socket in a directory
declare -A SETUP_CONFIG=([runas]=/etc/mail/runas.cf [map]=/etc/mail/map.cf [rootmap]=/etc/mail/rootmap.cf)

felt_exim() { client_rcpt 14025 u@setup-exim.example; }
felt_sendmail() { client_rcpt 13025 u@setup-sendmail.example; }
felt_runas() { client_rcpt 13026 u@setup-sendmail.example; }
felt_map() { felt_looked_up setpriv --reuid=smmta --regid=postfix --clear-groups; }
felt_rootmap() { felt_looked_up; }

# felt_looked_up [COMMAND...]: in the map, by Sendmail itself; COMMAND becomes somebody
felt_looked_up() {
	local got
	got=$("$@" /usr/libexec/sendmail/sendmail -C "${SETUP_CONFIG[$who]}" -bt <<<'/map sts setup-sendmail.example' 2>&1)
	case $got in
	*'no match (75)'*) echo 451 ;;
	*'map_lookup: sts'*) echo 250 ;;
	*) echo "$got" ;;
	esac
}

# setup_ours WHO: mta-sts.conf, and what WHO needs beside the servers that are up
setup_ours() {
	setup_fresh
	[ "$1" = exim ] || sed -i 's/^delivery_bound.*/delivery_bound = no/' "$W/setup/ours.conf" # it has a mailertable
	[ ! -e "${SETUP_CONFIG[$1]:-/}" ] || return 0
	case $1 in
	runas)
		install -d -o smmta -m 700 /var/spool/mqueue-runas
		sed -E 's|Port=13025|Port=13026|; s|^#?O PidFile=.*|O PidFile=/dev/null|; s|^O QueueDirectory=.*|O QueueDirectory=/var/spool/mqueue-runas|
			s|^#?O RunAsUser.*|O RunAsUser=smmta:postfix|' /etc/mail/sendmail.cf >"${SETUP_CONFIG[$1]}"
		sendmail_run -C "${SETUP_CONFIG[$1]}" -bd || die "Sendmail does not start: $(tail -n 1 "$W/log/sendmail-start")"
		wait_for "Sendmail as smmta" answers 13026@127.0.0.1
		;;
	map) felt_map_config 's|^#?O RunAsUser.*|O RunAsUser=smmta:postfix|' >"${SETUP_CONFIG[$1]}" ;;
	rootmap) felt_map_config '' >"${SETUP_CONFIG[$1]}" ;;
	esac
}

felt_map_config() { sed -E "/^Ksts /s|inet:5461@127.0.0.1|local:/var/spool/postfix/mta-sts/policy.sock|; $1" /etc/mail/sendmail.cf; }

# check beside MTA: the Sendmail or Exim that runs here is as it should be
check_beside() {
	[ -z "$without_milter" ] || return 0
	setup_ours "$1"
	/build/mta-sts setup "$1" -c "$W/setup/ours.conf" --check >"$W/log/setup" 2>&1 || echo " status $?: $(tr '\n' ' ' <"$W/log/setup")"
}

# check sendmail "STATE CHECK: SED-COMMAND", check exim likewise: a copy of its configuration, changed
check_sendmail() { setup_edited sendmail /etc/mail/sendmail.cf "$1"; }
check_exim() { setup_edited exim /var/lib/exim4/config.autogenerated "$1"; }

setup_edited() {
	local state check
	[ -z "$without_milter" ] || return 0
	setup_fresh
	read -r state check <<<"${3%%: *}"
	sed -E "${3#*: }" "$2" >"$W/setup/edited"
	! cmp -s "$2" "$W/setup/edited" || echo " nothing was planted"
	/build/mta-sts setup "$1" -c "$W/setup/ours.conf" --mta-config "$W/setup/edited" --check >"$W/log/setup" 2>&1 || true
	grep -A1 -E "^$state +$check " "$W/log/setup" | grep -q '^ *-> .' || echo " not said: $(tr '\n' ' ' <"$W/log/setup")"
}

# check quick: a Sendmail whose host has a name without a dot sleeps for a minute when it starts; who asks what it is need not wait for that
check_quick() {
	local began=$SECONDS
	[ -z "$without_milter" ] || return 0
	setup_ours sendmail
	echo '127.0.1.1 dotless' >"$W/setup/hosts"
	unshare --uts --mount sh -c "hostname dotless && mount --bind $W/setup/hosts /etc/hosts && exec /build/mta-sts setup sendmail -c $W/setup/ours.conf --check" \
		>"$W/log/setup" 2>&1 || echo " status $?: $(tr '\n' ' ' <"$W/log/setup")"
	grep -q '^ok  *built-in ' "$W/log/setup" || echo " not said: $(tr '\n' ' ' <"$W/log/setup")"
	[ $((SECONDS - began)) -lt 30 ] || echo " it took $((SECONDS - began)) s"
}

# check prints MTA EXAMPLE...: mta-sts setup prints each line of these files of doc/examples, with this laboratory's authority
check_prints() {
	local words missing
	[ -z "$without_milter" ] || return 0
	read -ra words <<<"$1"
	/build/mta-sts setup "${words[0]}" -c /etc/mta-sts-milter/mta-sts.conf >"$W/log/setup" 2>&1 || echo " status $?"
	missing=$(cd /src/doc/examples && grep -hvE '^(#|dnl|$)' "${words[@]:1}" |
		sed "s|/etc/ssl/certs/ca-certificates.crt|$W/pki/trusted.crt|; s|^\(MTA_STS_AUTHORITIES =\) .*|\1 $W/pki/trusted.crt|" | grep -vxFf <(sed 's/^ *//' "$W/log/setup"; cat "$W/log/setup") || true)
	[ -z "$missing" ] || echo " not printed: $missing"
}

# plant main NAME = VALUE
plant_main() {
	postconf -c "$W/setup/etc" -e "$1"
	setup_age "$W/setup/etc/main.cf"
}

plant_column() { postconf -c "$W/setup/etc" -F "$1"; }
plant_service() { postconf -c "$W/setup/etc" -M "$1"; }
plant_override() { postconf -c "$W/setup/etc" -P "$1"; }

# plant ours SECTION NAME = VALUE: in place of what mta-sts.conf says
plant_ours() {
	local section line
	read -r section line <<<"$1"
	sed -i "/^${line%% *} = /d" "$W/setup/ours.conf"
	printf '[%s]\n%s\n' "$section" "$line" >>"$W/setup/ours.conf"
}

# plant mode MODE PATH, plant group GROUP PATH
plant_mode() {
	SETUP_UNDO+=("chmod $(stat -c %a "${1#* }") ${1#* }")
	chmod "${1%% *}" "${1#* }"
}

plant_group() {
	SETUP_UNDO+=("chgrp $(stat -c %g "${1#* }") ${1#* }")
	chgrp "${1%% *}" "${1#* }"
}

# plant member USER GROUP
plant_member() {
	cp /etc/group "$W/setup/group"
	SETUP_UNDO+=("cp $W/setup/group /etc/group")
	usermod -aG "${1#* }" "${1%% *}"
}

plant_away() {
	SETUP_UNDO+=("mv $1.away $1")
	mv "$1" "$1.away"
}

# plant resolver ADDRESS: of the chroot
plant_resolver() {
	cp /var/spool/postfix/etc/resolv.conf "$W/setup/resolv.conf"
	SETUP_UNDO+=("cp $W/setup/resolv.conf /var/spool/postfix/etc/resolv.conf")
	printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$1" >/var/spool/postfix/etc/resolv.conf
}

# check instances: a second instance, as postmulti(1) makes it, is looked at beside the first; with the lines for it nothing is wrong
check_instances() {
	[ -z "$without_milter" ] || return 0
	setup_fresh
	mkdir -p "$W/setup/here"
	cp -a /etc/postfix/. "$W/setup/here"
	cp "$W/setup/etc/"*.cf "$W/setup/here"
	sed -i 's|^maillog_file = .*|maillog_file = /var/log/mail|' "$W/setup/here/main.cf" # a second instance has only the usual places
	cp /usr/share/postfix/main.cf.dist "$W/setup/here/main.cf.proto"
	cp /usr/share/postfix/master.cf.dist "$W/setup/here/master.cf.proto"
	unshare --mount --propagation private bash -c "$(declare -f setup_instances setup_age setup_each); W=$W; setup_instances" 2>&1
}

# Runs where /etc/postfix can be another one.
setup_instances() {
	local dir=/etc/postfix-out lines said
	mount --bind "$W/setup/here" /etc/postfix
	setup_age /etc/postfix/main.cf
	postmulti -e init && setup_age /etc/postfix/main.cf && postmulti -I postfix-out -e create || echo " postmulti: status $?"
	setup_age {/etc/postfix,$dir}/main.cf
	said=$(/build/mta-sts setup postfix -c "$W/setup/ours.conf" --check) || echo " one that is not enabled: status $?"
	grep -q 'note .* not enabled' <<<"$said" || echo " it does not say that one is not enabled"
	setup_each $dir/main.cf "postmulti -i postfix-out -e enable
		postconf -c $dir -X master_service_disable"
	said=$(/build/mta-sts setup postfix -c "$W/setup/ours.conf" --check) && echo " one that asks nobody: status 0"
	sed -n "\\|^$dir:|,\$p" <<<"$said" | grep -q '^problem .*delivery-bound' || echo " it does not say that one asks nobody: $said"
	lines=$(/build/mta-sts setup postfix -c "$W/setup/ours.conf" --mta-config $dir | grep ^postconf)
	setup_each $dir/main.cf "$lines"
	said=$(/build/mta-sts setup postfix -c "$W/setup/ours.conf" --check) || echo " with the lines for it: status $?"
	grep -E '^(warning|problem)' <<<"$said"
	rm -rf $dir /var/spool/postfix-out /var/lib/postfix-out
}
