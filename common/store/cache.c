#include "config.h"

#include "common/store/cache.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/siphash.h"

enum {
	SHARDS_MAX = 64,
	SHARD_MIN_BYTES = 1 << 20,
	BUCKETS_FIRST = 16,
	BUCKET_COST = 2 * sizeof(void *), /* the table grows by doubling */
	BATCH = 16,			  /* evicted before the lock is given up */
	CHANCES = 64, /* second chances given before the hand takes what is there */
};

/*
 * Linear hashing: `half` is a power of two, half <= n < 2 * half, and buckets [n - half, half) are
 * not split yet. So the table grows by one bucket at a time, and no put ever stalls the others for
 * a rehash. The clock's hand walks the same buckets: no list to keep, nothing to move on a hit.
 */
struct shard {
	alignas(64) pthread_mutex_t lock;
	struct cache_item **buckets;
	size_t n, half, size;
	size_t hand;
	size_t items;
	size_t bytes, budget;
	uint64_t hits, misses, evictions;
};

struct cache {
	struct siphash_key key;
	unsigned shard_bits;
	struct shard *shards;
};

void cache_item_init(struct cache_item *item, const char *key, size_t bytes,
		     void (*free)(struct cache_item *))
{
	*item = (struct cache_item){
		.bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX,
		.key = key,
		.free = free,
	};
	atomic_init(&item->refs, 1);
	atomic_init(&item->hot, false);
}

struct cache_item *cache_item_ref(struct cache_item *item)
{
	atomic_fetch_add_explicit(&item->refs, 1, memory_order_relaxed);
	return item;
}

void cache_item_unref(struct cache_item *item)
{
	if (item != NULL && atomic_fetch_sub_explicit(&item->refs, 1, memory_order_acq_rel) == 1)
		item->free(item);
}

static size_t n_shards(const struct cache *c)
{
	return (size_t)1 << c->shard_bits;
}

static bool shard_init(struct shard *s, size_t budget)
{
	*s = (struct shard){
		.buckets = calloc(BUCKETS_FIRST, sizeof(*s->buckets)),
		.n = BUCKETS_FIRST,
		.half = BUCKETS_FIRST,
		.size = BUCKETS_FIRST,
		.budget = budget,
	};
	pthread_mutex_init(&s->lock, NULL);
	return s->buckets != NULL;
}

static void shard_release(struct shard *s)
{
	for (size_t i = 0; s->buckets != NULL && i < s->n; i++) {
		while (s->buckets[i] != NULL) {
			struct cache_item *item = s->buckets[i];

			s->buckets[i] = item->next;
			cache_item_unref(item);
		}
	}
	free(s->buckets);
	pthread_mutex_destroy(&s->lock);
}

struct cache *cache_new(size_t budget_bytes, uint64_t seed)
{
	struct cache *c = calloc(1, sizeof(*c));
	bool ok = true;

	if (c == NULL)
		return NULL;
	c->key = siphash_key_of(seed);
	while (n_shards(c) < SHARDS_MAX && budget_bytes / n_shards(c) / 2 >= SHARD_MIN_BYTES)
		c->shard_bits++;
	c->shards = aligned_alloc(alignof(struct shard), n_shards(c) * sizeof(*c->shards));
	if (c->shards == NULL) {
		free(c);
		return NULL;
	}
	for (size_t i = 0; i < n_shards(c); i++)
		ok = shard_init(&c->shards[i], budget_bytes / n_shards(c)) && ok;
	return ok ? c : cache_free(c);
}

struct cache *cache_free(struct cache *c)
{
	if (c == NULL)
		return NULL;
	for (size_t i = 0; i < n_shards(c); i++)
		shard_release(&c->shards[i]);
	free(c->shards);
	free(c);
	return NULL;
}

/* High bits choose the shard, low bits the bucket. */
static struct shard *shard_of(const struct cache *c, uint64_t hash)
{
	return &c->shards[hash >> 32 & (n_shards(c) - 1)];
}

static uint64_t hash_of(const struct cache *c, const char *key)
{
	return siphash13(&c->key, key, strlen(key));
}

static size_t bucket_of(const struct shard *s, uint32_t hash)
{
	size_t i = hash & (2 * s->half - 1);

	return i < s->n ? i : i - s->half;
}

/* Where the pointer to the item stands, or the NULL that ends its chain. */
static struct cache_item **find(struct shard *s, uint32_t hash, const char *key)
{
	struct cache_item **at = &s->buckets[bucket_of(s, hash)];

	while (*at != NULL && ((*at)->hash != hash || strcmp((*at)->key, key) != 0))
		at = &(*at)->next;
	return at;
}

static size_t cost(const struct cache_item *item)
{
	return (size_t)item->bytes + BUCKET_COST;
}

static struct cache_item *take(struct shard *s, struct cache_item **at)
{
	struct cache_item *item = *at;

