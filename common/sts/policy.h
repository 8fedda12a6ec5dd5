/* policy.h - the policy body becomes a struct
 *
 * PURPOSE   RFC 8461 s3.2 to the letter where it is clear; where strictness would only cost protection, accept and warn
 *           (the table of such choices: doc/GRAMMAR.md).
 * OWNERSHIP struct policy is immutable after policy_parse() and reference counted; one allocation.
 * THREADS   policy_ref()/policy_unref() from any thread.
 * LIMITS    LIMIT_POLICY_BODY octets, LIMIT_MX_PATTERNS patterns (duplicates are kept once), POLICY_REMARKS remarks of a kind:
 *           of more, the last one says how many were left out.
 * ERRORS    0; -ENOMEM, also when the arena is too small (1 MiB is enough for any body); POLICY_INVALID with remarks.
 */
#ifndef COMMON_STS_POLICY_H
#define COMMON_STS_POLICY_H

#include "common/base/arena.h"
#include "common/base/span.h"

#include <stdatomic.h>
#include <stdint.h>

enum policy_mode { POLICY_MODE_NONE, POLICY_MODE_TESTING, POLICY_MODE_ENFORCE };

enum { POLICY_MAX_AGE = 31557600 }; /* seconds; longer is clamped (s3.2) */
enum { POLICY_INVALID = 1 };
enum { POLICY_REMARKS = 64 };

struct policy {
	atomic_uint refs;
	enum policy_mode mode;
	uint32_t max_age; /* seconds */
	size_t n_mx;
	const char *const *mx; /* "mail.example.com" or "*.example.com", lower case */
};

struct policy_remark {
	size_t line; /* 1-based; 0: the policy as a whole */
	size_t column; /* 1-based, in octets; a BOM does not count */
	const char *message; /* in the arena: one sentence, strangers' bytes escaped */
};

struct policy_remarks {
	const struct policy_remark *errors;
	size_t n_errors;
	const struct policy_remark *warnings;
	size_t n_warnings;
};

/* remarks may be NULL; otherwise they live in arena (which is also the scratch space). *ret is untouched unless 0 is returned. */
int policy_parse(struct span body, struct arena *arena, struct policy **ret, struct policy_remarks *remarks);

struct policy *policy_ref(struct policy *p);
void policy_unref(struct policy *p); /* NULL: no-op */
void policy_unrefp(struct policy **p);

const char *policy_mode_name(enum policy_mode mode); /* "enforce", "testing", "none" */

#endif
