#!/bin/bash
# test-install.sh DIRECTORY - does what `make deb` has put there install, run and go away without a trace?
#
# Everything happens in a private root: an overlay over this machine whose changes live in memory, in namespaces that die
# with this script. No service manager runs there, so the daemon is started as the unit would start it: same command, same
# capabilities, same writable directories, no network.
set -u
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022

package=mta-sts-milter
exposure=30 # systemd-analyze security, times ten: 2.6 now
feed_exposure=10 # 0.6 now

say() { echo "install: $*"; }
die() {
	say "FAILED: $*"
	exit 1
}
skip() {
	say "skipped: $*"
	exit 77
}

outside() {
	debs=$(cd "$1" && pwd) || exit 99
	deb=$(find "$debs" -name "${package}_*.deb")
	[ -f "$deb" ] || die "no package in $debs"
	[ "$(id -u)" = 0 ] || skip "it takes root to make namespaces"
	exec unshare --mount --propagation private --pid --fork --kill-child --ipc --uts -- "$0" --inside "$deb"
}

# --- the private root

make_root() {
	root=$work/root
	mkdir -p "$work/upper" "$work/overlay" "$root"
	mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" overlay "$root" || skip "no overlay here"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --make-rslave "$root/dev"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
	# What this machine may have from earlier experiments is not part of the test.
	in_root userdel $package 2>/dev/null
	in_root userdel mta-sts 2>/dev/null
	in_root groupdel mta-sts 2>/dev/null
	in_root groupdel postfix 2>/dev/null
	in_root groupdel smmsp 2>/dev/null
	rm -rf "$root/etc/mta-sts-milter" "$root/var/lib/mta-sts" "$root/var/lib/mta-sts-feed" "$root/var/spool/postfix"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	cp "$deb" "$root/tmp/package.deb"
	mkdir "$root/tmp/made"
	find "$(dirname "$deb")" -maxdepth 1 -type f -exec cp -t "$root/tmp/made" {} +
}

# In the private root, because lintian forgets files in /tmp.
lint_package() {
	if ! command -v lintian >/dev/null; then
		say "lintian is missing, not run"
		return
	fi
	in_root sh -c 'lintian --fail-on error --allow-root --tag-display-limit 0 /tmp/made/*.changes' || die "lintian has errors"
	say "lintian: no errors"
}

in_root() {
	chroot "$root" /usr/bin/env -u LD_PRELOAD DEBIAN_FRONTEND=noninteractive PATH="$PATH" "$@"
}

# What was written to the root, but for the diaries of the package manager.
footprint() {
	(cd "$work/upper" && find . ! -type d | grep -Ev \
		'^\./(var/lib/(dpkg|apt|systemd/deb-systemd-helper.*|pam|ucf)|var/(cache|log|backups)|etc/(passwd|group|shadow|gshadow|subuid|subgid|\.pwd\.lock|ld\.so\.cache)-?$)' |
		sort)
}

quietly() {
	"$@" >"$work/output" 2>&1 || {
		cat "$work/output"
		die "$*"
	}
}

# --- the daemon, started as its unit says

unit_value() {
	sed -n "s/^$1=//p" "$unit"
}

