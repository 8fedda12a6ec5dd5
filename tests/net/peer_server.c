#include "tests/unit/test.h"

#include "tests/net/peer_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 512 };

struct peer_server {
	int fd, stop;
	uint16_t port;
	peer_script *script;
	void *ctx;
	pthread_t acceptor;
	pthread_t threads[MAX_CONNECTIONS];
	int fds[MAX_CONNECTIONS]; /* duplicates, for the shutdown at the end */
	int n_threads;
	atomic_int connections;
	pthread_mutex_t lock; /* ended */
	pthread_cond_t one_ended;
	int ended;
};

static bool wait_for(const struct peer *p, short events, int ms)
{
	struct pollfd fds[2] = { { .fd = p->fd, .events = events },
				 { .fd = p->server->stop, .events = POLLIN } };

	return poll(fds, 2, ms) >= 0 && fds[1].revents == 0;
}

bool peer_pause(struct peer *p, int ms)
{
	struct pollfd fds[1] = { { .fd = p->server->stop, .events = POLLIN } };

	return poll(fds, 1, ms) == 0;
}

bool peer_send(struct peer *p, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t sent = p->ssl != NULL ? SSL_write(p->ssl, at, (int)n)
					      : send(p->fd, at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

bool peer_say(struct peer *p, const char *text)
{
	return peer_send(p, text, strlen(text));
}

static bool hear_byte(struct peer *p, char *c)
{
	if (p->ssl != NULL)
		return SSL_read(p->ssl, c, 1) == 1;
	return wait_for(p, POLLIN, -1) && recv(p->fd, c, 1, 0) == 1;
}

bool peer_hear(struct peer *p)
{
	size_t n = 0;
	char c = '\0';

	while (n + 1 < sizeof(p->line) && c != '\n') {
		if (!hear_byte(p, &c))
			return false;
		p->line[n++] = c;
	}
	while (n > 0 && (p->line[n - 1] == '\n' || p->line[n - 1] == '\r'))
		n--;
	p->line[n] = '\0';
	return true;
}

void peer_until_gone(struct peer *p)
{
	char c;

	while (hear_byte(p, &c))
		;
}

bool peer_tls(struct peer *p, const struct identity *id, int max_version)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *sni;
	bool ok;

	SSL_CTX_set_security_level(
		ctx, 0); /* bad servers exist; what they get away with is the client's affair */
	SSL_CTX_set_cipher_list(ctx, "ALL");
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, max_version);
	SSL_CTX_use_certificate(ctx, id->cert);
	SSL_CTX_use_PrivateKey(ctx, id->key);
	if (id->intermediate != NULL)
		SSL_CTX_add1_chain_cert(ctx, id->intermediate);
	p->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(p->ssl, p->fd);
	ok = SSL_accept(p->ssl) == 1;
	sni = SSL_get_servername(p->ssl, TLSEXT_NAMETYPE_host_name);
	if (sni != NULL && strlen(sni) < sizeof(p->sni))
		memcpy(p->sni, sni, strlen(sni) + 1);
	return ok;
}

void peer_close_notify(struct peer *p)
{
	if (p->ssl != NULL)
		SSL_shutdown(p->ssl);
}

static void *converse(void *arg)
{
	struct peer *p = arg;
	struct peer_server *s = p->server;

	s->script(p);
	SSL_free(p->ssl);
	shutdown(p->fd, SHUT_RDWR); /* the duplicate keeps it open */
	close(p->fd);
	free(p);
	pthread_mutex_lock(&s->lock);
	s->ended++;
	pthread_cond_broadcast(&s->one_ended);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void admit(struct peer_server *s)
{
	struct peer *p;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	assert_true(s->n_threads < MAX_CONNECTIONS);
	p = calloc(1, sizeof(*p));
	p->fd = fd;
	p->ctx = s->ctx;
	p->server = s;
	atomic_fetch_add(&s->connections, 1);
	s->fds[s->n_threads] = dup(fd);
	assert_int_equal(pthread_create(&s->threads[s->n_threads], NULL, converse, p), 0);
	s->n_threads++;
}

static void *accept_all(void *arg)
{
	struct peer_server *s = arg;
	struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN },
				 { .fd = s->stop, .events = POLLIN } };

	while (poll(fds, 2, -1) >= 0 && fds[1].revents == 0)
		if (fds[0].revents != 0)
			admit(s);
	return NULL;
}

static int listen_on(const char *address, uint16_t *ret_port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	bool is_v6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	struct sockaddr *sa = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t n = is_v6 ? sizeof(v6) : sizeof(v4);
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!is_v6)
		assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
	if (fd < 0 || bind(fd, sa, n) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(getsockname(fd, sa, &n), 0);
	*ret_port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
	return fd;
}

struct peer_server *peer_server_start(const char *address, peer_script *script, void *ctx)
{
	struct peer_server *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->script = script;
	s->ctx = ctx;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->one_ended, NULL);
	s->fd = listen_on(address, &s->port);
	if (s->fd < 0) {
		free(s);
		return NULL;
	}
	s->stop = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(pthread_create(&s->acceptor, NULL, accept_all, s), 0);
	return s;
}

void peer_server_stop(struct peer_server *s)
{
	if (s == NULL)
		return;
	eventfd_write(s->stop, 1);
	pthread_join(s->acceptor, NULL);
	for (int i = 0; i < s->n_threads; i++) {
		shutdown(s->fds[i], SHUT_RDWR);
		pthread_join(s->threads[i], NULL);
		close(s->fds[i]);
	}
	close(s->fd);
	close(s->stop);
	pthread_cond_destroy(&s->one_ended);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

uint16_t peer_server_port(const struct peer_server *s)
{
	return s->port;
}

int peer_server_connections(struct peer_server *s)
{
	return atomic_load(&s->connections);
}

void peer_server_settle(struct peer_server *s)
{
	struct timespec until;
	int r = 0;

	if (s == NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&s->lock);
	while (s->ended < atomic_load(&s->connections) && r == 0)
		r = pthread_cond_timedwait(&s->one_ended, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
}
