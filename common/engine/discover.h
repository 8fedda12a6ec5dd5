/* discover.h - TXT record -> freshness -> fetch -> parse -> store: which policy holds for a domain
 * now
 *
 * RFC 8461 s3 and s5.1. Runs on a worker; blocks on DNS, HTTPS and the store.
 */
#ifndef COMMON_ENGINE_DISCOVER_H
#define COMMON_ENGINE_DISCOVER_H

#include "common/engine/task.h"

/* A fetch is about to be tried again, or a policy to be refreshed, which may take long; until it succeeds the draft's own policy holds. */
typedef void discover_meanwhile(struct task *t, struct draft *draft);

/* Fills record, fetch, policy, id, fetched_at and expires_at of the draft, and knowledge and reason
 * as far as they follow from those (KNOW_COUNT when the policy is active and an assessment has to
 * speak). What the draft held before counts as cached. meanwhile: may be NULL. */
void discover(struct task *t, struct draft *draft, discover_meanwhile *meanwhile);

#endif
