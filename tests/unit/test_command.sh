#!/bin/sh
# The command mta-sts from end to end, without a daemon: JSON, text, exit statuses, hostile bytes.
set -u
mta_sts=./mta-sts
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0
cases=0

# expect NAME STATUS STDOUT STDERR-PATTERN COMMAND...
# STDOUT: the whole of it, or * for anything. STDERR-PATTERN: a basic regular expression, or "" for silence.
expect() {
	name=$1 status=$2 out=$3 err=$4
	shift 4
	cases=$((cases + 1))
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	why=
	[ $got = "$status" ] || why="status $got, not $status"
	[ "$out" = '*' ] || [ "$(cat "$dir/out")" = "$out" ] || why="$why; stdout"
	if [ -n "$err" ]; then
		grep -q -- "$err" "$dir/err" || why="$why; stderr"
	elif [ -s "$dir/err" ]; then
		why="$why; stderr is not silent"
	fi
	# Not one octet that a terminal would act upon.
	if LC_ALL=C grep -q '[^[:print:]]' "$dir/out" "$dir/err"; then
		why="$why; unprintable output"
	fi
	[ -z "$why" ] && return
	failures=$((failures + 1))
	echo "FAIL: $name: $why"
	sed 's/^/  out: /' "$dir/out"
	sed 's/^/  err: /' "$dir/err"
}

on_stdin() {
	printf "$1" | "$mta_sts" lint --json policy -
}

esc=$(printf '\033')
bad_utf8=$(printf '\377')

# lint policy
printf 'version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n' >"$dir/good"
expect 'good policy' 0 \
	'{"verdict":"ok","mode":"enforce","mx":["mail.example.com","*.example.net"],"max_age":604800,"errors":[],"warnings":[]}' '' \
	$mta_sts lint --json policy "$dir/good"
expect 'good policy as text' 0 'verdict: ok
mode: enforce
mx: mail.example.com
mx: *.example.net
max_age: 604800
errors: -
warnings: -' '' $mta_sts lint policy "$dir/good"
expect '--json first' 0 '*' '' $mta_sts --json lint policy "$dir/good"
expect '--json last' 0 '*' '' $mta_sts lint policy "$dir/good" --json
expect 'policy on standard input' 0 \
	'{"verdict":"ok","mode":"none","mx":[],"max_age":86400,"errors":[],"warnings":[]}' '' \
	on_stdin 'version: STSv1\nmode: none\nmax_age: 86400\n'
expect 'warning with line and column' 0 \
	'{"verdict":"ok","mode":"none","mx":[],"max_age":31557600,"errors":[],"warnings":[{"line":3,"column":10,"message":"The max_age is longer than a year: 31557600 is taken."}]}' '' \
	on_stdin 'version: STSv1\nmode: none\nmax_age: 9999999999\n'
expect 'invalid policy' 1 \
	'{"verdict":"invalid","mode":null,"mx":[],"max_age":null,"errors":[{"line":2,"column":7,"message":"The mode must be enforce, testing or none."}],"warnings":[]}' '' \
	on_stdin 'version: STSv1\nmode: report\nmx: a.example\nmax_age: 604800\n'
printf 'version: STSv1\nmode: \033[31m\nm\033x: y\n' >"$dir/hostile"
expect 'hostile policy' 1 'verdict: invalid
mode: -
mx: -
max_age: -
errors:
  line=2 column=7 message="A control byte stands in the policy."
  line=3 column=2 message="A control byte stands in the policy."
warnings: -' '' $mta_sts lint policy "$dir/hostile"
expect 'empty policy' 1 '*' '' on_stdin ''
expect 'no such file' 66 '' 'none cannot be read: No such file' $mta_sts lint policy "$dir/none"
expect 'no such file, JSON' 66 '' 'cannot be read' $mta_sts lint --json policy "$dir/none"
expect 'directory' 66 '' 'cannot be read: Is a directory' $mta_sts lint policy "$dir"
expect 'hostile file name' 66 '' 'mta-sts: a\\x1b\[31m\\xff cannot be read' $mta_sts lint policy "a${esc}[31m$bad_utf8"
{
	cat "$dir/good"
	printf 'foo: '
	head -c $((65536 - 5 - $(wc -c <"$dir/good"))) /dev/zero | tr '\0' x
} >"$dir/full"
expect '64 KiB' 0 '*' '' $mta_sts lint policy "$dir/full"
echo >>"$dir/full"
expect 'more than 64 KiB' 66 '' 'larger than 64 KiB' $mta_sts lint policy "$dir/full"
expect 'no end in sight' 66 '' 'larger than 64 KiB' $mta_sts lint policy /dev/zero
expect 'no file' 64 '' 'too few arguments for lint policy' $mta_sts lint policy
expect 'two files' 64 '' 'too many arguments for lint policy' $mta_sts lint policy a b

