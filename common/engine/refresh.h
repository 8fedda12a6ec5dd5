/* refresh.h - policies in use are fetched again when they are due, whatever the record says (RFC 8461 s10.2)
 *
 * PURPOSE The store says what is due; jobs that nobody waits for do it, so many a second that all policies could be done within
 *         REFRESH_SPREAD: neither 100,000 policies of one provider nor three days switched off make a stampede.
 *         A refresh writes the store, and the policy into what memory holds; MX hosts are looked at only if the policy demands something new.
 *         While most DNS look-ups fail there is one a second: the failures would not be the policies'.
 *         At most half of the workers refresh, whatever hangs.
 * THREADS refresh_tick(): one housekeeper. refresh_one(): a worker.
 */
#ifndef COMMON_ENGINE_REFRESH_H
#define COMMON_ENGINE_REFRESH_H

#include "common/sts/nexthop.h"

enum {
	REFRESH_SPREAD = 4 * 3600, /* seconds */
	REFRESH_ASK = 5		   /* seconds between two looks into the store, at least */
};

struct engine;
struct flight;
struct refresher;

struct refresher *refresher_new(void);
struct refresher *refresher_free(struct refresher *r); /* NULL in: no-op; returns NULL */

/* How many a second. */
unsigned refresh_rate(uint64_t policies);

void refresh_tick(struct engine *e);
void refresh_one(struct engine *e, const struct nexthop *hop, const struct flight *call);

#endif
