/* job.h - one check of one next-hop on a worker, and its flight
 *
 * OWNERSHIP The pool owns a job from job_launch() on; it lands its flight, whether it runs or is dropped.
 * THREADS   Any.
 */
#ifndef COMMON_ENGINE_JOB_H
#define COMMON_ENGINE_JOB_H

#include "common/engine/core.h"
#include "common/engine/task.h"

/* Makes sure that a check is under way; the caller unrefs the flight. NULL: too much is. What nobody waits for (WHY_REFRESH, WHY_WARM, and
 * `idle` for others) is refused earlier. A refresh has a flight of its own, and no result: mail never waits for it. */
struct flight *job_launch(struct engine *e, const struct nexthop *hop, enum why why, bool idle);

/* Has a next-hop checked because its policy has changed, not because mail needs it. */
void job_recheck(struct engine *e, const struct nexthop *hop);

/* What is being found out about a next-hop now is not to be remembered. */
void job_spoil(struct engine *e, const struct nexthop *hop);

/* Puts what was found out into memory, unless the flight has been spoiled. */
void job_keep(struct engine *e, const struct flight *call, struct entry *entry);
void job_forget(struct engine *e, const char *key);

/* What memory holds and needs no check now; NULL: nothing. */
struct entry *job_spared(struct engine *e, const struct nexthop *hop);

/* Up to n of the jobs that found the gate full try again. */
void job_unpark(struct engine *e, size_t n);
void job_drop_parked(struct engine *e);

/* What a worker has at hand, and what it starts from: what memory knows. */
void job_task(struct engine *e, enum why why, struct task *ret);
void job_task_end(struct task *t);
void job_draft(struct engine *e, const struct nexthop *hop, struct draft *ret);

/* For the pool. */
void job_run(void *engine, void *job);
void job_drop(void *engine, void *job);

#endif
