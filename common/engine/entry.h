/* entry.h - a finished draft as one immutable cache entry, packed
 *
 * PURPOSE   Most domains have no policy: an entry carries only the parts that its domain has, so that 100,000 of them fit in a few
 *           megabytes. What a hit reads stands together at the front: with a million domains a decision costs what its cache lines cost.
 * OWNERSHIP Const from publication on; holds references on its policy, override and assessment.
 * THREADS   ref and unref from any thread.
 */
#ifndef COMMON_ENGINE_ENTRY_H
#define COMMON_ENGINE_ENTRY_H

#include "common/engine/draft.h"
#include "common/store/cache.h"

/* Of a domain with a policy, published or the operator's. */
struct entry_policy {
	char id[LIMIT_STS_ID + 1];
	char record_id[LIMIT_STS_ID + 1];
	uint64_t body_hash;
	int64_t fetched_at;
	int64_t paced_until;
	int64_t stands_in_until;
	struct verdict verdict;
};

/* What a hit does not read. */
struct entry_rest {
	struct assessment *assessment;
	struct override *override;
	const struct entry_policy *more;  /* NULL without a policy */
	const struct fetch_state *failed; /* NULL unless the last fetch failed */
	int64_t record_checked_at;
	int64_t record_checked_mono;
	uint32_t record_ttl;
	enum reason record_reason;
};

struct entry {
	struct cache_item item; /* key: nexthop_key() */
	unsigned char knowledge;
	unsigned char reason;
	unsigned char kind; /* of the next-hop */
	bool is_overridden;
	uint16_t port;
	atomic_uint agreed; /* overrides_agree() and it alone writes here */
	int64_t fresh_until;
	int64_t recheck_at;
	struct policy *policy;
	int64_t expires_at;
	const struct entry_rest *rest;
	char domain[]; /* and behind it the key of a next-hop that is not just a domain */
};

/* One allocation, one reference; takes references of its own. NULL: no memory. */
struct entry *entry_new(const struct draft *d);
struct entry *entry_ref(struct entry *e);
void entry_unref(struct entry *e); /* NULL: no-op */
void entry_unrefp(struct entry **e);

/* All that the entry knows, as a draft whose references are borrowed: valid as long as the entry, not to be released. */
void entry_read(const struct entry *e, struct draft *ret);

/* NULL unless the entry has an assessment that has been judged. */
const struct verdict *entry_verdict(const struct entry *e);

/* Does it stand in for the answer of a worker that is still at work (draft.h)? */
bool entry_stands_in(const struct entry *e, int64_t mono, int64_t wall);

/* May the entry answer now? Not when it has aged out, or its policy or override has ended. */
bool entry_is_fresh(const struct entry *e, int64_t mono, int64_t wall);

#endif
