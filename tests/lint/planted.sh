#!/bin/sh
# planted.sh - every lint sees the fault that it is there for, and stays silent without one
set -u
here=$(cd "${srcdir:-.}/tests/lint" && pwd) || exit 99
root=$(mktemp -d) || exit 99
trap 'rm -rf "$root"' EXIT
failed=0

clean_tree() {
	rm -rf "$root/src"
	mkdir -p "$root/src/common/base" "$root/src/common/sts" "$root/src/common/net" "$root/src/common/engine" \
		"$root/src/tests" "$root/src/milter/daemon" "$root/src/doc" "$root/src/packaging"
	printf '/* strcpy(a) */\nconst char *x = "strcpy(a)";\n' >"$root/src/common/base/x.c"
	printf 'int y;\n' >"$root/src/common/sts/y.c"
	printf '#!/bin/sh\necho "%s1"\n' '$' >"$root/src/tests/x.sh"
	for page in mta-sts-milter.8 mta-sts.1 mta-sts.conf.5; do
		sed "s/^\.Dt.*/.Dt X ${page##*.}/" "$here/../../doc/mta-sts.1" >"$root/src/doc/$page"
	done
	cp "$here/../../common/sts/event.h" "$root/src/common/sts/"
	cp "$here/../../doc/GUIDE.md" "$root/src/doc/"
	archive libbase.a common/base/x.c
	archive libsts.a common/sts/y.c
	rm -f "$root/libnet.a" "$root/libengine.a"
}

archive() { # archive source
	rm -f "$root/$1"
	${CC:-cc} -c -o "$root/object.o" "$root/src/$2" && ${AR:-ar} cr "$root/$1" "$root/object.o"
}

expect() { # wanted-status lint what-was-planted
	sh "$here/$2" "$root/src" "$root" >"$root/output" 2>&1
	got=$?
	[ $got = 77 ] && return
	if [ $got != "$1" ]; then
		echo "planted: $2 exits with $got, not $1: $3"
		sed 's/^/    /' "$root/output"
		failed=1
	fi
}

clean_tree
for lint in floors.sh banned.sh size.sh scripts.sh docs.sh; do
	expect 0 $lint "a tree without faults"
done

echo '#include "common/sts/y.h"' >>"$root/src/common/base/x.c"
expect 1 floors.sh "base includes sts"
clean_tree
echo '#include "common/store/store.h"' >"$root/src/common/net/n.c"
expect 1 floors.sh "net includes store"
clean_tree
echo '#include "common/net/resolver_unbound.h"' >"$root/src/milter/daemon/main.c"
expect 1 floors.sh "main.c names a driver"
mv "$root/src/milter/daemon/main.c" "$root/src/milter/daemon/wire.c"
expect 0 floors.sh "wire.c names a driver"
clean_tree
echo '#include <sys/socket.h>' >"$root/src/common/sts/y.h"
expect 1 floors.sh "sts includes sys/socket.h"
clean_tree
echo 'long time(long *); long now(void); long now(void) { return time(0); }' >>"$root/src/common/base/x.c"
archive libbase.a common/base/x.c
expect 1 floors.sh "base calls time()"
clean_tree
echo 'int driver; ' >"$root/src/common/net/n.c"
echo 'extern int driver; int *e(void); int *e(void) { return &driver; }' >"$root/src/common/engine/e.c"
archive libnet.a common/net/n.c
archive libengine.a common/engine/e.c
expect 1 floors.sh "the engine links a driver"

clean_tree
echo 'char *f(char *a); char *f(char *a) { return strcpy (a, "x"); }' >>"$root/src/common/base/x.c"
expect 1 banned.sh "strcpy"

clean_tree
yes '/* */' | head -n 399 >>"$root/src/common/base/x.c"
expect 1 size.sh "a file of 401 lines"
clean_tree
{ echo 'int f(void)' && echo '{' && yes '	;' | head -n 98 && echo '}'; } >>"$root/src/common/base/x.c"
expect 1 size.sh "a function of 101 lines"
clean_tree
{ echo 'int f(int a)' && echo '{' && yes '	if (a) a++;' | head -n 20 && echo 'return a; }'; } >>"$root/src/common/base/x.c"
expect 1 size.sh "a function of complexity 21"

clean_tree
printf '#!/bin/sh\necho %s(cat x)\n' '$' >"$root/src/tests/x.sh"
expect 1 scripts.sh "an unquoted substitution"

clean_tree
echo '.Xx' >>"$root/src/doc/mta-sts.conf.5"
expect 1 docs.sh "a macro that does not exist"
clean_tree
sed -i '/^| `id-changed`/d' "$root/src/doc/GUIDE.md"
expect 1 docs.sh "an event that the guide does not explain"
clean_tree
mkdir -p "$root/packaging"
printf '#!/bin/sh\necho "#new_setting = 1"\n' >"$root/packaging/gen_settings"
chmod +x "$root/packaging/gen_settings"
: >"$root/src/packaging/mta-sts.conf"
expect 1 docs.sh "a setting that is not in the sample"

clean_tree
cp -R "$here/../scenario" "$here/../net" "$root/src/tests/"
chmod -R u+w "$root/src/tests"
expect 0 rules.sh "every rule has its scenario"
sed -i '/^of_address tarpit/d' "$root/src/tests/scenario/broken_part.scn"
expect 1 rules.sh "a case that is gone"
cp "$here/../scenario/broken_part.scn" "$root/src/tests/scenario/"
sed -i '/broken_part/d' "$root/src/tests/scenario/local.mk"
expect 1 rules.sh "a scenario that is not played"
sed -i '/^## Rules/,$d' "$root/src/tests/scenario/README.md"
expect 1 rules.sh "no table"

exit $failed