# lint record
expect 'good record' 0 '{"verdict":"ok","id":"1","errors":[],"warnings":[]}' '' \
	$mta_sts lint --json record -- 'v=STSv1; id=1;'
expect 'good record as text' 0 'verdict: ok
id: 1
errors: -
warnings: -' '' $mta_sts lint record -- 'v=STSv1; id=1;'
expect 'record beside others' 0 '{"verdict":"ok","id":"1","errors":[],"warnings":[]}' '' \
	$mta_sts lint --json record -- 'v=spf1 -all' 'v=STSv1; id=1;'
expect 'strings joined' 0 '{"verdict":"ok","id":"12","errors":[],"warnings":[]}' '' \
	$mta_sts lint --json record -- '"v=STSv1; id=1" "2;"'
expect 'no record' 1 \
	'{"verdict":"none","id":null,"errors":[{"line":0,"column":0,"message":"No TXT record begins with v=STSv1;"}],"warnings":[]}' '' \
	$mta_sts lint --json record -- 'v=spf1 -all'
expect 'several records' 1 \
	'{"verdict":"invalid","id":null,"errors":[{"line":0,"column":0,"message":"More than one TXT record begins with v=STSv1;"}],"warnings":[]}' '' \
	$mta_sts lint --json record -- 'v=STSv1; id=1' 'v=STSv1; id=2'
expect 'invalid record' 1 \
	'{"verdict":"invalid","id":null,"errors":[{"line":2,"column":13,"message":"An id is 1 to 32 letters and digits, nothing else."}],"warnings":[]}' '' \
	$mta_sts lint --json record -- 'v=spf1' 'v=STSv1; id=a-b'
expect 'hostile record' 1 '*' '' $mta_sts lint record -- "v=STSv1; id=${esc}[31m$bad_utf8"
expect 'a record that looks like an option' 1 '*' '' $mta_sts lint record -- --json
expect 'empty record' 1 '*' '' $mta_sts lint record -- ''
expect 'no record given' 64 '' 'too few arguments for lint record' $mta_sts lint record --

# match
expect 'match' 0 '{"match":true,"pattern":"*.example.com"}' '' \
	$mta_sts match --json -- mail.example.com a.example.com '*.example.com' mail.example.com
expect 'match as text' 0 'match: yes
pattern: *.example.com' '' $mta_sts match mail.example.com '*.example.com'
expect 'no match' 1 '{"match":false,"pattern":null}' '' $mta_sts match --json example.com '*.example.com'
expect 'case and dot' 0 '{"match":true,"pattern":"Mail.example.com"}' '' \
	$mta_sts match --json MAIL.Example.com. Mail.example.com
expect 'U-label host' 0 '{"match":true,"pattern":"xn--bcher-kva.example"}' '' \
	$mta_sts match --json "$(printf 'b\303\274cher.example')" xn--bcher-kva.example
expect 'malformed pattern' 1 '{"match":false,"pattern":null}' 'the pattern \.example\.com is malformed' \
	$mta_sts match --json mail.example.com .example.com
expect 'malformed host' 1 '{"match":false,"pattern":null}' 'a\.\.b is no host name' $mta_sts match --json a..b '*.b'
expect 'hostile arguments' 1 '*' 'a\\x1b\[31m' $mta_sts match "a${esc}[31m" "b$bad_utf8"
expect 'host without patterns' 64 '' 'too few arguments for match' $mta_sts match mail.example.com

# usage
expect '--version' 0 '*' '' $mta_sts --version
grep -q '^mta-sts [0-9]' "$dir/out" || { echo 'FAIL: --version says nothing'; failures=$((failures + 1)); }
expect '--help' 0 '*' '' $mta_sts --help
for words in 'lint policy' 'lint record' match 'override add' 'override list' 'override remove' help; do
	grep -q "  mta-sts .*$words" "$dir/out" || { echo "FAIL: --help lacks $words"; failures=$((failures + 1)); }
