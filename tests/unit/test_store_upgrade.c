/* A database of schema 1, as the code of that time wrote it: it is upgraded, and nothing is lost. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/faulty_vfs.h"

enum { POLICIES = 27, FAILURES = 5, DAY = 86400 };

/* The fixture, to suffix. Written when the clock stood at KIT_NOW. */
static void place(const struct kit *k, const char *suffix)
{
	const char *top = getenv("srcdir");
	char from[KIT_PATH], to[KIT_PATH], bytes[65536];
	int in, out;
	ssize_t n;

	snprintf(from, sizeof(from), "%s/tests/fixtures/schema-1.db", top != NULL ? top : ".");
	kit_name(k, suffix, to);
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	assert_true(in >= 0 && out >= 0);
	n = read(in, bytes, sizeof(bytes));
	assert_true(n > 4096 && n < (ssize_t)sizeof(bytes));
	assert_true(write(out, bytes, (size_t)n) == n);
	close(in);
	close(out);
}

/* What plain SQL finds in a file that nobody else has open. */
static sqlite3 *look(const struct kit *k, const char *suffix)
{
	char name[KIT_PATH];
	sqlite3 *db;

	kit_name(k, suffix, name);
	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	return db;
}

static int64_t ask(const struct kit *k, const char *suffix, const char *sql)
{
	sqlite3 *db = look(k, suffix);
	sqlite3_stmt *s;
	int64_t found;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	found = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return found;
}

/* Every column of every row, octet for octet. */
static void assert_rows_kept(const struct kit *k)
{
	char sql[2 * KIT_PATH], old[KIT_PATH];

	kit_name(k, ".old", old);
	place(k, ".old");
	for (int i = 0; i < 2; i++) {
		const char *table = i == 0 ? "policy" : "failure";

		snprintf(
			sql, sizeof(sql),
			"ATTACH '%s' AS old; CREATE TEMP TABLE lost AS SELECT * FROM old.%s EXCEPT "
			"SELECT * FROM main.%s; INSERT INTO lost SELECT * FROM main.%s EXCEPT "
			"SELECT * FROM old.%s; CREATE TEMP TABLE must (n CHECK (n = 0)); "
			"INSERT INTO must SELECT count(*) FROM lost",
			old, table, table, table, table);
		kit_sql(k, sql);
	}
	assert_int_equal(ask(k, "", "SELECT count(*) FROM policy"), POLICIES);
	assert_int_equal(ask(k, "", "SELECT count(*) FROM failure"), FAILURES);
	assert_int_equal(unlink(old), 0);
}

struct dues {
	unsigned n;
	int64_t first, last;
};

static void see_due(void *arg, const char *domain, const struct stored_upkeep *u)
{
	struct dues *d = arg;

	assert_true(domain[0] != '\0');
	if (d->n++ == 0)
		d->first = u->due_at;
	d->last = u->due_at;
	assert_int_equal(u->used_at, KIT_NOW);
	assert_int_equal(u->failures + u->standing, 0);
	assert_int_equal(u->failed_at, 0);
}

static void see_policy(void *arg, const char *domain, const struct stored_policy *p)
{
	(void)domain;
	assert_true(p->expires_at >= p->fetched_at);
	++*(unsigned *)arg;
}

static void see_failure(void *arg, const struct stored_failure *f)
{
	(void)f;
	++*(unsigned *)arg;
}

static void see_event(void *arg, const struct stored_event *e)
{
	assert_string_equal(e->domain, "enforce.example");
	++*(unsigned *)arg;
}

static void see_override(void *arg, const struct stored_override *o)
{
	assert_string_equal(o->domain, "enforce.example");
	++*(unsigned *)arg;
}

static struct dues dues(struct kit *k)
{
	struct dues d = { .n = 0 };

	assert_int_equal(k->store.due(k->store.ctx, INT64_MAX, 0, 1000, see_due, &d), 0);
	return d;
}

static unsigned count_overrides(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.overrides(k->store.ctx, NULL, true, see_override, &n), 0);
	return n;
}

static unsigned count_events(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.events(k->store.ctx, NULL, 0, 10, see_event, &n), 0);
	return n;
}

static unsigned count_policies(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.policies(k->store.ctx, "", 1000, see_policy, &n), 0);
	return n;
}

static unsigned count_failures(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.failures_load(k->store.ctx, 0, see_failure, &n), 0);
	return n;
}

static void assert_all_works(struct kit *k)
{
	const struct store *s = &k->store;
	const struct stored_override o = { .domain = "enforce.example",
					   .mode = POLICY_MODE_NONE,
					   .mx = "",
					   .added_at = KIT_NOW,
					   .until = KIT_NOW + DAY,
					   .reason = "because",
					   .owner = "" };
	const struct stored_event e = { .domain = "enforce.example",
					.kind = EVENT_ID_CHANGED,
					.at = KIT_NOW };
	struct store_counts counts;
	struct stored_upkeep u;
	int64_t serial = 0;

	assert_null(s->trouble(s->ctx));
	assert_int_equal(count_policies(k), POLICIES);
	assert_int_equal(count_failures(k), FAILURES);
	assert_int_equal(s->upkeep_get(s->ctx, "enforce.example", &u), 0);
	assert_int_equal(u.used_at, KIT_NOW);
	u.standing = 1u << EVENT_MX_CERT;
	u.due_at = 1;
	assert_int_equal(s->upkeep_put(s->ctx, "enforce.example", &u), 0);
	assert_int_equal(s->upkeep_get(s->ctx, "enforce.example", &u), 0);
	assert_true(u.standing == 1u << EVENT_MX_CERT && u.due_at == 1);
	assert_int_equal(s->event_put(s->ctx, &e), 0);
	assert_int_equal(count_events(k), 1);
	assert_int_equal(s->override_add(s->ctx, &o, &serial), 0);
	assert_int_equal(count_overrides(k), 1);
	assert_int_equal(s->counts(s->ctx, &counts), 0);
	assert_true(counts.policies == POLICIES && counts.enforce == 24 &&
		    counts.failures == FAILURES && counts.events == 1 && counts.overrides == 1);
	assert_int_equal(s->override_end(s->ctx, serial, OVERRIDE_REMOVED, KIT_NOW + 1, 0), 0);
	assert_int_equal(s->remove(s->ctx, "enforce.example"), 0);
	assert_int_equal(s->upkeep_get(s->ctx, "enforce.example", &u), STORE_NOT_FOUND);
	assert_int_equal(kit_put(k, 1), 0);
	kit_reopen(k);
	assert_int_equal(kit_get(k, 1), 0);
	assert_true(count_events(k) == 1 && count_overrides(k) == 1);
	assert_int_equal(count_policies(k), POLICIES);
}

static void upgrades(void **state)
{
	struct kit *k = *state;
	struct stat st;
	struct dues d;

	place(k, "");
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 1);
	assert_non_null(strstr(kit_notice(k, 0), "upgraded to schema 2"));
	d = dues(k);
	assert_int_equal(d.n, POLICIES);
	assert_true(d.first >= KIT_NOW && d.last < KIT_NOW + DAY);
	assert_true(d.last - d.first > DAY / 2); /* spread */
	kit_close(k);
	assert_int_equal(ask(k, "", "PRAGMA user_version"), 2);
	assert_rows_kept(k);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 1); /* told once */
	assert_all_works(k);
	assert_int_equal(kit_notices(k), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DISK(upgrades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
