/* held.h - what the policy that we hold says by itself, before anybody is asked (RFC 8461 s3.3)
 *
 * THREADS Any. held_load() reads one row of the store.
 */
#ifndef COMMON_ENGINE_HELD_H
#define COMMON_ENGINE_HELD_H

#include "common/engine/engine.h"

/* KNOW_PENDING when no policy is held that counts. policy: may be NULL. */
enum knowledge held_knowledge(const struct policy *policy, int64_t expires_at, int64_t now);

/* DANE that stood in the way of mail, as far as is known, still does: neither slowness nor another mode opens what it has closed. */
enum knowledge held_under_dane(enum knowledge held, const struct entry *known);

/* The policy that the store holds for a domain, as an entry that knows nothing else. NULL: none. */
struct entry *held_load(const struct engine_env *env, const struct nexthop *hop);

#endif