	*at = item->next;
	s->items--;
	s->bytes -= cost(item);
	return item;
}

/* One more bucket; without memory the chains simply stay longer. */
static void split(struct shard *s)
{
	struct cache_item **from, **to;

	if (s->n == s->size) {
		struct cache_item **more = reallocarray(s->buckets, s->size, 2 * sizeof(*more));

		if (more == NULL)
			return;
		s->buckets = more;
		s->size *= 2;
	}
	from = &s->buckets[s->n - s->half];
	to = &s->buckets[s->n];
	*to = NULL;
	while (*from != NULL) {
		struct cache_item *item = *from;

		if ((item->hash & (2 * s->half - 1)) != s->n) {
			from = &item->next;
			continue;
		}
		*from = item->next;
		item->next = *to;
		*to = item;
	}
	if (++s->n == 2 * s->half)
		s->half = s->n;
}

static void link_item(struct shard *s, struct cache_item *item)
{
	struct cache_item **at = &s->buckets[bucket_of(s, item->hash)];

	item->next = *at;
	*at = item;
	s->bytes += cost(item);
	if (++s->items > s->n)
		split(s);
}

/* Moves what the hand finds cold to out[]; stops when `need` more bytes fit. */
static size_t evict(struct shard *s, size_t need, struct cache_item *out[BATCH])
{
	size_t n = 0, chances = CHANCES;

	while (n < BATCH && s->items > 0 && s->bytes + need > s->budget) {
		struct cache_item **at = &s->buckets[s->hand < s->n ? s->hand : 0];

		while (*at != NULL && n < BATCH && s->bytes + need > s->budget) {
			if (chances > 0 &&
			    atomic_load_explicit(&(*at)->hot, memory_order_relaxed)) {
				atomic_store_explicit(&(*at)->hot, false, memory_order_relaxed);
				chances--;
				at = &(*at)->next;
			} else {
				out[n++] = take(s, at);
			}
		}
		s->hand = s->hand + 1 < s->n ? s->hand + 1 : 0;
	}
	s->evictions += n;
	return n;
}

struct cache_item *cache_get(struct cache *c, const char *key)
{
	uint64_t hash = hash_of(c, key);
	struct shard *s = shard_of(c, hash);
	struct cache_item *item;

	pthread_mutex_lock(&s->lock);
	item = *find(s, (uint32_t)hash, key);
	if (item != NULL) {
		cache_item_ref(item);
		if (!atomic_load_explicit(&item->hot, memory_order_relaxed))
			atomic_store_explicit(&item->hot, true, memory_order_relaxed);
		s->hits++;
	} else {
		s->misses++;
	}
	pthread_mutex_unlock(&s->lock);
	return item;
}

/* True when all is done; false when there is more to evict. What was thrown out is left to the
 * caller, in out[]. */
static bool put_step(struct shard *s, struct cache_item *item, uint32_t hash,
		     struct cache_item *out[BATCH + 1], size_t *n)
{
	struct cache_item **old = find(s, hash, item->key);
	bool fits = cost(item) <= s->budget;

	if (*old == item)
		return true;
	if (fits)
		*n = evict(s, cost(item), out);
	if (fits && s->bytes + cost(item) > s->budget)
		return false;
	old = find(s, hash, item->key);
	if (*old != NULL)
		out[(*n)++] = take(s, old);
	if (fits) {
		item->hash = hash;
		link_item(s, cache_item_ref(item));
	}
	return true;
}

void cache_put(struct cache *c, struct cache_item *item)
{
	uint64_t hash = hash_of(c, item->key);
	struct shard *s = shard_of(c, hash);
	bool done = false;

	while (!done) {
		struct cache_item *out[BATCH + 1];
		size_t n = 0;

		pthread_mutex_lock(&s->lock);
		done = put_step(s, item, (uint32_t)hash, out, &n);
		pthread_mutex_unlock(&s->lock);
		while (n > 0)
			cache_item_unref(out[--n]);
	}
}

bool cache_remove(struct cache *c, const char *key)
{
	uint64_t hash = hash_of(c, key);
	struct shard *s = shard_of(c, hash);
	struct cache_item **at, *item = NULL;

	pthread_mutex_lock(&s->lock);
	at = find(s, (uint32_t)hash, key);
	if (*at != NULL)
		item = take(s, at);
	pthread_mutex_unlock(&s->lock);
	cache_item_unref(item);
	return item != NULL;
}

void cache_stats(const struct cache *c, struct cache_stats *ret)
{
	struct cache_stats sum = { 0 };

	for (size_t i = 0; i < n_shards(c); i++) {
		struct shard *s = &c->shards[i];

		pthread_mutex_lock(&s->lock);
		sum.items += s->items;
		sum.bytes += s->bytes;
		sum.hits += s->hits;
		sum.misses += s->misses;
		sum.evictions += s->evictions;
		pthread_mutex_unlock(&s->lock);
	}
	*ret = sum;
}