done
expect 'help' 0 "$(cat "$dir/out")" '' $mta_sts help
expect 'help of a verb' 0 '*' '' $mta_sts help lint policy
expect '--help of a verb' 0 "$(cat "$dir/out")" '' $mta_sts lint policy --help
expect 'help of several verbs' 0 '*' '' $mta_sts lint --help
grep -q 'lint record' "$dir/out" || { echo 'FAIL: lint --help lacks lint record'; failures=$((failures + 1)); }
expect 'help of nothing' 64 '' 'there is no verb nonsense' $mta_sts help nonsense
expect 'nothing' 64 '' 'a verb is missing' $mta_sts
expect 'unknown verb' 64 '' 'there is no verb nonsense' $mta_sts nonsense
expect 'half a verb' 64 '' 'another word has to stand behind lint' $mta_sts lint
expect 'unknown option' 64 '' 'there is no option --nonsense' $mta_sts lint --nonsense policy -
expect 'option of another verb' 64 '' 'this verb has no option --json' $mta_sts help --json
expect 'hostile verb' 64 '' 'a\\x1b\[31m' $mta_sts "a${esc}[31m"

# override: what the command line itself refuses; the rest is the daemon's to say
expect 'override alone' 64 '' 'another word has to stand behind override' $mta_sts override
expect 'override of nothing' 64 '' 'too few arguments for override add' $mta_sts override add --mode none
expect 'override of two' 64 '' 'too many arguments for override add' $mta_sts override add a.example b.example
expect 'override without a value' 64 '' 'a value is missing behind --until' $mta_sts override add a.example --until
expect 'option of another override verb' 64 '' 'this verb has no option --mode' $mta_sts override remove a.example --mode none
many=$(i=0; while [ $i -le 100 ]; do echo "--mx mx$i.a.example"; i=$((i + 1)); done)
expect 'too many patterns' 64 '' 'too often: --mx' \
	$mta_sts override add a.example $many
for words in 'add a.example --mode none' 'list' 'list a.example --all' 'remove a.example'; do
	expect "override $words without a daemon" 69 '' 'is mta-sts-milter running' \
		$mta_sts override $words --socket "$dir/no-socket"
done
# what asks the daemon, where there is none
no_daemon="--socket $dir/none"
for verb in 'refresh a.example' 'flush a.example' 'flush --policy a.example' events 'events a.example' 'cache export' export \
	'cache refresh a.example' 'cache flush a.example'; do
	expect "$verb without a daemon" 69 '' 'is mta-sts-milter running' $mta_sts $no_daemon $verb
done
expect 'half a cache' 64 '' 'another word has to stand behind cache' $mta_sts cache
expect 'two domains' 64 '' 'too many arguments for refresh' $mta_sts $no_daemon refresh a.example b.example
expect '--limit 0' 64 '' '--limit takes a number' $mta_sts $no_daemon events --limit 0
expect '--limit x' 64 '' '--limit takes a number' $mta_sts $no_daemon events --limit=x
# feed: standard input has an end, also where it is a pipe in which there is nothing for a moment
session() {
	echo "2026-11-22 02:26:5$1 1tEQzS-000001-AB => u@$1.example R=mta_sts T=mta_sts_smtp H=mx.$1.example [192.0.2.1] X=TLS1.3:x:256 CV=yes C=\"250 ok\""
}
slowly() {
	{
		session 1
		i=0
		while [ ! -s "$dir/out" ] && [ $i -lt 100 ]; do
			sleep 0.05
			i=$((i + 1))
		done
		session 2
	} | $mta_sts $no_daemon feed --once --dry-run -
}
{ session 1 && session 2; } >"$dir/log"
sessions=$($mta_sts $no_daemon feed --once --dry-run "$dir/log")
expect 'two sessions' 0 2 '' sh -c "echo '$sessions' | grep -c 'mx.[12].example'"
expect 'a log that comes slowly' 0 "$sessions" '' slowly

expect '--rate 0' 64 '' '--rate takes a number' $mta_sts $no_daemon cache warm --rate 0 -
expect '--rate of another verb' 64 '' 'this verb has no option --rate' $mta_sts status --rate 1
printf 'a.example\nnonsense\n' >"$dir/list"
expect 'warm without a daemon' 69 '' 'is mta-sts-milter running' $mta_sts $no_daemon cache warm "$dir/list"
expect 'warm, no such list' 66 '' "$dir/nothing cannot be read: No such file" $mta_sts $no_daemon cache warm "$dir/nothing"
expect 'second names are not listed' 0 '*' '' $mta_sts help
grep -q '^  mta-sts .*cache import' "$dir/out" || { echo 'FAIL: help lacks cache import'; failures=$((failures + 1)); }
! grep -q '^  mta-sts export' "$dir/out" || { echo 'FAIL: help lists export'; failures=$((failures + 1)); }
expect 'second names have help' 0 '*' '' $mta_sts export --help

