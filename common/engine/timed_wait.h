/* timed_wait.h - waiting for a condition, bounded by a clock that tests may own
 *
 * The condition must have been made by timed_cond_init(). Wakes early; the caller looks at its clock again.
 */
#ifndef COMMON_ENGINE_TIMED_WAIT_H
#define COMMON_ENGINE_TIMED_WAIT_H

#include "common/base/clock.h"

#include <pthread.h>
#include <stdbool.h>

void timed_cond_init(pthread_cond_t *cond);

/* False, without waiting: the deadline (clock_mono) has passed. */
bool timed_wait(pthread_cond_t *cond, pthread_mutex_t *lock, const struct clock *clock,
		int64_t deadline);

#endif
