/* grace.h - since when has a domain's look-up been failing
 *
 * PURPOSE `txt_failure = tempfail 1h` needs the time of the first failure, per domain and class,
 *         also after a restart. Kept in memory, written to the store by grace_flush(), which the
 *         housekeeper calls; success clears, seven days forget. GRACE_CLASS_TXT is every
 *         knowledge_is_lookup_failure(): DNS, or the store where nothing else can tell the policy.
 * THREADS Any; one leaf lock, never held while the store works.
 * LIMITS  GRACE_MAX rows; when full the oldest row is forgotten.
 * UNITS   Wall-clock seconds.
 */
#ifndef COMMON_ENGINE_GRACE_H
#define COMMON_ENGINE_GRACE_H

#include "common/store/store.h"

#include <stdbool.h>

enum grace_class { GRACE_CLASS_TXT, GRACE_CLASS_PENDING, GRACE_CLASSES };
enum { GRACE_MAX = 100000, GRACE_FORGET = 7 * 86400 };

struct grace;

struct grace *grace_new(const struct store *store, int64_t now);
struct grace *grace_free(struct grace *g); /* NULL in: no-op; returns NULL */

/* Notes a failure; returns for how many seconds this class has been failing for the domain (0:
 * first time). */
int64_t grace_fail(struct grace *g, const char *domain, enum grace_class c, int64_t now);
/* This class has succeeded for the domain. Costs next to nothing while nothing at all is failing. */
void grace_clear(struct grace *g, const char *domain, enum grace_class c);
void grace_flush(struct grace *g, int64_t now);

#endif
