/* overrides.h - the operator's decisions that are in force now, in memory
 *
 * PURPOSE   A job asks here which override binds its domain; an answer from memory asks whether that is still so. What is in force is also in
 *           the store: adding and removing fail when it cannot be kept. They end by themselves.
 * OWNERSHIP What overrides_find() gives is a reference.
 * THREADS   find, agree, bind, list: any, one leaf lock, none at all while there are no overrides; the store is never called under it. add, remove
 *           and tick: any, but one after the other, so that what is loaded or kept again cannot bring back what is being removed.
 * TIMES     One ends when the wall clock says so, or when as much time has passed as there was when it was added or loaded: a clock that is set
 *           back keeps none alive.
 */
#ifndef COMMON_ENGINE_OVERRIDES_H
#define COMMON_ENGINE_OVERRIDES_H

#include "common/engine/entry.h"
#include "common/sts/override.h"

struct engine_env;
struct overrides;

struct overrides *overrides_new(const struct engine_env *env); /* NULL: no memory */
struct overrides *overrides_free(struct overrides *o);	       /* NULL in: no-op; returns NULL */

/* The one in force for a policy domain, or NULL. */
struct override *overrides_find(struct overrides *o, const char *domain);

/* Was the entry made under what is in force for its domain now? */
bool overrides_agree(struct overrides *o, struct entry *e);

/* What is known of a next-hop (NULL: nothing; the reference is taken), as it stands under what is in force now: the entry itself where it agrees,
 * otherwise one without a verdict. NULL: nothing is known, and nothing in force. */
struct entry *overrides_bind(struct overrides *o, const struct nexthop *hop, struct entry *known);

/* Changes whenever one comes or goes: what overrides_agree() has agreed to holds until then. */
unsigned overrides_generation(const struct overrides *o);

/* Takes the place of the one for the same domain. 0 with the one that is now in force (a reference); STORE_FULL; -EIO: it cannot be kept, and
 * nothing has changed. */
int overrides_add(struct overrides *o, const struct override *wanted, struct override **ret);

/* 0 with what was removed (a reference); STORE_NOT_FOUND; -EIO: it would come back, so it stays. */
int overrides_remove(struct overrides *o, const char *domain, int64_t uid, struct override **ret);

/* Those in force, the newest first. */
void overrides_list(struct overrides *o, void (*each)(void *arg, const struct override *o),
		    void *arg);

/* Ends those whose time has come; loads them if that was not possible before, and keeps again what a new database does not know. */
void overrides_tick(struct overrides *o);

#endif
