/* Databases of older schemas, as the code of their time wrote them: they are upgraded, and nothing is lost. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/faulty_vfs.h"

enum { POLICIES = 27, FAILURES = 5, DAY = 86400 };

/* A fixture, to suffix. Written when the clock stood at KIT_NOW. */
static void place_version(const struct kit *k, int version, const char *suffix)
{
	const char *top = getenv("srcdir");
	char from[KIT_PATH], to[KIT_PATH], bytes[65536];
	int in, out;
	ssize_t n;

	snprintf(from, sizeof(from), "%s/tests/fixtures/schema-%d.db", top != NULL ? top : ".",
		 version);
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

static void place(const struct kit *k, const char *suffix)
{
	place_version(k, 1, suffix);
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
	assert_true(u->used_at >= KIT_NOW && u->used_at < KIT_NOW + DAY); /* when it was upgraded */
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
	assert_non_null(strstr(kit_notice(k, 0), "upgraded to schema 3"));
	d = dues(k);
	assert_int_equal(d.n, POLICIES);
	assert_true(d.first >= KIT_NOW && d.last < KIT_NOW + DAY);
	assert_true(d.last - d.first > DAY / 2); /* spread */
	kit_close(k);
	assert_int_equal(ask(k, "", "PRAGMA user_version"), 3);
	assert_rows_kept(k);
	assert_int_equal(stat(k->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 1); /* told once */
	assert_all_works(k);
	assert_int_equal(kit_notices(k), 1);
}

/* kill -9 at every write of the upgrade: it is the old database or the new one, never half of each. */
static void open_with_a_limit(struct kit *k, rlim_t limit)
{
	const struct rlimit most = { limit, limit };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &no_core);
		if (signal(SIGXFSZ, SIG_DFL) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &most) != 0)
			_exit(10);
		(void)kit_open(k);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGXFSZ : WEXITSTATUS(status) == 0);
}

static void killed_in_the_middle(void **state)
{
	struct kit *k = *state;
	unsigned still_old = 0, upgraded = 0;

	for (rlim_t limit = 100; upgraded == 0 && limit < 1 << 20; limit += 1500) {
		int64_t version;

		place(k, "");
		open_with_a_limit(k, limit);
		version = ask(k, "", "PRAGMA user_version");
		assert_true(version == 1 || version == 3);
		still_old += version == 1;
		upgraded += version == 3;
		if (version == 1)
			assert_int_equal(ask(k, "",
					     "SELECT count(*) FROM sqlite_schema WHERE name "
					     "IN ('upkeep', 'event', 'override', 'outcome')"),
					 0);
		k->n_notices = 0;
		assert_int_equal(kit_open(k), 0);
		assert_int_equal(kit_notices(k), version == 1);
		assert_int_equal(dues(k).n, POLICIES);
		kit_close(k);
		assert_rows_kept(k);
		assert_int_equal(unlink(k->path), 0);
	}
	assert_true(still_old > 10 && upgraded == 1);
}

static void assert_read_as_it_is(struct kit *k, unsigned failures)
{
	const struct store *s = &k->store;
	const struct stored_event e = { .domain = "enforce.example", .at = KIT_NOW };
	const struct stored_override o = { .domain = "enforce.example",
					   .mx = "",
					   .reason = "",
					   .owner = "",
					   .added_at = KIT_NOW };
	struct store_counts counts;
	struct stored_upkeep u;
	int64_t serial;

	assert_non_null(s->trouble(s->ctx));
	assert_non_null(strstr(s->trouble(s->ctx), "cannot be upgraded"));
	assert_int_equal(kit_notices(k), 1);
	assert_int_equal(count_policies(k), POLICIES);
	assert_int_equal(count_failures(k), failures);
	assert_int_equal(s->upkeep_get(s->ctx, "enforce.example", &u), 0);
	assert_int_equal(u.due_at, u.used_at + DAY);
	assert_int_equal(s->upkeep_get(s->ctx, "no.example", &u), STORE_NOT_FOUND);
	assert_int_equal(s->upkeep_put(s->ctx, "enforce.example", &u), -EIO);
	assert_int_equal(dues(k).n, 0);
	assert_int_equal(count_events(k) + count_overrides(k), 0);
	assert_int_equal(s->event_put(s->ctx, &e), -EIO);
	assert_int_equal(s->override_add(s->ctx, &o, &serial), -EIO);
	assert_int_equal(s->override_end(s->ctx, 1, OVERRIDE_REMOVED, KIT_NOW, 0), -EIO);
	assert_int_equal(s->remove(s->ctx, "enforce.example"), -EIO);
	assert_int_equal(s->counts(s->ctx, &counts), 0);
	assert_true(counts.policies == POLICIES && counts.failures == failures &&
		    counts.events == 0 && counts.overrides == 0);
	assert_non_null(s->trouble(s->ctx));
}

