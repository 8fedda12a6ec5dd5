/* fact.h - what a probe learned about one address of one MX host
 *
 * PURPOSE Facts are about hosts and shared between domains; verdicts are per domain and never shared (verdict.h).
 *         Three-valued: an address that cannot be reached has not failed a policy (RFC 8461 s5.1, appendix B).
 * UNITS   Times are wall-clock seconds.
 */
#ifndef COMMON_STS_FACT_H
#define COMMON_STS_FACT_H

#include "common/base/limits.h"
#include "common/base/netaddr.h"
#include "common/sts/reason.h"

#include <stdint.h>

enum outcome { OUTCOME_INCONCLUSIVE, OUTCOME_PASSED, OUTCOME_FAILED };

/* What a certificate was held against. */
enum proof {
	PROOF_PKIX, /* trusted roots and the MX host name (RFC 8461 s4.2) */
	PROOF_DANE, /* TLSA records (RFC 7672) */
};

struct fact {
	struct netaddr addr;
	enum outcome outcome;
	enum reason reason;	   /* REASON_OK (of DANE: REASON_DANE_OK) exactly when PASSED */
	enum proof proof;	   /* what outcome and reason are about */
	enum reason pkix;	   /* of PROOF_DANE: what PKIX says of the same host; REASON_PENDING: not looked at */
	int64_t probed_at;
	int64_t expires_at;	   /* when the fact itself is stale; set by the engine from facts_ttl_* */
	int64_t not_after;	   /* of the leaf certificate; 0 when none was seen */
	char tls[16];		   /* "TLSv1.3" or "" */
	char detail[LIMIT_DETAIL]; /* what the host said or the library complained of; escaped, may be "" */
};

const char *outcome_name(enum outcome o); /* "passed", "failed", "inconclusive" */

/* What a reason that a probe gave means: the one place where "inconclusive is never a failure" is decided. */
enum outcome outcome_of_reason(enum reason r);

#endif
