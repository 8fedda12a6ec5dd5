/* said.h - what was said a moment ago need not be said again at once
 *
 * PURPOSE A busy next-hop is asked about hundreds of times a second, and told the same: one line a second tells as much.
 * THREADS One at a time.
 * LIMITS  SAID_PLACES things are remembered; one that takes another's place makes that be said again, never be left out.
 */
#ifndef MILTER_DAEMON_SAID_H
#define MILTER_DAEMON_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/span.h"

enum { SAID_PLACES = 32768, SAID_MS = 1000 };

struct said;

struct said *said_new(uint64_t seed);
struct said *said_free(struct said *s); /* NULL in: no-op; returns NULL */

/* about: what it is about; what: what is said of it. True: the same was said less than SAID_MS ago. Otherwise ret_unsaid is how often
 * that has been so since. now: monotonic milliseconds. */
bool said_lately(struct said *s, const char *about, const void *what, size_t n, int64_t now,
		 uint64_t *ret_unsaid);

/* The same was said so many times more. */
void said_again(struct said *s, struct span about, uint64_t times);

#endif
