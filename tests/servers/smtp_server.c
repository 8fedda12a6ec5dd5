#include "config.h"

#include "tests/servers/smtp_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct smtp_server {
	int fd;
	pthread_t thread;
	SSL_CTX *tls;
	atomic_size_t sessions;
};

/* One connection, in clear first. */
struct session {
	int fd;
	SSL *ssl;
};

static bool say(struct session *s, const char *text)
{
	int n = (int)strlen(text);

	if (s->ssl != NULL)
		return SSL_write(s->ssl, text, n) == n;
	return send(s->fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* A line at a time is all that a probe sends; a byte at a time is fast enough. */
static bool hear(struct session *s, char *line, size_t size)
{
	size_t n = 0;

	while (n + 1 < size) {
		char c;

		if (s->ssl != NULL ? SSL_read(s->ssl, &c, 1) != 1 : recv(s->fd, &c, 1, 0) != 1)
			return false;
		if (c == '\n') {
			line[n] = '\0';
			return true;
		}
		line[n++] = c;
	}
	return false;
}

static bool start_tls(struct smtp_server *server, struct session *s)
{
	if (!say(s, "220 go ahead\r\n"))
		return false;
	s->ssl = SSL_new(server->tls);
	return s->ssl != NULL && SSL_set_fd(s->ssl, s->fd) == 1 && SSL_accept(s->ssl) == 1;
}

/* False ends the session. */
static bool command(struct smtp_server *server, struct session *s, const char *line)
{
	bool offers = server->tls != NULL && s->ssl == NULL;

	if (strncasecmp(line, "EHLO", 4) == 0) {
		atomic_fetch_add(&server->sessions, 1);
		return say(s, offers ? "250-mx\r\n250 STARTTLS\r\n" : "250 mx\r\n");
	}
	if (strncasecmp(line, "STARTTLS", 8) == 0 && offers)
		return start_tls(server, s);
	if (strncasecmp(line, "QUIT", 4) == 0) {
		(void)say(s, "221 bye\r\n");
		return false;
	}
	return say(s, "502 not here\r\n");
}

static void talk(struct smtp_server *server, int fd)
{
	struct session s = { .fd = fd };
	struct timeval patience = { .tv_sec = 2 };
	char line[600];

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (say(&s, "220 mx ESMTP\r\n"))
		while (hear(&s, line, sizeof(line)) && command(server, &s, line))
			;
	SSL_free(s.ssl);
	(void)close(fd);
}

static void *serve(void *arg)
{
	struct smtp_server *s = arg;

	for (;;) {
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			talk(s, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			return NULL; /* shut down */
	}
}

int smtp_server_start(const char *ip, uint16_t port, SSL_CTX *tls, struct smtp_server **ret)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct smtp_server *s = calloc(1, sizeof(*s));
	int on = 1, error;

	if (s == NULL)
		return -ENOMEM;
	s->tls = tls;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd >= 0)
		(void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (s->fd < 0 || inet_pton(AF_INET, ip, &sa.sin_addr) != 1 ||
	    bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(s->fd, 64) < 0 ||
	    (errno = pthread_create(&s->thread, NULL, serve, s)) != 0) {
		error = errno;
		if (s->fd >= 0)
			(void)close(s->fd);
		free(s);
		return -error;
	}
	*ret = s;
	return 0;
}

struct smtp_server *smtp_server_stop(struct smtp_server *s)
{
	if (s == NULL)
		return NULL;
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	free(s);
	return NULL;
}

size_t smtp_server_sessions(const struct smtp_server *s)
{
	return atomic_load(&s->sessions);
}