# setup: what needs no MTA
: >"$dir/ours.conf"
expect 'setup alone' 64 '' 'another word has to stand behind setup' $mta_sts setup
expect 'setup of nothing' 64 '' 'another word has to stand behind setup' $mta_sts setup nothing
expect 'setup, no such file' 78 '' "$dir/nothing" $mta_sts setup postfix -c "$dir/nothing"
expect 'setup --check of what is elsewhere' 64 '' 'does not go with it' \
	$mta_sts setup postfix -c "$dir/ours.conf" --check --mta-version 3.7
expect 'setup of a Postfix elsewhere' 0 '*' '' $mta_sts setup postfix -c "$dir/ours.conf" --mta-version 3.7.11
grep -Fqx "postconf -e 'smtp_tls_policy_maps = socketmap:unix:mta-sts/policy.sock:postfix'" "$dir/out" ||
	{ echo 'FAIL: setup postfix lacks the policy map'; failures=$((failures + 1)); }
expect 'setup of a Sendmail elsewhere' 0 '*' '' $mta_sts setup sendmail -c "$dir/ours.conf" --mta-version 8.17
grep -F '(`' "${srcdir:-.}/doc/examples/sendmail.mc" | grep -Fxvf "$dir/out" | grep -q . &&
	{ echo 'FAIL: setup sendmail and doc/examples/sendmail.mc differ'; failures=$((failures + 1)); }
expect 'setup of an Exim elsewhere' 0 '*' '' $mta_sts setup exim -c "$dir/ours.conf" --mta-version 4.96
for part in main acl router transport; do
	grep -Fxvf "$dir/out" "${srcdir:-.}/doc/examples/exim-$part.conf" &&
		{ echo "FAIL: setup exim and doc/examples/exim-$part.conf differ"; failures=$((failures + 1)); }
done
expect 'setup in JSON' 0 '*' '' $mta_sts setup postfix -c "$dir/ours.conf" --json --mta-version "3.10${esc}[31m"

# What the documents tell to write is what the command prints, and the guide explains every check.
docs="${srcdir:-.}/README.md ${srcdir:-.}/doc/GUIDE.md ${srcdir:-.}/doc/MIGRATION.md"
{
	$mta_sts setup postfix -c "$dir/ours.conf" --mta-version 3.10.13
	$mta_sts setup sendmail -c "$dir/ours.conf" --mta-version 8.17
} >"$dir/printed"
cat $docs | sed -n 's/^  *\(postconf -e .*\)/\1/p; s/^  *\(FEATURE(.sts.*\)/\1/p' >"$dir/told"
[ "$(wc -l <"$dir/told")" -ge 8 ] || { echo 'FAIL: the documents tell hardly anything'; failures=$((failures + 1)); }
grep -Fxvf "$dir/printed" "$dir/told" && { echo 'FAIL: told by the documents, not printed by setup'; failures=$((failures + 1)); }
sed -n 's/^CHECK([A-Z_]*, "\([a-z-]*\)".*/\1/p' "${srcdir:-.}/milter/command/setup_table.h" | sort >"$dir/checks"
sed -n '/^### What --check/,/^## /s/^| `\([a-z-]*\)` .*/\1/p' "${srcdir:-.}/doc/GUIDE.md" | sort | diff "$dir/checks" - ||
	{ echo 'FAIL: checks of setup_table.h (<) and of the guide (>)'; failures=$((failures + 1)); }

# import: what is no export file is said so before any daemon is asked
echo '{"format":"mta-sts-policies","version":1}' >"$dir/head"
: >"$dir/empty"
expect 'import of nothing' 65 '' "$dir/empty:1: The file is empty" $mta_sts $no_daemon cache import "$dir/empty"
expect 'import of a policy' 65 '' "$dir/good:1: The first line is not " $mta_sts $no_daemon cache import "$dir/good"
expect 'import of another version' 65 '' 'standard input:1: ' sh -c "sed s/1/2/ '$dir/head' | $mta_sts $no_daemon import -"
expect 'import without a daemon' 69 '' 'is mta-sts-milter running' $mta_sts $no_daemon cache import "$dir/head"
expect 'import, no such file' 66 '' 'cannot be read' $mta_sts $no_daemon cache import "$dir/nothing"
head -c 2000000 /dev/zero >"$dir/zeros"
expect 'import of zeros' 65 '' "$dir/zeros:1: The first line is not" $mta_sts $no_daemon cache import "$dir/zeros"

# An answer that cannot be written is no answer.
cases=$((cases + 1))
$mta_sts match --json a.example a.example >/dev/full 2>"$dir/err"
[ $? = 75 ] && grep -q 'No space left' "$dir/err" || { echo 'FAIL: full disk'; failures=$((failures + 1)); }

echo "$cases cases, $failures failures"
[ $failures = 0 ]
