/* steady.h - a wall clock that nobody can push forward at a stroke
 *
 * PURPOSE Who moves the clock forward makes all policies expire, and with them the certificates with which new ones could be had: a wrong time
 *         server opens what no attacker on the network could. A leap forward of more than STEADY_LEAP is believed only when the clock
 *         has insisted on it for STEADY_DOUBT; until then time goes on as the monotonic clock measures it. A step back is followed at
 *         once: policies then live longer. A clock that was older than this program at the start had not been set: whatever it is
 *         set to then is followed at once, for no certificate is valid at such a time.
 * THREADS Any, without locks.
 */
#ifndef COMMON_BASE_STEADY_H
#define COMMON_BASE_STEADY_H

#include "common/base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>

enum {
	STEADY_LEAP = 3600,	 /* seconds */
	STEADY_DOUBT = 3600,	 /* seconds of monotonic time */
	STEADY_BORN = 1767225600 /* 2026-01-01 */
};

struct steady {
	struct clock under;
	atomic_llong offset;	  /* wall seconds at monotonic 0 */
	atomic_llong doubt_since; /* mono + 1; 0: no doubt */
	atomic_bool unset;	  /* since the start */
};

/* What the clock says now is believed. s lives as long as what steady_clock() gives. */
void steady_init(struct steady *s, const struct clock *under);
struct clock steady_clock(struct steady *s);

/* For how many seconds the clock is ahead of what is believed; 0: no doubt. */
int64_t steady_doubt(struct steady *s);

#endif
