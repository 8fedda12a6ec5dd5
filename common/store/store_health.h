/* store_health.h - does persistence work, and who was told
 *
 * PURPOSE One sentence for status, one notice when persistence is lost and one when it is back; a
 *         disk that is full every other second does not fill the log.
 * THREADS Any. Notices are given without locks held; callers hold none either.
 */
#ifndef COMMON_STORE_STORE_HEALTH_H
#define COMMON_STORE_STORE_HEALTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/store/store_sqlite.h"

enum {
	HEALTH_CALM_MS = 10000, /* without a failure before persistence counts as regained */
	HEALTH_LINE = 1024
};

enum trouble {
	TROUBLE_NONE,
	TROUBLE_FULL,
	TROUBLE_READONLY,
	TROUBLE_IO,
	TROUBLE_CANNOT_OPEN,
	TROUBLE_BUSY,
	TROUBLE_MEMORY,
	TROUBLE_SALVAGING,
	TROUBLE_DAMAGED,
	TROUBLE_OLD,
	TROUBLE_NEWER,
	TROUBLE_FOREIGN,
	TROUBLE_OTHER,
};

struct health {
	const struct store_options *o;
	atomic_int trouble; /* enum trouble */
	pthread_mutex_t lock;
	int64_t failed_at;
};

void health_init(struct health *h, const struct store_options *o);
void health_release(struct health *h);

enum trouble health_of(int rc);	     /* of a SQLite result code */
enum trouble health_of_errno(int r); /* of a -errno */
bool health_is_damage(int rc);

const char *health_text(enum trouble t); /* NULL for TROUBLE_NONE */

/* detail: what the library said; may be NULL. */
void health_lost(struct health *h, enum trouble t, const char *detail);
/* A write has succeeded. now_regained: without waiting for calm. */
void health_wrote(struct health *h, bool now_regained);

static inline bool health_bad(const struct health *h)
{
	return atomic_load_explicit(&h->trouble, memory_order_relaxed) != TROUBLE_NONE;
}

__attribute__((format(printf, 2, 3))) void health_notice(const struct health *h, const char *format,
							 ...);

#endif
