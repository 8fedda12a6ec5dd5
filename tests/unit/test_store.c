/* The store on a disk that works, one that does not for a while, and one that never did. RFC 8461 s3.3: policies survive. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/store_conn.h"
#include "common/store/store_db.h"
#include "tests/unit/faulty_vfs.h"

static void exec_sql(const struct kit *k, const char *sql)
{
	sqlite3 *db;
	char *error = NULL;

	assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static void keeps_what_was_put(void **state)
{
	struct kit *k = *state;
	struct store_counts counts;
	struct stat st;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_get(k, 1), STORE_NOT_FOUND);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_int_equal(kit_put_version(k, 5, 1), 0);
	assert_int_equal(kit_put_version(k, 99, 2), 0); /* 300 hosts: overflow pages */
	assert_int_equal(kit_count(k, 0, 301), 300);
	kit_reopen(k);
	assert_int_equal(kit_count(k, 0, 301), 300);
	assert_int_equal(k->store.remove(k->store.ctx, "d0.x0.example"), 0);
	assert_int_equal(k->store.remove(k->store.ctx, "d0.x0.example"), STORE_NOT_FOUND);
	assert_int_equal(kit_get(k, 0), STORE_NOT_FOUND);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.policies, 299);
	assert_int_equal(counts.enforce, 224);
	assert_int_equal(counts.failures, 0);
	assert_true(counts.bytes > 0);
	assert_null(k->store.trouble(k->store.ctx));
	assert_int_equal(kit_notices(k), 0);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void put_and_die(struct kit *k)
{
	for (unsigned i = 0; i < 50; i++)
		kit_put(k, i);
}

static void survives_being_killed(void **state)
{
	struct kit *k = *state;

	kit_killed(k, put_and_die);
	assert_true(kit_size(k, "-wal") > 0);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_count(k, 0, 50), 50);
	assert_int_equal(kit_notices(k), 0);
}

static void odd_rows(void **state)
{
	struct kit *k = *state;
	static char large[LIMIT_POLICY_BODY + 1];
	char longest[LIMIT_DOMAIN + 2];
	struct stored_policy p = { .id = "1", .body = { large, LIMIT_POLICY_BODY } }, got;
	struct arena arena;

	p.expires_at = KIT_NOW;
	memset(large, 'x', sizeof(large));
	large[7] = '\0';
	memset(longest, 'a', sizeof(longest));
	longest[LIMIT_DOMAIN] = '\0';
	arena_init(&arena, 1 << 20);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.put(k->store.ctx, longest, &p), 0);
	assert_int_equal(k->store.get(k->store.ctx, longest, &arena, &got), 0);
	assert_int_equal(got.body.n, LIMIT_POLICY_BODY);
	assert_memory_equal(got.body.p, large, LIMIT_POLICY_BODY);
	p.body.n = 0;
	assert_int_equal(k->store.put(k->store.ctx, longest, &p), 0);
	assert_int_equal(k->store.get(k->store.ctx, longest, &arena, &got), 0);
	assert_int_equal(got.body.n, 0);
	arena.max = 0;
	got.body.n = 77;
	assert_int_equal(k->store.get(k->store.ctx, longest, &arena, &got), -ENOMEM);
	assert_int_equal(got.body.n, 77);
	arena_release(&arena);

	p.body.n = LIMIT_POLICY_BODY + 1;
	assert_int_equal(k->store.put(k->store.ctx, "a.example", &p), -EINVAL);
	p.body.n = 1;
	p.mode = (enum policy_mode)7;
	assert_int_equal(k->store.put(k->store.ctx, "a.example", &p), -EINVAL);
	p.mode = POLICY_MODE_NONE;
	assert_int_equal(k->store.put(k->store.ctx, "", &p), -EINVAL);
	longest[LIMIT_DOMAIN] = 'a';
	longest[LIMIT_DOMAIN + 1] = '\0';
	assert_int_equal(k->store.put(k->store.ctx, longest, &p), -EINVAL);
	assert_int_equal(kit_notices(k), 0);
}

struct seen {
	struct kit *k;
	unsigned n;
	int64_t sum;
};

