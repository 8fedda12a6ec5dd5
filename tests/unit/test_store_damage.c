/* Damage of every kind: the daemon starts, what can be read is kept, what was there is set aside, and it is said. */
#include "tests/unit/store_kit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "common/store/store_bind.h"
#include "common/store/store_conn.h"
#include "common/store/store_schema.h"

#define ASIDE ".damaged-20260921T141320Z" /* KIT_NOW */

enum { PAGE = 4096 };

static void newer_versions(struct kit *k)
{
	for (unsigned i = 0; i < 100; i++)
		kit_put_version(k, i, 1);
	for (unsigned i = KIT_N; i < KIT_N + 100; i++)
		kit_put(k, i);
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
	unsigned least, most; /* policies that come back, of KIT_N */
	bool failure;
};

static const struct damage damages[] = {
	{ "header of zeros", plant_header, KIT_N, KIT_N, true },
	{ "one byte of the magic", plant_magic, KIT_N, KIT_N, true },
	{ "first page of noise", plant_first_page, KIT_N, KIT_N, true },
	{ "schema of noise", plant_schema, KIT_N, KIT_N, true },
	{ "root of noise", plant_root, KIT_N * 97 / 100, KIT_N - 1, true },
	{ "middle page of noise", plant_middle, KIT_N * 95 / 100, KIT_N - 1, true },
	{ "every tenth page of noise", plant_every_tenth, KIT_N * 75 / 100, KIT_N * 95 / 100,
	  true },
	{ "every tenth page of zeros", plant_zeros, KIT_N * 75 / 100, KIT_N * 95 / 100, true },
	{ "bad cell pointers", plant_cell_pointers, KIT_N * 80 / 100, KIT_N - 1, true },
	{ "half of the file", plant_half, KIT_N * 40 / 100, KIT_N * 60 / 100, true },
	{ "an odd size", plant_odd_size, KIT_N * 40 / 100, KIT_N * 60 / 100, true },
	{ "one page", plant_one_page, 0, 0, false },
	{ "fifty bytes", plant_fifty_bytes, 0, 0, false },
	{ "text", plant_text, 0, 0, false },
	{ "noise", plant_noise, 0, 0, false },
	{ "a table is missing", plant_drop_table, KIT_N, KIT_N, false },
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
	if (kit_failures(k) != d->failure)
		fail_msg("%s: failure times: %u", d->name, kit_failures(k));
}

static void found_at_start(void **state)
{
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		char name[KIT_PATH];

		kit_fill(k);
		damages[i].plant(k);
		check_finds(k, &damages[i]);
		opening_salvages(k, &damages[i]);
		kit_check_works(k, damages[i].name);
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
	kit_overwrite(k, "-wal", 32 + 3 * (24 + PAGE) + 24, PAGE, -1);
}

/* The pages that the log should replace are still in the file. */
static void plant_log_pages(struct kit *k)
{
	for (off_t at = 32 + 24; at < kit_size(k, "-wal") - 3 * (24 + PAGE); at += 24 + PAGE)
		kit_overwrite(k, "-wal", at, PAGE, -1);
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
		{ "header of noise", plant_log_header, KIT_N, 100, 100, 1 },
		{ "log of noise", plant_log_noise, KIT_N, 0, 0, 1 },
		{ "a frame of noise", plant_log_frame, KIT_N, 100, 100, 1 },
		{ "all pages of noise but the last", plant_log_pages, KIT_N, 0, 99, 1 },
		{ "empty database, good log", plant_no_database, 100, 100, 100, 1 },
		/* The log has the first page: nothing is lost, and the next checkpoint mends the file. */
		{ "database without header, good log", plant_header_and_log, KIT_N, 100, 100, 0 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[KIT_PATH];
		unsigned old, new;

		kit_fill(k);
		kit_killed(k, newer_versions);
		assert_true(kit_size(k, "-wal") > 200 * PAGE / 10);
		cases[i].plant(k);
		assert_int_equal(kit_open(k), 0);
		old = kit_count(k, 0, KIT_N);
		new = kit_count(k, KIT_N, KIT_N + 100);
		if (old < cases[i].least_old || new < cases[i].least_new || new > cases[i].most_new)
			fail_msg("%s: %u old and %u new came back: %s", cases[i].name, old, new,
				 kit_notice(k, 0));
		if (kit_notices(k) != cases[i].told)
			fail_msg("%s: %zu notices", cases[i].name, kit_notices(k));
		kit_check_works(k, cases[i].name);
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

	kit_fill(k);
	kit_killed(k, newer_versions);
	/* The last two pages were not written in full: no commit is complete behind them. */
	kit_overwrite(k, "-wal", kit_size(k, "-wal") - 1000 - (24 + PAGE), 24 + PAGE + 500, -1);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 0);
	assert_int_equal(kit_count(k, 0, KIT_N), KIT_N);
	assert_true(kit_count(k, KIT_N, KIT_N + 100) >= 98);
}

/* An old version may stand on a page that is read later than the one with the new. */
static void the_newest_wins(void **state)
{
	struct kit *k = *state;
	static const int64_t fetched[] = { 100, 300, 200 };
	struct stored_policy p = { .id = "1", .body = span_of("x") };
	struct stored_failure f = { .domain = "a.example" };
	struct span domain = span_of("a.example");
	struct conn *c;
	sqlite3_stmt *s;
	int rc = 0;

	assert_int_equal(conn_open(k->path, CONN_BUILD, &c), SQLITE_OK);
	assert_int_equal(schema_create(c->db), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(fetched); i++) {
		p.fetched_at = f.last_at = fetched[i];
		s = conn_statement(c, STATEMENT_PUT_NEWER, &rc);
		bind_policy(s, domain, &p);
		assert_int_equal(conn_run(s), SQLITE_OK);
		s = conn_statement(c, STATEMENT_FAILURE_PUT_NEWER, &rc);
		bind_failure(s, &f);
		assert_int_equal(conn_run(s), SQLITE_OK);
	}
	s = conn_statement(c, STATEMENT_GET, &rc);
	assert_int_equal(sqlite3_bind_text(s, 1, "a.example", -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_true(fetch_policy(s, domain, &p));
	assert_int_equal(p.fetched_at, 300);
	s = conn_statement(c, STATEMENT_FAILURES_LIST, &rc);
	assert_int_equal(sqlite3_bind_int(s, 1, 9), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(s, 2, "", -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_bind_int(s, 3, 0), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_true(fetch_failure(s, &f));
	assert_int_equal(f.last_at, 300);
	conn_close(c);
}

/* A body that its seal vouches for, but that is no policy: an older version may have been less strict. */
static void a_body_must_parse(void **state)
{
	struct kit *k = *state;
	struct stored_policy p = { .id = "1", .mode = POLICY_MODE_ENFORCE, .expires_at = KIT_NOW };

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1), 0);
	p.body = span_of("version: STSv1\nmode: enforce\nno mx, no max_age\n");
	assert_int_equal(k->store.put(k->store.ctx, "bad.example", &p), 0);
	kit_close(k);
	plant_header(k);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(kit_notice(k, 0), "salvaged 1 of 2 policies"));
	assert_non_null(strstr(kit_notice(k, 0), "1 rows did not check out"));
	assert_int_equal(kit_get(k, 1), 0);
}

int main(void)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		ON_A_DISK(found_at_start),
		ON_A_DISK(damaged_log),
		ON_A_DISK(torn_log_is_no_damage),
		ON_A_DISK(the_newest_wins),
		ON_A_DISK(a_body_must_parse),
	};
	/* clang-format on */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
