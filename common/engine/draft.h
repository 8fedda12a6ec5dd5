/* draft.h - what a worker knows about one next-hop while it is at work
 *
 * OWNERSHIP A draft owns one reference each on its policy, its override and its assessment: draft_release(). What entry_read() gives is borrowed
 *           from the entry instead.
 * UNITS     fresh_until and recheck_at are clock_mono() milliseconds, so that a clock that steps cannot keep an answer alive;
 *           all other times are wall-clock seconds.
 */
#ifndef COMMON_ENGINE_DRAFT_H
#define COMMON_ENGINE_DRAFT_H

#include "common/sts/action.h"
#include "common/sts/nexthop.h"
#include "common/sts/override.h"
#include "common/sts/policy.h"

/* What the last look at the _mta-sts record gave. */
struct record_state {
	enum reason reason;	   /* REASON_OK: a valid record; NO_RECORD, RECORD_*, TXT_* */
	char id[LIMIT_STS_ID + 1]; /* of the record when OK */
	int64_t checked_at;	   /* wall; 0: never */
	int64_t checked_mono;
	uint32_t ttl;
};

struct fetch_state {
	char failed_id[LIMIT_STS_ID + 1]; /* "" when the last fetch succeeded or none was needed */
	int64_t failed_at;
	enum reason reason; /* why it failed */
	char detail[LIMIT_DETAIL];
};

struct draft {
	struct nexthop hop;
	enum knowledge knowledge;
	enum reason reason; /* what decided */
	struct record_state record;
	struct fetch_state fetch;
	struct policy *policy;	   /* NULL: none that counts */
	char id[LIMIT_STS_ID + 1]; /* of the policy */
	uint64_t body_hash;	   /* of the policy as it was sent */
	int64_t fetched_at;	   /* of the policy */
	int64_t expires_at;	   /* of the policy */
	int64_t paced_until;	   /* of fetches: freshness.h */
	struct override *override; /* the operator's decision that it is judged under; NULL: none */
	struct assessment *
		assessment; /* NULL unless the policy, or what overrides it, is enforce or testing */
	struct verdict verdict; /* valid with an assessment */
	int64_t fresh_until;
	int64_t recheck_at; /* from here on a hit also starts a check in the background */
	/* Set on what is published while the work still goes on: until then its good verdict, under the policy that is known, binds
	 * those who cannot wait any longer. */
	int64_t stands_in_until;
};

static inline void draft_release(struct draft *d)
{
	policy_unref(d->policy);
	override_unref(d->override);
	assessment_unref(d->assessment);
}

#endif
