#!/bin/sh
# The daemon from the outside: options, wrong configurations, -t, bad databases, what the operator's command says of it,
# stopping. No network: the resolver is a port where nobody answers. As root it becomes nobody, otherwise it stays who it is.
set -u
TSAN_OPTIONS="suppressions=${srcdir:-.}/tests/daemon/tsan.supp report_destroy_locked=0 report_thread_leaks=0" # of libmilter's own shutdown
export TSAN_OPTIONS
daemon=./mta-sts-milter
mta_sts=./mta-sts
dir=$(mktemp -d) || exit 99
failures=0
cases=0
pid=

cleanup() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
chmod 755 "$dir"
cp /etc/ssl/certs/ca-certificates.crt "$dir/roots.crt"
mkdir "$dir/run"
[ "$(id -u)" != 0 ] || chown nobody "$dir/run"

fail() {
	failures=$((failures + 1))
	echo "FAIL: $*"
	sed 's/^/  out: /' "$dir/out" 2>/dev/null
	sed 's/^/  err: /' "$dir/err" 2>/dev/null
}

# expect NAME STATUS PATTERN COMMAND...: its status, and a basic regular expression that its output, either of them, holds
expect() {
	name=$1 status=$2 pattern=$3
	shift 3
	cases=$((cases + 1))
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ $got = "$status" ] || { fail "$name: status $got, not $status" && return; }
	[ -z "$pattern" ] || cat "$dir/out" "$dir/err" | grep -q -e "$pattern" || fail "$name: no \"$pattern\""
}

# check NAME COMMAND...
check() {
	name=$1
	shift
	cases=$((cases + 1))
	"$@" || fail "$name"
}

# conf [SED-COMMAND...]: the configuration, changed like that
conf() {
	cat >"$dir/conf" <<-C
		[daemon]
		user = nobody
		database = $dir/run/db
		control_socket = $dir/run/control
		log = stderr
		workers = 2
		[milter]
		milter_socket = unix:$dir/run/milter
		[delivery]
		socketmap = unix:$dir/run/policy
		exim_socket = unix:$dir/run/exim
		tlsrpt_socket = $dir/run/tlsrpt
		[dns]
		dns = 127.0.0.1@1
		dns_timeout = 200ms
		[policy]
		ca_bundle = $dir/roots.crt
	C
	for edit; do
		sed "$edit" "$dir/conf" >"$dir/conf.new" && mv "$dir/conf.new" "$dir/conf"
	done
}

nothing_is_left() { [ -z "$(ls -A "$dir/run")" ]; }
no_sockets() { [ -z "$(find "$dir/run" -type s)" ]; }
owned() { [ "$(id -u)" != 0 ] || chown nobody "$1"; }

start() {
	: >"$dir/log"
	$daemon -c "$dir/conf" >"$dir/log" 2>&1 </dev/null &
	pid=$!
	i=0
	while ! grep -q '^event=start' "$dir/log" && [ $i -lt 600 ] && kill -0 $pid 2>/dev/null; do
		i=$((i + 1))
		sleep 0.05
	done
	cp "$dir/log" "$dir/err"
	grep -q '^event=start' "$dir/log"
}

# Status 0, within ten seconds.
stop() {
	began=$(date +%s)
	kill -TERM $pid
	wait $pid
	status=$?
	pid=
	cp "$dir/log" "$dir/err"
	[ $status = 0 ] && [ $(($(date +%s) - began)) -le 10 ]
}

