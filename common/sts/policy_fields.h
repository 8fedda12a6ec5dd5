/* policy_fields.h - the lines of a policy body, read into its fields
 *
 * PURPOSE The grammar of policy.h; policy.c makes the immutable struct of what is found here. Every
 *         choice that goes beyond the RFC's grammar is a row of doc/GRAMMAR.md.
 * RFC     8461 s3.2
 */
#ifndef COMMON_STS_POLICY_FIELDS_H
#define COMMON_STS_POLICY_FIELDS_H

#include "common/sts/policy_mx.h"
#include "common/sts/remarks.h"

struct policy_fields {
	struct arena *arena;
	struct remarks errors, warnings;
	bool failed;	   /* memory */
	size_t line;	   /* the one being read, 1-based */
	const char *start; /* of that line */
	bool unreadable;   /* some line is no field: what seems to be missing may stand there */
	bool version, mode, max_age, mx_seen;
	enum policy_mode mode_value;
	uint32_t max_age_value;
	struct policy_mx mx;
};

/* f: zeroed. The result is a policy when there are no errors and nothing has failed. */
void policy_fields_read(struct policy_fields *f, struct arena *arena, struct span body);

#endif
