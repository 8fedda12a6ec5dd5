/* job.h - one check of one next-hop on a worker, and its flight
 *
 * OWNERSHIP The pool owns a job from job_launch() on; it lands its flight, whether it runs or is dropped.
 * THREADS   Any.
 */
#ifndef COMMON_ENGINE_JOB_H
#define COMMON_ENGINE_JOB_H

#include "common/engine/core.h"

/* Makes sure that a check is under way; the caller unrefs the flight. NULL: too much is. What nobody waits for (WHY_REFRESH, WHY_WARM, and
 * `idle` for others) is refused earlier. */
struct flight *job_launch(struct engine *e, const struct nexthop *hop, enum why why, bool idle);

/* What memory holds and needs no check now; NULL: nothing. */
struct entry *job_spared(struct engine *e, const struct nexthop *hop);

/* Up to n of the jobs that found the gate full try again. */
void job_unpark(struct engine *e, size_t n);
void job_drop_parked(struct engine *e);

/* For the pool. */
void job_run(void *engine, void *job);
void job_drop(void *engine, void *job);

#endif
