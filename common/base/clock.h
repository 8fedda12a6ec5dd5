/* clock.h - time as a service, so that tests own it
 *
 * UNITS   wall(): seconds since 1970 UTC, for policies and records, may jump. mono(): milliseconds,
 *         never steps back, for deadlines. A deadline is an absolute mono() value.
 * THREADS Both functions may be called from any thread.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*wall)(void *ctx);
	int64_t (*mono)(void *ctx);
	void *ctx;
};

static inline int64_t clock_wall(const struct clock *c)
{
	return c->wall(c->ctx);
}

static inline int64_t clock_mono(const struct clock *c)
{
	return c->mono(c->ctx);
}

#endif
