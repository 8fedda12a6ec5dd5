# shellcheck shell=bash
# setup.sh - faults planted into a Postfix's configuration, and what `mta-sts setup postfix --check` says of them
#
# The configuration is a copy that nobody runs: Debian's, with the very lines that `mta-sts setup postfix` prints. Sockets, chroot and
# resolver are those of the Postfix that runs.

SETUP_UNDO=()

setup_run() { /build/mta-sts setup postfix -c "$W/setup/ours.conf" --mta-config "$W/setup/etc" "$@"; }

# setup_fresh: as it should be
setup_fresh() {
	rm -rf "$W/setup"
	[ ! -d "$W/setup.good" ] || { cp -a "$W/setup.good" "$W/setup" && return; }
	mkdir -p "$W/setup/etc"
	{ sender_main setup && echo "queue_directory = /var/spool/postfix"; } >"$W/setup/etc/main.cf"
	cp /usr/share/postfix/master.cf.dist "$W/setup/etc/master.cf"
	echo 'submission inet n - y - - smtpd' >>"$W/setup/etc/master.cf"
	cp /etc/mta-sts-milter/mta-sts.conf "$W/setup/ours.conf"
	setup_run >"$W/setup/printed" || die "mta-sts setup postfix: status $?"
	sed -n '/^\[/,/^$/p' "$W/setup/printed" >>"$W/setup/ours.conf"
	bash -ec "$(grep '^postconf' "$W/setup/printed")" || die "what mta-sts setup postfix prints does not run"
	cp -a "$W/setup" "$W/setup.good"
}

# check setup PATTERN: it is as it should be, and a line says that
check_setup() {
	[ -z "$without_milter" ] || return 0
	setup_fresh
	setup_run --check >"$W/log/setup" 2>&1 || echo " status $?"
	grep -E '^(warning|problem)' "$W/log/setup" || true
	grep -Eq -- "$1" "$W/log/setup" || echo " no line like '$1': $(cat "$W/log/setup")"
}

# check planted "STATE CHECK: PLANT; PLANT...": with that it says so, and how to mend it
check_planted() {
	local plants plant verb words undo status=0
	[ -z "$without_milter" ] || return 0
	setup_fresh
	IFS=';' read -ra plants <<<"${1#*: }"
	for plant in "${plants[@]}"; do
		read -r verb words <<<"$plant"
		"plant_$verb" "$words"
	done
	setup_run --check >"$W/log/setup" 2>&1 || status=$?
	for undo in "${SETUP_UNDO[@]}"; do eval "$undo"; done
	SETUP_UNDO=()
	read -r verb words <<<"${1%%: *}"
	grep -A1 -E "^$verb +$words " "$W/log/setup" | grep -q '^ *-> .' || echo " not said: $(tr '\n' ' ' <"$W/log/setup")"
	[ "$status" = "$([ "$verb" = problem ] && echo 1 || echo 0)" ] || echo " status $status"
}

plant_main() { postconf -c "$W/setup/etc" -e "$1"; }
plant_column() { postconf -c "$W/setup/etc" -F "$1"; }
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
