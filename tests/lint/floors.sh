#!/bin/sh
# floors.sh [SOURCE [BUILD]] - a floor uses itself and the floors below it, never one above.
#   F0 common/base  F1 common/sts  F2 common/store  F3 common/net  F4 common/engine  F5 milter
# Includes and undefined symbols must agree: an include shows what is meant, a symbol what is linked.
set -u
LC_ALL=C
export LC_ALL
src=${1:-${srcdir:-.}}
build=${2:-.}
found=0

fault() {
	echo "floors: $*"
	found=1
}

floor_of() {
	case $1 in
	common/base/*) echo 0 ;;
	common/sts/*) echo 1 ;;
	common/store/*) echo 2 ;;
	common/net/*) echo 3 ;;
	common/engine/*) echo 4 ;;
	milter/*) echo 5 ;;
	*) echo 9 ;;
	esac
}

# What anybody may include of the two driver floors; the rest is for the floor itself and for the wiring file.
is_port() {
	case $1 in
	common/store/store.h | common/store/cache.h) return 0 ;;
	common/net/resolver.h | common/net/fetcher.h | common/net/prober.h) return 0 ;;
	esac
	return 1
}

check_include() { # file its-floor header
	theirs=$(floor_of "$3")
	if [ "$theirs" = 9 ]; then
		fault "$1 includes $3, which is on no floor"
	elif [ "$theirs" -gt "$2" ]; then
		fault "$1 (F$2) includes $3 (F$theirs), which is above it"
	elif [ "$2$theirs" = 32 ]; then
		fault "$1 (F3) includes $3 (F2): store and net do not know each other"
	elif [ "$theirs" = 2 ] || [ "$theirs" = 3 ]; then
		[ "$theirs" = "$2" ] || is_port "$3" || [ "$1" = milter/daemon/wire.c ] ||
			fault "$1 includes $3: only milter/daemon/wire.c names drivers, the others their ports"
	fi
}

# System headers that would bring I/O, threads or a driver's library where they do not belong. The calendar of <time.h> is arithmetic; what asks for
# the time is found among the symbols.
pure='sys/socket|sys/types|sys/stat|sys/time|sys/mman|sys/un|netdb|poll|pthread|threads|signal|unistd|fcntl|syslog'
drivers='sqlite3|curl/.*|openssl/.*|unbound|libmilter/.*|event2/.*|systemd/.*'
check_system_include() { # file its-floor header
	case $2 in
	0 | 1) banned="$pure|$drivers|jansson" ;;
	2) banned='curl/.*|openssl/.*|unbound|libmilter/.*|event2/.*' ;;
	3) banned='sqlite3|libmilter/.*' ;;
	4) banned=$drivers ;;
	*) return ;;
	esac
	echo "$3" | grep -Eqx "($banned)\\.h" && fault "$1 (F$2) includes <$3>"
}

check_includes() {
	for dir in common milter; do
		[ -d "$src/$dir" ] && (cd "$src" && find "$dir" -name '*.[ch]')
	done | sort | while read -r file; do
		sed -n -e 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\(.*\)".*/Q \1/p' \
			-e 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*<\(.*\)>.*/S \1/p' "$src/$file" |
			while read -r kind header; do echo "$file $kind $header"; done
	done >"$work/includes"
	while read -r file kind header; do
		[ "$header" = config.h ] && continue
		if [ "$kind" = Q ]; then
			check_include "$file" "$(floor_of "$file")" "$header"
		else
			check_system_include "$file" "$(floor_of "$file")" "$header"
		fi
	done <"$work/includes"
}

# Lines "archive[member] symbol" of what the archive wants from elsewhere.
undefined() {
	${NM:-nm} -A -P -u "$build/$1" 2>/dev/null | sed 's/: \([^ ]*\).*/ \1/'
}

defined() {
	${NM:-nm} -P -g --defined-only "$build/$1" 2>/dev/null | sed -n 's/^\([^ ]*\) [A-Z] .*/\1/p' | sort -u
}

# I/O, clocks, environment, threads, randomness, and text to streams; also as the fortified names.
impure='(open|openat|creat|close|read|write|pread|pwrite|readv|writev|unlink|rename|mkdir|stat|fstat|lstat|access)(64)?'
impure="$impure|(f|fd|fre)open(64)?|fclose|fread|fwrite|fgets|fputs|fputc|puts|putchar|printf|vprintf|fprintf|vfprintf"
impure="$impure|__v?f?printf_chk|__(read|fread|fgets|open64|open)_(chk|2)|getline|stdin|stdout|stderr|perror|syslog|openlog"
impure="$impure|socket|connect|bind|listen|accept4?|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|ppoll|select|epoll_.*"
impure="$impure|getaddrinfo|gethostbyname.*|gethostname|if_nametoindex|time|gettimeofday|clock_.*|localtime.*|gmtime"
impure="$impure|mktime|sleep|usleep|nanosleep|getenv|secure_getenv|setenv|putenv|environ|rand|random|srand|getrandom"
impure="$impure|exit|_exit|abort|fork|vfork|exec.*|posix_spawn.*|system|popen|signal|sigaction|kill|getpid|mmap"
impure="$impure|pthread_.*|mtx_.*|thrd_.*|cnd_.*|sem_.*"
libraries='sqlite3_.*|curl_.*|SSL_.*|X509_.*|EVP_.*|BIO_.*|ub_.*|smfi_.*|event_.*|evbuffer_.*|bufferevent_.*|sd_.*'

# What an archive below defines is ours, whatever its name looks like.
check_symbols() { # archive pattern
	undefined "$1" | grep -E " ($2)\$" >"$work/hits"
	defined libsts.a >"$work/ours"
	while read -r where symbol; do
		grep -Fqx "$symbol" "$work/ours" && continue
		fault "$where uses $symbol"
	done <"$work/hits"
}

# An archive must not want what one above it, or beside it, defines.
check_upward() { # archive above...
	archive=$1
	shift
	undefined "$archive" >"$work/wanted"
	for above; do
		[ -f "$build/$above" ] || continue
		defined "$above" >"$work/defined"
		while read -r where symbol; do
			grep -Fqx "$symbol" "$work/defined" && fault "$where uses $symbol of $above"
		done <"$work/wanted"
	done
}

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
check_includes
for archive in libbase.a libsts.a; do
	[ -f "$build/$archive" ] || fault "$build/$archive is not built"
	check_symbols "$archive" "$impure|$libraries|json_.*"
done
check_upward libbase.a libsts.a libstore.a libnet.a libengine.a
check_upward libsts.a libstore.a libnet.a libengine.a
if [ -f "$build/libstore.a" ]; then
	check_symbols libstore.a 'curl_.*|SSL_.*|X509_.*|ub_.*|smfi_.*'
	check_upward libstore.a libnet.a libengine.a
fi
if [ -f "$build/libnet.a" ]; then
	check_symbols libnet.a 'sqlite3_.*|smfi_.*'
	check_upward libnet.a libstore.a libengine.a
fi
if [ -f "$build/libengine.a" ]; then
	check_symbols libengine.a "$libraries"
	check_upward libengine.a libnet.a
fi
exit $found
