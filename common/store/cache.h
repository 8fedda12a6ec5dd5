/* cache.h - immutable entries in memory, shared by all threads
 *
 * PURPOSE   The hot path: one hash, one short lock, one reference. Never blocks on I/O. Holds domains (engine/entry.h) and host facts.
 * OWNERSHIP The cache holds one reference per entry; cache_get() hands out another that the caller gives back with cache_item_unref().
 *           Entries are const from cache_put() on; eviction cannot free one that somebody holds. An item belongs to one cache at a
 *           time; putting it again, also after it was evicted, is fine.
 * THREADS   Any. One lock per shard, a leaf: nothing is called under it but the shard's own code; free() runs outside. The work
 *           under the lock is bounded: a put adds one bucket at most and evicts a handful of entries before it lets others in.
 * LIMITS    Byte budget for all shards together; second-chance (CLOCK) eviction, so that a hit writes to the entry alone.
 * ERRORS    cache_put(): an entry larger than the budget of a shard (the budget / 64, but at least 1 MiB or all of it) is not
 *           kept; what was known under its key is forgotten all the same.
 */
#ifndef COMMON_STORE_CACHE_H
#define COMMON_STORE_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First member of whatever is cached; one allocation with it is best. */
struct cache_item {
	struct cache_item *next; /* private: hash chain */
	uint32_t hash;		 /* private */
	uint32_t bytes;		 /* what it costs, all allocations included */
	atomic_uint refs;
	atomic_bool hot; /* private: hit since the hand last passed */
	const char *key; /* lives as long as the item */
	void (*free)(struct cache_item *item);
};

/* refs = 1, owned by the caller. */
void cache_item_init(struct cache_item *item, const char *key, size_t bytes,
		     void (*free)(struct cache_item *));
struct cache_item *cache_item_ref(struct cache_item *item);
void cache_item_unref(struct cache_item *item); /* NULL: no-op */

struct cache;

struct cache *cache_new(size_t budget_bytes,
			uint64_t seed);	   /* seed: keyed hash against chosen names */
struct cache *cache_free(struct cache *c); /* NULL in: no-op; returns NULL */

struct cache_item *cache_get(struct cache *c, const char *key);
void cache_put(struct cache *c,
	       struct cache_item *item); /* takes its own reference; replaces an equal key */
bool cache_remove(struct cache *c, const char *key);

struct cache_stats {
	uint64_t items, bytes, hits, misses, evictions;
};
void cache_stats(const struct cache *c, struct cache_stats *ret);

#endif
