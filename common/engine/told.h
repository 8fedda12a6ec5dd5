/* told.h - which events of which domain have had a log line lately
 *
 * THREADS Any; one leaf lock.
 * LIMITS  A fixed table; under pressure what is oldest is forgotten, and gets a line too early.
 * UNITS   clock_mono() milliseconds.
 */
#ifndef COMMON_ENGINE_TOLD_H
#define COMMON_ENGINE_TOLD_H

#include "common/sts/event.h"

#include <stdint.h>

enum { TOLD_EVERY = 3600 /* seconds */ };

struct told;

struct told *told_new(uint64_t seed);
struct told *told_free(struct told *t); /* NULL in: no-op; returns NULL */

/* May there be a line now? ret_unsaid: how often the answer was no since the last one. */
bool told_may(struct told *t, const char *domain, enum event_kind kind, int64_t mono,
	      unsigned *ret_unsaid);

#endif
