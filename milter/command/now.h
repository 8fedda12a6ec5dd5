/* now.h - milliseconds that never step back, for deadlines and rates of commands */
#ifndef MILTER_COMMAND_NOW_H
#define MILTER_COMMAND_NOW_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
