/* entry.h - everything known about one next-hop, as one immutable cache entry
 *
 * OWNERSHIP Built by a worker, const from publication on; holds references on its policy and
 *           assessment.
 * UNITS     fresh_until and recheck_at are clock_mono() milliseconds, so that a clock that steps
 *           cannot keep an entry alive; all other times are wall-clock seconds.
 */
#ifndef COMMON_ENGINE_ENTRY_H
#define COMMON_ENGINE_ENTRY_H

#include "common/store/cache.h"
#include "common/sts/action.h"
#include "common/sts/nexthop.h"
#include "common/sts/policy.h"

/* What the last look at the _mta-sts record gave. */
struct record_state {
	enum reason reason;	   /* REASON_OK: a valid record; NO_RECORD, RECORD_*, TXT_* */
	char id[LIMIT_STS_ID + 1]; /* of the record when OK */
	int64_t checked_at;	   /* wall */
	int64_t checked_mono;
	uint32_t ttl;
};

struct fetch_state {
	char failed_id[LIMIT_STS_ID + 1]; /* "" when the last fetch succeeded or none was needed */
	int64_t failed_at;
	enum reason reason; /* why it failed */
	char detail[LIMIT_DETAIL];
};

struct entry {
	struct cache_item item; /* key: nexthop_key() */
	/* What a hit reads stands together: with a million domains the cost of a decision is that of the cache lines it touches. */
	enum knowledge knowledge;
	enum reason reason;    /* what decided */
	struct policy *policy; /* NULL: none that counts */
	int64_t expires_at;    /* of the policy */
	int64_t fresh_until;
	int64_t recheck_at; /* from here on a hit also starts a check in the background */
	struct nexthop hop; /* its domain is the key of a plain next-hop */
	struct assessment *assessment; /* NULL unless the policy is enforce or testing */
	struct verdict verdict;	       /* valid with an assessment */
	char id[LIMIT_STS_ID + 1];     /* of the policy */
	int64_t fetched_at;	       /* of the policy */
	struct record_state record;
	struct fetch_state fetch;
	char key[]; /* of any other next-hop */
};

/* Takes over nothing: copies *draft and adds references to its policy and assessment. Returns an
 * entry with one reference, or NULL when memory is out. draft->item and draft->key are not read. */
struct entry *entry_new(const struct entry *draft);
struct entry *entry_ref(struct entry *e);
void entry_unref(struct entry *e); /* NULL: no-op */
void entry_unrefp(struct entry **e);

/* May the entry answer now? Not when it has aged out or its policy has expired. */
bool entry_is_fresh(const struct entry *e, int64_t mono, int64_t wall);

/* Does it hold a policy of this mode that has not expired? */
bool entry_holds(const struct entry *e, enum policy_mode mode, int64_t wall);

#endif
