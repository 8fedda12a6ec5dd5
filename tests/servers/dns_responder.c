#include "config.h"

#include "tests/servers/dns_responder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 12, PACKET = 512, NAME = 256 };
enum { TYPE_A = 1, TYPE_SOA = 6, TYPE_MX = 15, TYPE_TXT = 16, TYPE_AAAA = 28 };
enum { RCODE_OK = 0, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3 };

struct question {
	char name[NAME];
	uint16_t type;
	size_t end; /* offset behind it */
};

struct dns_responder {
	int fd;
	pthread_t thread;
	const struct dns_row *rows;
	atomic_size_t total;
	pthread_mutex_t lock; /* of asked */
	struct question asked[DNS_RESPONDER_MEMORY];
};

static int type_number(const char *type)
{
	static const struct {
		const char *name;
		int number;
	} T[] = { { "A", TYPE_A }, { "MX", TYPE_MX }, { "TXT", TYPE_TXT }, { "AAAA", TYPE_AAAA } };

	for (size_t i = 0; i < sizeof(T) / sizeof(T[0]); i++)
		if (strcmp(T[i].name, type) == 0)
			return T[i].number;
	return -1;
}

static bool parse_question(const unsigned char *p, size_t n, struct question *ret)
{
	size_t at = HEADER, used = 0;

	if (n < HEADER || p[4] != 0 || p[5] != 1)
		return false;
	while (at < n && p[at] != 0) {
		size_t label = p[at++];

		if (label > 63 || at + label > n || used + label + 2 > NAME)
			return false;
		for (size_t i = 0; i < label; i++)
			ret->name[used++] = (char)tolower(p[at + i]);
		ret->name[used++] = '.';
		at += label;
	}
	ret->name[used > 0 ? used - 1 : 0] = '\0';
	if (at + 5 > n)
		return false;
	ret->type = (uint16_t)(p[at + 1] << 8 | p[at + 2]);
	ret->end = at + 5;
	return true;
}

/* writing: out has room for what tests put in their tables, and is checked all the same */
struct writer {
	unsigned char *p;
	size_t n;
	bool full;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	if (w->full || w->n + n > PACKET) {
		w->full = true;
		return;
	}
	memcpy(w->p + w->n, bytes, n);
	w->n += n;
}

static void put_u16(struct writer *w, unsigned v)
{
	unsigned char b[2] = { (unsigned char)(v >> 8), (unsigned char)v };

	put(w, b, sizeof(b));
}

static void put_u32(struct writer *w, uint32_t v)
{
	put_u16(w, v >> 16);
	put_u16(w, v & 0xffff);
}

static void put_name(struct writer *w, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");
		unsigned char length = (unsigned char)n;

		put(w, &length, 1);
		put(w, name, n);
		name += n;
		if (*name == '.')
			name++;
	}
	put(w, "", 1);
}

static void put_txt(struct writer *w, const char *text)
{
	size_t n = strlen(text);

	do {
		unsigned char piece = (unsigned char)(n > 255 ? 255 : n);

		put(w, &piece, 1);
		put(w, text, piece);
		text += piece;
		n -= piece;
	} while (n > 0);
}

static void put_rdata(struct writer *w, int type, const char *value)
{
	unsigned char ip[16];
	char *end;

	switch (type) {
	case TYPE_A:
		if (inet_pton(AF_INET, value, ip) == 1)
			put(w, ip, 4);
		break;
	case TYPE_AAAA:
		if (inet_pton(AF_INET6, value, ip) == 1)
			put(w, ip, 16);
		break;
	case TYPE_MX:
		put_u16(w, (unsigned)strtoul(value, &end, 10));
		put_name(w, end + strspn(end, " "));
		break;
	default:
		put_txt(w, value);
	}
}

static void put_record(struct writer *w, int type, uint32_t ttl, const char *value)
{
	size_t length_at;

	put_u16(w, 0xc000 | HEADER); /* the name that was asked for */
	put_u16(w, (unsigned)type);
	put_u16(w, 1);
	put_u32(w, ttl);
	length_at = w->n;
	put_u16(w, 0);
	put_rdata(w, type, value);
	if (!w->full) {
		w->p[length_at] = (unsigned char)((w->n - length_at - 2) >> 8);
		w->p[length_at + 1] = (unsigned char)(w->n - length_at - 2);
	}
}

