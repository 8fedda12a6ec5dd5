#include "config.h"

#include "common/engine/assess.h"

#include "common/engine/facts.h"
#include "common/sts/mx_match.h"
#include "common/sts/rdata.h"
#include "common/sts/verdict.h"

#include <stdlib.h>
#include <string.h>

enum { TTL_LEAST = 1, TTL_MOST = 3600, TTL_FAILED = 60 };

static uint32_t clamp_ttl(uint32_t ttl)
{
	return ttl < TTL_LEAST ? TTL_LEAST : ttl > TTL_MOST ? TTL_MOST : ttl;
}

static void without_hosts(struct assessment *a, enum mx_source source, enum reason reason)
{
	a->source = source;
	a->reason = reason;
	a->n_hosts = 0;
}

static void add_host(struct task *t, struct assessment *a, const char *name, uint16_t preference,
		     const struct policy *policy)
{
	const char *copy = arena_strdup(&t->arena, span_of(name));

	a->hosts[a->n_hosts++] = (struct mx_host){
		.name = copy != NULL ? copy : "(no memory)",
		.preference = preference,
		.in_policy = copy == NULL || mx_match_any(name, policy->mx, policy->n_mx) >= 0,
		.reason = copy != NULL ? REASON_OK : REASON_INTERNAL,
	};
}

static int by_preference(const void *a, const void *b)
{
	const struct mx_host *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return strcmp(x->name, y->name);
}

static uint16_t preference_of(struct span rdata)
{
	const unsigned char *p = (const unsigned char *)rdata.p;

	return rdata.n >= 2 ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static void mx_found(struct task *t, struct assessment *a, const struct dns_query *q,
		     const struct policy *policy)
{
	bool null_mx = false;

	if (q->n_rdata > LIMIT_MX_HOSTS) {
		without_hosts(a, MX_UNKNOWN, REASON_MX_FAILED);
		return;
	}
	a->source = MX_RECORDS;
	for (size_t i = 0; i < q->n_rdata; i++) {
		char name[DOMAIN_SIZE];
		uint16_t preference;

		/* A name that no policy can list is still a place that the MTA might try. */
		if (!rdata_mx(q->rdata[i], &preference, name))
			add_host(t, a, "(malformed)", preference_of(q->rdata[i]), policy);
		else if (name[0] == '\0')
			null_mx = true;
		else
			add_host(t, a, name, preference, policy);
	}
	if (a->n_hosts == 0)
		without_hosts(a, null_mx ? MX_MOOT : MX_UNKNOWN,
			      null_mx ? REASON_MX_NULL : REASON_MX_FAILED);
	else
		qsort(a->hosts, a->n_hosts, sizeof(a->hosts[0]), by_preference);
}

/* Returns for how many seconds the MX set may be believed. */
static uint32_t find_hosts(struct task *t, const struct nexthop *hop, const struct policy *policy,
			   struct assessment *a)
{
	struct dns_query q = { .name = hop->domain, .type = DNS_MX };

	if (hop->kind == NEXTHOP_HOST) {
		a->source = MX_FIXED;
		add_host(t, a, hop->domain, 0, policy);
		return TTL_MOST;
	}
	STAT_INC(t->stats, mx_lookups);
	task_dns(t, &q, 1);
	switch (q.status) {
	case DNS_FOUND:
		mx_found(t, a, &q, policy);
		break;
	case DNS_NODATA:
		a->source = MX_IMPLICIT;
		add_host(t, a, hop->domain, 0, policy);
		break;
	case DNS_NXDOMAIN:
		without_hosts(a, MX_MOOT, REASON_MX_NXDOMAIN);
		break;
	case DNS_BOGUS:
		without_hosts(a, MX_UNKNOWN, REASON_MX_BOGUS);
		return TTL_FAILED;
	case DNS_FAILED:
		without_hosts(a, MX_UNKNOWN, REASON_MX_FAILED);
		return TTL_FAILED;
	}
	return clamp_ttl(q.ttl);
}

/* Resolves all hosts in one batch. Returns the shortest time that the answers may be believed. */
static uint32_t find_addresses(struct task *t, struct assessment *a, struct addresses *addrs)
{
	struct dns_query *q = arena_array(&t->arena, 2 * a->n_hosts, sizeof(*q));
	uint32_t ttl = TTL_MOST;

	if (q == NULL) {
		for (size_t i = 0; i < a->n_hosts; i++)
			a->hosts[i].reason = REASON_INTERNAL;
		return TTL_FAILED;
	}
	/* Hosts outside the policy have failed already: nothing to ask (RFC 8461 s4.1). */
	size_t n = 0;

	for (size_t i = 0; i < a->n_hosts; i++)
		if (a->hosts[i].in_policy)
			addresses_ask(a->hosts[i].name, &q[2 * n++]);
	if (n > 0)
		task_dns(t, q, 2 * n);
	n = 0;
	for (size_t i = 0; i < a->n_hosts; i++) {
		struct mx_host *h = &a->hosts[i];

		if (!h->in_policy)
			continue;
		addresses_of(t, &q[2 * n++], &addrs[i]);
		if (addrs[i].more)
			h->reason = REASON_ADDRESS_FAILED;
		else if (addrs[i].n == 0)
			h->reason = addrs[i].failed ? REASON_ADDRESS_FAILED : REASON_ADDRESS_NONE;
		if (addrs[i].failed)
			ttl = TTL_FAILED;
		else if (clamp_ttl(addrs[i].ttl) < ttl)
			ttl = clamp_ttl(addrs[i].ttl);
	}
	return ttl;
}

static bool passes(const struct task *t, const struct assessment *a)
{
	return verdict_of(a, POLICY_MODE_ENFORCE, t->settings->delivery_bound).result ==
	       VERDICT_PASSED;
}

static void find_facts(struct task *t, struct assessment *a, const struct addresses *addrs,
		       uint16_t port)
{
	struct fact_host *hosts = arena_array(&t->arena, a->n_hosts, sizeof(*hosts));
	size_t n = 0;

	for (size_t i = 0; i < a->n_hosts; i++) {
		struct mx_host *h = &a->hosts[i];

		if (!h->in_policy || h->reason != REASON_OK)
			continue;
		h->facts = arena_array(&t->arena, addrs[i].n, sizeof(*h->facts));
		if (hosts == NULL || h->facts == NULL) {
			h->reason = REASON_INTERNAL;
			continue;
		}
		h->n_facts = addrs[i].n;
		hosts[n++] = (struct fact_host){ h->name, port, addrs[i].v, addrs[i].n, h->facts };
	}
	if (n > 0 && !(facts_recall(t, hosts, n) && passes(t, a)))
		facts_gather(t, hosts, n);
}

/* What is inconclusive beside a passed host is believed as long as that. */
static int64_t earliest_end(const struct task *t, const struct assessment *a, int64_t end)
{
	bool passed = passes(t, a);

	for (size_t i = 0; i < a->n_hosts; i++)
		for (size_t j = 0; j < a->hosts[i].n_facts; j++) {
			const struct fact *fact = &a->hosts[i].facts[j];

			if (passed && fact->outcome == OUTCOME_INCONCLUSIVE &&
			    fact->reason != REASON_HOST_BUSY)
				continue;
			if (fact->expires_at < end)
				end = fact->expires_at;
		}
	return end;
}

/* No MX and no address either: the domain takes no mail (RFC 5321 s5.1). */
static bool is_nowhere(const struct assessment *a, const struct addresses *addrs)
{
	return a->source == MX_IMPLICIT && a->hosts[0].reason == REASON_ADDRESS_NONE &&
	       !addrs[0].others;
}

static size_t count_addresses(const struct assessment *a, const struct addresses *addrs)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_hosts; i++)
		n += a->hosts[i].in_policy && a->hosts[i].reason == REASON_OK ? addrs[i].n : 0;
	return n;
}

