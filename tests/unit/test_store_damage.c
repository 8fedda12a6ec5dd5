/* Damage of every kind: the daemon starts, what can be read is kept, what was there is set aside, and it is said. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/store_db.h"
#include "tests/unit/faulty_vfs.h"

#define ASIDE ".damaged-20260921T141320Z" /* KIT_NOW */

enum { N = 2000, PAGE = 4096 };

static void fill(struct kit *k)
{
	const struct stored_failure f = { "down.example", 1, KIT_NOW - 3600, KIT_NOW };

	for (unsigned i = 0; i < N; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
}

static void fill_and_close(struct kit *k)
{
	if (kit_size(k, ".master") < 0) {
		assert_int_equal(kit_open(k), 0);
		fill(k);
		kit_close(k);
		kit_copy(k, "", ".master");
	} else {
		kit_copy(k, ".master", "");
	}
}

static void newer_versions(struct kit *k)
{
	for (unsigned i = 0; i < 100; i++)
		kit_put_version(k, i, 1);
	for (unsigned i = N; i < N + 100; i++)
		kit_put(k, i);
}

static void count_failure(void *arg, const struct stored_failure *f)
{
	if (strcmp(f->domain, "down.example") == 0 && f->class == 1 &&
	    f->first_at == KIT_NOW - 3600)
		++*(unsigned *)arg;
}

static unsigned failures(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.failures_load(k->store.ctx, 0, count_failure, &n), 0);
	return n;
}

/* After a salvage everything has to work. */
static void check_works(struct kit *k, const char *name)
{
	struct store_counts counts;
	unsigned found = kit_count(k, 0, N + 100);

	if (k->store.trouble(k->store.ctx) != NULL)
		fail_msg("%s: %s", name, k->store.trouble(k->store.ctx));
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	if (counts.policies != found)
		fail_msg("%s: counts %u, has %u", name, (unsigned)counts.policies, found);
	assert_int_equal(kit_put(k, N + 500), 0);
	kit_reopen(k);
	assert_int_equal(kit_get(k, N + 500), 0);
	assert_int_equal(kit_count(k, 0, N + 100), found);
}

static void plant_header(struct kit *k)
{
	kit_overwrite(k, "", 0, 100, 0);
}

static void plant_magic(struct kit *k)
{
	kit_overwrite(k, "", 3, 1, 'x');
}

static void plant_first_page(struct kit *k)
{
	kit_overwrite(k, "", 0, PAGE, -1);
}

static void plant_schema(struct kit *k)
{
	kit_overwrite(k, "", 100, PAGE - 100, -1);
}

static void plant_root(struct kit *k)
{
	kit_overwrite(k, "", PAGE, PAGE, -1); /* the root of the first table */
}

static void plant_middle(struct kit *k)
{
	kit_overwrite(k, "", kit_size(k, "") / 2 / PAGE * PAGE, PAGE, -1);
}

static void plant_every_tenth(struct kit *k)
{
	for (off_t at = 5 * PAGE; at < kit_size(k, ""); at += 10 * PAGE)
		kit_overwrite(k, "", at, PAGE, -1);
}

static void plant_zeros(struct kit *k)
{
	for (off_t at = 3 * PAGE; at < kit_size(k, ""); at += 10 * PAGE)
		kit_overwrite(k, "", at, PAGE, 0);
}

static void plant_cell_pointers(struct kit *k)
{
	for (off_t at = 4 * PAGE; at < kit_size(k, ""); at += 10 * PAGE)
		kit_overwrite(k, "", at + 8, 16, 0xff);
}

static void plant_half(struct kit *k)
{
	kit_truncate(k, "", kit_size(k, "") / 2);
}

static void plant_odd_size(struct kit *k)
{
	kit_truncate(k, "", kit_size(k, "") / 2 / PAGE * PAGE + 1234);
}

static void plant_one_page(struct kit *k)
{
	kit_truncate(k, "", PAGE);
}

static void plant_fifty_bytes(struct kit *k)
{
	kit_truncate(k, "", 50);
}

static void plant_text(struct kit *k)
{
	kit_truncate(k, "", 0);
	kit_overwrite(k, "", 0, 5000, 'x');
}

