/* trail.h - what was said at RCPT is remembered until the delivery asks
 *
 * PURPOSE The line about a delivery then names the ids of the messages that it may be for, and says so if the policy has changed in between.
 * THREADS Any; one leaf lock.
 * LIMITS  TRAIL_HOPS next-hops, the oldest of a bucket goes; TRAIL_IDS ids of each, the newest.
 */
#ifndef MILTER_DAEMON_TRAIL_H
#define MILTER_DAEMON_TRAIL_H

#include "milter/daemon/door.h"

enum { TRAIL_HOPS = 4096, TRAIL_IDS = 4, TERMS_TEXT = 80 };

/* What was in force. */
struct trail_terms {
	unsigned char known; /* false: not known at that time */
	unsigned char overridden;
	unsigned char mode; /* enum policy_mode; none also where there is no policy */
	uint64_t hash;	    /* of the policy's body, or of the override */
	char id[LIMIT_STS_ID + 1];
};

struct trail_mark {
	uint64_t serial; /* changes with each recipient */
	size_t n_ids;
	char ids[TRAIL_IDS][DECISION_ID_SIZE]; /* the newest first */
	struct trail_terms terms;	       /* of the newest */
};

struct trail *trail_new(uint64_t seed);
struct trail *trail_free(struct trail *t); /* NULL in: no-op; returns NULL */

struct trail_terms trail_terms_of(const struct judgement *j);
bool trail_terms_same(const struct trail_terms *a, const struct trail_terms *b);
/* "enforce id=20260101", "none", "override testing", "unknown" */
const char *trail_terms_text(const struct trail_terms *terms, char out[TERMS_TEXT]);

void trail_note(struct trail *t, const struct nexthop *hop, const char *id,
		const struct trail_terms *terms);
/* Grows with each note. */
uint64_t trail_changes(const struct trail *t);
/* False: no recipient of this next-hop is remembered. */
bool trail_find(struct trail *t, const struct nexthop *hop, struct trail_mark *ret);

#endif
