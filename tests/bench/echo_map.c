/* echo_map - the least that a socketmap server can do: a netstring in, always the same one out
 *
 * One thread, one epoll set, one read and one write per query, no memory but a buffer per connection. What it
 * reaches is what the kernel and the client allow; the benchmark puts the daemon beside it.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS = 4096, EVENTS = 64, BUFFER = 1024, REPLY = 512, BACKLOG = 1024 };

struct connection {
	size_t n;
	char in[BUFFER];
};

struct server {
	int epoll, listener;
	struct connection *connection[CONNECTIONS]; /* by descriptor */
	size_t reply_n;
	char reply[REPLY];
};

static void close_connection(struct server *s, int fd)
{
	free(s->connection[fd]);
	s->connection[fd] = NULL;
	(void)close(fd);
}

static void accept_connection(struct server *s)
{
	int one = 1, fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
			 sizeof(one)); /* not of a unix socket */
	if (fd < CONNECTIONS)
		s->connection[fd] = calloc(1, sizeof(*s->connection[fd]));
	if (fd >= CONNECTIONS || s->connection[fd] == NULL ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		(void)close(fd);
}

/* Octets of the request at p; 0: not whole yet; -1: no netstring. */
static ssize_t whole(const char *p, size_t n)
{
	size_t length = 0, i = 0;

	for (; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		if ((length = length * 10 + (size_t)(p[i] - '0')) > BUFFER)
			return -1;
	if (i == n)
		return 0;
	if (i == 0 || p[i] != ':')
		return -1;
	if (n < i + length + 2)
		return 0;
	return p[i + 1 + length] == ',' ? (ssize_t)(i + length + 2) : -1;
}

static void serve(struct server *s, int fd)
{
	struct connection *c = s->connection[fd];
	ssize_t n = recv(fd, c->in + c->n, sizeof(c->in) - c->n, 0);
	size_t at = 0;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close_connection(s, fd);
		return;
	}
	c->n += (size_t)n;
	while ((n = whole(c->in + at, c->n - at)) > 0) {
		at += (size_t)n;
		if (send(fd, s->reply, s->reply_n, MSG_NOSIGNAL) != (ssize_t)s->reply_n)
			n = -1;
	}
	if (n < 0 || (at == 0 && c->n == sizeof(c->in))) {
		close_connection(s, fd);
		return;
	}
	c->n -= at;
	if (c->n > 0)
		memmove(c->in, c->in + at, c->n);
}

static int bind_to(const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	bool local = strncmp(address, "unix:", 5) == 0;
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
	    r;

	if (fd < 0)
		return -1;
	if (local) {
		(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + 5);
		(void)unlink(un.sun_path);
		r = bind(fd, (struct sockaddr *)&un, sizeof(un));
	} else {
		in.sin_port = htons((uint16_t)strtoul(address + strlen("inet:"), NULL, 10));
		r = bind(fd, (struct sockaddr *)&in, sizeof(in));
	}
	return r == 0 && listen(fd, BACKLOG) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
	static struct server s;
	struct epoll_event event[EVENTS] = { { .events = EPOLLIN } };

	if (argc != 3 || strlen(argv[2]) > REPLY - 8) {
		fputs("usage: echo_map unix:PATH|inet:PORT REPLY\n", stderr);
		return 64;
	}
	s.reply_n = (size_t)snprintf(s.reply, sizeof(s.reply), "%zu:%s,", strlen(argv[2]), argv[2]);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	event[0].data.fd = s.listener = bind_to(argv[1]);
	if (s.epoll < 0 || s.listener < 0 ||
	    epoll_ctl(s.epoll, EPOLL_CTL_ADD, s.listener, event) < 0) {
		perror("echo_map");
		return 69;
	}
	for (;;) {
		int n = epoll_wait(s.epoll, event, EVENTS, -1);

		for (int i = 0; i < n; i++)
			if (event[i].data.fd == s.listener)
				accept_connection(&s);
			else
				serve(&s, event[i].data.fd);
	}
}
