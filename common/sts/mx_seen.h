/* mx_seen.h - which MX host names are remembered although they are not in the MX set now
 *
 * PURPOSE MTAs that ask another resolver may see a rotating MX set a moment earlier or later. A delivery agent that is told names instead of wildcards
 *         (sts/delivery.h) must not refuse what the policy allows. Only names that a wildcard of the policy covers: the exact ones are told anyway.
 * LIMITS  LIMIT_MX_SEEN names, for MX_SEEN_FOR after they were last seen; never one of a host that failed DANE.
 */
#ifndef COMMON_STS_MX_SEEN_H
#define COMMON_STS_MX_SEEN_H

#include "common/sts/assessment.h"
#include "common/sts/policy.h"

enum { MX_SEEN_FOR = 86400 /* seconds */ };

/* Has the policy patterns that say less than names do? */
bool mx_seen_matters(const struct policy *patterns);

/* before: the assessment that `now` takes the place of, or NULL; the names are borrowed from it. out: LIMIT_MX_SEEN places. Returns how many. */
size_t mx_seen_of(const struct assessment *before, const struct assessment *now,
		  const struct policy *patterns, struct mx_seen *out);

/* An assessment that says nothing but which names were seen, for the one that will follow. NULL: there are none, or no memory. */
struct assessment *mx_seen_only(const struct assessment *a);

#endif
