#include "tests/unit/test.h"

#include "common/store/cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int alive;

struct thing {
	struct cache_item item;
	unsigned number;
	char key[24];
};

static void thing_free(struct cache_item *item)
{
	atomic_fetch_sub(&alive, 1);
	free(item);
}

static struct thing *thing_new(const char *prefix, unsigned number, size_t bytes)
{
	struct thing *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	snprintf(t->key, sizeof(t->key), "%s%u.example", prefix, number);
	t->number = number;
	cache_item_init(&t->item, t->key, bytes, thing_free);
	atomic_fetch_add(&alive, 1);
	return t;
}

static void put(struct cache *c, const char *prefix, unsigned number, size_t bytes)
{
	struct thing *t = thing_new(prefix, number, bytes);

	cache_put(c, &t->item);
	cache_item_unref(&t->item);
}

static bool has(struct cache *c, const char *prefix, unsigned number)
{
	char key[24];
	struct cache_item *item;

	snprintf(key, sizeof(key), "%s%u.example", prefix, number);
	item = cache_get(c, key);
	if (item != NULL && strcmp(((struct thing *)item)->key, key) != 0)
		fail_msg("%s: got %s", key, ((struct thing *)item)->key);
	cache_item_unref(item);
	return item != NULL;
}

static int all_freed(void **state)
{
	int left = atomic_exchange(&alive, 0);
	(void)state;

	if (left != 0)
		print_error("%d items leaked\n", left);
	return left != 0;
}

static void finds_what_was_put(void **state)
{
	struct cache *c = cache_new(64 << 20, 1);
	struct cache_stats stats;
	(void)state;

	assert_false(has(c, "d", 0));
	for (unsigned i = 0; i < 20000; i++) /* many splits of every shard */
		put(c, "d", i, 100);
	for (unsigned i = 0; i < 20000; i++)
		assert_true(has(c, "d", i));
	assert_false(has(c, "d", 20000));
	assert_false(has(c, "", 1));
	cache_stats(c, &stats);
	assert_int_equal(stats.items, 20000);
	assert_int_equal(stats.hits, 20000);
	assert_int_equal(stats.misses, 3);
	assert_int_equal(stats.evictions, 0);
	assert_true(stats.bytes >= 20000 * 100);
	cache_free(c);
}

static void replaces_an_equal_key(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	struct thing *old = thing_new("d", 1, 100), *new = thing_new("d", 1, 200);
	struct cache_stats stats;
	struct cache_item *got;
	(void)state;

	cache_put(c, &old->item);
	cache_put(c, &old->item); /* twice the same: nothing happens */
	cache_put(c, &new->item);
	got = cache_get(c, "d1.example");
	assert_ptr_equal(got, &new->item);
	cache_item_unref(got);
	cache_stats(c, &stats);
	assert_int_equal(stats.items, 1);
	assert_int_equal(atomic_load(&old->item.refs), 1);
	cache_item_unref(&old->item);
	cache_item_unref(&new->item);
	cache_free(c);
}

static void removes(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	struct cache_stats stats;
	(void)state;

	for (unsigned i = 0; i < 100; i++)
		put(c, "d", i, 100);
	assert_true(cache_remove(c, "d7.example"));
	assert_false(cache_remove(c, "d7.example"));
	assert_false(has(c, "d", 7));
	assert_true(has(c, "d", 8));
	for (unsigned i = 0; i < 100; i++)
		cache_remove(c, i == 7 ? "none" : "d8.example");
	cache_stats(c, &stats);
	assert_int_equal(stats.items, 98);
	cache_free(c);
}

static void a_holder_outlives_eviction(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	struct cache_item *held;
	(void)state;

	put(c, "held", 1, 1000);
	held = cache_get(c, "held1.example");
	cache_remove(c, "held1.example");
	assert_int_equal(((struct thing *)held)->number, 1);
	assert_int_equal(atomic_load(&held->refs), 1);
	cache_put(c, held); /* back again */
	assert_true(has(c, "held", 1));
	cache_free(c);
	assert_string_equal(held->key, "held1.example");
	cache_item_unref(held);
}

static void keeps_to_its_budget(void **state)
{
	static const size_t budgets[] = { 0, 1000, 1 << 20, 5 << 20, 64 << 20 };
	(void)state;

	for (size_t b = 0; b < ARRAY_LEN(budgets); b++) {
		struct cache *c = cache_new(budgets[b], 1);
		struct cache_stats stats;

		for (unsigned i = 0; i < 30000; i++) {
			put(c, "d", i, 100 + i % 7 * 1000);
			if (i % 1000 != 0)
				continue;
			cache_stats(c, &stats);
			if (stats.bytes > budgets[b])
				fail_msg("budget %zu: holds %zu", budgets[b], (size_t)stats.bytes);
		}
		cache_stats(c, &stats);
		if (budgets[b] >= 1 << 20 && stats.bytes < budgets[b] / 10 * 9)
			fail_msg("budget %zu: fills only %zu", budgets[b], (size_t)stats.bytes);
		cache_free(c);
	}
}

