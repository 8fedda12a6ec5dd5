/* doubts.h - which MX hosts have been doubted in the last minute
 *
 * PURPOSE What delivery agents tell comes from log lines and datagrams that carry strangers' text: it may cost one check a minute for a host, and
 *         DOUBTS_MOST a minute in all.
 * THREADS Any; one leaf lock.
 * UNITS   clock_mono() milliseconds.
 */
#ifndef COMMON_ENGINE_DOUBTS_H
#define COMMON_ENGINE_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

enum { DOUBTS_MOST = 64, DOUBTS_EVERY = 60 /* seconds */ };

struct doubts;

struct doubts *doubts_new(uint64_t seed);
struct doubts *doubts_free(struct doubts *d); /* NULL in: no-op; returns NULL */

/* May this host be doubted now? Then it counts as done. */
bool doubts_may(struct doubts *d, const char *host, int64_t mono);

#endif
