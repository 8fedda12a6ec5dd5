#!/bin/sh
# fuzz.sh SOURCE-DIRECTORY TARGET... - builds the targets with libFuzzer, ASan and UBSan in ./_fuzz and runs each for FUZZ_SECONDS.
# What was learned stays in _fuzz/corpus/NAME. An input that breaks a promise is left in _fuzz/found/NAME, named on the last line,
# and belongs into tests/fuzz/seeds/NAME once the fault is mended. Exit status: 0 nothing found, 1 found, 2 could not run.
set -eu
src=$1
shift
cc=${FUZZ_CC:-clang}
seconds=${FUZZ_SECONDS:-60}
make=${MAKE:-make}

command -v "$cc" >/dev/null || {
	echo "fuzz: $cc is needed (apt-get install clang), or another clang in FUZZ_CC" >&2
	exit 2
}

mkdir -p _fuzz
cd _fuzz
# The sanitizers are for the code under test alone: configure's own trial programs are built without them.
[ -f config.status ] || "$src/configure" -q CC="$cc" || exit 2
$make CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined" \
	CPPFLAGS="-DFUZZ_ENGINE" LDFLAGS="-fsanitize=fuzzer,address,undefined" "$@" || exit 2

bad=
for target; do
	name=${target##*/fuzz_}
	mkdir -p "corpus/$name" "found/$name"
	echo "fuzz: $name for $seconds s"
	"./$target" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="found/$name/" "corpus/$name" "$src/tests/fuzz/seeds/$name" \
		>"found/$name.log" 2>&1 || bad="$bad $name"
	grep -E '^(stat::number_of_executed_units|SUMMARY|.*broken promise|Test unit written)' "found/$name.log" || :
done
[ -z "$bad" ] && exit 0
echo "fuzz: found something in:$bad (logs and inputs: $(pwd)/found)"
exit 1
