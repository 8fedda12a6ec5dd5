/* verdict.h - may mail for this domain be handed to its MX hosts
 *
 * PURPOSE Pure and total: policy mode, assessment and one setting in, verdict out. No clock, no
 *         I/O.
 * RFC     8461 s4 (what must hold), s5 (modes), s5.1 (order of MX hosts, failures are transient)
 */
#ifndef COMMON_STS_VERDICT_H
#define COMMON_STS_VERDICT_H

#include "common/sts/assessment.h"

enum verdict_result {
	VERDICT_PASSED,	 /* mail can go, and cannot go wrong first */
	VERDICT_FAILED,	 /* a host that the MTA would try fails the policy */
	VERDICT_UNKNOWN, /* nothing passed, and something is missing or could not be reached */
	VERDICT_MOOT,	 /* nothing can be delivered anyway: leave the bounce to the MTA */
};

struct verdict {
	enum verdict_result result;
	enum reason reason; /* what decided */
	bool unreachable; /* of UNKNOWN: only probes are missing, and no failing host would be tried
			     before those */
	const char *mx; /* the host that decided; NULL when none did. Points into the assessment. */
	const struct fact *fact; /* its address that decided, or NULL */
};

/* delivery_bound: the delivery agent refuses bad hosts by itself, so one good host suffices. */
struct verdict verdict_of(const struct assessment *a, bool delivery_bound);

const char *verdict_result_name(enum verdict_result r);

#endif