static void see(void *arg, const struct stored_failure *f)
{
	struct seen *seen = arg;
	struct store_counts counts;

	seen->n++;
	seen->sum += f->first_at + f->class;
	assert_true(f->domain[0] != '\0');
	/* The callback may use the store. */
	assert_int_equal(seen->k->store.counts(seen->k->store.ctx, &counts), 0);
}

static void failures(void **state)
{
	struct kit *k = *state;
	struct seen seen = { .k = k };
	struct store_counts counts;
	struct stored_failure f = {
		.domain = "a.example", .class = 1, .first_at = 100, .last_at = 200
	};

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
	f.last_at = 300; /* the same again */
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
	f.class = 2;
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
	f.class = -1;
	assert_int_equal(k->store.failure_put(k->store.ctx, &f), -EINVAL);
	for (unsigned i = 0; i < 300; i++) { /* more than one batch */
		char domain[64];

		f = (struct stored_failure){ kit_domain(i, domain), 0, 1000, 1000 };
		assert_int_equal(k->store.failure_put(k->store.ctx, &f), 0);
	}
	kit_reopen(k);
	assert_int_equal(k->store.failures_load(k->store.ctx, 300, see, &seen), 0);
	assert_int_equal(seen.n, 302);
	assert_int_equal(seen.sum, 300 * 1000 + 100 + 1 + 100 + 2);
	seen = (struct seen){ .k = k };
	assert_int_equal(k->store.failures_load(k->store.ctx, 301, see, &seen), 0);
	assert_int_equal(seen.n, 300);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.failures, 300); /* the older ones are gone */
	assert_int_equal(k->store.failure_remove(k->store.ctx, "d0.x0.example", 0), 0);
	assert_int_equal(k->store.failure_remove(k->store.ctx, "d0.x0.example", 0),
			 STORE_NOT_FOUND);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.failures, 299);
}

static void expired_policies_go_in_time(void **state)
{
	struct kit *k = *state;
	struct store_counts counts;

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(kit_put(k, i), 0);
	kit_later(k, (int64_t)(604800 + 6 * 86400) * 1000); /* expired for six days: they stay */
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(kit_put_version(k, 1000 + i % 10, 2000000), 0);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.policies, 410);
	kit_later(k, (int64_t)2 * 86400 * 1000);
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(kit_put_version(k, 1000 + i % 10, 2000000), 0);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.policies, 10);
	assert_int_equal(kit_count(k, 1000, 1010), 10);
}

static void newer_in_the_log(struct kit *k)
{
	sqlite3 *db;

	kit_put(k, 1);
	if (sqlite3_open(k->path, &db) == SQLITE_OK)
		sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL);
}

/* A later version's schema is not damage: nothing is touched. */
static void a_newer_schema_is_left_alone(void **state)
{
	struct kit *k = *state;
	char why[128] = "";

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	kit_close(k);
	exec_sql(k, "PRAGMA user_version = 2; CREATE TABLE later (x)");
	for (int in_log = 0; in_log < 2; in_log++) {
		uint64_t before;

		if (in_log) { /* no checkpoint: the file itself still says 1 */
			exec_sql(k, "DROP TABLE later; PRAGMA user_version = 1");
			kit_killed(k, newer_in_the_log);
			assert_true(kit_size(k, "-wal") > 0);
		}
		before = kit_fingerprint(k);
		assert_int_equal(kit_open(k), STORE_NEWER);
		assert_true(kit_fingerprint(k) == before);
		assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), STORE_NEWER);
		assert_non_null(strstr(why, "version 2"));
		assert_true(kit_fingerprint(k) == before);
		assert_int_equal(kit_size(k, "-wal") > 0, in_log);
		assert_int_equal(kit_notices(k), 0);
	}
}

