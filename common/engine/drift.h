/* drift.h - what a job found out about a policy, held against what was known before, becomes events
 *
 * PURPOSE The one place where events are told: a row in the store, a counter, a log line (sts/event.h). Standing events are told when their
 *         condition begins; what can not be judged now neither begins nor ends. A policy whose mode is none never warns.
 * THREADS One job.
 * RFC     8461 s3.3, s5.1, s10.2
 */
#ifndef COMMON_ENGINE_DRIFT_H
#define COMMON_ENGINE_DRIFT_H

#include "common/engine/draft.h"
#include "common/store/store.h"

struct task;

struct drift {
	/* As it was before; policy NULL: none was known. */
	bool begun;
	struct policy *policy;
	char id[LIMIT_STS_ID + 1];
	uint64_t body_hash;
	int64_t fetched_at, expires_at;
	/* What the job has seen. */
	bool answered; /* DNS said whether there is a record */
	bool fetched, failed;
	int64_t host_not_after; /* of the policy host's certificate; 0: not seen */
};

/* What is known before anything new is learned; the first call of a job counts. */
void drift_begin(struct drift *d, const struct draft *draft);
void drift_release(struct drift *d);

/* Do they demand the same of the same hosts? How long they are valid does not matter. */
bool drift_is_same_demand(const struct policy *a, const struct policy *b);

/* Tells what has happened, and keeps the row beside the policy. A policy that has expired and cannot be had again leaves the store. */
void drift_settle(struct task *t, const struct draft *draft);

#endif
