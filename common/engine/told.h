/* told.h - which events of which domain have had a log line lately
 *
 * THREADS Any; one leaf lock.
 * LIMITS  A fixed table; under pressure what is oldest is forgotten, and gets a line too early.
 * UNITS   clock_mono() milliseconds.
 */
#ifndef COMMON_ENGINE_TOLD_H
#define COMMON_ENGINE_TOLD_H

#include <stdbool.h>
#include <stdint.h>

enum { TOLD_EVERY = 3600 /* seconds */ };

struct told;

struct told *told_new(uint64_t seed);
struct told *told_free(struct told *t); /* NULL in: no-op; returns NULL */

/* kind: enum event_kind, or whatever else a table of its own is kept for. May there be a line now? ret_unsaid: how often the answer was no since the last one. */
bool told_may(struct told *t, const char *domain, unsigned kind, int64_t mono,
	      unsigned *ret_unsaid);

#endif
