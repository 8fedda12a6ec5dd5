#include "config.h"

#include "common/net/resolver_unbound.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/net/dns_answer.h"
#include "common/net/dns_lane.h"

enum { TEST_MEMORY = 256 * 1024, SETTINGS_MEMORY = 1 << 20, MAX_SENTENCE = 1024 };

struct resolver_unbound {
	const struct clock *clock;
	struct arena arena; /* the settings */
	struct dns_settings settings;
	pthread_mutex_t testing; /* held through a self-test; outside `lock` */
	pthread_mutex_t lock;	 /* lane and health; a leaf */
	struct dns_lane *lane;
	enum dns_health health;
};

const char *dns_health_name(enum dns_health h)
{
	static const char *const names[] = {
		[DNS_HEALTH_UNKNOWN] = "unknown",   [DNS_HEALTH_VALIDATES] = "validates",
		[DNS_HEALTH_STRIPPED] = "stripped", [DNS_HEALTH_DISTRUSTED] = "distrusted",
		[DNS_HEALTH_OFF] = "off",
	};

	return names[h];
}

static char *const *copy_list(struct arena *a, char *const *list, size_t n)
{
	char **copy = arena_array(a, n, sizeof(*copy));

	for (size_t i = 0; i < n && copy != NULL; i++) {
		copy[i] = arena_strdup(a, span_of(list[i]));
		if (copy[i] == NULL)
			copy = NULL;
	}
	return copy;
}

static int copy_settings(struct resolver_unbound *r, const struct dns_settings *s)
{
	struct arena *a = &r->arena;

	arena_init(a, SETTINGS_MEMORY);
	r->settings.servers = copy_list(a, s->servers, s->n_servers);
	r->settings.n_servers = s->n_servers;
	r->settings.stubs = copy_list(a, s->stubs, s->n_stubs);
	r->settings.n_stubs = s->n_stubs;
	r->settings.trust_anchor =
		arena_strdup(a, span_of(s->trust_anchor != NULL ? s->trust_anchor : ""));
	r->settings.resolvconf =
		s->resolvconf != NULL ? arena_strdup(a, span_of(s->resolvconf)) : NULL;
	if (r->settings.servers == NULL || r->settings.stubs == NULL ||
	    r->settings.trust_anchor == NULL ||
	    (s->resolvconf != NULL && r->settings.resolvconf == NULL))
		return -ENOMEM;
	return 0;
}

static int open_first_lane(struct resolver_unbound *r, struct buf *error)
{
	AUTO(dns_upstream_release) struct dns_upstream up = { 0 };
	int e = dns_upstream_load(&r->settings, &up, error);

	return e == 0 ? lane_open(&up, true, &r->lane, error) : e;
}

int resolver_unbound_open(const struct dns_settings *s, const struct clock *clock,
			  struct resolver_unbound **ret, struct buf *error)
{
	struct resolver_unbound *r = calloc(1, sizeof(*r));
	int e;

	if (r == NULL)
		return -ENOMEM;
	r->clock = clock;
	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->testing, NULL);
	e = copy_settings(r, s);
	if (e == 0)
		e = open_first_lane(r, error);
	if (e != 0) {
		resolver_unbound_close(r);
		return e;
	}
	*ret = r;
	return 0;
}

struct resolver_unbound *resolver_unbound_close(struct resolver_unbound *r)
{
	if (r == NULL)
		return NULL;
	lane_unref(r->lane);
	arena_release(&r->arena);
	pthread_mutex_destroy(&r->testing);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

static struct dns_lane *current_lane(struct resolver_unbound *r)
{
	struct dns_lane *lane;

	pthread_mutex_lock(&r->lock);
	lane = lane_ref(r->lane);
	pthread_mutex_unlock(&r->lock);
	return lane;
}

static void query(void *ctx, struct dns_query *q, size_t n, int64_t deadline, struct arena *arena)
{
	struct resolver_unbound *r = ctx;
	int64_t left = deadline - clock_mono(r->clock);
	struct dns_lane *lane;

	if (left <= 0) {
		for (size_t i = 0; i < n; i++)
			dns_answer_failed(&q[i], "no time left to ask");
		return;
	}
	lane = current_lane(r);
	lane_ask(lane, q, n, left, arena, NULL);
	lane_unref(lane);
}

static void foresee(void *ctx, const char *domain)
{
	struct dns_lane *lane = current_lane(ctx);

	lane_foresee(lane, domain);
	lane_unref(lane);
}

struct resolver resolver_unbound_port(struct resolver_unbound *r)
{
	return (struct resolver){ .query = query, .ctx = r, .foresee = foresee };
}

enum dns_health resolver_unbound_health(struct resolver_unbound *r)
{
	enum dns_health h;

