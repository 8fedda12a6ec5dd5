/* delivery.h - what a delivery agent has to demand of the host that it connects to
 *
 * PURPOSE Pure and total: what is known about a next-hop in, a demand out. The RCPT door asks whether mail can go (action.h); here the MTA checks by
 *         itself, so what our probes found decides only where the MTA could not know better: DANE that it does not do. The same table stands in
 *         doc/DECISIONS.md and is walked by tests/unit/test_delivery.c.
 * LIMITS  DELIVERY_NAMES names; they point into the case that was given.
 * RFC     8461 s2 (DANE first), s4.1, s4.2, s5; 7672 s2.2
 */
#ifndef COMMON_STS_DELIVERY_H
#define COMMON_STS_DELIVERY_H

#include "common/sts/action.h"
#include "common/sts/assessment.h"
#include "common/sts/policy.h"

enum delivery_demand {
	DEMAND_NOTHING, /* no enforce policy: the MTA's own level rules */
	DEMAND_VERIFY,	/* TLS, and a certificate that is valid for the host, which is one of the names */
	DEMAND_DANE,	/* DANE governs every host that may be used, and the MTA does it */
	DEMAND_DELAY,	/* mail has to wait; `reason` tells why */
};

/* What is known; all of it borrowed. */
struct delivery_case {
	enum knowledge knowledge;
	enum reason reason;
	int64_t failing_ms;	       /* for action_for() */
	enum policy_mode mode;	       /* by whose words: the policy's or the operator's (engine/terms.h) */
	const struct policy *patterns; /* whose mx patterns count; NULL: none are known */
	const struct assessment *a;    /* NULL: none */
};

struct delivery_view {
	struct grace_rule txt_failure, pending;
	bool mta_does_dane; /* dane = postfix */
};

enum { DELIVERY_NAMES = LIMIT_MX_PATTERNS + LIMIT_MX_HOSTS + LIMIT_MX_SEEN };

struct delivery {
	enum delivery_demand demand;
	enum reason reason;
	size_t n_names; /* of DEMAND_VERIFY: at least one. Current MX hosts first, by preference */
	size_t n_current; /* how many of them are MX hosts now or were recently; the rest are exact names of the policy */
	const char *names[DELIVERY_NAMES];
};

/* Names are all exact mx names of the policy and the MX hosts, current and recently seen, that its wildcards cover; without those that fail DANE or
 * whose DANE state could not be learned, which MTA-STS must not override. */
void delivery_of(const struct delivery_case *c, const struct delivery_view *view, struct delivery *ret);

/* May the delivery agent talk to this MX host (normal form)? For an MTA that can be told before it connects, and that verifies the host's own name. */
enum delivery_host { HOST_ALLOWED, HOST_OUTSIDE_POLICY, HOST_FAILS_DANE };
enum delivery_host delivery_host(const struct delivery_case *c, const struct delivery *d, const char *host);

const char *delivery_demand_name(enum delivery_demand d); /* "nothing", "verify", "dane", "delay" */

#endif