awaited() {
	i=0
	while ! logged "$1" && [ $i -lt 200 ]; do
		i=$((i + 1))
		sleep 0.05
	done
	logged "$1"
}
# Every thread of it: the kernel takes its time.
is_stopped() {
	i=0
	while grep -h '^State:' /proc/$pid/task/*/status | grep -qv 'T (stopped)' && [ $i -lt 200 ]; do
		i=$((i + 1))
		sleep 0.05
	done
}
logged() { grep -q -e "$1" "$dir/log"; }

# A newer database of ours: user_version stands at offset 60.
make_newer() { printf '\0\0\0\143' | dd of="$dir/run/db" bs=1 seek=60 conv=notrunc 2>/dev/null; }

options() {
	expect '--version' 0 '^mta-sts-milter [0-9]' $daemon --version
	expect '--help' 0 '^ *-t ' $daemon --help
	expect 'unknown option' 64 '^usage:' $daemon --nonsense
	expect 'option without its value' 64 '^usage:' $daemon -c
	expect 'argument' 64 'unexpected argument nonsense' $daemon nonsense
}

# Each is refused in the same way by the daemon, by -t and by the command; nothing is started, nothing is left.
wrong() { # NAME PATTERN
	expect "$1" 78 "$2" $daemon -c "$dir/conf"
	expect "$1, -t" 78 "$2" $daemon -t -c "$dir/conf"
	check "$1: nothing is left" nothing_is_left
}

wrong_configurations() {
	conf 's/^workers/wrokers/'
	wrong 'unknown setting' "^mta-sts-milter: $dir/conf:6: unknown setting \"wrokers\".*expected \"workers\""
	expect 'config, the same' 78 "^mta-sts: $dir/conf:6: " $mta_sts -c "$dir/conf" config
	expect 'status, the same' 78 "^mta-sts: $dir/conf:6: " $mta_sts -c "$dir/conf" status
	conf 's/^workers.*/workers = 0/'
	wrong 'bad value' "conf:6: bad value \"0\" for workers, expected .*1"
	conf "s|^workers.*|ca_bundle = /$(printf '%5000s' '' | tr ' ' x)|"
	wrong 'over-long line' 'conf:6: the line is 50.. bytes long, expected at most 4096'
	conf 's/^\[dns\]/[nds]/'
	wrong 'unknown section' 'conf:13: unknown section \[nds\], expected \[dns\]'
	rm "$dir/conf"
	wrong 'no configuration' "$dir/conf: No such file"
	conf 's|^milter_socket.*|milter_socket = inet:99999@127.0.0.1|'
	wrong 'no such port' 'conf:8: '
	conf '/^\[milter\]/a milter_socket_group = no-such-group'
	wrong 'no such group' 'milter_socket_group: there is no group no-such-group'
	[ "$(id -u)" = 0 ] || return
	conf 's/^user.*/user = no-such-user/'
	wrong 'no such user' 'user: there is no user no-such-user'
}

examination() {
	conf
	expect '-t without DNS' 78 '^problem dns: ' $daemon -t -c "$dir/conf"
	check '-t: the rest is fine' [ "$(grep -c '^ok ' "$dir/out")" = 6 ]
	conf 's|^ca_bundle.*|ca_bundle = /nonexistent|'
	expect '-t without roots' 78 '^problem ca_bundle: "/nonexistent" does not exist' $daemon -t -c "$dir/conf"
	conf '/^\[milter\]/a milter_socket_mode = 0600'
	expect '-t with a closed socket' 78 '^problem milter_socket_mode: 0600' $daemon -t -c "$dir/conf"
	mkdir "$dir/closed" && chmod 700 "$dir/closed"
	conf "s|^milter_socket .*|milter_socket = unix:$dir/closed/milter|"
	expect '-t with a closed directory' 78 "^problem milter_socket: $dir/closed" $daemon -t -c "$dir/conf"
	conf 's|^milter_socket .*|milter_socket = inet:8899@127.0.0.1|'
	expect '-t with TCP' 78 '^warning milter_socket: .*faster' $daemon -t -c "$dir/conf"
	conf 's|^socketmap .*|socketmap = inet:18462@0.0.0.0|'
	expect '-t with a policy service for everybody' 78 '^warning socketmap: inet:18462@0.0.0.0 is open to the network' $daemon -t -c "$dir/conf"
	conf '/^socketmap/a socketmap_mode = 0600'
	expect '-t with a closed policy service' 78 '^problem socketmap_mode: 0600' $daemon -t -c "$dir/conf"
	conf "s|^exim_socket .*|exim_socket = unix:$dir/closed/exim|"
	expect '-t with a closed directory for Exim' 78 "^problem exim_socket: $dir/closed" $daemon -t -c "$dir/conf"
	conf "s|^control_socket .*|control_socket = $dir/no/such/place/here|"
	expect '-t with a place that cannot be' 78 '^problem control_socket: the directory' $daemon -t -c "$dir/conf"
	check '-t leaves nothing' nothing_is_left
	[ "$(id -u)" = 0 ] || return
	mkdir "$dir/group" && chown nobody:root "$dir/group" && chmod 750 "$dir/group"
	conf "s|^milter_socket .*|milter_socket = unix:$dir/group/milter|" '/^milter_socket/a milter_socket_group = mail'
	expect '-t with a directory for another group' 78 "^problem milter_socket: $dir/group " $daemon -t -c "$dir/conf"
	mkdir "$dir/roots" && chmod 755 "$dir/roots"
	conf "s|^database .*|database = $dir/roots/db|"
	expect '-t with a database that only root could write' 78 '^problem database: ' $daemon -t -c "$dir/conf"
}