static void plant_noise(struct kit *k)
{
	kit_overwrite(k, "", 0, (size_t)kit_size(k, ""), -1);
}

static void plant_drop_table(struct kit *k)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA secure_delete = OFF; DROP TABLE failure", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
}

struct damage {
	const char *name;
	void (*plant)(struct kit *k);
	unsigned least, most; /* policies that come back, of N */
	bool failure;
};

static const struct damage damages[] = {
	{ "header of zeros", plant_header, N, N, true },
	{ "one byte of the magic", plant_magic, N, N, true },
	{ "first page of noise", plant_first_page, N, N, true },
	{ "schema of noise", plant_schema, N, N, true },
	{ "root of noise", plant_root, N * 97 / 100, N - 1, true },
	{ "middle page of noise", plant_middle, N * 95 / 100, N - 1, true },
	{ "every tenth page of noise", plant_every_tenth, N * 75 / 100, N * 95 / 100, true },
	{ "every tenth page of zeros", plant_zeros, N * 75 / 100, N * 95 / 100, true },
	{ "bad cell pointers", plant_cell_pointers, N * 80 / 100, N - 1, true },
	{ "half of the file", plant_half, N * 40 / 100, N * 60 / 100, true },
	{ "an odd size", plant_odd_size, N * 40 / 100, N * 60 / 100, true },
	{ "one page", plant_one_page, 0, 0, false },
	{ "fifty bytes", plant_fifty_bytes, 0, 0, false },
	{ "text", plant_text, 0, 0, false },
	{ "noise", plant_noise, 0, 0, false },
	{ "a table is missing", plant_drop_table, N, N, false },
};

static void check_finds(struct kit *k, const struct damage *d)
{
	uint64_t before = kit_fingerprint(k);
	char why[128] = "";

	if (store_sqlite_check(k->path, why, sizeof(why)) != STORE_DAMAGED || why[0] == '\0')
		fail_msg("%s: not found by the check", d->name);
	if (kit_fingerprint(k) != before)
		fail_msg("%s: the check has changed something", d->name);
}

static void opening_salvages(struct kit *k, const struct damage *d)
{
	struct store_counts counts;
	char count[64];

	assert_int_equal(kit_open(k), 0);
	if (kit_notices(k) != 1 || strstr(kit_notice(k, 0), "was damaged (") == NULL)
		fail_msg("%s: %zu notices: %s", d->name, kit_notices(k), kit_notice(k, 0));
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	if (counts.policies < d->least || counts.policies > d->most)
		fail_msg("%s: %u policies came back", d->name, (unsigned)counts.policies);
	snprintf(count, sizeof(count), "salvaged %u", (unsigned)counts.policies);
	assert_non_null(strstr(kit_notice(k, 0), count));
	if (failures(k) != d->failure)
		fail_msg("%s: failure times: %u", d->name, failures(k));
}

static void found_at_start(void **state)
{
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		char name[KIT_PATH];

		fill_and_close(k);
		damages[i].plant(k);
		check_finds(k, &damages[i]);
		opening_salvages(k, &damages[i]);
		check_works(k, damages[i].name);
		kit_close(k);
		assert_int_equal(kit_find(k, "sts.db" ASIDE, name), 1);
		assert_int_equal(unlink(name), 0);
		assert_int_equal(kit_find(k, "damaged", name), 0);
		assert_int_equal(kit_size(k, ".salvage"), -1);
		assert_int_equal(unlink(k->path), 0);
		k->n_notices = 0;
	}
}

static void plant_log_header(struct kit *k)
{
	kit_overwrite(k, "-wal", 0, 32, -1);
}

static void plant_log_noise(struct kit *k)
{
	kit_overwrite(k, "-wal", 0, (size_t)kit_size(k, "-wal"), -1);
}

static void plant_log_frame(struct kit *k)
{
	kit_overwrite(k, "-wal", 32 + 3 * (24 + PAGE) + 24 + 100, 64, -1);
}

static void plant_no_database(struct kit *k)
{
	kit_truncate(k, "", 0);
}