/* The upgrade fails, whatever the disk says; then the disk works again. */
static void waits_for_the_disk(void **state)
{
	static const struct {
		enum fault fault;
		int rc;
		const char *said;
	} cases[] = {
		{ FAULT_WRITE, SQLITE_FULL, "disk is full" },
		{ FAULT_WRITE, SQLITE_READONLY, "readonly" },
		{ FAULT_WRITE, SQLITE_IOERR_WRITE, "I/O error" },
		{ FAULT_SHARE, SQLITE_FULL, "disk is full" },
		{ FAULT_LOCK, SQLITE_BUSY, "locked" },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		place(k, "");
		k->n_notices = 0;
		faulty_vfs_set(cases[i].fault, cases[i].rc);
		assert_int_equal(kit_open(k), 0);
		assert_read_as_it_is(k, FAILURES);
		if (strstr(kit_notice(k, 0), cases[i].said) == NULL)
			fail_msg("%s", kit_notice(k, 0));
		kit_later(k, 20000);
		assert_int_equal(count_policies(k), POLICIES);
		assert_int_equal(kit_notices(k), 1); /* tried again, told once */
		faulty_vfs_heal();
		kit_later(k, 20000);
		assert_int_equal(count_policies(k), POLICIES);
		assert_null(k->store.trouble(k->store.ctx));
		assert_int_equal(dues(k).n, POLICIES);
		assert_int_equal(kit_notices(k), 3);
		assert_non_null(strstr(kit_notice(k, 1), "upgraded to schema 3"));
		assert_non_null(strstr(kit_notice(k, 2), "is back"));
		kit_close(k);
		assert_rows_kept(k);
		assert_int_equal(unlink(k->path), 0);
		atomic_store(&k->wall, KIT_NOW);
	}
}

/* By another connection that ends without a checkpoint. */
static void change_in_the_log(struct kit *k)
{
	sqlite3 *db;

	kit_close(k);
	place(k, "");
	if (sqlite3_open(k->path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "DELETE FROM failure WHERE domain = 'down0.example'", NULL, NULL,
			 NULL) != SQLITE_OK)
		_exit(1);
}

/* The daemon of before was killed: the newest rows stand in its log. */
static void with_a_log(void **state)
{
	struct kit *k = *state;

	kit_killed(k, change_in_the_log);
	assert_true(kit_size(k, "-wal") > 0);
	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	faulty_vfs_set(FAULT_SHARE, SQLITE_FULL);
	assert_int_equal(kit_open(k), 0);
	assert_read_as_it_is(k, FAILURES - 1);
	faulty_vfs_heal();
	kit_reopen(k);
	assert_int_equal(count_failures(k), FAILURES - 1);
	assert_int_equal(dues(k).n, POLICIES);
	assert_null(k->store.trouble(k->store.ctx));
}

static int on_read_only_disk(struct kit *k)
{
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 10;
	if (kit_open(k) != 0)
		return 11;
	if (count_policies(k) != POLICIES || count_overrides(k) != 0 || count_events(k) != 0)
		return 12;
	if (k->store.trouble(k->store.ctx) == NULL || kit_notices(k) != 1)
		return 13;
	kit_later(k, 20000);
	if (count_policies(k) != POLICIES || kit_notices(k) != 1)
		return 14;
	kit_close(k);
	return 0;
}

static void read_only_directory(void **state)
{
	struct kit *k = *state;
	uint64_t before;
	int status;
	pid_t pid;

	place(k, "");
	assert_int_equal(chmod(k->path, 0444), 0);
	assert_int_equal(chmod(k->dir, 0555), 0);
	before = kit_fingerprint(k);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(on_read_only_disk(k));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
	assert_true(kit_fingerprint(k) == before);
}

