/* The store on a disk that does not work for a while, or never: persistence is lost, answers are not. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/faulty_vfs.h"

/* What the disk says, what the operator is told; answers go on, and persistence comes back by itself. */
static void disk_troubles(void **state)
{
	static const struct {
		const char *name;
		enum fault fault;
		int rc;
		const char *sentence;
		bool unreadable;
	} cases[] = {
		{ "full", FAULT_WRITE, SQLITE_FULL, "disk is full", false },
		{ "read-only", FAULT_WRITE, SQLITE_READONLY, "read-only", false },
		{ "write error", FAULT_WRITE, SQLITE_IOERR_WRITE, "fails", false },
		{ "read error", FAULT_READ, SQLITE_IOERR_READ, "fails", true },
	};
	struct kit *k = *state;
	size_t told = 0;

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 3000; i++) /* more than a connection's page cache holds */
		assert_int_equal(kit_put(k, i), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned failed = 0;
		const char *trouble;

		kit_reopen(k);
		assert_int_equal(kit_put(k, 1), 0);
		faulty_vfs_set(cases[i].fault, cases[i].rc);
		if (!cases[i].unreadable && kit_put_version(k, 2, 100 + (unsigned)i) != -EIO)
			fail_msg("%s: put works", cases[i].name);
		for (unsigned j = 0; j < 3000; j += 50)
			failed += kit_get(k, j) == -EIO;
		if ((failed > 0) != cases[i].unreadable)
			fail_msg("%s: %u of 60 get() failed", cases[i].name, failed);
		trouble = k->store.trouble(k->store.ctx);
		if (trouble == NULL || strstr(trouble, cases[i].sentence) == NULL)
			fail_msg("%s: trouble is %s", cases[i].name, trouble ? trouble : "none");
		if (kit_notices(k) != told + 1 ||
		    strstr(kit_notice(k, told), cases[i].sentence) == NULL)
			fail_msg("%s: %zu notices, %s", cases[i].name, kit_notices(k) - told,
				 kit_notice(k, told));

		kit_later(k, 20000); /* tried again, still bad: nobody is told anything */
		(void)kit_get(k, 1);
		assert_non_null(k->store.trouble(k->store.ctx));
		assert_int_equal(kit_notices(k), told + 1);
		faulty_vfs_heal();
		assert_int_equal(kit_put(k, 2), 0); /* it works, but is it calm? */
		assert_non_null(k->store.trouble(k->store.ctx));
		kit_later(k, 20000);
		assert_int_equal(kit_get(k, 1), 0); /* nothing is put, it comes back all the same */
		if (k->store.trouble(k->store.ctx) != NULL)
			fail_msg("%s: still %s", cases[i].name, k->store.trouble(k->store.ctx));
		if (kit_notices(k) != told + 2 ||
		    strstr(kit_notice(k, told + 1), "is back") == NULL)
			fail_msg("%s: not told that it is back", cases[i].name);
		told += 2;
	}
	assert_int_equal(kit_count(k, 0, 3000), 3000);
}

static void cannot_open_at_first(void **state)
{
	struct kit *k = *state;
	char dir[KIT_PATH], why[128] = "";

	snprintf(dir, sizeof(dir), "%s/file", k->dir);
	kit_name(k, "", k->path);
	snprintf(k->path, sizeof(k->path), "%s/file", k->dir);
	kit_truncate(k, "", 0);
	snprintf(k->path, sizeof(k->path), "%s/file/sts.db", k->dir);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), -ENOTDIR);
	assert_true(why[0] != '\0');
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "cannot be opened"));
	assert_int_equal(kit_notices(k), 1);
	assert_int_equal(kit_put(k, 1), -EIO);
	assert_int_equal(kit_get(k, 1), -EIO);
	assert_int_equal(unlink(dir), 0);
	assert_int_equal(kit_put(k, 1), -EIO); /* not tried all the time */
	kit_later(k, 20000);
	assert_int_equal(kit_put(k, 1), 0);
	assert_int_equal(kit_get(k, 1), 0);
	assert_null(k->store.trouble(k->store.ctx));
	assert_int_equal(kit_notices(k), 2);
}

static void full_at_start(void **state)
{
	struct kit *k = *state;

	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "full"));
	assert_int_equal(kit_put(k, 1), -EIO);
	faulty_vfs_heal();
	kit_later(k, 20000);
	assert_int_equal(kit_put(k, 1), 0);
	assert_null(k->store.trouble(k->store.ctx));
}

static void put_some(struct kit *k)
{
	for (unsigned i = 0; i < 50; i++)
		kit_put(k, i);
}

/* Started when there is not even room for the index of the log: what was known is known. */
static void no_room_to_share(void **state)
{
	struct kit *k = *state;

	for (unsigned round = 0; round < 2; round++) {
		if (round == 0) {
			assert_int_equal(kit_open(k), 0);
			put_some(k);
			kit_close(k); /* no log */
		} else {
			assert_int_equal(unlink(k->path), 0);
			kit_killed(k, put_some); /* everything is in the log */
		}
		k->n_notices = 0;
		faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
		faulty_vfs_set(FAULT_SHARE, SQLITE_FULL);
		assert_int_equal(kit_open(k), 0);
		assert_int_equal(kit_count(k, 0, 60), 50);
		assert_non_null(strstr(k->store.trouble(k->store.ctx), "full"));
		assert_int_equal(kit_put(k, 1), -EIO);
		kit_later(k, 20000);
		assert_int_equal(kit_count(k, 0, 60), 50);
		assert_int_equal(kit_notices(k), 1);
		faulty_vfs_heal();
		kit_later(k, 20000);
		assert_int_equal(kit_put(k, 51), 0);
		assert_null(k->store.trouble(k->store.ctx));
		assert_int_equal(kit_count(k, 0, 60), 51);
		assert_int_equal(kit_notices(k), 2);
		kit_close(k);
	}
}