static void plant_header_and_log(struct kit *k)
{
	kit_overwrite(k, "", 0, PAGE, -1);
}

/* The log holds newer versions of 100 policies and 100 new ones; SQLite would drop what stands behind a bad frame. */
static void damaged_log(void **state)
{
	static const struct {
		const char *name;
		void (*plant)(struct kit *k);
		unsigned least_old, least_new, most_new;
		size_t told;
	} cases[] = {
		{ "header of noise", plant_log_header, N, 100, 100, 1 },
		{ "log of noise", plant_log_noise, N, 0, 0, 1 },
		{ "a frame of noise", plant_log_frame, N - 20, 100, 100, 1 },
		{ "empty database, good log", plant_no_database, 100, 100, 100, 1 },
		/* The log has the first page: nothing is lost, and the next checkpoint mends the file. */
		{ "database without header, good log", plant_header_and_log, N, 100, 100, 0 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[KIT_PATH];
		unsigned old, new;

		fill_and_close(k);
		kit_killed(k, newer_versions);
		assert_true(kit_size(k, "-wal") > 200 * PAGE / 10);
		cases[i].plant(k);
		assert_int_equal(kit_open(k), 0);
		old = kit_count(k, 0, N);
		new = kit_count(k, N, N + 100);
		if (old < cases[i].least_old || new < cases[i].least_new || new > cases[i].most_new)
			fail_msg("%s: %u old and %u new came back: %s", cases[i].name, old, new,
				 kit_notice(k, 0));
		if (kit_notices(k) != cases[i].told)
			fail_msg("%s: %zu notices", cases[i].name, kit_notices(k));
		check_works(k, cases[i].name);
		kit_close(k);
		if ((kit_find(k, ASIDE "-wal", name) == 1) != (cases[i].told == 1))
			fail_msg("%s: the log was not set aside", cases[i].name);
		while (kit_find(k, ASIDE, name) > 0)
			assert_int_equal(unlink(name), 0);
		assert_int_equal(unlink(k->path), 0);
		k->n_notices = 0;
	}
}

/* What a killed writer leaves is no damage. */
static void torn_log_is_no_damage(void **state)
{
	struct kit *k = *state;

	fill_and_close(k);
	kit_killed(k, newer_versions);
	kit_truncate(k, "-wal", kit_size(k, "-wal") - 1000);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 0);
	assert_int_equal(kit_count(k, 0, N), N);
	assert_true(kit_count(k, N, N + 100) >= 98);
}

static off_t find_in_file(const struct kit *k, const char *text)
{
	FILE *f = fopen(k->path, "re");
	static char all[8 << 20];
	size_t n = f != NULL ? fread(all, 1, sizeof(all), f) : 0;
	char *at = f != NULL ? memmem(all, n, text, strlen(text)) : NULL;

	if (f != NULL)
		fclose(f);
	assert_non_null(at);
	return at - all;
}

/* SQLite has no sums: a flipped bit in a body is policy, unless the row itself is sealed. */
static void a_flipped_bit(void **state)
{
	struct kit *k = *state;

	fill_and_close(k);
	kit_overwrite(k, "", find_in_file(k, "mx0.x500.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 0);
	assert_int_equal(kit_get(k, 499), 0);
	assert_int_equal(kit_get(k, 500), -EIO); /* found now, salvaged beside */
	assert_non_null(
		strstr(kit_wait_notice(k, 0), "salvaged 1999 of 2000 policies and 1 failure"));
	kit_close(k); /* waits for the salvager */
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, N), N - 1);
	assert_int_equal(kit_get(k, 500), STORE_NOT_FOUND);
	assert_int_equal(kit_put(k, 500), 0);
}

enum { READERS = 6 };

struct reader {
	struct kit *k;
	atomic_bool *stop;
	unsigned long rounds;
};

