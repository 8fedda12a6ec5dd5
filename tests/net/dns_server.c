#include "tests/unit/test.h"

#include "tests/net/dns_server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dns_server {
	int fd, stop;
	pthread_t thread;
	dns_answerer *answer;
	void *ctx;
	char address[40];
};

size_t dns_wire_name(const char *text, uint8_t out[256])
{
	size_t used = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, ".");

		if (n > 0) {
			out[used] = (uint8_t)n;
			memcpy(out + used + 1, text, n);
			used += n + 1;
		}
		text += n + (text[n] == '.');
	}
	out[used] = 0;
	return used + 1;
}

static void put(struct dns_message *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof(m->bytes));
	memcpy(m->bytes + m->n, p, n);
	m->n += n;
}

static void put16(struct dns_message *m, unsigned v)
{
	uint8_t two[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(m, two, 2);
}

void dns_rcode(struct dns_message *m, unsigned rcode)
{
	m->bytes[3] = (uint8_t)((m->bytes[3] & 0xf0) | rcode);
}

void dns_record(struct dns_message *m, enum dns_section section, const char *owner, unsigned type,
		uint32_t ttl, struct span rdata)
{
	uint8_t name[256];

	put(m, name, dns_wire_name(owner, name));
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, (unsigned)rdata.n);
	put(m, rdata.p, rdata.n);
	m->counts[section]++;
}

/* The question of a query becomes the beginning of the reply. False: no question that we
 * understand. */
static bool take_question(struct dns_message *m, const uint8_t *in, size_t n)
{
	size_t at = 12, used = 0;

	if (n < 17 || in[2] & 0x80)
		return false;
	while (at < n && in[at] != 0) {
		size_t label = in[at];

		if (label > 63 || at + 1 + label >= n || used + label + 2 > sizeof(m->name))
			return false;
		if (used > 0)
			m->name[used++] = '.';
		for (size_t i = 0; i < label; i++)
			m->name[used++] = (char)tolower(in[at + 1 + i]);
		at += 1 + label;
	}
	m->name[used] = '\0';
	if (at + 5 > n)
		return false;
	m->type = (unsigned)in[at + 1] << 8 | in[at + 2];
	m->n = 0;
	put(m, in, at + 5);
	m->bytes[2] = (uint8_t)(0x80 | (in[2] & 0x01)); /* QR, RD */
	m->bytes[3] = (uint8_t)(0x80 | (in[3] & 0x10)); /* RA, CD */
	memset(m->counts, 0, sizeof(m->counts));
	m->counts[0] = 1;
	return true;
}

static void finish(struct dns_message *m)
{
	static const uint8_t opt[] = { 0, 0, 41, 0xff, 0xff, 0, 0, 0x80, 0, 0, 0 };

	put(m, opt, sizeof(opt));
	m->counts[3] = 1;
	for (size_t i = 0; i < 4; i++) {
		m->bytes[4 + 2 * i] = (uint8_t)(m->counts[i] >> 8);
		m->bytes[5 + 2 * i] = (uint8_t)m->counts[i];
	}
}

static void serve_one(struct dns_server *s, struct dns_message *m)
{
	uint8_t in[2048];
	struct sockaddr_in peer;
	socklen_t peer_n = sizeof(peer);
	ssize_t n =
		recvfrom(s->fd, in, sizeof(in), MSG_DONTWAIT, (struct sockaddr *)&peer, &peer_n);

	if (n < 0 || !take_question(m, in, (size_t)n) || !s->answer(s->ctx, m))
		return;
	finish(m);
	sendto(s->fd, m->bytes, m->n, MSG_DONTWAIT, (struct sockaddr *)&peer, peer_n);
}

static void *serve(void *arg)
{
	struct dns_server *s = arg;
	struct dns_message *m = malloc(sizeof(*m));
	struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN },
				 { .fd = s->stop, .events = POLLIN } };

	while (poll(fds, 2, -1) >= 0 && fds[1].revents == 0)
		if (fds[0].revents != 0)
			serve_one(s, m);
	free(m);
	return NULL;
}

struct dns_server *dns_server_start(dns_answerer *answer, void *ctx)
{
	struct dns_server *s = calloc(1, sizeof(*s));
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(addr);
	int size = 1 << 20;

	assert_non_null(s);
	s->answer = answer;
	s->ctx = ctx;
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	s->stop = eventfd(0, EFD_CLOEXEC);
	assert_true(s->fd >= 0 && s->stop >= 0);
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	assert_int_equal(bind(s->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&addr, &n), 0);
	snprintf(s->address, sizeof(s->address), "127.0.0.1@%d", ntohs(addr.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

void dns_server_stop(struct dns_server *s)
{
	eventfd_write(s->stop, 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
	close(s->stop);
	free(s);
}

const char *dns_server_address(const struct dns_server *s)
{
	return s->address;
}
