/* The store on a disk that works. RFC 8461 s3.3: policies survive. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
		sqlite3_exec(db, "PRAGMA user_version = 4", NULL, NULL, NULL);
}

/* A later version's schema is not damage: nothing is touched. */
static void a_newer_schema_is_left_alone(void **state)
{
	struct kit *k = *state;
	char why[128] = "";

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	kit_close(k);
	kit_sql(k, "PRAGMA user_version = 4; CREATE TABLE later (x)");
	for (int in_log = 0; in_log < 2; in_log++) {
		uint64_t before;

		if (in_log) { /* no checkpoint: the file itself still says 3 */
			kit_sql(k, "DROP TABLE later; PRAGMA user_version = 3");
			kit_killed(k, newer_in_the_log);
			assert_true(kit_size(k, "-wal") > 0);
		}
		before = kit_fingerprint(k);
		assert_int_equal(kit_open(k), STORE_NEWER);
		assert_true(kit_fingerprint(k) == before);
		assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), STORE_NEWER);
		assert_non_null(strstr(why, "version 4"));
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
		kit_sql(k, made_with[i]);
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
	kit_sql(k, "PRAGMA journal_mode = WAL"); /* killed before it had tables */
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

int main(void)
{
	/* clang-format off */
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
		ON_A_DISK(many_threads),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
