#include "config.h"

#include "common/engine/assess.h"

#include "common/engine/dane.h"
#include "common/engine/host_facts.h"
#include "common/sts/mx_match.h"
#include "common/sts/mx_seen.h"
#include "common/sts/rdata.h"
#include "common/sts/verdict.h"

#include <stdlib.h>
#include <string.h>

enum {
	TTL_LEAST = 1,
	TTL_MOST = 3600,
	TTL_FAILED = 60,
	TTL_NAMES =
		300 /* of the MX set under wildcards: delivery agents are told its names, not the patterns */
};

/* What is found out step by step. Of each host of the assessment: its addresses, and the TLSA records that decide about it. */
struct hunt {
	struct task *t;
	const struct nexthop *hop;
	const struct policy *policy;
	enum policy_mode mode;
	struct assessment *a;
	struct addresses *addrs;
	struct tlsa_set *tlsa;
	const char *expanded; /* where the CNAMEs of the next-hop lead, or NULL */
	bool secure; /* so are the names of the hosts: DANE may decide about them (RFC 7672 s2.2.1) */
	uint32_t ttl; /* seconds that all of it may be believed */
};

static uint32_t clamp_ttl(uint32_t ttl)
{
	return ttl < TTL_LEAST ? TTL_LEAST : ttl > TTL_MOST ? TTL_MOST : ttl;
}

static void believe(struct hunt *h, uint32_t ttl)
{
	if (ttl < h->ttl)
		h->ttl = ttl;
}

static void without_hosts(struct assessment *a, enum mx_source source, enum reason reason)
{
	a->source = source;
	a->reason = reason;
	a->n_hosts = 0;
}