/* A full disk under the mapped index of the log would be SIGBUS. */
static void holes_in_shared_memory(void **state)
{
	struct kit *k = *state;

	kit_killed(k, put_some);
	faulty_vfs_set(FAULT_SHARE, SQLITE_IOERR_SHMMAP);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "full"));
	assert_int_equal(kit_count(k, 0, 60), 50);
	assert_int_equal(kit_put(k, 51), -EIO);
	faulty_vfs_heal();
	kit_later(k, 20000);
	assert_int_equal(kit_put(k, 51), 0);
	assert_null(k->store.trouble(k->store.ctx));
}

static void deleted_while_running(void **state)
{
	struct kit *k = *state;
	char name[KIT_PATH];

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_int_equal(unlink(k->path), 0);
	assert_int_equal(kit_put(k, 100), 0); /* goes into a file that can be found again */
	assert_true(kit_size(k, "") >= 0);
	assert_int_equal(kit_get(k, 100), 0);
	assert_int_equal(kit_get(k, 1), STORE_NOT_FOUND);
	assert_int_equal(kit_notices(k), 1);
	assert_non_null(strstr(kit_notice(k, 0), "deleted or replaced"));
	assert_null(k->store.trouble(k->store.ctx));

	assert_int_equal(unlink(k->path), 0);
	assert_int_equal(kit_get(k, 100), 0); /* a mere look-up does not ask each time */
	kit_later(k, 10000);
	assert_int_equal(kit_get(k, 100), STORE_NOT_FOUND);
	assert_int_equal(kit_notices(k), 2);
	kit_close(k);
	assert_int_equal(kit_find(k, "damaged", name), 0);
}

/* A backup is put in place of the file: its log must not be mistaken for that of the old one. */
static void replaced_while_running(void **state)
{
	struct kit *k = *state;
	char from[KIT_PATH];

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(kit_put(k, i), 0);
	kit_close(k);
	kit_copy(k, "", ".backup");
	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 50; i < 100; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_true(kit_size(k, "-wal") > 0);
	kit_name(k, ".backup", from);
	assert_int_equal(rename(from, k->path), 0);
	assert_int_equal(kit_put(k, 200), 0);
	assert_int_equal(kit_count(k, 0, 50), 50);
	assert_int_equal(kit_count(k, 50, 100), 0);
	kit_reopen(k);
	assert_int_equal(kit_count(k, 0, 300), 51);
	assert_int_equal(kit_notices(k), 1);
}

static void replaced_by_a_newer_one(void **state)
{
	struct kit *k = *state;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	assert_int_equal(unlink(k->path), 0);
	kit_close(k);
	kit_sql(k, "PRAGMA user_version = 9");
	kit_copy(k, "", ".newer");
	assert_int_equal(unlink(k->path), 0);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	kit_copy(k, ".newer", ".copy");
	{
		char from[KIT_PATH];

		kit_name(k, ".copy", from);
		assert_int_equal(rename(from, k->path), 0);
	}
	assert_int_equal(kit_put(k, 1), -EIO);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "newer version"));
	kit_close(k);
	assert_int_equal(kit_size(k, "-wal"), -1);
}

static void locked_by_another_program(void **state)
{
	struct kit *k = *state;
	sqlite3 *other;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	assert_int_equal(sqlite3_open(k->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(kit_put(k, 2), -EIO); /* waits CONN_BUSY_MS */
	for (unsigned i = 0; i < 1000; i++)    /* these do not */
		assert_int_equal(kit_put(k, 2), -EIO);
	assert_int_equal(kit_get(k, 1), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "locked"));
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_int_equal(kit_put(k, 2), 0);
	kit_later(k, 20000);
	assert_int_equal(kit_get(k, 2), 0);
	assert_null(k->store.trouble(k->store.ctx));
	assert_int_equal(kit_notices(k), 2);
}

static int on_read_only_disk(struct kit *k)
{
	const char *trouble;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 10;
	if (kit_open(k) != 0)
		return 11;
	if (kit_count(k, 0, 60) != 50)
		return 12;
	trouble = k->store.trouble(k->store.ctx);
	if (trouble == NULL || strstr(trouble, "read-only") == NULL)
		return 13;
	if (kit_put(k, 1) != -EIO || kit_get(k, 1) != 0 || kit_notices(k) != 1)
		return 14;
	kit_later(k, 20000);
	if (kit_put(k, 1) != -EIO || kit_get(k, 1) != 0 || kit_notices(k) != 1)
		return 15;
	kit_close(k);
	return 0;
}

/* The policies of a file that cannot be written are as good as ever. */
static void read_only_directory(void **state)
{
	struct kit *k = *state;
	uint64_t before;
	int status;
	pid_t pid;

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(kit_put(k, i), 0);
	kit_close(k);
	before = kit_fingerprint(k);
	assert_int_equal(chmod(k->path, 0444), 0);
	assert_int_equal(chmod(k->dir, 0555), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(on_read_only_disk(k));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
	assert_true(kit_fingerprint(k) == before);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		ON_A_DISK(disk_troubles),
		ON_A_DISK(cannot_open_at_first),
		ON_A_DISK(full_at_start),
		ON_A_DISK(no_room_to_share),
		ON_A_DISK(holes_in_shared_memory),
		ON_A_DISK(deleted_while_running),
		ON_A_DISK(replaced_while_running),
		ON_A_DISK(replaced_by_a_newer_one),
		ON_A_DISK(locked_by_another_program),
		ON_A_DISK(read_only_directory),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
