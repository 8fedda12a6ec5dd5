/* The bare client of cold_sim.h: blocking sockets, one SSL_CTX, a handshake and nothing else. */
#include "config.h"

#include "tests/bench/cold_sim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/tls_client.h"
#include "tests/bench/figure.h"

enum { THREADS_MOST = 64 };

struct bare {
	SSL_CTX *ctx;
	const struct cold_plan *plan;
	double until;
	atomic_uint next, done, failed;
};

static bool shake(const struct bare *b, const struct cold_host *host)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(443) };
	char name[COLD_NAME], address[16];
	SSL *ssl = SSL_new(b->ctx);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	cold_name(host, name);
	cold_address(host, address);
	ok = ssl != NULL && inet_pton(AF_INET, address, &sa.sin_addr) == 1 &&
	     connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 && SSL_set_fd(ssl, fd) == 1 &&
	     SSL_set_tlsext_host_name(ssl, name) == 1 &&
	     tls_client_expect(SSL_get0_param(ssl), name, time(NULL)) && SSL_connect(ssl) == 1;
	SSL_free(ssl);
	(void)close(fd);
	return ok;
}

static void *work(void *arg)
{
	struct bare *b = arg;

	while (figure_now() < b->until) {
		unsigned i = atomic_fetch_add(&b->next, 1) % b->plan->domains;
		struct cold_host host = { COLD_POLICY_HOST, cold_kind_of(b->plan, i), i };

		if (host.kind != COLD_HEALTHY)
			continue;
		if (shake(b, &host))
			atomic_fetch_add(&b->done, 1);
		else
			atomic_fetch_add(&b->failed, 1);
	}
	return NULL;
}

static SSL_CTX *client_ctx(const char *roots)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	X509_STORE *store = X509_STORE_new();

	if (ctx == NULL || store == NULL || X509_STORE_load_file(store, roots) != 1 ||
	    !tls_client_secure(ctx, store, TLS1_2_VERSION)) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	} else {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	X509_STORE_free(store);
	return ctx;
}

double cold_sim_handshakes(const char *roots, unsigned threads, const struct cold_plan *plan,
			   double seconds)
{
	double begin = figure_now();
	struct bare b = { .ctx = client_ctx(roots), .plan = plan, .until = begin + seconds };
	pthread_t thread[THREADS_MOST];
	unsigned n = 0;

	if (b.ctx == NULL)
		return 0;
	while (n < threads && n < THREADS_MOST && pthread_create(&thread[n], NULL, work, &b) == 0)
		n++;
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	SSL_CTX_free(b.ctx);
	return b.failed > 0 ? 0 : b.done / (figure_now() - begin);
}
