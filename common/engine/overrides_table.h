/* overrides_table.h - private to overrides*.c: the table, and what both halves need of it
 *
 * insert, take, place: under the lock.
 */
#ifndef COMMON_ENGINE_OVERRIDES_TABLE_H
#define COMMON_ENGINE_OVERRIDES_TABLE_H

#include "common/base/siphash.h"
#include "common/engine/engine.h"
#include "common/engine/overrides.h"

#include <pthread.h>

enum { OVERRIDES_BUCKETS = 2048 };

struct held_override {
	struct held_override *next;
	struct override *o;
	int64_t mono_until;
	bool is_kept; /* the store has been seen to know it */
};

struct overrides {
	const struct engine_env *env;
	struct siphash_key key;
	atomic_uint generation; /* from 1 on */
	atomic_size_t count;
	pthread_mutex_t
		changing; /* one change at a time, together with its part in the store; before lock */
	bool missing;	  /* the store is to be asked (again); under changing */
	pthread_mutex_t lock; /* of what follows */
	struct held_override *buckets[OVERRIDES_BUCKETS];
};

/* The place of the domain's override, or the end of its chain. */
struct held_override **overrides_place(struct overrides *o, const char *domain);
/* Takes h; frees what it replaces. */
void overrides_insert(struct overrides *o, struct held_override *h);
/* Hands the reference on. */
struct override *overrides_take(struct overrides *o, struct held_override **at);
/* Takes the reference. NULL: no memory. */
struct held_override *overrides_held_new(const struct overrides *o, struct override *ov);
void overrides_held_free(struct held_override *h); /* NULL: no-op */
/* Into the store, then in force; without a word in the log. */
int overrides_keep(struct overrides *o, const struct override *wanted, struct override **ret);
/* Brings memory and store together. Leaves `missing` set where that did not work. */
void overrides_load(struct overrides *o);

#endif