/* The SOA that lets a resolver believe a negative answer: of the last label. */
static void put_soa(struct writer *w, const char *name)
{
	const char *zone = strrchr(name, '.');
	size_t length_at;

	put_name(w, zone != NULL ? zone + 1 : name);
	put_u16(w, TYPE_SOA);
	put_u16(w, 1);
	put_u32(w, 3600);
	length_at = w->n;
	put_u16(w, 0);
	put_name(w, "ns.example");
	put_name(w, "hostmaster.example");
	for (int i = 0; i < 5; i++)
		put_u32(w, 3600);
	if (!w->full)
		w->p[length_at + 1] = (unsigned char)(w->n - length_at - 2);
}

size_t dns_answer(const struct dns_row *rows, const unsigned char *question, size_t n,
		  unsigned char *out)
{
	struct writer w = { .p = out };
	struct question q;
	unsigned answers = 0, rcode = RCODE_NXDOMAIN;

	if (n > PACKET || !parse_question(question, n, &q))
		return 0;
	put(&w, question, q.end);
	for (; rows->name != NULL; rows++) {
		if (fnmatch(rows->name, q.name, 0) != 0)
			continue;
		if (strcmp(rows->type, "SILENCE") == 0)
			return 0;
		rcode = strcmp(rows->type, "SERVFAIL") == 0 ? RCODE_SERVFAIL : RCODE_OK;
		if (rcode == RCODE_SERVFAIL)
			break;
		if (type_number(rows->type) != q.type)
			continue;
		put_record(&w, q.type, rows->ttl, rows->value);
		answers++;
	}
	if (answers == 0 && rcode != RCODE_SERVFAIL)
		put_soa(&w, q.name);
	if (w.full)
		return 0;
	out[2] = (unsigned char)(0x84 |
				 (question[2] & 1)); /* an answer, authoritative; RD as asked */
	out[3] = (unsigned char)(0x80 | rcode);
	out[7] = (unsigned char)answers;
	out[6] = out[8] = out[10] = out[11] = 0;
	out[9] = answers == 0 && rcode != RCODE_SERVFAIL ? 1 : 0;
	return w.n;
}

static void remember(struct dns_responder *r, const unsigned char *p, size_t n)
{
	size_t i = atomic_fetch_add(&r->total, 1) % DNS_RESPONDER_MEMORY;
	struct question q;

	if (!parse_question(p, n, &q))
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->asked[i] = q;
	(void)pthread_mutex_unlock(&r->lock);
}

static void *serve(void *arg)
{
	struct dns_responder *r = arg;

	for (;;) {
		unsigned char in[PACKET], out[PACKET];
		struct sockaddr_storage from;
		socklen_t from_n = sizeof(from);
		ssize_t n = recvfrom(r->fd, in, sizeof(in), 0, (struct sockaddr *)&from, &from_n);
		size_t answer;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* shut down */
			return NULL;
		remember(r, in, (size_t)n);
		answer = dns_answer(r->rows, in, (size_t)n, out);
		if (answer > 0)
			(void)sendto(r->fd, out, answer, 0, (struct sockaddr *)&from, from_n);
	}
}

int dns_responder_start(const char *ip, uint16_t port, const struct dns_row *rows,
			struct dns_responder **ret)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct dns_responder *r = calloc(1, sizeof(*r));
	int buffer = 4 << 20, error;

	if (r == NULL)
		return -ENOMEM;
	r->rows = rows;
	(void)pthread_mutex_init(&r->lock, NULL);
	r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (r->fd >= 0)
		(void)setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (r->fd < 0 || inet_pton(AF_INET, ip, &sa.sin_addr) != 1 ||
	    bind(r->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (errno = pthread_create(&r->thread, NULL, serve, r)) != 0) {
		error = errno;
		if (r->fd >= 0)
			(void)close(r->fd);
		free(r);
		return -error;
	}
	*ret = r;
	return 0;
}

struct dns_responder *dns_responder_stop(struct dns_responder *r)
{
	if (r == NULL)
		return NULL;
	(void)shutdown(r->fd, SHUT_RDWR); /* ENOTCONN, and wakes recvfrom() all the same */
	(void)pthread_join(r->thread, NULL);
	(void)close(r->fd);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

size_t dns_responder_total(const struct dns_responder *r)
{
	return atomic_load(&r->total);
}

size_t dns_responder_asked(struct dns_responder *r, const char *pattern, const char *type)
{
	size_t count = 0;

	(void)pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < DNS_RESPONDER_MEMORY; i++)
		if (r->asked[i].end != 0 && fnmatch(pattern, r->asked[i].name, 0) == 0 &&
		    (type == NULL || type_number(type) == r->asked[i].type))
			count++;
	(void)pthread_mutex_unlock(&r->lock);
	return count;
}
