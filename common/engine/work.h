/* work.h - one job of a worker: bring what is known about a next-hop up to date
 *
 * RFC 8461 s3.3, s5, s5.1. Blocks on DNS, HTTPS, SMTP and the store.
 */
#ifndef COMMON_ENGINE_WORK_H
#define COMMON_ENGINE_WORK_H

#include "common/engine/task.h"

/* The whole of discovery and assessment, as far as it is needed; what the draft held before counts as known. Its policy and assessment are
 * references that the draft owns, before and after. */
void work(struct task *t, struct draft *draft);

#endif
