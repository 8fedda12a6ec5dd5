/* remarks.h - collects what a parser has to say about a policy
 *
 * OWNERSHIP Everything lives in the arena.
 * LIMITS    POLICY_REMARKS of a kind; of more, the last one says how many were left out.
 * ERRORS    Memory that runs out is remembered in `failed`.
 */
#ifndef COMMON_STS_REMARKS_H
#define COMMON_STS_REMARKS_H

#include "common/sts/policy.h"

struct remarks {
	struct arena *arena;
	struct policy_remark *v; /* NULL until the first */
	size_t n;
	size_t left_out;
	bool failed;
};

/* message: static, or in the arena; NULL means that memory ran out when it was made. */
void remarks_add(struct remarks *r, size_t line, size_t column, const char *message);

/* To be called once, when there will be no more. */
void remarks_end(struct remarks *r);

#endif