/* Nobody waits long and nobody gets a wrong answer, whatever happens to the file. */
static void *read_and_write(void *arg)
{
	struct reader *r = arg;
	unsigned x = (unsigned)(uintptr_t)arg;

	while (!atomic_load(r->stop)) {
		int got;

		x = x * 1664525 + 1013904223;
		got = kit_get(r->k, (x >> 8) % N);
		if (got != 0 && got != STORE_NOT_FOUND && got != -EIO)
			abort();
		if (x >> 28 == 1)
			got = kit_put(r->k, (x >> 8) % N);
		if (got != 0 && got != STORE_NOT_FOUND && got != -EIO)
			abort();
		(void)r->k->store.trouble(r->k->store.ctx);
		r->rounds++;
	}
	return NULL;
}

static void found_while_running(void **state)
{
	struct kit *k = *state;
	struct reader readers[READERS];
	pthread_t threads[READERS];
	atomic_bool stop;
	char name[KIT_PATH];

	atomic_init(&stop, false);
	fill_and_close(k);
	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .k = k, .stop = &stop };
		assert_int_equal(pthread_create(&threads[i], NULL, read_and_write, &readers[i]), 0);
	}
	for (off_t at = 10 * PAGE; at < kit_size(k, ""); at += 5 * PAGE)
		kit_overwrite(k, "", at, PAGE, -1);
	(void)kit_wait_notice(k, 0);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_non_null(strstr(kit_notice(k, 0), "was damaged"));
	kit_reopen(k);
	assert_true(kit_count(k, 0, N) > N / 2);
	check_works(k, "while running");
	assert_true(kit_find(k, "sts.db" ASIDE, name) >= 1);
}

static void truncated_while_running(void **state)
{
	struct kit *k = *state;
	int got = 0;

	fill_and_close(k);
	assert_int_equal(kit_open(k), 0);
	kit_truncate(k, "", 20 * PAGE);
	for (unsigned i = 0; i < N && got >= 0; i++)
		got = kit_get(k, i);
	assert_int_equal(got, -EIO);
	(void)kit_wait_notice(k, 0);
	kit_reopen(k);
	check_works(k, "truncated");
}

static void never_overwrites(void **state)
{
	struct kit *k = *state;

	kit_overwrite(k, ASIDE, 0, 5, 'a');
	kit_overwrite(k, ASIDE ".2-wal", 0, 5, 'b');
	fill_and_close(k);
	plant_header(k);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, N), N);
	assert_int_equal(kit_size(k, ASIDE), 5);
	assert_int_equal(kit_size(k, ASIDE ".2-wal"), 5);
	assert_true(kit_size(k, ASIDE ".3") > 100000);
}

static void no_room_to_salvage(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	fill_and_close(k);
	plant_middle(k);
	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "could not be salvaged"));
	assert_int_equal(kit_notices(k), 1);
	assert_int_equal(kit_put(k, 1), -EIO);
	assert_int_equal(kit_find(k, "damaged", name), 0);
	assert_int_equal(kit_size(k, ".salvage"), -1);
	faulty_vfs_heal();
	kit_later(k, 20000);
	assert_int_equal(kit_get(k, 1), -EIO); /* not again so soon */
	kit_later(k, DB_SALVAGE_MS);
	(void)kit_get(k, 1); /* now it begins, in its own thread */
	assert_non_null(strstr(kit_wait_notice(k, 1), "salvaged"));
	kit_reopen(k);
	assert_true(kit_count(k, 0, N) > N * 9 / 10);
	check_works(k, "no room");
}

