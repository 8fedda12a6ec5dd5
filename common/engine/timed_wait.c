#include "config.h"

#include "common/engine/timed_wait.h"

#include <time.h>

void timed_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool timed_wait(pthread_cond_t *cond, pthread_mutex_t *lock, const struct clock *clock,
		int64_t deadline)
{
	int64_t left = deadline - clock_mono(clock);
	struct timespec until;

	if (left <= 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += left / 1000;
	until.tv_nsec += left % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(cond, lock, &until);
	return true;
}
