/* dane.h - which MX hosts DANE decides about, and by which TLSA records
 *
 * PURPOSE   The look-ups of RFC 7672: candidate base domains in their order, all hosts side by side, a round of DNS for each step and not for each
 *           host.
 * OWNERSHIP Records and names live in the task's arena.
 * LIMITS    TLSA_MAX records of a host; with more the look-up counts as failed.
 * RFC       7672 s2.1.2 (failed look-ups), s2.1.3, s2.2.2 (CNAME), s2.2.3 (base domains), s3.2.2 (names)
 */
#ifndef COMMON_ENGINE_DANE_H
#define COMMON_ENGINE_DANE_H

#include "common/engine/task.h"

/* The hosts found under a secure MX answer, or without MX records. */
struct dane_ask {
	struct mx_host *hosts;
	const struct addresses *addrs; /* of each host */
	size_t n;
	uint16_t port;
	/* The next-hop domain, and where its CNAMEs lead (NULL: nowhere): names for DANE-TA. */
	const char *nexthop, *expanded;
	bool by_mx; /* the hosts stand in MX records */
	/* answered: of each host that comes back as DANE_USABLE. In the arena, n of them. */
	struct tlsa_set *sets;
};

/* Fills dane, reason (of FAILED), tlsa_base, n_tlsa and n_tlsa_usable of the hosts that have addresses. Returns for how many seconds that
 * may be believed: UINT32_MAX when nothing was asked. */
uint32_t dane_look(struct task *t, struct dane_ask *ask);

#endif
