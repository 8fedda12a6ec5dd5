/* pool.h - worker threads behind a bounded queue
 *
 * PURPOSE `threads` jobs run at a time. A job that has lasted slow_ms is waiting for a host that takes its time, or means
 *         to take ours: it gives its place to the next one and goes on beside the others, as long as there are fewer than
 *         `spare` such jobs. So a hundred tarpits cost the others a hundred times slow_ms, not a hundred time-outs.
 * THREADS pool_submit() from any thread. With 0 threads jobs run on the caller's thread: that is
 *         how scenarios are deterministic. Threads beyond `threads` are started when they are needed first.
 * LIMITS  `queue` jobs wait; past it pool_submit() returns false at once: a full queue is an
 *         answer, not a wait.
 */
#ifndef COMMON_ENGINE_POOL_H
#define COMMON_ENGINE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

typedef void pool_job(void *ctx, void *job);

struct pool_limits {
	size_t threads, spare, queue;
	int64_t slow_ms;
};

struct pool *pool_new(const struct pool_limits *limits, pool_job *run,
		      void *ctx); /* NULL: no memory or no threads */

bool pool_submit(struct pool *p, void *job);
/* Like pool_submit(), but only while the queue is less than half full: for work that nobody waits
 * for. */
bool pool_submit_idle(struct pool *p, void *job);

struct pool_stats {
	size_t threads; /* places */
	size_t busy;	/* jobs that run, slow ones too */
	size_t slow;
	size_t queued;
};
void pool_stats(struct pool *p, struct pool_stats *ret);

/* From now on workers begin nothing more; new jobs are refused. Does not wait. */
void pool_stop(struct pool *p);

/* Refuses new jobs, hands the queued ones to drop(), waits for the running ones. NULL in: no-op;
 * returns NULL. */
struct pool *pool_free(struct pool *p, pool_job *drop);

#endif
