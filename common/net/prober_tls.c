#include "config.h"

#include "common/net/prober_tls.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/net/dane_client.h"
#include "common/net/probe_session.h"
#include "common/net/tls_client.h"

struct prober_tls {
	char helo[DOMAIN_SIZE];
	struct netaddr source, source6;
	bool has_source, has_source6;
	int min_version;
	int64_t connect_timeout_ms, greeting_timeout_ms, probe_timeout_ms;
	struct trust *trust;
	const struct clock *clock;
	struct farewells *farewells;
	pthread_mutex_t lock; /* store and ctx; a leaf */
	X509_STORE *store;    /* that ctx was made with */
	SSL_CTX *ctx;
};

static int invalid(struct buf *error, const char *setting, const char *value, const char *what)
{
	char shown[LIMIT_DETAIL];

	buf_addf(error, "%s: \"%s\" %s", setting,
		 text_printable(span_of(value), shown, sizeof(shown)), what);
	return PROBER_INVALID;
}

static int take_source(const char *setting, const char *text, enum addr_family family,
		       struct netaddr *ret, bool *ret_has, struct buf *error)
{
	if (text == NULL || text[0] == '\0')
		return 0;
	if (!netaddr_parse(span_of(text), ret) || ret->family != family)
		return invalid(error, setting, text,
			       family == ADDR_V4 ? "is no IPv4 address" : "is no IPv6 address");
	*ret_has = true;
	return 0;
}

/* A name or an address literal: one word of printable ASCII (RFC 5321 s4.1.1.1). */
static int take_helo(const char *helo, char out[DOMAIN_SIZE], struct buf *error)
{
	size_t n = strlen(helo);
	bool ok = n > 0 && span_copy(span_of(helo), out, DOMAIN_SIZE);

	for (size_t i = 0; i < n && ok; i++)
		ok = helo[i] > 0x20 && helo[i] < 0x7f;
	return ok ? 0 : invalid(error, "probe_helo", helo, "is no host name");
}

static int take_options(struct prober_tls *p, const struct prober_tls_options *o, struct buf *error)
{
	int r = take_helo(o->helo, p->helo, error);

	if (r == 0)
		r = take_source("source_address", o->source_address, ADDR_V4, &p->source,
				&p->has_source, error);
	if (r == 0)
		r = take_source("source_address6", o->source_address6, ADDR_V6, &p->source6,
				&p->has_source6, error);
	p->min_version = o->tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION;
	p->connect_timeout_ms = o->connect_timeout_ms;
	p->greeting_timeout_ms = o->greeting_timeout_ms;
	p->probe_timeout_ms = o->probe_timeout_ms;
	return r;
}

int prober_tls_open(const struct prober_tls_options *o, struct trust *trust,
		    const struct clock *clock, struct prober_tls **ret, struct buf *error)
{
	struct prober_tls *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->trust = trust;
	p->clock = clock;
	pthread_mutex_init(&p->lock, NULL);
	r = take_options(p, o, error);
	if (r == 0 && (p->farewells = farewells_new()) == NULL)
		r = -ENOMEM;
	if (r != 0)
		prober_tls_close(p);
	else
		*ret = p;
	return r;
}

