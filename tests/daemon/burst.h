/* burst.h - many sessions ask at once, some of them for what takes time
 *
 * PURPOSE Shows whether callbacks that wait hold up strangers: libmilter's pool queues a burst
 *         onto two workers.
 * UNITS   Milliseconds since the burst.
 */
#ifndef TESTS_DAEMON_BURST_H
#define TESTS_DAEMON_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct burst {
	const char *address;
	pid_t pid; /* of the milter: held still while the burst is being sent */
	size_t sessions;
	size_t slow_each; /* every so many-th session asks for a slow recipient */
	const char *fast_domain;
	const char *slow_zone; /* each slow recipient gets a domain of its own below it */
	bool to_the_end;       /* false: look no further once the first slow one is answered */
	int timeout_ms;	       /* of the whole */
};

struct burst_result {
	size_t fast, slow;  /* how many asked */
	size_t late;	    /* fast ones that were not answered before the first slow one */
	size_t refused;	    /* fast ones that were not told to go on */
	size_t let_through; /* slow ones that were */
	int64_t worst_fast, first_slow, last_slow; /* -1: none was answered */
};

/* 0 or -errno; -ETIMEDOUT when an answer did not come. */
int burst_run(const struct burst *b, struct burst_result *ret);

#endif