/* Full while running: what is sound is still read, and nothing is lost. */
static void no_room_while_running(void **state)
{
	struct kit *k = *state;

	fill_and_close(k);
	kit_overwrite(k, "", find_in_file(k, "mx0.x500.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	assert_int_equal(kit_get(k, 500), -EIO);
	assert_non_null(strstr(kit_wait_notice(k, 0), "could not be salvaged"));
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(kit_get(k, i), i == 500 ? -EIO : 0);
	faulty_vfs_heal();
	kit_later(k, DB_SALVAGE_MS);
	(void)kit_get(k, 1); /* whatever is asked */
	assert_non_null(strstr(kit_wait_notice(k, 1), "salvaged 1999 of 2000"));
	kit_reopen(k);
	check_works(k, "no room while running");
}

static void again_and_again(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	fill_and_close(k);
	assert_int_equal(kit_open(k), 0);
	for (unsigned round = 0; round < 4; round++) {
		char body[32];

		snprintf(body, sizeof(body), "mx0.x%u.example", 500 + round);
		kit_reopen(k);
		kit_close(k);
		kit_overwrite(k, "", find_in_file(k, body), 1, 'y');
		assert_int_equal(kit_open(k), 0);
		assert_int_equal(kit_get(k, 500 + round), -EIO);
		(void)kit_wait_notice(k, round);
	}
	kit_close(k);
	for (unsigned i = 1; i <= 4; i++) {
		snprintf(name, sizeof(name), i == 1 ? ASIDE : ASIDE ".%u", i);
		assert_true(kit_size(k, name) > 0);
	}
}

static void wait_until_well(struct kit *k)
{
	while (k->store.trouble(k->store.ctx) != NULL)
		usleep(1000);
}

/* Within one life of the daemon the second salvage has to wait a minute, and comes by itself. */
static void twice_in_a_minute(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	fill_and_close(k);
	kit_overwrite(k, "", find_in_file(k, "mx0.x600.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_get(k, 600), -EIO);
	(void)kit_wait_notice(k, 0);
	wait_until_well(k);
	for (unsigned i = 700; i < 740; i++) { /* not all of these pages are in a page cache */
		snprintf(name, sizeof(name), "mx0.x%u.example", i);
		kit_overwrite(k, "", find_in_file(k, name), 1, 'y');
	}
	assert_true(kit_count(k, 700, 740) < 40);
	assert_non_null(strstr(kit_wait_notice(k, 1), "persistence is lost"));
	assert_int_equal(kit_get(k, 602), 0);
	kit_later(k, DB_SALVAGE_MS);
	assert_int_equal(kit_get(k, 602), 0);
	assert_non_null(strstr(kit_wait_notice(k, 2), "salvaged 1959 of 1999"));
	wait_until_well(k);
	assert_int_equal(kit_count(k, 0, N), 1959);
	assert_int_equal(kit_notices(k), 3);
}

/* Killed between the two renames: the salvage was complete. */
static void interrupted(void **state)
{
	struct kit *k = *state;
	char from[KIT_PATH];

	fill_and_close(k);
	kit_name(k, ".salvage", from);
	assert_int_equal(rename(k->path, from), 0);
	kit_overwrite(k, "-wal", 0, 5000, -1); /* not the log of this one */
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, N), N);
	assert_int_equal(kit_size(k, ".salvage"), -1);

	/* Killed before: the half of it that stands beside a database is of no use. */
	kit_close(k);
	kit_overwrite(k, ".salvage", 0, 5000, -1);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, N), N);
	assert_int_equal(kit_size(k, ".salvage"), -1);
	assert_int_equal(kit_notices(k), 0);
}

static void stops_while_salvaging(void **state)
{
	struct kit *k = *state;

	fill_and_close(k);
	for (unsigned round = 0; round < 20; round++) {
		kit_overwrite(k, "", find_in_file(k, "mx0.x500.example"), 1, 'y');
		assert_int_equal(kit_open(k), 0);
		assert_int_equal(kit_get(k, 500), -EIO);
		kit_close(k); /* at whatever moment that is */
		assert_int_equal(kit_open(k), 0);
		assert_true(kit_count(k, 0, N) >= N - 1);
		(void)kit_put(k, 500);
		kit_reopen(k);
		(void)kit_put(k, 500);
		kit_close(k);
		k->n_notices = 0;
	}
}

#define ON_A_DISK(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DISK(found_at_start),	  ON_A_DISK(damaged_log),
		ON_A_DISK(torn_log_is_no_damage), ON_A_DISK(a_flipped_bit),
		ON_A_DISK(found_while_running),	  ON_A_DISK(truncated_while_running),
		ON_A_DISK(never_overwrites),	  ON_A_DISK(no_room_to_salvage),
		ON_A_DISK(no_room_while_running), ON_A_DISK(again_and_again),
		ON_A_DISK(twice_in_a_minute),	  ON_A_DISK(interrupted),
		ON_A_DISK(stops_while_salvaging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