static void tested_before_the_start(void **state)
{
	struct kit *k = *state;
	char why[200] = "";
	uint64_t before;

	place(k, "");
	before = kit_fingerprint(k);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "version 1 and will be upgraded to version 3"));
	assert_true(kit_fingerprint(k) == before);
	assert_int_equal(kit_open(k), 0);
	kit_close(k);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), 0);
	assert_string_equal(why, "");
	place(k, "");
	kit_overwrite(k, "", 2 * 4096, 4096, -1);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), STORE_DAMAGED);
}

/* Whatever is damaged of the old file: what can be read comes into a new one of our schema. */
static void damaged(void **state)
{
	static const struct {
		const char *name;
		off_t at;
		size_t n;
		unsigned lost; /* policies at most */
	} cases[] = {
		{ "header", 0, 100, 0 },
		{ "schema", 100, 3996, 0 },
		{ "one page", 3 * 4096, 4096, 26 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned n;

		place(k, "");
		k->n_notices = 0;
		kit_overwrite(k, "", cases[i].at, cases[i].n, i == 0 ? 0 : -1);
		assert_int_equal(kit_open(k), 0);
		if (strstr(kit_notice(k, 0), "salvaged") == NULL)
			fail_msg("%s: %s", cases[i].name, kit_notice(k, 0));
		n = count_policies(k);
		if (n + cases[i].lost < POLICIES || n == 0)
			fail_msg("%s: %u policies", cases[i].name, n);
		assert_int_equal(dues(k).n, n);
		if (cases[i].lost == 0)
			assert_all_works(k);
		kit_close(k);
		assert_int_equal(ask(k, "", "PRAGMA user_version"), 3);
		assert_int_equal(unlink(k->path), 0);
	}
}

/* One row is bad, and SQLite cannot know: the upgrade keeps it, whoever reads it finds out. */
static void a_flipped_bit(void **state)
{
	struct kit *k = *state;
	struct stored_policy p;
	struct arena arena;

	place(k, "");
	kit_overwrite(k, "", kit_place(k, "mx.d07.example"), 1, 'y');
	arena_init(&arena, 1 << 20);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.get(k->store.ctx, "d07.example", &arena, &p), -EIO);
	assert_non_null(strstr(kit_wait_notice(k, 1), "salvaged 26 of 27 policies and 5 failure"));
	arena_release(&arena);
	kit_reopen(k);
	assert_int_equal(count_policies(k), POLICIES - 1);
	assert_int_equal(dues(k).n, POLICIES - 1);
}

/* A daemon of before that still runs says so in the file: the tables decide. */
static void marked_as_old(void **state)
{
	struct kit *k = *state;

	place(k, "");
	assert_int_equal(kit_open(k), 0);
	kit_close(k);
	kit_sql(k, "PRAGMA user_version = 1");
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(dues(k).n, POLICIES);
	assert_int_equal(kit_notices(k), 1); /* not upgraded again */
	kit_close(k);
	assert_int_equal(ask(k, "", "PRAGMA user_version"), 3);
}

static void any_event(void *arg, const struct stored_event *e)
{
	assert_int_equal(e->body_hash, 99);
	++*(unsigned *)arg;
}

static void any_override(void *arg, const struct stored_override *o)
{
	assert_string_equal(o->owner, "postmaster");
	++*(unsigned *)arg;
}

static void any_outcome(void *arg, const struct tls_outcome *o)
{
	assert_string_equal(o->mx, "mx.example");
	*(uint64_t *)arg += o->count;
}

static int add_outcome(struct kit *k)
{
	const struct tls_outcome o = { .day = KIT_NOW / DAY,
				       .domain = "enforce.example",
				       .policy = "",
				       .record = "",
				       .mx = "mx.example",
				       .helo = "",
				       .info = "",
				       .receiving_ip = "",
				       .sending_ip = "",
				       .reason = "",
				       .count = 2 };
	const struct tls_outcome *const v[] = { &o };
	uint64_t dropped;

	return k->store.outcomes_add(k->store.ctx, v, 1, &dropped);
}

