/* verdict.h - may mail for this domain be handed to its MX hosts
 *
 * PURPOSE Pure and total: policy mode, assessment and one setting in, verdict out. No clock, no
 *         I/O.
 * RFC     8461 s2 (DANE first), s4 (what must hold), s5 (modes), s5.1 (order of MX hosts, failures are transient); 7672 s2.2 (a host that DANE
 *         protects), s2.1.2 (failed look-ups)
 */
#ifndef COMMON_STS_VERDICT_H
#define COMMON_STS_VERDICT_H

#include "common/sts/assessment.h"
#include "common/sts/policy.h"

enum verdict_result {
	VERDICT_PASSED,	 /* mail can go, and cannot go wrong first */
	VERDICT_FAILED,	 /* a host that the MTA would try fails the policy */
	VERDICT_UNKNOWN, /* nothing passed, and something is missing or could not be reached */
	VERDICT_MOOT,	 /* nothing can be delivered anyway: leave the bounce to the MTA */
};

/* Who decided. */
enum verdict_by {
	BY_MTA_STS,
	BY_DANE,     /* usable TLSA records, or a TLSA look-up that failed */
	BY_OVERRIDE, /* the operator's mode or patterns, and DANE has no objection */
};

/* Who keeps mail from a bad MX host when it is delivered. */
enum delivery_agent {
	AGENT_UNBOUND, /* nobody: the MTA picks by itself (delivery_bound = no) */
	AGENT_PKIX,    /* it asks us what to demand, and knows certificates alone (dane = off) */
	AGENT_DANE,    /* it asks us, and does DANE where we leave a domain to it (delivery.h) */
};

struct verdict {
	enum verdict_result result;
	enum reason reason; /* what decided */
	enum verdict_by by;
	bool dane_bars; /* of FAILED and UNKNOWN, where MTA-STS would let mail go: hosts under DANE stand in its way */
	bool unreachable; /* of UNKNOWN: only probes are missing, and no failing host would be tried
			     before those */
	const char *mx; /* the host that decided; NULL when none did. Points into the assessment. */
	const struct fact *fact; /* its address that decided, or NULL; by its `pkix`, if it is PROOF_DANE and `by` is not */
};

/* mode: enforce; testing: hosts without DANE do not hinder mail, and what MTA-STS thinks of them is reported when those with DANE do not hinder it
 * either; none: an override, MTA-STS has no say and DANE has.
 * agent: one that is bound refuses bad hosts by itself, so one good host suffices; but good is what it can use. */
struct verdict verdict_of(const struct assessment *a, enum policy_mode mode,
			  enum delivery_agent agent);

/* Is a host used only with a certificate that is valid by PKIX for its name, whatever its TLSA records vouch for? */
bool verdict_wants_pkix(const struct assessment *a, enum policy_mode mode,
			enum delivery_agent agent);

const char *verdict_result_name(enum verdict_result r);
const char *verdict_by_name(enum verdict_by by); /* "mta-sts", "dane", "override" */

/* The section that the reason stands on: what fails under DANE fails by RFC 7672. "" where no RFC speaks. */
const char *verdict_rfc(enum verdict_by by, enum reason reason);

#endif
