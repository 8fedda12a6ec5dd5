#include "tests/unit/test.h"

#include "tests/daemon/map_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int map_open(const struct daemon *d, const char *socket_name)
{
	const struct timeval limit = { MAP_TIMEOUT_MS / 1000, 0 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/%s", d->dir, socket_name);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

void map_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void map_send(int fd, const void *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

void map_send_request(int fd, const char *map_and_key)
{
	char text[12000];
	int n = snprintf(text, sizeof(text), "%zu:%s,", strlen(map_and_key), map_and_key);

	map_send(fd, text, (size_t)n);
}

static bool read_octet(int fd, char *ret)
{
	ssize_t n = recv(fd, ret, 1, 0);

	/* A reset: what we had sent was not all read. */
	assert_true(n >= 0 || errno == ECONNRESET);
	return n == 1;
}

const char *map_answer(int fd, char out[MAP_ANSWER])
{
	size_t size = 0;
	char c;

	out[0] = '\0';
	if (!read_octet(fd, &c))
		return out;
	do {
		assert_true(c >= '0' && c <= '9');
		size = size * 10 + (size_t)(c - '0');
		assert_true(size < MAP_ANSWER - 1);
		assert_true(read_octet(fd, &c));
	} while (c != ':');
	for (size_t i = 0; i <= size; i++)
		assert_true(read_octet(fd, &out[i]));
	assert_int_equal(out[size], ',');
	out[size] = '\0';
	return out;
}

const char *map_ask(int fd, const char *map_and_key, char out[MAP_ANSWER])
{
	map_send_request(fd, map_and_key);
	return map_answer(fd, out);
}

const char *line_ask(const struct daemon *d, const char *line, bool half_close,
		     char out[MAP_ANSWER])
{
	int fd = map_open(d, "exim.sock");
	size_t n = 0;

	map_send(fd, line, strlen(line));
	if (half_close)
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while (n < MAP_ANSWER - 1 && read_octet(fd, &out[n]))
		n++;
	(void)close(fd);
	assert_true(n > 0 && out[n - 1] == '\n');
	out[n - 1] = '\0';
	return out;
}
