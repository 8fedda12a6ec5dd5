#include "config.h"

#include "tests/milter/milter_dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/num.h"

static int unix_address(struct span path, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct sockaddr_un *un = (struct sockaddr_un *)ret;

	un->sun_family = AF_UNIX;
	*ret_n = sizeof(*un);
	return path.n > 0 && span_copy(path, un->sun_path, sizeof(un->sun_path)) ? 0 : -EINVAL;
}

static int inet_address(struct span rest, int family, struct sockaddr_storage *ret,
			socklen_t *ret_n)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	char ip[INET6_ADDRSTRLEN];
	struct span port_text;
	uint64_t port;

	if (!span_until(&rest, '@', 5, &port_text) || !num_u64(port_text, 65535, &port) ||
	    !span_copy(rest, ip, sizeof(ip)))
		return -EINVAL;
	ret->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		in->sin_port = htons((uint16_t)port);
		*ret_n = sizeof(*in);
		return inet_pton(AF_INET, ip, &in->sin_addr) == 1 ? 0 : -EINVAL;
	}
	in6->sin6_port = htons((uint16_t)port);
	*ret_n = sizeof(*in6);
	return inet_pton(AF_INET6, ip, &in6->sin6_addr) == 1 ? 0 : -EINVAL;
}

static int parse_address(const char *address, struct sockaddr_storage *ret, socklen_t *ret_n)
{
	struct span rest = span_of(address), scheme;

	memset(ret, 0, sizeof(*ret));
	if (!span_until(&rest, ':', 8, &scheme))
		return -EINVAL;
	if (span_eq(scheme, "unix") || span_eq(scheme, "local"))
		return unix_address(rest, ret, ret_n);
	if (span_eq(scheme, "inet"))
		return inet_address(rest, AF_INET, ret, ret_n);
	if (span_eq(scheme, "inet6"))
		return inet_address(rest, AF_INET6, ret, ret_n);
	return -EINVAL;
}

int milter_dial(const char *address)
{
	struct sockaddr_storage sa;
	socklen_t n = 0;
	int fd, on = 1, r = parse_address(address, &sa, &n);

	if (r < 0)
		return r;
	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&sa, n) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	if (sa.ss_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}