# From a line of the mail log to what the daemon keeps.
mail_log() {
	failed='relay=mx.fed.example[192.0.2.1]:25, delay=1, dsn=4.7.5, status=deferred (Server certificate not verified)'
	cat >"$dir/mail.log" <<-L
		Nov 22 02:26:53 host postfix/smtp[1]: 4F2B81: to=<u@fed.example>, $failed
		Nov 22 02:26:54 host postfix/smtp[1]: 4F2B82: to=<u@fed.example>, $failed
		Nov 22 02:26:55 host postfix/smtpd[1]: 4F2B83: to=<u@never.example>, $failed
	L
	expect 'feed' 0 '^told: 2' $mta_sts -c "$dir/conf" feed --once "$dir/mail.log"
	check 'feed: none refused' grep -q '^refused: 0' "$dir/out"
	expect 'feed: the daemon keeps it' 0 'validation-failure' $mta_sts -c "$dir/conf" outcomes --json fed.example
	check 'feed: counted' grep -q '"count":2' "$dir/out"
	expect 'feed: nothing else' 1 '' $mta_sts -c "$dir/conf" outcomes never.example
	expect 'feed --dry-run' 0 '^fed.example validation-failure mx=mx.fed.example address=192.0.2.1 ' \
		$mta_sts -c "$dir/conf" feed --once --dry-run "$dir/mail.log"
	expect 'feed, a log that cannot be read' 66 'cannot be read' $mta_sts -c "$dir/conf" feed --once "$dir"
	expect 'feed --cursor, not one of ours' 73 'no cursor of mine' \
		$mta_sts -c "$dir/conf" feed --once --cursor "$dir/mail.log" "$dir/mail.log"
	expect 'feed --cursor' 0 '^told: 2' $mta_sts -c "$dir/conf" feed --once --cursor "$dir/mark" "$dir/mail.log"
	expect 'feed --cursor, again' 0 '^told: 0' $mta_sts -c "$dir/conf" feed --once --cursor "$dir/mark" "$dir/mail.log"
	$mta_sts -c "$dir/conf" feed --once - <"$dir/mail.log" >"$dir/out" 2>"$dir/err"
	check 'feed, standard input' grep -q '^told: 2' "$dir/out"
}

operators_questions() {
	conf
	expect 'no daemon' 69 'is mta-sts-milter running' $mta_sts -c "$dir/conf" status
	expect 'no daemon, query' 69 'is mta-sts-milter running' $mta_sts -c "$dir/conf" query a.example
	check 'start' start
	expect 'status' 0 '^  path: .*/run/db$' $mta_sts -c "$dir/conf" status
	check 'status: persistent' grep -q '^  persistent: yes' "$dir/out"
	check 'status: dnssec' grep -q '^  dnssec: unknown' "$dir/out"
	# The same fields, whichever way they are shown.
	sed 's/: .*//; s/[: ]//g' "$dir/out" | sort >"$dir/text"
	expect 'status --json' 0 '^{.*}$' $mta_sts -c "$dir/conf" status --json
	grep -o '"[a-z_-]*":' "$dir/out" | tr -d '":' | sort >"$dir/json"
	check 'status: text and JSON agree' cmp "$dir/text" "$dir/json"
	expect '--socket' 0 '^version: ' $mta_sts --socket "$dir/run/control" status
	check 'control socket: mode' [ "$(stat -c %a "$dir/run/control")" = 660 ]
	expect 'query, unknown' 1 '^known: no' $mta_sts -c "$dir/conf" query A.Example.
	check 'query: normalised' grep -q '^domain: a.example$' "$dir/out"
	expect 'query --json' 1 '^{"domain":"a.example",.*"known":false,"checking":false}' $mta_sts -c "$dir/conf" query --json a.example
	expect 'query, no domain' 64 'expected a domain name' $mta_sts -c "$dir/conf" query 'a..b'
	expect 'query, two lines' 64 'expected a domain name' $mta_sts -c "$dir/conf" query "a
status"
	mail_log
	expect '-t beside a daemon' 78 'a daemon is serving it' $daemon -t -c "$dir/conf"
	check '-t beside a daemon: database' grep -q '^ok *database' "$dir/out"
	cp "$dir/roots.crt" "$dir/roots.crt.new" && mv "$dir/roots.crt.new" "$dir/roots.crt"
	check 'new roots are read' awaited 'event=trust result=reloaded'
	kill -STOP $pid
	is_stopped
	expect 'a daemon that does not answer' 75 'try again' $mta_sts -c "$dir/conf" status
	kill -CONT $pid
	check 'stop' stop
	check 'stop: no sockets' no_sockets
	check 'stop: logged' logged '^event=stop'
}

