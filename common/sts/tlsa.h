/* tlsa.h - TLSA records: which of them count, and what a probe has to match
 *
 * PURPOSE   Pure. RDATA in, usable records out; matching itself, and digest agility (of several digests of one usage and selector only the
 *           strongest counts), are OpenSSL's.
 * OWNERSHIP Data points into the RDATA.
 * LIMITS    TLSA_MAX records of one set; with more the set counts as a failed look-up, never as a smaller set.
 * RFC       6698 s2.1 (RDATA), 7671 s9 (digest agility), 7672 s2.2 (usable), s3.1.3 (usages), s3.2.2 (names of DANE-TA)
 */
#ifndef COMMON_STS_TLSA_H
#define COMMON_STS_TLSA_H

#include "common/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TLSA_MAX = 64 };
enum { TLSA_DANE_TA = 2, TLSA_DANE_EE = 3 }; /* usages */

struct tlsa {
	uint8_t usage, selector, mtype;
	struct span data;
};

/* The usable records of one TLSA base domain. */
struct tlsa_set {
	const char *base;     /* TLSA base domain, normal form */
	const struct tlsa *v; /* usable ones alone */
	size_t n;
	/* The next-hop domain, under a secure MX RRset: names that a DANE-TA certificate may carry instead of the base domain. NULL: none. */
	const char *also[2];
};

/* False: not TLSA RDATA (fewer than three octets, or no data). */
bool tlsa_read(struct span rdata, struct tlsa *ret);

/* Usage DANE-TA or DANE-EE, selector 0 or 1, matching type 0 to 2, a digest of the right length; that Full(0) data parses is for the prober to
 * find out. */
bool tlsa_is_usable(const struct tlsa *t);

bool tlsa_set_has(const struct tlsa_set *set, uint8_t usage);

/* A name for the set, never 0: equal sets have equal names, in any order of their records. For keys of facts. `also` counts only with a DANE-TA record. */
uint64_t tlsa_set_hash(const struct tlsa_set *set);

#endif