# What ProtectSystem=strict, ReadWritePaths= and RuntimeDirectory= leave of the root.
enter_unit() { # ExecStart or ExecStartPre
	mkdir -p "$root/run/mta-sts"
	chmod 755 "$root/run/mta-sts"
	for dir in $(unit_value ReadWritePaths) /run/mta-sts; do
		[ -d "$root$dir" ] || die "the unit writes to $dir, which the package does not make"
		mount --bind "$root$dir" "$root$dir"
	done
	mount -o remount,bind,ro "$root/run"
	mount -o remount,bind,ro "$root"
	ip link set lo up 2>/dev/null
	umask "$(unit_value UMask)"
	bounding=$(unit_value CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
	start=$(unit_value "$1")
	start=${start#-}
	# shellcheck disable=SC2086 # the command line of the unit is made of words
	exec chroot "$root" setpriv --bounding-set="-all,$bounding" --inh-caps=-all --no-new-privs -- \
		env -i PATH="$PATH" NOTIFY_SOCKET=/run/notify $start
}

start_daemon() {
	rm -f "$root/run/notify" "$work/listening"
	# shellcheck disable=SC2016 # Perl's variables
	perl -MSocket -e '
		socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die "$!\n";
		bind($s, pack_sockaddr_un($ARGV[0])) or die "$!\n";
		chmod(0666, $ARGV[0]);
		open(my $up, ">", $ARGV[1]); close($up);
		alarm(30);
		while (recv($s, my $m, 4096, 0)) { exit(0) if defined($m) and $m =~ /^READY=1/m; }' \
		"$root/run/notify" "$work/listening" &
	notified=$!
	until [ -e "$work/listening" ]; do
		kill -0 $notified 2>/dev/null || die "no socket for notifications"
		sleep 0.05
	done
	# It may complain, there is no network; it must not leave anything that stands in the daemon's way.
	unshare --net --mount --propagation private -- "$0" --unit "$root" "$unit" ExecStartPre >"$work/examine.log" 2>&1
	unshare --net --mount --propagation private -- "$0" --unit "$root" "$unit" ExecStart >"$work/daemon.log" 2>&1 &
	daemon=$!
	while kill -0 $notified 2>/dev/null && kill -0 $daemon 2>/dev/null; do sleep 0.1; done
	kill -0 $daemon 2>/dev/null || die "the daemon is gone: $(cat "$work/daemon.log")"
	wait $notified || die "the daemon does not say READY=1: $(cat "$work/daemon.log")"
}

stop_daemon() {
	before=$(date +%s)
	kill -TERM $daemon
	wait $daemon
	status=$?
	took=$(($(date +%s) - before))
	[ $status = 0 ] || die "stopped with status $status: $(cat "$work/daemon.log")"
	[ $took -le 10 ] || die "it took $took s to stop"
}

ask_daemon() { # the group that the milter's socket must belong to
	quietly in_root mta-sts status
	grep -q 'persistent: yes' "$work/output" || die "the database cannot be written: $(cat "$work/output")"
	quietly in_root mta-sts status --json
	cp "$work/output" "$work/json"
	quietly in_root perl -MJSON::PP -e 'local $/; decode_json(<STDIN>)' <"$work/json"
	who=$(in_root stat -c '%U:%G %a' /var/spool/postfix/mta-sts/milter.sock)
	[ "$who" = "mta-sts:$1 660" ] || die "the milter's socket is $who, not mta-sts:$1 660"
	# Sockets of the policy service; where no Exim is its own group stands in.
	for socket in /var/spool/postfix/mta-sts/policy.sock:$1 /var/spool/postfix/mta-sts/tlsrpt.sock:$1 /run/mta-sts/exim.sock:mta-sts; do
		who=$(in_root stat -c '%U:%G %a' "${socket%:*}")
		[ "$who" = "mta-sts:${socket#*:} 660" ] || die "${socket%:*} is $who, not mta-sts:${socket#*:} 660"
	done
	answer=$(sendmail_asks)
	[ "$answer" = '9:NOTFOUND ,' ] || die "at port 5461 it says '$answer'"
	uid=$(awk '/^Uid:/ { print $2 }' "$root/proc/$daemon/status")
	[ "$uid" = "$(in_root id -u mta-sts)" ] || die "the daemon runs as $uid"
	caps=$(awk '/^Cap(Prm|Eff):/ { printf "%s", $2 }' "$root/proc/$daemon/status")
	[ -z "${caps//0/}" ] || die "the daemon has kept capabilities: $caps"
}

# In the daemon's own network.
sendmail_asks() {
	# shellcheck disable=SC2016 # of the inner shell
	nsenter --net="$root/proc/$daemon/ns/net" timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/5461 && printf %s "$0" >&3 && head -c 12 <&3' \
		'14:sts x..example,' 2>&1
}

# The command of mta-sts-feed.service, as its user and with no more groups than it has.
feed_daemon() {
	feed_unit=$root/lib/systemd/system/mta-sts-feed.service
	groups=$(sed -n 's/^SupplementaryGroups=//p' "$feed_unit" | tr ' ' '\n' | while read -r group; do
		in_root getent group "$group" | cut -d: -f3
	done | paste -sd,)
	printf '%s postfix/smtp[1]: 4F2B81: to=<u@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=4.7.5, status=deferred (Server certificate not verified)\n' \
		'Nov 22 02:26:53 host' >"$root/var/log/mail.log"
	in_root chown "root:adm" /var/log/mail.log
	chmod 640 "$root/var/log/mail.log"
	in_root install -d -o mta-sts -g mta-sts -m 750 /var/lib/mta-sts-feed
	start=$(sed -n 's/^ExecStart=//p' "$feed_unit")
	# shellcheck disable=SC2086 # the command line of the unit is made of words
	quietly in_root setpriv --reuid mta-sts --regid mta-sts --groups "$groups" --no-new-privs --bounding-set=-all --inh-caps=-all -- $start --once
	grep -q '^told: 1$' "$work/output" || die "mta-sts feed told nothing: $(cat "$work/output")"
	[ -s "$root/var/lib/mta-sts-feed/cursor" ] || die "mta-sts feed left no cursor"
	rm "$root/var/log/mail.log"
	say "mta-sts-feed: told the daemon"
}

# Can somebody with no other right than the group reach the milter?
group_reaches_milter() {
	# shellcheck disable=SC2016 # Perl's variables
	in_root setpriv --reuid nobody --regid "$1" --clear-groups -- perl -MSocket -e '
		socket(my $s, PF_UNIX, SOCK_STREAM, 0);
		connect($s, pack_sockaddr_un("/var/spool/postfix/mta-sts/milter.sock")) or die "$!\n"' ||
		die "group $1 cannot connect to the milter"
}

inside() {
	deb=$1
	work=$(mktemp -d) || exit 99
	trap 'cd / && umount -R -l "$work"; rmdir "$work"' EXIT
	mount -t tmpfs -o mode=755 tmpfs "$work"
	make_root
	lint_package
	in_root apt-get satisfy -y --no-install-recommends "$(dpkg-deb -f "$deb" Depends)" >"$work/output" 2>&1 ||
		{ cat "$work/output" && die "dependencies"; }
	footprint >"$work/before"

	quietly in_root dpkg -i /tmp/package.deb
	say "installed $(in_root dpkg-query -W $package)"
	unit=$root/lib/systemd/system/$package.service
	if command -v systemd-analyze >/dev/null; then
		quietly systemd-analyze security --offline=true --threshold=$exposure "$unit"
		say "systemd-analyze security: $(sed -n 's/.*exposure level for .*: \([0-9.]*\).*/\1/p' "$work/output")"
		quietly in_root systemd-analyze verify "/lib/systemd/system/$package.service"
		quietly systemd-analyze security --offline=true --threshold=$feed_exposure "${unit%/*}/mta-sts-feed.service"
		quietly in_root systemd-analyze verify /lib/systemd/system/mta-sts-feed.service
	fi
	# Who wants it enables it.
	[ -z "$(find "$root/etc/systemd/system" -name 'mta-sts-feed*' 2>/dev/null)" ] || die "mta-sts-feed is enabled"
	[ "$(in_root stat -c '%U %a' /var/lib/mta-sts)" = "mta-sts 750" ] || die "/var/lib/mta-sts is not ours alone"
	# The pages must be found where man looks for them.
	for page in 1:mta-sts 5:mta-sts.conf 8:mta-sts-milter; do
		[ -s "$root/usr/share/man/man${page%%:*}/${page#*:}.${page%%:*}.gz" ] || die "no man page $page"
	done

	start_daemon
	ask_daemon mta-sts
	quietly in_root mta-sts config -n
	[ ! -s "$work/output" ] || die "the shipped configuration differs from the defaults: $(cat "$work/output")"
	feed_daemon
	stop_daemon
	say "without Postfix: started, asked, stopped in $took s"

	in_root groupadd -r postfix
	start_daemon
	ask_daemon postfix
	group_reaches_milter postfix
	stop_daemon
	say "with Postfix's group: the same, and the group reaches the milter"

	echo '# ours' >>"$root/etc/mta-sts-milter/mta-sts.conf"
	quietly in_root dpkg -i /tmp/package.deb
	grep -q '^# ours' "$root/etc/mta-sts-milter/mta-sts.conf" || die "installing it again overwrites the configuration"

	quietly in_root dpkg -r $package
	[ -e "$root/etc/mta-sts-milter/mta-sts.conf" ] || die "removal took the configuration along"
	[ ! -e "$root/usr/sbin/mta-sts-milter" ] || die "removal left the daemon"
	quietly in_root dpkg -P $package
	footprint >"$work/after"
	diff "$work/before" "$work/after" || die "purge leaves files behind"
	for dir in etc/mta-sts-milter var/lib/mta-sts var/lib/mta-sts-feed var/spool/postfix; do
		[ ! -e "$root/$dir" ] || die "purge leaves /$dir"
	done
	say "removed and purged"
	say "PASSED"
}

case ${1:-} in
--inside) inside "$2" ;;
--unit)
	root=$2 unit=$3
	enter_unit "$4"
	;;
'') die "usage: test-install.sh DIRECTORY" ;;
*) outside "$1" ;;
esac
