/* task.h - what one job of a worker has at hand
 *
 * OWNERSHIP The arena lives as long as the job; everything else is borrowed from the engine.
 */
#ifndef COMMON_ENGINE_TASK_H
#define COMMON_ENGINE_TASK_H

#include "common/engine/drift.h"
#include "common/engine/engine.h"
#include "common/engine/outage.h"
#include "common/engine/upkeep.h"

struct facts;
struct gate;
struct told;

struct task {
	const struct engine_env *env;
	const struct settings *settings;
	struct facts *facts;
	struct gate *gate;
	struct outage *outage;
	struct stats *stats;
	struct told *told;
	enum why why;
	bool crowded; /* the gate did not let it pass: some answer is missing for no fault of the host */
	int64_t rests_until; /* wall; the last fetch was not made, since its host rests so long; 0: it was made */
	bool insists; /* the policy is fetched whatever the record says, and however young it is */
	bool uses;    /* mail needs the policy */
	struct upkeep upkeep;
	struct drift drift;
	struct arena arena;
	int64_t began;	  /* mono */
	int64_t deadline; /* mono: when the job gives up, whatever it is waiting for */
	/* Shows a draft to those who wait, while it is still being worked on. NULL: nobody waits. */
	void (*publish)(void *publish_arg, const struct draft *draft);
	void *publish_arg;
};

static inline int64_t task_mono(const struct task *t)
{
	return clock_mono(&t->env->clock);
}

static inline int64_t task_wall(const struct task *t)
{
	return clock_wall(&t->env->clock);
}

/* For how long a job may hold its worker: seven rounds of DNS (record, policy host, MX, addresses, aliases, TLSA under two names), one fetch, two rounds
 * of probes (DANE-TA may need another name), and a wait at the gate before each of these three. */
int64_t task_patience(const struct settings *s);

/* The deadline of one step that may take so many milliseconds. */
int64_t task_until(const struct task *t, int64_t ms);

/* Asks all at once, within dns_timeout. */
void task_dns(struct task *t, struct dns_query *q, size_t n);

/* Where the mail goes will be asked for later in this job: while something else is waited for, others may find out. */
void task_foresee_mx(struct task *t, const struct nexthop *hop);

struct addresses {
	struct netaddr v[LIMIT_MX_ADDRESSES];
	size_t n;
	bool failed;	       /* nothing found, and a look-up failed */
	bool more;	       /* there are more than fit into v */
	bool others;	       /* there are some of a family that is not used */
	bool secure;	       /* DNSSEC has validated every answer that gave addresses */
	uint32_t ttl;	       /* seconds */
	const char *canonical; /* where the host's CNAMEs lead; NULL: it is no alias */
	const char *why;       /* of failed */
};

/* A and AAAA answers of one host (two queries as prepared by addresses_ask()) as one list. */
void addresses_ask(const char *host, struct dns_query q[2]);
void addresses_of(const struct task *t, const struct dns_query q[2], struct addresses *ret);

/* May we connect there (allow_networks, public internet)? */
bool task_may_connect(const struct task *t, const struct netaddr *a);

#endif
