/* facts.h - facts per (MX host, port, address), shared between domains, one probe at a time per
 *
 * host
 *
 * OWNERSHIP Facts are handed out as copies.
 * THREADS   Any. Who leads a host's flight probes and lands it before waiting for others, so no two
 *           workers wait for each other.
 * LIMITS    A byte budget; an evicted fact is probed again.
 */
#ifndef COMMON_ENGINE_FACTS_H
#define COMMON_ENGINE_FACTS_H

#include "common/engine/task.h"
#include "common/sts/assessment.h"

struct facts *facts_new(size_t budget_bytes, uint64_t seed, size_t max_flights);
struct facts *facts_free(struct facts *f); /* NULL in: no-op; returns NULL */

/* One host whose addresses want facts. */
struct fact_host {
	const char *name;
	uint16_t port;
	const struct netaddr *addrs;
	size_t n;
	struct fact *facts; /* n of them, filled */
	/* NULL: PKIX. Otherwise the facts are about these TLSA records: others are other facts. `pkix` of such a fact is filled where the base domain
	 * is the host's name. */
	const struct tlsa_set *tlsa;
	/* The records do not suffice: what PKIX refuses grows old as fast as what has failed. */
	bool wants_pkix;
};

/* Fills all facts: remembered ones while they are young, otherwise by probing, all hosts and
 * addresses side by side. Addresses that must not be connected to come back as ADDRESS_PRIVATE. */
void facts_gather(struct task *t, struct fact_host *hosts, size_t n);

/* Fills all facts from memory, asking nobody; false when one is missing. Unlike facts_gather() it also takes an inconclusive fact that has grown
 * old: beside a passed one it spoils nothing, and to wait for it again and again could hold mail for ever. */
bool facts_recall(struct task *t, struct fact_host *hosts, size_t n);

/* Forgets what was learned about a host's addresses, by PKIX and by DANE. */
void facts_forget(struct facts *f, const struct mx_host *host, uint16_t port);

/* The same for those that passed; the others stay. */
void facts_age(struct facts *f, const struct mx_host *host, uint16_t port);

void facts_stats(const struct facts *f, struct cache_stats *ret);

#endif
