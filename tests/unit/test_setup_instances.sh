#!/bin/sh
# mta-sts setup postfix where postmulti(1) keeps several instances: each is looked at, and its remedies name it.
set -u
src=$(cd "${srcdir:-.}" && pwd) || exit 99
mta_sts=$(pwd)/mta-sts
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

# A postconf that tells of /etc/postfix and of what stands in $dir/etc/NAME: lines that go before those of the fixture.
mkdir -p "$dir/bin" "$dir/etc/out" "$dir/etc/off" "$dir/etc/loose"
cat >"$dir/bin/postconf" <<-P
	#!/bin/sh
	config=
	[ "\$1" != -c ] || { config=\$2 && shift 2; }
	[ -z "\$config" ] || [ -d "\$config" ] || exit 1
	case \$1 in
	-x) cat "\${config:-$dir/etc}/main.cf" "$src/tests/fixtures/postconf-3.7.main" ;;
	-F) cat "$src/tests/fixtures/postconf-3.7.columns" ;;
	-Px) cat "$src/tests/fixtures/postconf-3.7.overrides" ;;
	esac
P
printf '#!/bin/sh\n[ "$2 $3" = "%s status" ]\n' "$dir/etc/loose" >"$dir/bin/postfix"
chmod +x "$dir/bin/postconf" "$dir/bin/postfix"
PATH=$dir/bin:$PATH
printf '[action]\ndelivery_bound = yes\n' >"$dir/ours.conf"
printf 'config_directory = /etc/postfix\nmulti_instance_enable = yes\n' >"$dir/etc/main.cf"

# run STATUS OPTION...
run() {
	status=$1
	shift
	"$mta_sts" setup postfix -c "$dir/ours.conf" "$@" >"$dir/said" 2>&1
	got=$?
	[ $got = "$status" ] || fault "status $got, not $status: $*"
}

fault() {
	failures=$((failures + 1))
	echo "FAIL: $*"
	sed 's/^/  /' "$dir/said"
}

# expect INSTANCE PATTERN: what was said below that heading; INSTANCE "" where there is none
expect() {
	awk -v of="$1" '/^\/.*:$/ { now = substr($0, 1, length($0) - 1); next } now == of' "$dir/said" | grep -q -- "$2" ||
		fault "no '$2' of '$1'"
}

run 1 --check # nobody listens here
expect '' '^ok *policy-map'
! grep -q '^/' "$dir/said" || fault "a heading, though there is one instance"

echo "multi_instance_directories = $dir/etc/out, $dir/etc/off $dir/etc/gone $dir/etc/loose" >>"$dir/etc/main.cf"
printf 'queue_directory = /var/spool/postfix-out\nmulti_instance_enable = yes\nsmtp_tls_policy_maps =\n' >"$dir/etc/out/main.cf"
printf 'multi_instance_enable = no\n' >"$dir/etc/off/main.cf"
cp "$dir/etc/off/main.cf" "$dir/etc/loose/main.cf"
run 1 --check
expect /etc/postfix '^ok *policy-map'
expect "$dir/etc/out" '^warning *policy-map'
expect "$dir/etc/out" "-> postconf -c $dir/etc/out -e 'smtp_tls_policy_maps = socketmap:inet:127.0.0.1:5461:postfix'"
expect "$dir/etc/out" '^problem *delivery-bound'
expect "$dir/etc/off" '^note *mta *this instance is not enabled'
expect "$dir/etc/loose" '^ok *policy-map'
expect "$dir/etc/gone" "^problem *mta *postconf -c $dir/etc/gone does not tell"

run 1 --check --json
grep -q "\"instance\":\"$dir/etc/out\",\"check\":\"policy-map\",\"state\":\"warning\"" "$dir/said" || fault "JSON does not tell the instances apart"

run 1 --check --mta-config "$dir/etc/out"
expect '' '^warning *policy-map'
! grep -q '^/' "$dir/said" || fault "the others are looked at, though one was named"

# An instance whose deliveries do not ask: no other one says that delivery_bound = yes would do.
echo >"$dir/ours.conf"
run 1 --check
! grep -q 'delivery_bound = no, though' "$dir/said" || fault "delivery_bound = yes is advised"

run 0
grep -q "$dir/etc/out is another instance: mta-sts setup postfix --mta-config $dir/etc/out" "$dir/said" || fault "the others are not named"
run 0 --mta-config "$dir/etc/out"
grep -qx "postconf -c $dir/etc/out -F smtp/inet/chroot=n" "$dir/said" || fault "smtpd stays in a chroot without a milter"

# What is never started asks nobody.
echo 'master_service_disable = !smtp/inet, inet' >>"$dir/etc/out/main.cf"
echo 'smtpd_milters =' >>"$dir/etc/out/main.cf"
run 1 --check --mta-config "$dir/etc/out"
expect '' '^problem *milter '
sed -i 's/= !smtp.inet, inet/= smtp\/inet inet/' "$dir/etc/out/main.cf"
run 1 --check --mta-config "$dir/etc/out"
expect '' '^ok *milter '
exit $failures
