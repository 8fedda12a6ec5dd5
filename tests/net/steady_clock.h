/* steady_clock.h - the machine's clock, for tests of what really waits */
#ifndef TESTS_NET_STEADY_CLOCK_H
#define TESTS_NET_STEADY_CLOCK_H

#include "common/base/clock.h"

#include <time.h>

static inline int64_t steady_wall(void *ctx)
{
	(void)ctx;
	return time(NULL);
}

static inline int64_t steady_mono(void *ctx)
{
	struct timespec t;
	(void)ctx;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct clock steady_clock = { .wall = steady_wall, .mono = steady_mono };

#endif
