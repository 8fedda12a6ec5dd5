#include "config.h"

#include "common/sts/delivery.h"

#include <string.h>

#include "common/sts/mx_match.h"

/* Which rule speaks. doc/DECISIONS.md shows the same table with its reasons. */
enum rule {
	RULE_NOTHING,
	RULE_POLICY, /* an enforce policy: the MTA verifies, whatever our probes found */
	RULE_MOOT, /* the MTA would not ask if it had found nowhere to go: as RULE_POLICY under enforce */
	RULE_ACTION, /* what RCPT would be answered under action = tempfail */
	RULE_DANE,   /* only DANE stands in the way */
};

static const enum rule rules[KNOW_COUNT] = {
	[KNOW_NOT_JUDGED] = RULE_NOTHING,
	[KNOW_NO_POLICY] = RULE_NOTHING,
	[KNOW_MODE_NONE] = RULE_NOTHING,
	[KNOW_FETCH_FAILED] = RULE_NOTHING,
	[KNOW_STORE_FAILED] = RULE_ACTION,
	[KNOW_TXT_FAILED] = RULE_ACTION,
	[KNOW_PENDING] = RULE_ACTION,
	[KNOW_BUSY] = RULE_ACTION,
	[KNOW_TESTING_PASSED] = RULE_NOTHING,
	[KNOW_TESTING_FAILED] = RULE_NOTHING,
	[KNOW_TESTING_UNKNOWN] = RULE_NOTHING,
	[KNOW_ENFORCE_PASSED] = RULE_POLICY,
	[KNOW_ENFORCE_FAILED] = RULE_POLICY,
	[KNOW_ENFORCE_UNKNOWN] = RULE_POLICY,
	[KNOW_ENFORCE_UNREACHABLE] = RULE_POLICY,
	[KNOW_ENFORCE_PENDING] = RULE_ACTION,
	[KNOW_DANE_FAILED] = RULE_DANE,
	[KNOW_DANE_UNKNOWN] = RULE_DANE,
	[KNOW_DANE_UNREACHABLE] = RULE_DANE,
	[KNOW_MOOT] = RULE_MOOT,
};

static bool is_wildcard(const char *pattern)
{
	return pattern[0] == '*';
}

static const struct mx_host *find_host(const struct assessment *a, const char *name)
{
	for (size_t i = 0; a != NULL && i < a->n_hosts; i++)
		if (strcmp(a->hosts[i].name, name) == 0)
			return &a->hosts[i];
	return NULL;
}

static void add(struct delivery *d, const char *name)
{
	for (size_t i = 0; i < d->n_current; i++)
		if (strcmp(d->names[i], name) == 0)
			return;
	if (d->n_names < DELIVERY_NAMES)
		d->names[d->n_names++] = name;
}

/* A policy covers a host by an exact name or by a wildcard; what is no host name at all it covers never. */
static bool is_covered(const struct mx_host *host)
{
	return host->in_policy && domain_is_normal(host->name);
}

/* Returns why hosts that the policy covers were left out; REASON_OK: not one was, or not all. */
static enum reason add_current(const struct assessment *a, struct delivery *d)
{
	enum reason objection = REASON_OK;

	for (size_t i = 0; i < a->n_hosts; i++) {
		enum reason r;

		if (!is_covered(&a->hosts[i]))
			continue;
		r = mx_host_dane_objection(&a->hosts[i]);
		if (r == REASON_OK)
			add(d, a->hosts[i].name);
		else if (objection == REASON_OK)
			objection = r;
		d->n_current = d->n_names;
	}
	return d->n_names == 0 ? objection : REASON_OK;
}

static void add_seen(const struct assessment *a, struct delivery *d)
{
	for (size_t i = 0; i < a->n_seen; i++) {
		if (find_host(a, a->seen[i].name) == NULL)
			add(d, a->seen[i].name);
		d->n_current = d->n_names;
	}
}

static void add_exact(const struct delivery_case *c, struct delivery *d)
{
	for (size_t i = 0; i < c->patterns->n_mx; i++) {
		const char *name = c->patterns->mx[i];
		const struct mx_host *host;

		if (is_wildcard(name))
			continue;
		host = find_host(c->a, name);
		if (host == NULL || mx_host_dane_objection(host) == REASON_OK)
			add(d, name);
	}
}

/* Why there is nothing to name. */
static enum reason why_nothing(const struct delivery_case *c)
{
	if (c->a == NULL || c->patterns == NULL)
		return c->reason != REASON_OK ? c->reason : REASON_INTERNAL;
	return c->a->reason != REASON_OK ? c->a->reason : REASON_MX_MISMATCH;
}

static void delay(struct delivery *d, enum reason reason)
{
	d->demand = DEMAND_DELAY;
	d->reason = reason;
	d->n_names = d->n_current = 0;
}

static void verify(const struct delivery_case *c, struct delivery *d)
{
	enum reason objection = REASON_OK;

	if (c->a != NULL && c->patterns != NULL) {
		objection = add_current(c->a, d);
		add_seen(c->a, d);
	}
	if (c->patterns != NULL)
		add_exact(c, d);
	if (objection != REASON_OK) /* no MX host of today may be used */
		delay(d, objection);
	else if (d->n_names == 0)
		delay(d, why_nothing(c));
	else
		d->demand = DEMAND_VERIFY;
}

static bool has_to_wait(const struct delivery_case *c, const struct delivery_view *view)
{
	struct action_view action = { .action = ACTION_TEMPFAIL,
				      .txt_failure = view->txt_failure,
				      .pending = view->pending };

	return action_for(c->knowledge, &action, c->failing_ms) == ANSWER_TEMPFAIL;
}

void delivery_of(const struct delivery_case *c, const struct delivery_view *view,
		 struct delivery *ret)
{
	enum rule rule = rules[c->knowledge];

	if (rule == RULE_MOOT)
		rule = c->mode == POLICY_MODE_ENFORCE ? RULE_POLICY : RULE_NOTHING;
	ret->demand = DEMAND_NOTHING;
	ret->reason = c->reason;
	ret->n_names = ret->n_current = 0;
	if (rule == RULE_POLICY && view->mta_does_dane && c->a != NULL &&
	    assessment_dane_governs(c->a))
		ret->demand = DEMAND_DANE;
	else if (rule == RULE_POLICY)
		verify(c, ret);
	else if (rule == RULE_ACTION ? has_to_wait(c, view)
				     : rule == RULE_DANE && !view->mta_does_dane)
		ret->demand = DEMAND_DELAY;
}

enum delivery_host delivery_host(const struct delivery_case *c, const struct delivery *d,
				 const char *host)
{
	const struct mx_host *known = find_host(c->a, host);

	if (d->demand == DEMAND_NOTHING)
		return HOST_ALLOWED;
	if (known != NULL && mx_host_dane_objection(known) != REASON_OK)
		return HOST_FAILS_DANE;
	if (known != NULL && known->dane == DANE_USABLE)
		return HOST_ALLOWED;
	if (c->patterns != NULL && mx_match_any(host, c->patterns->mx, c->patterns->n_mx) >= 0)
		return HOST_ALLOWED;
	return HOST_OUTSIDE_POLICY;
}

const char *delivery_demand_name(enum delivery_demand d)
{
	static const char *const names[] = {
		[DEMAND_NOTHING] = "nothing",
		[DEMAND_VERIFY] = "verify",
		[DEMAND_DANE] = "dane",
		[DEMAND_DELAY] = "delay",
	};

	return names[d];
}