struct prober_tls *prober_tls_close(struct prober_tls *p)
{
	if (p == NULL)
		return NULL;
	farewells_free(p->farewells);
	SSL_CTX_free(p->ctx);
	X509_STORE_free(p->store);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

static SSL_CTX *make_ctx(const struct prober_tls *p, X509_STORE *store)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (tls_client_secure(ctx, store, p->min_version) && dane_client_allow(ctx))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

/* The context for the roots as they are now, with a reference. NULL: no memory. */
static SSL_CTX *current_ctx(struct prober_tls *p)
{
	X509_STORE *store = trust_store(p->trust);
	SSL_CTX *ctx;

	pthread_mutex_lock(&p->lock);
	if (p->store != store || p->ctx == NULL) {
		SSL_CTX_free(p->ctx);
		X509_STORE_free(p->store);
		p->ctx = make_ctx(p, store);
		p->store = store;
		store = NULL;
	}
	ctx = p->ctx;
	if (ctx != NULL)
		SSL_CTX_up_ref(ctx);
	pthread_mutex_unlock(&p->lock);
	X509_STORE_free(store);
	return ctx;
}

static void give_up(struct probe *probes, size_t n, const char *detail)
{
	for (size_t i = 0; i < n; i++) {
		struct fact *f = &probes[i].fact;

		*f = probe_fact(&probes[i]);
		f->reason = REASON_PROBE_LOCAL;
		f->outcome = outcome_of_reason(f->reason);
		text_printable(span_of(detail), f->detail, sizeof(f->detail));
	}
}

/* What to poll for, and the earliest deadline. False when all are over. */
static bool gather(const struct probe_session *s, size_t n, struct pollfd *fds,
		   int64_t *ret_deadline)
{
	int64_t deadline = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		bool over = s[i].state == PROBE_OVER;

		fds[i] = (struct pollfd){ .fd = over ? -1 : s[i].fd, .events = s[i].events };
		if (!over && s[i].deadline < deadline)
			deadline = s[i].deadline;
	}
	*ret_deadline = deadline;
	return deadline != INT64_MAX;
}

static int poll_ms(int64_t left)
{
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void run(const struct prober_tls *p, struct probe_session *s, size_t n, struct pollfd *fds)
{
	int64_t deadline;

	while (gather(s, n, fds, &deadline)) {
		int ready = poll(fds, n, poll_ms(deadline - clock_mono(p->clock)));
		int64_t now = clock_mono(p->clock);

		for (size_t i = 0; i < n; i++) {
			if (s[i].state != PROBE_OVER && ready > 0 && fds[i].revents != 0)
				probe_session_ready(&s[i], now);
			if (s[i].state != PROBE_OVER && now >= s[i].deadline)
				probe_session_expired(&s[i]);
		}
	}
}

static void probe(void *ctx, struct probe *probes, size_t n, int64_t deadline)
{
	struct prober_tls *p = ctx;
	int64_t now = clock_mono(p->clock);
	struct probe_terms terms = {
		.helo = p->helo,
		.source = p->has_source ? &p->source : NULL,
		.source6 = p->has_source6 ? &p->source6 : NULL,
		.connect_timeout_ms = p->connect_timeout_ms,
		.greeting_timeout_ms = p->greeting_timeout_ms,
		.deadline =
			deadline - now < p->probe_timeout_ms ? deadline : now + p->probe_timeout_ms,
		.wall = clock_wall(p->clock),
		.ctx = current_ctx(p),
		.farewells = p->farewells,
	};
	struct probe_session *s = calloc(n, sizeof(*s));
	struct pollfd *fds = calloc(n, sizeof(*fds));

	if (s != NULL && fds != NULL && terms.ctx != NULL) {
		for (size_t i = 0; i < n; i++)
			probe_session_start(&s[i], &terms, &probes[i], now);
		run(p, s, n, fds);
	} else {
		give_up(probes, n, "out of memory");
	}
	free(fds);
	free(s);
	SSL_CTX_free(terms.ctx);
}

/* Our own trouble makes no record unusable: that would leave the decision to MTA-STS. */
static bool can_use(void *ctx, const struct tlsa *t)
{
	SSL_CTX *ssl_ctx;
	bool taken;

	if (t->mtype != 0)
		return true;
	ssl_ctx = current_ctx(ctx);
	taken = ssl_ctx == NULL || dane_client_takes(ssl_ctx, t);
	SSL_CTX_free(ssl_ctx);
	return taken;
}

struct prober prober_tls_port(struct prober_tls *p)
{
	return (struct prober){ .probe = probe, .can_use = can_use, .ctx = p };
}