static uint64_t count_outcomes(struct kit *k)
{
	uint64_t n = 0;

	assert_int_equal(
		k->store.outcomes(k->store.ctx, KIT_NOW / DAY, NULL, "", 0, 100, any_outcome, &n),
		0);
	return n;
}

/* All that schema 2 knows: 27 policies with upkeep, 5 failures, 7 events, 3 overrides, of which one has ended. */
static void assert_all_of_schema_2(struct kit *k)
{
	const struct store *s = &k->store;
	unsigned events = 0, overrides = 0;
	struct store_counts counts;
	struct stored_upkeep u;

	assert_int_equal(s->counts(s->ctx, &counts), 0);
	assert_true(counts.policies == POLICIES && counts.enforce == 24 &&
		    counts.failures == FAILURES && counts.events == 7 && counts.overrides == 2);
	assert_int_equal(count_policies(k), POLICIES);
	assert_int_equal(s->events(s->ctx, NULL, 0, 100, any_event, &events), 0);
	assert_int_equal(s->overrides(s->ctx, NULL, true, any_override, &overrides), 0);
	assert_true(events == 7 && overrides == 3);
	assert_int_equal(s->upkeep_get(s->ctx, "enforce.example", &u), 0);
	assert_true(u.due_at == KIT_NOW + 3600 && u.failures == 3 &&
		    u.standing == 1u << EVENT_MX_CERT);
}

static void from_schema_2(void **state)
{
	struct kit *k = *state;
	uint64_t before;
	char why[200];

	place_version(k, 2, "");
	before = kit_fingerprint(k);
	assert_int_equal(store_sqlite_check(k->path, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "version 2 and will be upgraded to version 3"));
	assert_true(kit_fingerprint(k) == before);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_notices(k), 1);
	assert_non_null(strstr(kit_notice(k, 0), "upgraded to schema 3"));
	assert_all_of_schema_2(k);
	assert_int_equal(count_outcomes(k), 0);
	assert_int_equal(add_outcome(k), 0);
	kit_reopen(k);
	assert_all_of_schema_2(k);
	assert_int_equal(count_outcomes(k), 2);
	assert_int_equal(kit_notices(k), 1);
	kit_close(k);
	assert_int_equal(ask(k, "", "PRAGMA user_version"), 3);
	assert_int_equal(ask(k, "", "SELECT n FROM outcome_day"), 1);
}

/* It is read as it is, and outcomes are not kept until the disk works. */
static void from_schema_2_later(void **state)
{
	struct kit *k = *state;

	place_version(k, 2, "");
	faulty_vfs_set(FAULT_WRITE, SQLITE_FULL);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(k->store.trouble(k->store.ctx), "cannot be upgraded"));
	assert_all_of_schema_2(k);
	assert_int_equal(count_outcomes(k), 0);
	assert_int_equal(add_outcome(k), -EIO);
	faulty_vfs_heal();
	kit_later(k, 20000);
	assert_all_of_schema_2(k);
	assert_null(k->store.trouble(k->store.ctx));
	assert_int_equal(add_outcome(k), 0);
	assert_int_equal(count_outcomes(k), 2);
}

static void damaged_schema_2(void **state)
{
	struct kit *k = *state;

	place_version(k, 2, "");
	kit_overwrite(k, "", 100, 3996, -1);
	assert_int_equal(kit_open(k), 0);
	assert_non_null(strstr(kit_notice(k, 0), "salvaged"));
	assert_all_of_schema_2(k);
	assert_int_equal(add_outcome(k), 0);
	kit_close(k);
	assert_int_equal(ask(k, "", "PRAGMA user_version"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DISK(upgrades),
		ON_A_DISK(killed_in_the_middle),
		ON_A_DISK(waits_for_the_disk),
		ON_A_DISK(with_a_log),
		ON_A_DISK(read_only_directory),
		ON_A_DISK(tested_before_the_start),
		ON_A_DISK(damaged),
		ON_A_DISK(a_flipped_bit),
		ON_A_DISK(marked_as_old),
		ON_A_DISK(from_schema_2),
		ON_A_DISK(from_schema_2_later),
		ON_A_DISK(damaged_schema_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
