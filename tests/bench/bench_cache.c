/* bench_cache - what a hit in memory costs, beside a bare hash look-up
 *
 * A million names; both sides look up the same names in the same random order, in alternating runs.
 * The bare side is uthash as one would use it: HASH_FIND_STR on one thread, no lock, no reference.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "common/store/cache.h"
#include "tests/bench/figure.h"
#include "tests/bench/resident.h"

enum { NAMES = 1000000, LOOKUPS = 1000000, RUNS = 7, NAME = 32 };

struct bare {
	char name[NAME];
	unsigned value;
	UT_hash_handle hh;
};

struct known {
	struct cache_item item;
	unsigned value;
	char name[NAME];
};

static void known_free(struct cache_item *item)
{
	free(item);
}

static void name_of(unsigned i, char name[NAME])
{
	snprintf(name, NAME, "mail%u.domain%u.example", i % 97, i);
}

static struct bare *bare_fill(void)
{
	struct bare *table = NULL;

	for (unsigned i = 0; i < NAMES; i++) {
		struct bare *b = calloc(1, sizeof(*b));

		if (b == NULL)
			abort();
		name_of(i, b->name);
		b->value = i;
		HASH_ADD_STR(table, name, b);
	}
	return table;
}

static struct cache *cache_fill(void)
{
	struct cache *c = cache_new((size_t)1 << 30, 0x5eed);

	for (unsigned i = 0; c != NULL && i < NAMES; i++) {
		struct known *k = calloc(1, sizeof(*k));

		if (k == NULL)
			abort();
		name_of(i, k->name);
		k->value = i;
		cache_item_init(&k->item, k->name, sizeof(*k), known_free);
		cache_put(c, &k->item);
		cache_item_unref(&k->item);
	}
	return c;
}

/* CPU seconds per look-up; *sum keeps the compiler honest. */
static double run_bare(struct bare *table, char (*names)[NAME], uint64_t *sum)
{
	double start = figure_cpu();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		struct bare *b;

		HASH_FIND_STR(table, names[i], b);
		*sum += b->value;
	}
	return (figure_cpu() - start) / LOOKUPS;
}

static double run_cache(struct cache *c, char (*names)[NAME], uint64_t *sum)
{
	double start = figure_cpu();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		struct cache_item *item = cache_get(c, names[i]);

		*sum += ((struct known *)item)->value;
		cache_item_unref(item);
	}
	return (figure_cpu() - start) / LOOKUPS;
}

int main(void)
{
	char(*names)[NAME] = calloc(LOOKUPS, sizeof(*names));
	double bare[RUNS], ours[RUNS], ratio[RUNS];
	uint64_t sums[2] = { 0, 0 }, x = 88172645463325252;
	struct bare *table = bare_fill();
	long before = resident_kib();
	struct cache *c = cache_fill();
	long grown = resident_kib() - before;

	if (names == NULL || c == NULL)
		return 1;
	for (unsigned i = 0; i < LOOKUPS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		name_of((unsigned)(x % NAMES), names[i]);
	}
	for (unsigned i = 0; i < RUNS; i++) {
		bare[i] = run_bare(table, names, &sums[0]);
		ours[i] = run_cache(c, names, &sums[1]);
		ratio[i] = ours[i] / bare[i];
	}
	if (sums[0] != sums[1])
		return 1;
	figure_print(&(struct figure){
		.name = "cache_get_1000000",
		.value = figure_median(ours, RUNS) * 1e9,
		.unit = "ns_cpu",
		.against = "uthash_find",
		.ratio = figure_median(ratio, RUNS),
		.kind = TARGET_AT_MOST,
		.target = 2.0,
	});
	figure_print(&(struct figure){
		.name = "uthash_find_1000000",
		.value = figure_median(bare, RUNS) * 1e9,
		.unit = "ns_cpu",
	});
	figure_print(&(struct figure){
		.name = "cache_memory_per_entry",
		.value = (double)grown * 1024 / NAMES,
		.unit = "bytes",
	});
	free(names);
	cache_free(c);
	return 0; /* the bare table goes with the process */
}
