/* exported.h - a policy that comes from another database, held against what a policy of our own must be
 *
 * PURPOSE   An import file is a stranger's word. A policy in it counts for what its text says, from the moment that it says it was fetched:
 *           nothing in the file can make it last longer, demand something else, or stand for a name that is none (RFC 8461 s3.2, s5.1).
 *           Pure.
 * OWNERSHIP Texts are borrowed.
 * UNITS     Wall-clock seconds.
 */
#ifndef COMMON_STS_EXPORTED_H
#define COMMON_STS_EXPORTED_H

#include "common/sts/policy.h"

struct exported {
	const char *domain; /* normal form */
	const char *id;
	const char *mode; /* as the text says; for readers of the file */
	int64_t fetched_at, expires_at;
	struct span body;
};

enum exported_verdict {
	EXPORTED_GOOD,
	EXPORTED_EXPIRED, /* no fault */
	EXPORTED_INVALID
};

/* ret_mode, ret_expires_at: of a good one. ret_why: of an invalid one, one sentence, static. arena: scratch space, 1 MiB. */
enum exported_verdict exported_check(const struct exported *e, int64_t now, struct arena *arena,
				     enum policy_mode *ret_mode, int64_t *ret_expires_at,
				     const char **ret_why);

#endif