static void add_host(struct hunt *h, const char *name, uint16_t preference)
{
	const char *copy = arena_strdup(&h->t->arena, span_of(name));

	h->a->hosts[h->a->n_hosts++] = (struct mx_host){
		.name = copy != NULL ? copy : "(no memory)",
		.preference = preference,
		.in_policy =
			copy == NULL || mx_match_any(name, h->policy->mx, h->policy->n_mx) >= 0,
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

static void mx_found(struct hunt *h, const struct dns_query *q)
{
	struct assessment *a = h->a;
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
			add_host(h, "(malformed)", preference_of(q->rdata[i]));
		else if (name[0] == '\0')
			null_mx = true;
		else
			add_host(h, name, preference);
	}
	if (a->n_hosts == 0)
		without_hosts(a, null_mx ? MX_MOOT : MX_UNKNOWN,
			      null_mx ? REASON_MX_NULL : REASON_MX_FAILED);
	else
		qsort(a->hosts, a->n_hosts, sizeof(a->hosts[0]), by_preference);
}

static void find_hosts(struct hunt *h)
{
	struct dns_query q = { .name = h->hop->domain, .type = DNS_MX };

	if (h->hop->kind == NEXTHOP_HOST) {
		h->a->source = MX_FIXED;
		h->secure = true; /* the operator has said so (RFC 7672 s2.2.2) */
		add_host(h, h->hop->domain, 0);
		return;
	}
	STAT_INC(h->t->stats, mx_lookups);
	task_dns(h->t, &q, 1);
	h->secure = q.secure;
	h->expanded = q.canonical;
	switch (q.status) {
	case DNS_FOUND:
		mx_found(h, &q);
		break;
	case DNS_NODATA:
		h->a->source = MX_IMPLICIT;
		add_host(h, h->hop->domain, 0);
		break;
	case DNS_NXDOMAIN:
		without_hosts(h->a, MX_MOOT, REASON_MX_NXDOMAIN);
		break;
	case DNS_BOGUS:
		without_hosts(h->a, MX_UNKNOWN, REASON_MX_BOGUS);
		q.ttl = TTL_FAILED;
		break;
	case DNS_FAILED:
		without_hosts(h->a, MX_UNKNOWN, REASON_MX_FAILED);
		q.ttl = TTL_FAILED;
		break;
	}
	believe(h, clamp_ttl(q.ttl));
	if (h->mode == POLICY_MODE_ENFORCE && mx_seen_matters(h->policy))
		believe(h, TTL_NAMES);
}

/* Outside the policy a host has failed (RFC 8461 s4.1), unless DANE may decide about it. */
static bool is_wanted(const struct hunt *h, const struct mx_host *host)
{
	bool listed = host->in_policy && h->mode != POLICY_MODE_NONE;

	return (listed || h->secure) && domain_is_normal(host->name);
}

/* Resolves all hosts in one batch. */
static void find_addresses(struct hunt *h)
{
	struct dns_query *q = arena_array(&h->t->arena, 2 * h->a->n_hosts, sizeof(*q));
	size_t n = 0;

	if (q == NULL) {
		for (size_t i = 0; i < h->a->n_hosts; i++)
			h->a->hosts[i].reason = REASON_INTERNAL;
		believe(h, TTL_FAILED);
		return;
	}
	for (size_t i = 0; i < h->a->n_hosts; i++)
		if (is_wanted(h, &h->a->hosts[i]))
			addresses_ask(h->a->hosts[i].name, &q[2 * n++]);
	if (n > 0)
		task_dns(h->t, q, 2 * n);
	n = 0;
	for (size_t i = 0; i < h->a->n_hosts; i++) {
		struct mx_host *host = &h->a->hosts[i];
		struct addresses *addrs = &h->addrs[i];

		if (!is_wanted(h, host))
			continue;
		addresses_of(h->t, &q[2 * n++], addrs);
		if (addrs->more)
			host->reason = REASON_ADDRESS_FAILED;
		else if (addrs->n == 0)
			host->reason = addrs->failed ? REASON_ADDRESS_FAILED : REASON_ADDRESS_NONE;
		believe(h, addrs->failed ? TTL_FAILED : clamp_ttl(addrs->ttl));
	}
}

static void find_records(struct hunt *h)
{
	struct dane_ask ask = {
		.hosts = h->a->hosts,
		.addrs = h->addrs,
		.n = h->a->n_hosts,
		.port = h->hop->port,
		.nexthop = h->hop->domain,
		.expanded = h->expanded,
		.by_mx = h->a->source == MX_RECORDS,
	};

	if (!h->secure)
		return;
	believe(h, clamp_ttl(dane_look(h->t, &ask)));
	h->tlsa = ask.sets;
}

/* What is inconclusive beside a passed host is believed as long as that. */
static int64_t earliest_end(const struct hunt *h, int64_t end)
{
	const struct assessment *a = h->a;
	bool passed = verdict_of(a, h->mode, settings_delivery_agent(h->t->settings)).result ==
		      VERDICT_PASSED;

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
static bool is_nowhere(const struct hunt *h)
{
	return h->a->source == MX_IMPLICIT && h->a->hosts[0].reason == REASON_ADDRESS_NONE &&
	       !h->addrs[0].others;
}

static void look_at_hosts(struct hunt *h)
{
	struct mx_host *first = &h->a->hosts[0];
	bool listed = first->in_policy;
	struct host_facts facts;

	/* An implicit MX outside the policy may not exist at all: then there is nothing to fail. */
	if (h->a->source == MX_IMPLICIT)
		first->in_policy = true;
	find_addresses(h);
	first->in_policy = listed;
	if (is_nowhere(h)) {
		without_hosts(h->a, MX_MOOT, REASON_MX_NONE);
		return;
	}
	find_records(h);
	facts = (struct host_facts){
		.a = h->a, .addrs = h->addrs, .sets = h->tlsa, .port = h->hop->port, .mode = h->mode
	};
	if (host_facts_count(&facts) > LIMIT_PROBES)
		without_hosts(h->a, MX_UNKNOWN, REASON_MX_FAILED);
	else
		host_facts_find(h->t, &facts);
}

struct assessment *assess(struct task *t, const struct nexthop *hop, const struct policy *policy,
			  enum policy_mode mode, const struct assessment *before)
{
	struct hunt h = { .t = t, .hop = hop, .policy = policy, .mode = mode, .ttl = TTL_MOST };

	h.a = arena_alloc(&t->arena, sizeof(*h.a));
	h.addrs = arena_array(&t->arena, LIMIT_MX_HOSTS, sizeof(*h.addrs));
	if (h.a == NULL || h.addrs == NULL)
		return NULL;
	h.a->hosts = arena_array(&t->arena, LIMIT_MX_HOSTS, sizeof(*h.a->hosts));
	h.a->seen = arena_array(&t->arena, LIMIT_MX_SEEN, sizeof(*h.a->seen));
	if (h.a->hosts == NULL || h.a->seen == NULL)
		return NULL;
	h.a->assessed_at = task_wall(t);
	find_hosts(&h);
	if (h.a->n_hosts > 0)
		look_at_hosts(&h);
	h.a->expires_at = earliest_end(&h, h.a->assessed_at + h.ttl);
	h.a->n_seen = mx_seen_of(before, h.a, policy, h.a->seen);
	return assessment_copy(h.a);
}
