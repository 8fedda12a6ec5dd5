/* host_facts.h - facts about the hosts of an assessment, by whoever decides about each
 *
 * PURPOSE A host that DANE decides about is probed by its TLSA records; where their base domain is not the host's name, a second probe tells what
 *         MTA-STS would say (RFC 7672 s8.1 and RFC 8461 s7.1 ask for different SNI). The others are probed by PKIX if the policy lists them.
 *         A certificate that may carry the next-hop's name (RFC 7672 s3.2.2) is first looked at without it, so that all domains of a provider
 *         share one probe.
 */
#ifndef COMMON_ENGINE_HOST_FACTS_H
#define COMMON_ENGINE_HOST_FACTS_H

#include "common/engine/task.h"
#include "common/sts/policy.h"

struct host_facts {
	struct assessment *a;
	const struct addresses *addrs; /* of each host */
	struct tlsa_set *sets;	       /* of each host that is DANE_USABLE */
	uint16_t port;
	enum policy_mode mode; /* none: MTA-STS has no say, its hosts are not probed */
};

/* How many addresses that is. */
size_t host_facts_count(const struct host_facts *f);

/* Fills facts, n_facts and tlsa_hash of the hosts. */
void host_facts_find(struct task *t, struct host_facts *f);

#endif
