/* policy_mx.h - the mx values of a policy while it is being parsed
 *
 * PURPOSE   Lower case, no duplicates, in the order of the policy.
 * OWNERSHIP Everything lives in the arena.
 * LIMITS    LIMIT_MX_PATTERNS; contrived collisions cost at most that many comparisons a line.
 */
#ifndef COMMON_STS_POLICY_MX_H
#define COMMON_STS_POLICY_MX_H

#include "common/base/arena.h"
#include "common/base/limits.h"

#include <stdint.h>

struct policy_mx {
	const char **v; /* LIMIT_MX_PATTERNS places; NULL until the first */
	size_t n;
	uint16_t slots[2 * LIMIT_MX_PATTERNS + 1]; /* open hashing: index + 1, 0 is free */
};

enum { POLICY_MX_ADDED = 0, POLICY_MX_AGAIN, POLICY_MX_FULL };

/* value: a valid pattern. POLICY_MX_*, or -ENOMEM. */
int policy_mx_add(struct policy_mx *mx, struct arena *arena, struct span value);

/* Why a value is no mx pattern: one sentence. NULL when it is one. */
const char *policy_mx_complaint(struct span value);

/* What is odd about a valid one: one sentence, or NULL. */
const char *policy_mx_doubt(const char *pattern);

#endif