static void one_too_large_is_not_kept(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	struct cache_stats stats;
	(void)state;

	put(c, "d", 1, 100);
	put(c, "d", 2, 100);
	put(c, "d", 1, 2 << 20);
	assert_false(has(c, "d", 1)); /* and the older one is not the answer either */
	assert_true(has(c, "d", 2));
	put(c, "d", 3, SIZE_MAX);
	assert_false(has(c, "d", 3));
	put(c, "d", 4, (1 << 20) - 64); /* just fits, alone */
	assert_true(has(c, "d", 4));
	cache_stats(c, &stats);
	assert_int_equal(stats.items, 1);
	cache_free(c);
}

static void what_is_used_stays(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	unsigned kept = 0;
	(void)state;

	for (unsigned i = 0; i < 100; i++)
		put(c, "used", i, 1000);
	for (unsigned i = 0; i < 20000; i++) { /* 20 times the budget passes by */
		put(c, "once", i, 1000);
		if (i % 100 == 0)
			for (unsigned k = 0; k < 100; k++)
				kept += has(c, "used", k);
	}
	assert_int_equal(kept, 200 * 100);
	cache_free(c);
}

/* With everything hot the hand must still find room. */
static void all_hot_still_evicts(void **state)
{
	struct cache *c = cache_new(1 << 20, 1);
	struct cache_stats stats;
	(void)state;

	for (unsigned i = 0; i < 3000; i++) {
		put(c, "d", i, 1000);
		for (unsigned k = i > 1500 ? i - 1500 : 0; k < i; k += 1 + i % 40)
			has(c, "d", k);
		assert_true(has(c, "d", i));
	}
	cache_stats(c, &stats);
	assert_true(stats.evictions > 1500 && stats.items > 900);
	cache_free(c);
}

/* And must not walk past all of them first: a put's time under the lock is bounded. */
static void chances_are_limited(void **state)
{
	enum { ITEMS = 900 };
	struct cache *c = cache_new(1 << 20, 1);
	struct cache_item *items[ITEMS];
	unsigned cooled = 0;
	(void)state;

	for (unsigned i = 0; i < ITEMS; i++) {
		items[i] = &thing_new("d", i, 1000)->item;
		cache_put(c, items[i]);
		assert_true(has(c, "d", i));
	}
	put(c, "large", 1, 200000); /* 60 or so have to go */
	assert_true(has(c, "large", 1));
	for (unsigned i = 0; i < ITEMS; i++) {
		cooled += !atomic_load(&items[i]->hot);
		cache_item_unref(items[i]);
	}
	assert_true(cooled > 0 && cooled < ITEMS / 2);
	cache_free(c);
}

enum { THREADS = 8, ROUNDS = 20000, NAMES = 3000 };

struct job {
	struct cache *c;
	unsigned seed;
	unsigned long hits;
};

static void *hammer(void *arg)
{
	struct job *j = arg;
	unsigned x = j->seed;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char key[24];
		struct cache_item *item;

		x = x * 1664525 + 1013904223;
		snprintf(key, sizeof(key), "d%u.example", (x >> 8) % NAMES);
		item = cache_get(j->c, key);
		if (item != NULL) {
			const struct thing *t = (const struct thing *)item;

			if (strcmp(t->key, key) != 0 || t->number != (x >> 8) % NAMES)
				abort();
			j->hits++;
			if (x >> 28 == 3)
				cache_put(j->c, item);
			cache_item_unref(item);
		} else {
			put(j->c, "d", (x >> 8) % NAMES, 600 + x % 512);
		}
		if (x >> 28 == 7)
			cache_remove(j->c, key);
		if (x >> 28 == 9)
			put(j->c, "d", (x >> 8) % NAMES, 700);
	}
	return NULL;
}

static void many_threads(void **state)
{
	struct cache *c = cache_new(
		1 << 20, 1); /* one shard: the most contention; about half the names fit */
	struct job jobs[THREADS];
	pthread_t threads[THREADS];
	struct cache_stats stats;
	unsigned long hits = 0;
	(void)state;

	for (unsigned i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){ .c = c, .seed = i + 1 };
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, &jobs[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		hits += jobs[i].hits;
	}
	cache_stats(c, &stats);
	assert_int_equal(stats.hits, hits);
	assert_int_equal(stats.hits + stats.misses, THREADS * ROUNDS);
	assert_true(stats.evictions > 0);
	assert_true(stats.bytes <= 1 << 20);
	assert_int_equal(atomic_load(&alive), stats.items);
	cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(finds_what_was_put, all_freed),
		cmocka_unit_test_teardown(replaces_an_equal_key, all_freed),
		cmocka_unit_test_teardown(removes, all_freed),
		cmocka_unit_test_teardown(a_holder_outlives_eviction, all_freed),
		cmocka_unit_test_teardown(keeps_to_its_budget, all_freed),
		cmocka_unit_test_teardown(one_too_large_is_not_kept, all_freed),
		cmocka_unit_test_teardown(what_is_used_stays, all_freed),
		cmocka_unit_test_teardown(all_hot_still_evicts, all_freed),
		cmocka_unit_test_teardown(chances_are_limited, all_freed),
		cmocka_unit_test_teardown(many_threads, all_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
