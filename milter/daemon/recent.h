/* recent.h - answers of the last second, for questions that come again
 *
 * PURPOSE   As long as nothing has changed (the caller's count of changes), the same octets get the same answer for at most
 *           RECENT_MS: a mail server asks for each connection that it opens, many times a second for a large provider.
 * OWNERSHIP What recent_find() gives belongs to the table until the next call.
 * THREADS   The policy service's event loop.
 * LIMITS    RECENT_ANSWERS, of RECENT_OCTETS each with its question; longer ones, and more, are not remembered.
 */
#ifndef MILTER_DAEMON_RECENT_H
#define MILTER_DAEMON_RECENT_H

#include "common/base/span.h"

#include <stdint.h>

enum { RECENT_MS = 1000, RECENT_ANSWERS = 16384, RECENT_OCTETS = 1024 };

struct recent;

struct recent_answer {
	struct span text; /* with its frame */
	int kind;	  /* of the caller's */
};

/* So many times an answer was given from here; said when it is forgotten. */
typedef void recent_again(void *arg, struct span about, uint64_t times);

struct recent *recent_new(uint64_t seed, recent_again *again, void *arg); /* NULL: out of memory */
struct recent *recent_free(struct recent *r); /* NULL in: no-op; returns NULL */

/* Counts as given again. False: not known, or no longer true. */
bool recent_find(struct recent *r, struct span question, uint64_t changes, int64_t now,
		 struct recent_answer *ret);

/* changes: as they were before the answer was looked for. about: for recent_again. */
void recent_keep(struct recent *r, struct span question, uint64_t changes, int64_t now,
		 const struct recent_answer *answer, struct span about);

/* Forgets what is over. Once a second. */
void recent_tick(struct recent *r, int64_t now);

#endif
