#include "config.h"

#include "tests/bench/cold_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

enum { BACKLOG = 4096, PIECE = 4096, OUT = 16384 };

struct listener {
	struct cold_net *net;
	const struct cold_service *service;
	struct cold_watch watch;
};

struct cold_link {
	struct cold_net *net;
	const struct cold_service *service;
	struct cold_watch watch;
	struct cold_host host;
	unsigned on_the_way; /* what will still happen to this link */
	bool gone;	     /* the client has closed */
	bool finished;
	SSL *ssl;
	BIO *in, *out; /* the network as OpenSSL sees it */
	const char *again;
	size_t n_again;
	enum cold_line pace;
	size_t n_line;
	char line[LINK_LINE];
};

/* What the client has sent; nothing: it has gone. */
struct piece {
	struct cold_link *link;
	size_t n;
	char bytes[];
};

const struct cold_host *link_host(const struct cold_link *k)
{
	return &k->host;
}

bool link_is_secure(const struct cold_link *k)
{
	return k->ssl != NULL;
}

static void later(struct cold_link *k, enum cold_line line, cold_action *action, void *arg)
{
	k->on_the_way++;
	cold_loop_after(k->net->loop, line, action, arg);
}

/* At the end of everything that was on its way. */
static void settle(struct cold_link *k)
{
	if (--k->on_the_way > 0 || !k->gone)
		return;
	SSL_free(k->ssl);
	(void)close(k->watch.fd);
	free(k);
}

/* What a socket does not take is lost: only those get there who send without end. */
static void send_all(struct cold_link *k, const char *text, size_t n)
{
	if (!k->gone)
		(void)send(k->watch.fd, text, n, MSG_NOSIGNAL);
}

static void flush_tls(struct cold_link *k)
{
	char bytes[OUT];
	int n;

	while ((n = BIO_read(k->out, bytes, sizeof(bytes))) > 0)
		send_all(k, bytes, (size_t)n);
}

void link_say(struct cold_link *k, const char *text, size_t n)
{
	if (k->gone || k->finished)
		return;
	if (k->ssl == NULL) {
		send_all(k, text, n);
		return;
	}
	ERR_clear_error();
	(void)SSL_write(k->ssl, text, (int)n);
	flush_tls(k);
}

static void say_again(void *arg)
{
	struct cold_link *k = arg;

	link_say(k, k->again, k->n_again);
	if (!k->gone)
		later(k, k->pace, say_again, k);
	settle(k);
}

void link_repeat(struct cold_link *k, enum cold_line pace, const char *text, size_t n)
{
	k->again = text;
	k->n_again = n;
	k->pace = pace;
	later(k, pace, say_again, k);
}

void link_finish(struct cold_link *k)
{
	if (k->ssl != NULL && !k->gone) {
		(void)SSL_shutdown(k->ssl);
		flush_tls(k);
	}
	k->finished = true;
	(void)shutdown(k->watch.fd, SHUT_WR);
}

void link_mute(struct cold_link *k)
{
	k->finished = true;
}

void link_start_tls(struct cold_link *k)
{
	k->ssl = SSL_new(k->net->tls);
	k->in = BIO_new(BIO_s_mem());
	k->out = BIO_new(BIO_s_mem());
	if (k->ssl == NULL || k->in == NULL || k->out == NULL)
		abort();
	SSL_set_bio(k->ssl, k->in, k->out);
	SSL_set_accept_state(k->ssl);
	if (!cold_pki_show(k->net->pki, &k->host, k->ssl))
		k->finished = true;
}

static void hear_text(struct cold_link *k, const char *text, size_t n)
{
	for (size_t i = 0; i < n && !k->finished; i++) {
		if (text[i] != '\n') {
			if (k->n_line < LINK_LINE - 1)
				k->line[k->n_line++] = text[i];
			continue;
		}
		if (k->n_line > 0 && k->line[k->n_line - 1] == '\r')
			k->n_line--;
		k->line[k->n_line] = '\0';
		k->n_line = 0;
		k->service->line(k, k->line);
	}
}

static void hear_tls(struct cold_link *k, const char *bytes, size_t n)
{
	char text[PIECE];
	bool shaken = SSL_is_init_finished(k->ssl);
	int got;

	(void)BIO_write(k->in, bytes, (int)n);
	do {
		ERR_clear_error();
		got = SSL_read(k->ssl, text, sizeof(text));
		if (!shaken && SSL_is_init_finished(k->ssl)) {
			shaken = true;
			atomic_fetch_add(&k->net->counts->handshakes, 1);
		}
		if (got > 0)
			hear_text(k, text, (size_t)got);
	} while (got > 0);
	flush_tls(k);
}

static void arrived(void *arg)
{
	struct piece *p = arg;
	struct cold_link *k = p->link;

	if (p->n == 0)
		k->gone = true;
	else if (k->finished)
		;
	else if (k->ssl != NULL)
		hear_tls(k, p->bytes, p->n);
	else
		hear_text(k, p->bytes, p->n);
	free(p);
	settle(k);
}

static void readable(void *arg)
{
	struct cold_link *k = arg;
	struct piece *p = malloc(sizeof(*p) + PIECE);
	ssize_t n;

	if (p == NULL)
		abort();
	n = recv(k->watch.fd, p->bytes, PIECE, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		free(p);
		return;
	}
	p->link = k;
	p->n = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		cold_loop_unwatch(k->net->loop, &k->watch);
	later(k, COLD_ROUND_TRIP, arrived, p);
}

static void greet(void *arg)
{
	struct cold_link *k = arg;

	k->service->begin(k);
	settle(k);
}

/* A round trip after connect(): only now the client could have known that it is connected. */
static void connected(void *arg)
{
	struct cold_link *k = arg;

	if (!cold_loop_watch(k->net->loop, &k->watch))
		abort();
	if (k->service->tls_first)
		link_start_tls(k);
	later(k, COLD_ROUND_TRIP, greet, k);
	settle(k);
}

static bool find_out_who(int fd, struct cold_host *ret)
{
	struct sockaddr_in sa;
	socklen_t n = sizeof(sa);

	return getsockname(fd, (struct sockaddr *)&sa, &n) == 0 && sa.sin_family == AF_INET &&
	       cold_host_of_address(ntohl(sa.sin_addr.s_addr), ret);
}

static void acceptable(void *arg)
{
	struct listener *l = arg;
	int fd, one = 1;

	while ((fd = accept4(l->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct cold_link *k = calloc(1, sizeof(*k));

		if (k == NULL)
			abort();
		*k = (struct cold_link){ .net = l->net, .service = l->service };
		k->watch = (struct cold_watch){ fd, readable, k };
		if (!find_out_who(fd, &k->host)) {
			(void)close(fd);
			free(k);
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		atomic_fetch_add(&l->net->counts->connections, 1);
		later(k, COLD_ROUND_TRIP, connected, k);
	}
}

int cold_listen(struct cold_net *net, const struct cold_service *service)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(service->port),
				  .sin_addr.s_addr = htonl(INADDR_ANY) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	*l = (struct listener){ net, service, { fd, acceptable, l } };
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, BACKLOG) < 0 ||
	    !cold_loop_watch(net->loop, &l->watch))
		return -errno;
	return 0;
}
