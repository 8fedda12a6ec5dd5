/* Damage found while running, and salvages that cannot be made, or not be finished. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/store_db.h"
#include "tests/unit/faulty_vfs.h"

#define ASIDE ".damaged-20260921T141320Z" /* KIT_NOW */

enum { PAGE = 4096 };

/* SQLite has no sums: a flipped bit in a body is policy, unless the row itself is sealed. */
static void a_flipped_bit(void **state)
{
	struct kit *k = *state;
	off_t log;

	kit_fill(k);
	kit_overwrite(k, "", kit_place(k, "mx0.x500.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 0);
	assert_int_equal(kit_get(k, 499), 0);
	assert_int_equal(kit_put_version(k, 1, 1), 0);
	log = kit_size(k, "-wal");
	assert_int_equal(kit_get(k, 500), -EIO); /* found now, salvaged beside */
	assert_non_null(
		strstr(kit_wait_notice(k, 0), "salvaged 1999 of 2000 policies and 1 failure"));
	kit_close(k);						  /* waits for the salvager */
	assert_true(log > 0 && kit_size(k, ASIDE "-wal") == log); /* as it was */
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, KIT_N), KIT_N - 1);
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
		got = kit_get(r->k, (x >> 8) % KIT_N);
		if (got != 0 && got != STORE_NOT_FOUND && got != -EIO)
			abort();
		if (x >> 28 == 1)
			got = kit_put(r->k, (x >> 8) % KIT_N);
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
	kit_fill(k);
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
	assert_true(kit_count(k, 0, KIT_N) > KIT_N / 2);
	kit_check_works(k, "while running");
	assert_true(kit_find(k, "sts.db" ASIDE, name) >= 1);
}

static void truncated_while_running(void **state)
{
	struct kit *k = *state;
	int got = 0;

	kit_fill(k);
	assert_int_equal(kit_open(k), 0);
	kit_truncate(k, "", 20 * PAGE);
	for (unsigned i = 0; i < KIT_N && got >= 0; i++)
		got = kit_get(k, i);
	assert_int_equal(got, -EIO);
	(void)kit_wait_notice(k, 0);
	kit_reopen(k);
	kit_check_works(k, "truncated");
}

static void never_overwrites(void **state)
{
	struct kit *k = *state;

	kit_overwrite(k, ASIDE, 0, 5, 'a');
	kit_overwrite(k, ASIDE ".2-wal", 0, 5, 'b');
	kit_fill(k);
	kit_overwrite(k, "", 0, 100, 0);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, KIT_N), KIT_N);
	assert_int_equal(kit_size(k, ASIDE), 5);
	assert_int_equal(kit_size(k, ASIDE ".2-wal"), 5);
	assert_true(kit_size(k, ASIDE ".3") > 100000);
}

static void no_room_to_salvage(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	kit_fill(k);
	kit_overwrite(k, "", kit_size(k, "") / 2 / PAGE * PAGE, PAGE, -1);
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
	assert_true(kit_count(k, 0, KIT_N) > KIT_N * 9 / 10);
	kit_check_works(k, "no room");
}

/* Full while running: what is sound is still read, and nothing is lost. */
static void no_room_while_running(void **state)
{
	struct kit *k = *state;

	kit_fill(k);
	kit_overwrite(k, "", kit_place(k, "mx0.x500.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	assert_int_equal(kit_get(k, 500), -EIO);
	assert_non_null(strstr(kit_wait_notice(k, 0), "could not be salvaged"));
	for (unsigned i = 0; i < KIT_N; i++)
		assert_int_equal(kit_get(k, i), i == 500 ? -EIO : 0);
	faulty_vfs_heal();
	kit_later(k, DB_SALVAGE_MS / 2);
	assert_int_equal(kit_put_version(k, 1, 1), 0); /* which mends nothing */
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "could not be salvaged"));
	kit_later(k, DB_SALVAGE_MS);
	(void)kit_get(k, 1); /* whatever is asked */
	assert_non_null(strstr(kit_wait_notice(k, 1), "salvaged 1999 of 2000"));
	kit_reopen(k);
	kit_check_works(k, "no room while running");
}

static void again_and_again(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	kit_fill(k);
	assert_int_equal(kit_open(k), 0);
	for (unsigned round = 0; round < 4; round++) {
		char body[32];

		snprintf(body, sizeof(body), "mx0.x%u.example", 500 + round);
		kit_reopen(k);
		kit_close(k);
		kit_overwrite(k, "", kit_place(k, body), 1, 'y');
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

	kit_fill(k);
	kit_overwrite(k, "", kit_place(k, "mx0.x600.example"), 1, 'y');
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_get(k, 600), -EIO);
	(void)kit_wait_notice(k, 0);
	wait_until_well(k);
	for (unsigned i = 700; i < 740; i++) { /* not all of these pages are in a page cache */
		snprintf(name, sizeof(name), "mx0.x%u.example", i);
		kit_overwrite(k, "", kit_place(k, name), 1, 'y');
	}
	assert_true(kit_count(k, 700, 740) < 40);
	assert_non_null(strstr(kit_wait_notice(k, 1), "persistence is lost"));
	assert_int_equal(kit_get(k, 602), 0);
	kit_later(k, DB_SALVAGE_MS);
	assert_int_equal(kit_get(k, 602), 0);
	assert_non_null(strstr(kit_wait_notice(k, 2), "salvaged 1959 of 1999"));
	wait_until_well(k);
	assert_int_equal(kit_count(k, 0, KIT_N), 1959);
	assert_int_equal(kit_notices(k), 3);
}

/* Killed between the two renames: the salvage was complete. */
static void interrupted(void **state)
{
	struct kit *k = *state;
	char from[KIT_PATH];

	kit_fill(k);
	kit_name(k, ".salvage", from);
	assert_int_equal(rename(k->path, from), 0);
	kit_overwrite(k, "-wal", 0, 5000, -1); /* not the log of this one */
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, KIT_N), KIT_N);
	assert_int_equal(kit_size(k, ".salvage"), -1);

	/* Killed before: the half of it that stands beside a database is of no use. */
	kit_close(k);
	kit_overwrite(k, ".salvage", 0, 5000, -1);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, KIT_N), KIT_N);
	assert_int_equal(kit_size(k, ".salvage"), -1);
	assert_int_equal(kit_notices(k), 0);
}

static void stops_while_salvaging(void **state)
{
	struct kit *k = *state;

	kit_fill(k);
	for (unsigned round = 0; round < 20; round++) {
		kit_overwrite(k, "", kit_place(k, "mx0.x500.example"), 1, 'y');
		assert_int_equal(kit_open(k), 0);
		assert_int_equal(kit_get(k, 500), -EIO);
		kit_close(k); /* at whatever moment that is */
		assert_int_equal(kit_open(k), 0);
		assert_true(kit_count(k, 0, KIT_N) >= KIT_N - 1);
		(void)kit_put(k, 500);
		kit_reopen(k);
		(void)kit_put(k, 500);
		kit_close(k);
		k->n_notices = 0;
	}
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		ON_A_DISK(a_flipped_bit),
		ON_A_DISK(found_while_running),
		ON_A_DISK(truncated_while_running),
		ON_A_DISK(never_overwrites),
		ON_A_DISK(no_room_to_salvage),
		ON_A_DISK(no_room_while_running),
		ON_A_DISK(again_and_again),
		ON_A_DISK(twice_in_a_minute),
		ON_A_DISK(interrupted),
		ON_A_DISK(stops_while_salvaging),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
