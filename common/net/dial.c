#include "config.h"

#include "common/net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t fill(union address *out, const struct netaddr *a, uint16_t port)
{
	memset(out, 0, sizeof(*out));
	if (a->family == ADDR_V4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		memcpy(&out->v4.sin_addr, a->bytes, 4);
		return sizeof(out->v4);
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, a->bytes, 16);
	return sizeof(out->v6);
}

static int connect_from(int fd, const struct netaddr *addr, uint16_t port,
			const struct netaddr *source)
{
	union address to, from;
	socklen_t n;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (source != NULL) {
		/* the port can wait for connect(): two probes may share one when they go to different hosts */
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
		n = fill(&from, source, 0);
		if (bind(fd, &from.any, n) < 0)
			return -errno;
	}
	n = fill(&to, addr, port);
	if (connect(fd, &to.any, n) < 0 && errno != EINPROGRESS && errno != EINTR)
		return -errno;
	return 0;
}

int dial_start(const struct netaddr *addr, uint16_t port, const struct netaddr *source, int *ret_fd)
{
	int fd = socket(addr->family == ADDR_V4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = connect_from(fd, addr, port, source);
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}

int dial_result(int fd)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		return -errno;
	return -error;
}

bool dial_error_is_local(int r)
{
	return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -ENOBUFS;
}