settings() {
	conf
	expect 'config -d' 0 '^workers = 16$' $mta_sts config -d
	cp "$dir/out" "$dir/defaults"
	expect 'config -d, read back' 0 '' $mta_sts -c "$dir/defaults" config -n
	check 'defaults differ in nothing' [ ! -s "$dir/out" ]
	expect 'config -n' 0 '^workers = 2$' $mta_sts -c "$dir/conf" config -n
	check 'config -n: not the rest' [ "$(grep -c = "$dir/out")" = 12 ]
	expect 'config -n --json' 0 '"workers":"2"' $mta_sts -c "$dir/conf" config -n --json
	expect 'config' 0 '^rcpt_deadline = 10s$' $mta_sts -c "$dir/conf" config
	cp "$dir/out" "$dir/all"
	expect 'config, read back' 0 '' $mta_sts -c "$dir/all" config
	check 'the same again' cmp "$dir/out" "$dir/all"
}

databases() {
	conf
	make_newer
	cp "$dir/run/db" "$dir/newer"
	expect 'newer database' 78 'database: .*/run/db was written by a newer version' $daemon -c "$dir/conf"
	check 'newer database: untouched' cmp "$dir/run/db" "$dir/newer"
	check 'newer database: nothing beside it' [ "$(ls "$dir/run")" = db ]
	expect 'newer database, -t' 78 '^problem database: .* schema is version 99' $daemon -t -c "$dir/conf"
	check 'newer database, -t: untouched' cmp "$dir/run/db" "$dir/newer"

	rm "$dir"/run/db*
	cp "${srcdir:-.}/tests/fixtures/schema-1.db" "$dir/run/db"
	chmod 640 "$dir/run/db"
	[ "$(id -u)" != 0 ] || chown nobody "$dir/run/db"
	expect 'older database, -t' 78 '^ok  *database: .* version 1 and will be upgraded to version 3' $daemon -t -c "$dir/conf" # 78: no DNS
	check 'older database, -t: untouched' cmp "$dir/run/db" "${srcdir:-.}/tests/fixtures/schema-1.db"
	check 'older database: starts' start
	check 'older database: logged' logged 'database .*/run/db was upgraded to schema 3'
	expect 'older database: all there' 0 '^ *policies: 27' $mta_sts -c "$dir/conf" status
	check 'older database: stops' stop
	check 'older database: nothing else' [ "$(find "$dir/run" -name 'db*')" = "$dir/run/db" ]

	head -c 20000 /dev/zero | tr '\0' x >"$dir/run/db"
	expect 'damaged database, -t' 78 '^problem database: ' $daemon -t -c "$dir/conf"
	check 'damaged database: starts' start
	check 'damaged database: logged' logged 'was damaged .*salvaged 0 policies .*kept as .*/run/db.damaged-2'
	check 'damaged database: set aside' [ "$(head -c 3 "$dir"/run/db.damaged-*)" = xxx ]
	expect 'damaged database: mended' 0 '^  persistent: yes' $mta_sts -c "$dir/conf" status
	check 'damaged database: stops' stop
	rm "$dir"/run/db*

	mkdir "$dir/run/db"
	check 'no database possible: starts' start
	check 'no database possible: logged' logged 'persistence is lost'
	expect 'no database possible: status' 0 '^  persistent: no' $mta_sts -c "$dir/conf" status
	check 'no database possible: stops' stop
}

# A milter and nothing else.
without_delivery() {
	conf '/^tlsrpt_socket\|^socketmap\|^exim_socket/s/=.*/=/'
	expect 'no policy service, -t' 78 '^ok  *milter_socket' $daemon -t -c "$dir/conf" # 78: DNS
	check 'no policy service: not looked at' sh -c "! grep -q 'tlsrpt\|socketmap\|exim' '$dir/out'"
	check 'no policy service: starts' start
	check 'no policy service: its sockets alone' [ "$(find "$dir/run" -type s | wc -l)" = 2 ]
	expect 'no policy service: status' 0 '' $mta_sts -c "$dir/conf" status
	check 'no policy service: stops' stop
	rm -f "$dir"/run/db*
}

options
wrong_configurations
without_delivery
examination
operators_questions
settings
databases
echo "$cases cases, $failures failures"
[ $failures = 0 ]
