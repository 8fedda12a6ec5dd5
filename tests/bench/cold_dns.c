#include "config.h"

#include "tests/bench/cold_dns.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/bench/cold_world.h"
#include "tests/servers/dns_responder.h"

enum { PORT = 53, PACKET = 512, HEADER = 12, TTL = 3600, BUFFER = 4 << 20 };

struct server {
	struct cold_loop *loop;
	struct cold_watch watch;
	_Atomic uint64_t *questions;
};

struct question {
	struct server *server;
	struct sockaddr_in from;
	size_t n;
	unsigned char packet[PACKET];
};

static bool read_name(const struct question *q, char out[COLD_NAME])
{
	size_t at = HEADER, used = 0;

	while (at < q->n && q->packet[at] != 0) {
		size_t label = q->packet[at++];

		if (label > 63 || at + label >= q->n || used + label + 2 > COLD_NAME)
			return false;
		for (size_t i = 0; i < label; i++)
			out[used++] = (char)tolower(q->packet[at + i]);
		out[used++] = '.';
		at += label;
	}
	out[used > 0 ? used - 1 : 0] = '\0';
	return true;
}

/* What there is to say about one name, as a table of at most three rows. */
static void describe(const struct cold_host *h, char value[COLD_NAME], struct dns_row rows[3])
{
	bool closed = (h->role == COLD_POLICY_HOST && h->kind == COLD_HTTPS_CLOSED) ||
		      (h->role == COLD_MX_HOST && h->kind == COLD_MX_CLOSED);
	char mx[COLD_NAME];

	rows[0] = (struct dns_row){ "*", "A", value, TTL };
	switch (h->role) {
	case COLD_RECORD:
		(void)snprintf(value, COLD_NAME, "v=STSv1; id=%u;", h->i + 1);
		rows[0].type = h->kind == COLD_TXT_SERVFAIL ? "SERVFAIL"
			       : h->kind == COLD_TXT_SILENT ? "SILENCE"
							    : "TXT";
		break;
	case COLD_DOMAIN:
		cold_name(&(struct cold_host){ COLD_MX_HOST, h->kind, h->i }, mx);
		(void)snprintf(value, COLD_NAME, "10 %.70s", mx);
		rows[0].type = "MX";
		break;
	case COLD_POLICY_HOST:
	case COLD_MX_HOST:
		if (closed)
			(void)snprintf(value, COLD_NAME, "::1");
		else
			cold_address(h, value);
		rows[0].type = closed ? "AAAA" : "A";
		break;
	}
	rows[1] = (struct dns_row){ NULL, NULL, NULL, 0 };
}

static void answer(void *arg)
{
	struct question *q = arg;
	struct dns_row rows[3] = { { NULL, NULL, NULL, 0 } };
	unsigned char out[PACKET];
	char name[COLD_NAME], value[COLD_NAME];
	struct cold_host host;
	size_t n;

	if (read_name(q, name) && cold_host_of_name(name, &host))
		describe(&host, value, rows);
	n = dns_answer(rows, q->packet, q->n, out);
	if (n > 0)
		(void)sendto(q->server->watch.fd, out, n, 0, (struct sockaddr *)&q->from,
			     sizeof(q->from));
	free(q);
}

static void readable(void *arg)
{
	struct server *s = arg;

	for (;;) {
		struct question *q = malloc(sizeof(*q));
		socklen_t size = sizeof(q->from);
		ssize_t n;

		if (q == NULL)
			abort();
		n = recvfrom(s->watch.fd, q->packet, sizeof(q->packet), 0,
			     (struct sockaddr *)&q->from, &size);
		if (n <= 0) {
			free(q);
			return;
		}
		q->server = s;
		q->n = (size_t)n;
		atomic_fetch_add(s->questions, 1);
		cold_loop_after(s->loop, COLD_ROUND_TRIP, answer, q);
	}
}

int cold_dns_start(struct cold_loop *loop, _Atomic uint64_t *questions)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct server *s = calloc(1, sizeof(*s));
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = BUFFER;

	if (s == NULL)
		abort();
	*s = (struct server){ loop, { fd, readable, s }, questions };
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    !cold_loop_watch(loop, &s->watch))
		return -errno;
	return 0;
}
