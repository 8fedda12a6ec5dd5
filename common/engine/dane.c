#include "config.h"

#include "common/engine/dane.h"

#include <stdio.h>
#include <string.h>

enum { TTL_FAILED = 60 };
enum { NAME_SIZE = DOMAIN_SIZE + sizeof("_65535._tcp.") };

#define NAME_FORMAT "_%u._tcp.%s" /* a macro: compilers check what goes into it */

/* How far the look at one host has come. */
struct look {
	struct mx_host *host;
	struct tlsa_set *set;
	/* Base domains that are left to be tried, in this order. */
	const char *bases[2];
	size_t n_bases;
	bool ask_cname; /* first: is the alias itself secure? */
};

static uint32_t fail(struct look *l, enum reason reason)
{
	l->host->dane = DANE_FAILED;
	l->host->reason = reason;
	l->n_bases = 0;
	return TTL_FAILED;
}

/* RFC 7672 s2.1.2: the host MUST NOT be used. */
static bool has_failed(const struct dns_query *q)
{
	return q->status == DNS_FAILED || q->status == DNS_BOGUS;
}

static enum reason failure(const struct dns_query *q)
{
	return q->status == DNS_BOGUS ? REASON_TLSA_BOGUS : REASON_TLSA_FAILED;
}

static void add_base(struct look *l, const char *base, uint16_t port)
{
	char name[NAME_SIZE];

	/* A longer name cannot exist. */
	if (snprintf(name, sizeof(name), NAME_FORMAT, port, base) <= LIMIT_DOMAIN - 2)
		l->bases[l->n_bases++] = base;
}

/* RFC 7672 s2.2.2: the expanded name before the original one, and no name between them. */
static void begin(struct look *l, const struct addresses *addrs, uint16_t port)
{
	if (addrs->n == 0)
		return; /* RFC 7672 s2.2.2: unreachable */
	if (addrs->secure && addrs->canonical != NULL)
		add_base(l, addrs->canonical, port);
	l->ask_cname = !addrs->secure && addrs->canonical != NULL;
	if (addrs->secure || l->ask_cname)
		add_base(l, l->host->name, port);
}

/* What is asked next. False: no memory. */
static bool question(struct task *t, const struct look *l, uint16_t port, struct dns_query *ret)
{
	if (l->ask_cname)
		*ret = (struct dns_query){ .name = l->host->name, .type = DNS_CNAME };
	else
		*ret = (struct dns_query){ .name = arena_printf(&t->arena, NAME_FORMAT, port,
								l->bases[0]),
					   .type = DNS_TLSA };
	return ret->name != NULL;
}

/* An insecure alias has no securely known owner: DANE does not apply (RFC 7672 s2.2.2). */
static uint32_t take_cname(struct look *l, const struct dns_query *q)
{
	if (has_failed(q))
		return fail(l, failure(q));
	l->ask_cname = false;
	if (q->status != DNS_FOUND || !q->secure)
		l->n_bases = 0;
	return q->ttl;
}

static bool can_use(const struct task *t, const struct tlsa *r)
{
	const struct prober *p = &t->env->prober;

	return tlsa_is_usable(r) && (p->can_use == NULL || p->can_use(p->ctx, r));
}

/* This base domain is the one: its records count, and if none is usable no other base domain is asked (RFC 7672 s2.2.3). */
static uint32_t take_records(struct task *t, struct look *l, const struct dns_query *q)
{
	struct tlsa *v = arena_array(&t->arena, q->n_rdata, sizeof(*v));
	size_t n = 0;

	if (v == NULL || q->n_rdata > TLSA_MAX)
		return fail(l, v == NULL ? REASON_INTERNAL : REASON_TLSA_FAILED);
	for (size_t i = 0; i < q->n_rdata; i++)
		if (tlsa_read(q->rdata[i], &v[n]) && can_use(t, &v[n]))
			n++;
	l->set->base = l->bases[0];
	l->set->v = v;
	l->set->n = n;
	l->host->dane = n > 0 ? DANE_USABLE : DANE_UNUSABLE;
	l->host->tlsa_base = l->bases[0];
	l->host->n_tlsa = (unsigned)q->n_rdata;
	l->host->n_tlsa_usable = (unsigned)n;
	l->n_bases = 0;
	return q->ttl;
}

static uint32_t take_tlsa(struct task *t, struct look *l, const struct dns_query *q)
{
	if (has_failed(q))
		return fail(l, failure(q));
	if (q->status == DNS_FOUND && q->secure && q->n_rdata > 0)
		return take_records(t, l, q);
	/* That there is none is an answer, secure or not (RFC 7672 s2.1.1). */
	l->bases[0] = l->bases[1];
	l->n_bases--;
	return q->ttl;
}

/* One round of DNS for all hosts that are still open. False: none is. */
static bool step(struct task *t, const struct dane_ask *ask, struct look *looks,
		 struct dns_query *q, uint32_t *ttl)
{
	struct look *asked[LIMIT_MX_HOSTS];
	size_t n = 0;

	for (size_t i = 0; i < ask->n; i++) {
		struct look *l = &looks[i];

		if (l->n_bases == 0)
			continue;
		if (question(t, l, ask->port, &q[n]))
			asked[n++] = l;
		else
			*ttl = fail(l, REASON_INTERNAL);
	}
	if (n == 0)
		return false;
	STAT_ADD(t->stats, tlsa_lookups, n);
	task_dns(t, q, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t believed = q[i].type == DNS_CNAME ? take_cname(asked[i], &q[i])
							   : take_tlsa(t, asked[i], &q[i]);

		if (believed < *ttl)
			*ttl = believed;
	}
	return true;
}

/* RFC 7672 s3.2.2: which names but the base domain a DANE-TA certificate may carry. */
static void add_names(const struct dane_ask *ask, struct tlsa_set *set)
{
	size_t n = 0;

	if (!ask->by_mx) { /* the host is the next-hop */
		if (strcmp(set->base, ask->nexthop) != 0)
			set->also[0] = ask->nexthop;
		return;
	}
	if (strcmp(set->base, ask->nexthop) != 0)
		set->also[n++] = ask->nexthop;
	if (ask->expanded != NULL && strcmp(set->base, ask->expanded) != 0)
		set->also[n] = ask->expanded;
}

uint32_t dane_look(struct task *t, struct dane_ask *ask)
{
	struct look *looks = arena_array(&t->arena, ask->n, sizeof(*looks));
	struct dns_query *q = arena_array(&t->arena, ask->n, sizeof(*q));
	uint32_t ttl = UINT32_MAX;

	ask->sets = arena_array(&t->arena, ask->n, sizeof(*ask->sets));
	if (looks == NULL || q == NULL || ask->sets == NULL) {
		for (size_t i = 0; i < ask->n; i++) {
			ask->hosts[i].dane = DANE_FAILED;
			ask->hosts[i].reason = REASON_INTERNAL;
		}
		return TTL_FAILED;
	}
	for (size_t i = 0; i < ask->n; i++) {
		looks[i] = (struct look){ .host = &ask->hosts[i], .set = &ask->sets[i] };
		begin(&looks[i], &ask->addrs[i], ask->port);
	}
	while (step(t, ask, looks, q, &ttl))
		;
	for (size_t i = 0; i < ask->n; i++)
		if (ask->hosts[i].dane == DANE_USABLE)
			add_names(ask, &ask->sets[i]);
	return ttl;
}