static void another_programs_database_is_left_alone(void **state)
{
	static const char *const made_with[] = {
		"CREATE TABLE mail (x); INSERT INTO mail VALUES (1)",
		"PRAGMA journal_mode = WAL; CREATE TABLE mail (x); INSERT INTO mail VALUES (1)",
		"PRAGMA application_id = 77; CREATE TABLE mail (x)",
		"PRAGMA user_version = 1; CREATE TABLE mail (x)",
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(made_with); i++) {
		char why[128] = "";
		uint64_t before;

		(void)unlink(k->path);
		exec_sql(k, made_with[i]);
		before = kit_fingerprint(k);
		assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), -EPERM);
		assert_non_null(strstr(why, "another program"));
		assert_int_equal(kit_open(k), 0);
		assert_non_null(k->store.trouble(k->store.ctx));
		assert_int_equal(kit_put(k, 1), -EIO);
		assert_int_equal(kit_get(k, 1), -EIO);
		assert_int_equal(kit_notices(k), i + 1);
		kit_close(k);
		if (kit_fingerprint(k) != before)
			fail_msg("%s: touched", made_with[i]);
	}
}

static void empty_files_are_filled(void **state)
{
	struct kit *k = *state;

	kit_truncate(k, "", 0);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	kit_close(k);
	(void)unlink(k->path);
	exec_sql(k, "PRAGMA journal_mode = WAL"); /* killed before it had tables */
	assert_true(kit_size(k, "") > 0);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	assert_int_equal(kit_get(k, 1), 0);
	assert_int_equal(kit_notices(k), 0);
}

static void makes_its_directory(void **state)
{
	struct kit *k = *state;
	struct stat st;
	char dir[KIT_PATH], why[128];

	snprintf(dir, sizeof(dir), "%s/new", k->dir);
	snprintf(k->path, sizeof(k->path), "%s/new/sts.db", k->dir);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), 0);
	assert_int_equal(stat(dir, &st), -1);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07027, 0); /* 0750 less the umask */
}

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
	exec_sql(k, "PRAGMA user_version = 9");
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

enum { THREADS = 8, ROUNDS = 400, NAMES = 60 };

struct worker {
	struct kit *k;
	unsigned seed, found;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct store *s = &w->k->store;
	unsigned x = w->seed;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char domain[64];
		unsigned which;

		x = x * 1664525 + 1013904223;
		which = (x >> 8) % NAMES;
		if (x >> 30 == 0 && kit_put_version(w->k, which, i) != 0)
			abort();
		if (x >> 26 == 60 && s->remove(s->ctx, kit_domain(which, domain)) < 0)
			abort();
		if (x >> 26 == 61) {
			const struct stored_failure f = { kit_domain(which, domain), 1, i, i };

			if (s->failure_put(s->ctx, &f) != 0)
				abort();
		}
		if (x >> 26 == 62) {
			struct store_counts counts;

			if (s->counts(s->ctx, &counts) != 0 || counts.policies > NAMES)
				abort();
		}
		w->found += kit_get(w->k, which) == 0;
	}
	return NULL;
}

static void many_threads(void **state)
{
	struct kit *k = *state;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	struct store_counts counts;
	unsigned found = 0;

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .k = k, .seed = i };
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		found += workers[i].found;
	}
	assert_true(found > THREADS * ROUNDS / 2);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.policies, kit_count(k, 0, NAMES));
	assert_int_equal(kit_notices(k), 0);
}

#define ON_A_DISK(test) cmocka_unit_test_setup_teardown(test, kit_setup, kit_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DISK(keeps_what_was_put),
		ON_A_DISK(survives_being_killed),
		ON_A_DISK(odd_rows),
		ON_A_DISK(failures),
		ON_A_DISK(expired_policies_go_in_time),
		ON_A_DISK(a_newer_schema_is_left_alone),
		ON_A_DISK(another_programs_database_is_left_alone),
		ON_A_DISK(empty_files_are_filled),
		ON_A_DISK(makes_its_directory),
		ON_A_DISK(disk_troubles),
		ON_A_DISK(cannot_open_at_first),
		ON_A_DISK(full_at_start),
		ON_A_DISK(deleted_while_running),
		ON_A_DISK(replaced_while_running),
		ON_A_DISK(replaced_by_a_newer_one),
		ON_A_DISK(locked_by_another_program),
		ON_A_DISK(read_only_directory),
		ON_A_DISK(many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
