/* upkeep.h - the row beside a policy that keeps it alive, as one job sees and changes it
 *
 * PURPOSE When the policy was last needed, when it is to be fetched again, what has been told about it (store.h: struct stored_upkeep).
 * THREADS One job; jobs about the same domain may run side by side, so what is written is what has changed, on top of what is there then.
 */
#ifndef COMMON_ENGINE_UPKEEP_H
#define COMMON_ENGINE_UPKEEP_H

#include "common/store/store.h"

#include <stdbool.h>

struct task;
struct draft;

enum { UPKEEP_USED_EVERY = 86400 /* seconds: used_at is not written more often */ };

struct upkeep {
	enum { UPKEEP_UNREAD, UPKEEP_KNOWN, UPKEEP_NONE, UPKEEP_LOST /* with the database */ } state;
	struct stored_upkeep row; /* as it was when it was read */
};

/* Reads the row once. NULL: no policy is kept, or persistence is lost. */
const struct stored_upkeep *upkeep_of(struct task *t, const char *domain);

/* Writes what the job has learned. begun, ended: standing events, as in stored_upkeep.standing. */
void upkeep_settle(struct task *t, const struct draft *draft, uint32_t begun, uint32_t ended);

#endif
