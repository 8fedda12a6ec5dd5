/* store.h - the persistence port of the engine
 *
 * PURPOSE   Policies survive a restart (RFC 8461 s3.3), and so do the times at which failures
 *           began.
 * OWNERSHIP What get() fills lives in the caller's arena.
 * THREADS   All functions may be called from any thread.
 * UNITS     Wall-clock seconds.
 * ERRORS    0; STORE_NOT_FOUND; -EIO when persistence is lost for now (the caller goes on without).
 *          
 */
#ifndef COMMON_STORE_STORE_H
#define COMMON_STORE_STORE_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/sts/policy.h"

#include <stdint.h>

enum { STORE_NOT_FOUND = 1 };

struct stored_policy {
	char id[LIMIT_STS_ID + 1]; /* of the record that announced this body */
	enum policy_mode mode;	   /* for listings; the body decides */
	struct span body;	   /* as fetched, verified to parse */
	int64_t fetched_at;
	int64_t expires_at; /* fetched_at + max_age, never moved by a mere record match */
};

/* Since when look-ups of one class have been failing for one domain. */
struct stored_failure {
	const char *domain;
	int class; /* enum grace_class (engine/grace.h) */
	int64_t first_at;
	int64_t last_at;
};

struct store_counts {
	uint64_t policies;
	uint64_t enforce;
	uint64_t failures;
	uint64_t bytes; /* of the database file */
};

struct store {
	int (*get)(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret);
	int (*put)(void *ctx, const char *domain, const struct stored_policy *p);
	int (*remove)(void *ctx, const char *domain);
	int (*failure_put)(void *ctx, const struct stored_failure *f);
	int (*failure_remove)(void *ctx, const char *domain, int class);
	/* Calls each() for every failure not older than `since`, and deletes the older ones. */
	int (*failures_load)(void *ctx, int64_t since,
			     void (*each)(void *arg, const struct stored_failure *f), void *arg);
	int (*counts)(void *ctx, struct store_counts *ret);
	/* NULL while persistence works, otherwise one sentence (static text) for status and log. */
	const char *(*trouble)(void *ctx);
	void *ctx;
};

#endif