struct assessment *assess(struct task *t, const struct nexthop *hop, const struct policy *policy)
{
	struct assessment *a = arena_alloc(&t->arena, sizeof(*a));
	struct addresses *addrs = arena_array(&t->arena, LIMIT_MX_HOSTS, sizeof(*addrs));
	uint32_t ttl, ttl_addresses;

	if (a == NULL || addrs == NULL)
		return NULL;
	a->hosts = arena_array(&t->arena, LIMIT_MX_HOSTS, sizeof(*a->hosts));
	if (a->hosts == NULL)
		return NULL;
	a->assessed_at = task_wall(t);
	ttl = find_hosts(t, hop, policy, a);
	if (a->n_hosts > 0) {
		/* An implicit MX outside the policy may not exist at all: then there is nothing to
		 * fail. */
		if (a->source == MX_IMPLICIT)
			a->hosts[0].in_policy = true;
		ttl_addresses = find_addresses(t, a, addrs);
		if (ttl_addresses < ttl)
			ttl = ttl_addresses;
		if (is_nowhere(a, addrs)) {
			without_hosts(a, MX_MOOT, REASON_MX_NONE);
		} else if (count_addresses(a, addrs) > LIMIT_PROBES) {
			without_hosts(a, MX_UNKNOWN, REASON_MX_FAILED);
		} else {
			if (a->source == MX_IMPLICIT)
				a->hosts[0].in_policy =
					mx_match_any(hop->domain, policy->mx, policy->n_mx) >= 0;
			find_facts(t, a, addrs, hop->port);
		}
	}
	a->expires_at = earliest_end(t, a, a->assessed_at + ttl);
	return assessment_copy(a);
}