	pthread_mutex_lock(&r->lock);
	h = r->health;
	pthread_mutex_unlock(&r->lock);
	return h;
}

bool resolver_unbound_validates(struct resolver_unbound *r)
{
	bool v;

	pthread_mutex_lock(&r->lock);
	v = lane_validates(r->lane);
	pthread_mutex_unlock(&r->lock);
	return v;
}

/* A self-test under way. */
struct trial {
	struct resolver_unbound *r;
	struct dns_upstream up;
	struct dns_lane *lane; /* what the resolver should switch to; NULL: nothing to switch to */
	struct arena arena;
	int64_t deadline;
	char *why;
};

__attribute__((format(printf, 2, 3))) static void explain(struct trial *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->why, LIMIT_DETAIL, format, ap);
	va_end(ap);
}

static enum dns_health unknown(struct trial *t, const char *why)
{
	lane_unref(t->lane);
	t->lane = NULL;
	explain(t, "%s", why);
	return DNS_HEALTH_UNKNOWN;
}

static bool open_lane(struct trial *t, bool validate)
{
	AUTO(buf_release) struct buf error = { .max = MAX_SENTENCE };

	lane_unref(t->lane);
	t->lane = NULL;
	if (lane_open(&t->up, validate, &t->lane, &error) == 0)
		return true;
	explain(t, "%s", buf_text(&error));
	return false;
}

static void ask(struct trial *t, struct dns_query *q, size_t n, bool *ret_signed)
{
	lane_ask(t->lane, q, n, t->deadline - clock_mono(t->r->clock), &t->arena, ret_signed);
}

/* Validation failed; now without it: did the signatures arrive at all? */
static enum dns_health examine_unvalidated(struct trial *t, const char *validator_says)
{
	struct dns_query soa = { .name = t->up.anchor_name, .type = DNS_SOA };
	bool is_signed = false;

	if (!open_lane(t, false))
		return DNS_HEALTH_UNKNOWN;
	ask(t, &soa, 1, &is_signed);
	if (soa.status == DNS_FAILED)
		return unknown(t, soa.why);
	if (!is_signed) {
		explain(t, "answers for \"%s\" arrive without their signatures", t->up.anchor_name);
		return DNS_HEALTH_STRIPPED;
	}
	explain(t, "%s", validator_says);
	return DNS_HEALTH_DISTRUSTED;
}

static enum dns_health examine(struct trial *t)
{
	bool root = strcmp(t->up.anchor_name, ".") == 0;
	struct dns_query q[2] = {
		{ .name = t->up.anchor_name, .type = DNS_SOA },
		{ .name = arena_printf(&t->arena, "_mta-sts.%s", root ? "" : t->up.anchor_name),
		  .type = DNS_TXT },
	};

	if (q[1].name == NULL)
		return unknown(t, "out of memory");
	if (!open_lane(t, t->up.anchor_file != NULL))
		return DNS_HEALTH_UNKNOWN;
	if (t->up.anchor_file == NULL) {
		explain(t, "dns_trust_anchor is empty");
		return DNS_HEALTH_OFF;
	}
	ask(t, q, 2, NULL);
	if (q[0].status == DNS_FAILED)
		return unknown(t, q[0].why);
	if (q[0].status == DNS_BOGUS || !q[0].secure)
		return examine_unvalidated(
			t, q[0].status == DNS_BOGUS
				   ? q[0].why
				   : "the trust anchor's algorithm is not supported");
	if (q[1].status != DNS_BOGUS)
		return DNS_HEALTH_VALIDATES;
	/* Signed answers pass, proofs of absence do not: every domain without DNSSEC or without a
	 * record would be bogus. */
	explain(t, "%s", q[1].why);
	return open_lane(t, false) ? DNS_HEALTH_STRIPPED : DNS_HEALTH_UNKNOWN;
}

/* Old lanes live on until their last query has returned. */
static void publish(struct trial *t, enum dns_health h)
{
	struct resolver_unbound *r = t->r;

	pthread_mutex_lock(&r->lock);
	r->health = h;
	if (t->lane != NULL && (lane_validates(t->lane) != lane_validates(r->lane) ||
				!lane_is_current(r->lane, &t->up))) {
		struct dns_lane *old = r->lane;

		r->lane = t->lane;
		t->lane = old;
	}
	pthread_mutex_unlock(&r->lock);
	lane_unref(t->lane);
}

enum dns_health resolver_unbound_selftest(struct resolver_unbound *r, int64_t deadline,
					  char why[LIMIT_DETAIL])
{
	struct trial t = { .r = r, .deadline = deadline, .why = why };
	AUTO(buf_release) struct buf error = { .max = MAX_SENTENCE };
	enum dns_health h = DNS_HEALTH_UNKNOWN;

	arena_init(&t.arena, TEST_MEMORY);
	why[0] = '\0';
	pthread_mutex_lock(&r->testing);
	if (dns_upstream_load(&r->settings, &t.up, &error) == 0)
		h = examine(&t);
	else
		explain(&t, "%s", buf_text(&error));
	publish(&t, h);
	pthread_mutex_unlock(&r->testing);
	dns_upstream_release(&t.up);
	arena_release(&t.arena);
	return h;
}
