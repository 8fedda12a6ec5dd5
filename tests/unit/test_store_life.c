/* Upkeep, events and overrides in SQLite: bounds, plans, and what a restart leaves. */
#include "tests/unit/store_kit.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/store/store_bind.h"
#include "common/store/store_conn.h"
#include "common/store/store_row.h"
#include "common/store/store_schema.h"

enum { DAY = 86400 };

static int64_t ask(const struct kit *k, const char *sql)
{
	sqlite3_stmt *s;
	sqlite3 *db;
	int64_t found;

	assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	found = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return found;
}

/* Every listing walks an index, and no write looks at a whole table. */
static void plans(void **state)
{
	static const struct {
		enum statement statement;
		const char *must;
	} cases[] = {
		{ STATEMENT_DUE, "SEARCH upkeep USING COVERING INDEX upkeep_due" },
		{ STATEMENT_DUE, "SEARCH upkeep USING PRIMARY KEY (domain=?)" },
		{ STATEMENT_POLICIES, "SEARCH policy USING PRIMARY KEY (domain>?)" },
		{ STATEMENT_UPKEEP_GET, "SEARCH u USING PRIMARY KEY (domain=?)" },
		{ STATEMENT_EVENTS, "SEARCH event USING PRIMARY KEY (serial<?)" },
		{ STATEMENT_EVENTS_OF, "INDEX event_domain (domain=? AND serial<?)" },
		{ STATEMENT_EVENT_TRIM_DOMAIN, "SEARCH event USING PRIMARY KEY (serial=?)" },
		{ STATEMENT_EVENT_TRIM_DOMAIN, "COVERING INDEX event_domain (domain=?)" },
		{ STATEMENT_EVENT_TRIM, "SEARCH event USING PRIMARY KEY (serial=?)" },
		{ STATEMENT_OVERRIDE_ACTIVE, "INDEX override_domain (domain=?)" },
		{ STATEMENT_OVERRIDES, "SEARCH override USING PRIMARY KEY (serial<?)" },
		{ STATEMENT_OVERRIDES_OF, "INDEX override_domain (domain=? AND serial<?)" },
		{ STATEMENT_OVERRIDE_FORGET, "INDEX override_ended" },
		{ STATEMENT_OVERRIDE_FORGET_OLD, "INDEX override_ended (ended_at<?)" },
	};
	struct kit *k = *state;
	struct conn *c;

	assert_int_equal(kit_open(k), 0);
	kit_close(k);
	assert_int_equal(conn_open(k->path, CONN_WRITE, &c), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char sql[2048], plan[2048] = "";
		sqlite3_stmt *s;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
			 statement_text(cases[i].statement));
		assert_int_equal(sqlite3_prepare_v2(c->db, sql, -1, &s, NULL), SQLITE_OK);
		while (sqlite3_step(s) == SQLITE_ROW)
			snprintf(plan + strlen(plan), sizeof(plan) - strlen(plan), "%s\n",
				 (const char *)sqlite3_column_text(s, 3));
		sqlite3_finalize(s);
		if (strstr(plan, cases[i].must) == NULL)
			fail_msg("%zu, %s: %s", i, cases[i].must, plan);
		if (cases[i].statement != STATEMENT_EVENT_TRIM &&
		    strstr(plan, "SCAN event") != NULL)
			fail_msg("%zu: %s", i, plan);
	}
	conn_close(c);
}

static struct stored_event event_of(const char *domain, int64_t at)
{
	return (struct stored_event){
		.domain = domain,
		.kind = EVENT_ID_CHANGED,
		.at = at,
		.id = "7",
		.mx = "mx.example",
		.detail = "was 6",
	};
}

static struct stored_override override_of(const char *domain, int64_t at)
{
	return (struct stored_override){
		.domain = domain,
		.mode = POLICY_MODE_ENFORCE,
		.mx = "mx.example",
		.added_at = at,
		.until = at + DAY,
		.reason = "no policy of their own",
		.owner = "",
		.uid = 1000,
	};
}

static int add(struct kit *k, const char *domain, int64_t at, int64_t *ret_serial)
{
	const struct stored_override o = override_of(domain, at);

	return k->store.override_add(k->store.ctx, &o, ret_serial);
}

static void do_and_die(struct kit *k)
{
	const struct stored_upkeep u = { KIT_NOW, KIT_NOW + 100, 5, 6, 7 };
	const struct stored_event e = event_of("a.example", KIT_NOW);
	char domain[64];
	int64_t serial;

	for (unsigned i = 0; i < 20; i++) {
		kit_put(k, i);
		(void)k->store.upkeep_put(k->store.ctx, kit_domain(i, domain), &u);
		(void)k->store.event_put(k->store.ctx, &e);
		(void)add(k, domain, KIT_NOW, &serial);
	}
}

static void see_due(void *arg, const char *domain, const struct stored_upkeep *u)
{
	struct kit *k = arg;
	struct store_counts counts;

	assert_true(domain[0] == 'd' && u->failures == 6 && u->standing == 7);
	/* The callback may use the store. */
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_int_equal(counts.overrides, 20);
}

static void survive_being_killed(void **state)
{
	struct kit *k = *state;
	struct store_counts counts;

	kit_killed(k, do_and_die);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.counts(k->store.ctx, &counts), 0);
	assert_true(counts.policies == 20 && counts.events == 20 && counts.overrides == 20);
	assert_int_equal(k->store.due(k->store.ctx, KIT_NOW + 100, 0, 100, see_due, k), 0);
	assert_int_equal(kit_notices(k), 0);
}

struct seen {
	unsigned n;
	int64_t first, last;
	char names[8][64];
};

static void see_name(void *arg, const char *domain, const struct stored_upkeep *u)
{
	struct seen *seen = arg;

	if (seen->n == 0)
		seen->first = u->due_at;
	assert_true(u->due_at >= seen->last);
	seen->last = u->due_at;
	seen->n++;
	assert_true(domain[0] != '\0');
}

/* More than a batch, many of them due at the same second. */
static void more_than_a_batch(void **state)
{
	struct kit *k = *state;
	struct seen seen = { .n = 0 };
	char domain[64];

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 400; i++) {
		const struct stored_upkeep u = { .used_at = 1, .due_at = KIT_NOW + i % 3 };

		assert_int_equal(kit_put(k, i), 0);
		assert_int_equal(k->store.upkeep_put(k->store.ctx, kit_domain(i, domain), &u), 0);
	}
	assert_int_equal(k->store.due(k->store.ctx, KIT_NOW + 1, 0, 1000, see_name, &seen), 0);
	assert_int_equal(seen.n, 267);
	seen = (struct seen){ .n = 0 };
	assert_int_equal(k->store.due(k->store.ctx, KIT_NOW + 9, 0, 300, see_name, &seen), 0);
	assert_int_equal(seen.n, 300);
}

/* What sweeps away policies takes their upkeep along. */
static void swept_away(void **state)
{
	struct kit *k = *state;

	assert_int_equal(kit_open(k), 0);
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(kit_put(k, i), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM upkeep"), 400);
	kit_later(k, (int64_t)(604800 + 8 * DAY) * 1000);
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(kit_put_version(k, 1000 + i % 10, 2000000), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM upkeep"), 10);
	assert_int_equal(ask(k, "SELECT count(*) FROM policy LEFT JOIN upkeep USING (domain) "
				"WHERE due_at IS NULL"),
			 0);
}

/* A policy that lost its row, whoever did that. */
static void no_policy_without(void **state)
{
	struct kit *k = *state;
	struct stored_upkeep u;
	char domain[64];

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(kit_put(k, 1) + kit_put(k, 2), 0);
	kit_sql(k, "DELETE FROM upkeep");
	assert_int_equal(k->store.upkeep_get(k->store.ctx, kit_domain(1, domain), &u), 0);
	assert_true(u.used_at == KIT_NOW && u.due_at == KIT_NOW + DAY && u.standing == 0);
	u.standing = 2;
	assert_int_equal(k->store.upkeep_put(k->store.ctx, domain, &u), 0);
	assert_int_equal(kit_put_version(k, 2, 1), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM upkeep"), 2);
}

/* Rows that nobody reads need no seal. */
#define MANY_EVENTS                                                                                \
	"INSERT INTO event WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "    \
	"SELECT i, 'd' || i || '.example', 1, 0, 1, '', 0, 0, 0, '', '', 0 FROM n"
#define MANY_OVERRIDES                                                                             \
	"INSERT INTO override WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) " \
	"SELECT i + 100, 'd' || i || '.example', 1, %d, 1, 1, 0, %d + i * %d, -1, '', '', '', 0 "  \
	"FROM n"

/* All of them together have a bound; what is too much goes a few at a time. */
static void events_in_all(void **state)
{
	struct kit *k = *state;
	const struct stored_event e = event_of("new.example", KIT_NOW);
	char sql[512];

	assert_int_equal(kit_open(k), 0);
	snprintf(sql, sizeof(sql), MANY_EVENTS, STORE_EVENTS + 30);
	kit_sql(k, sql);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM event"), STORE_EVENTS + 15);
	assert_int_equal(ask(k, "SELECT min(serial) FROM event"), 17);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM event"), STORE_EVENTS);
	assert_int_equal(ask(k, "SELECT events FROM tally"), STORE_EVENTS);
	assert_int_equal(ask(k, "SELECT max(serial) FROM event"), STORE_EVENTS + 33);
}

static void overrides_are_full(void **state)
{
	struct kit *k = *state;
	char sql[512];
	int64_t serial = -1, first = 0;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(add(k, "a.example", KIT_NOW, &first), 0);
	snprintf(sql, sizeof(sql), MANY_OVERRIDES, STORE_OVERRIDES - 1, 0, 0, 0);
	kit_sql(k, sql);
	assert_int_equal(add(k, "b.example", KIT_NOW, &serial), STORE_FULL);
	assert_int_equal(serial, -1);
	assert_int_equal(add(k, "a.example", KIT_NOW + 1, &serial), 0); /* takes its own place */
	assert_true(serial > first);
	assert_int_equal(add(k, "b.example", KIT_NOW, &serial), STORE_FULL);
	assert_int_equal(k->store.override_end(k->store.ctx, serial, OVERRIDE_EXPIRED, KIT_NOW, -1),
			 0);
	assert_int_equal(add(k, "b.example", KIT_NOW, &serial), 0);
	assert_int_equal(ask(k, "SELECT overrides FROM tally"), STORE_OVERRIDES);
	assert_int_equal(kit_notices(k), 0);
}

static void count_one(void *arg, const struct stored_override *o)
{
	(void)o;
	++*(unsigned *)arg;
}

static unsigned remembered(struct kit *k)
{
	unsigned n = 0;

	assert_int_equal(k->store.overrides(k->store.ctx, NULL, true, count_one, &n), 0);
	return n;
}

static void ended_ones_are_forgotten(void **state)
{
	struct kit *k = *state;
	int64_t serial = 0, next = 0;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(add(k, "a.example", KIT_NOW, &serial), 0);
	assert_int_equal(add(k, "b.example", KIT_NOW, &serial), 0);
	assert_int_equal(k->store.override_end(k->store.ctx, serial, OVERRIDE_REMOVED, KIT_NOW, 5),
			 0);
	kit_later(k, (int64_t)STORE_OVERRIDE_KEEP * 1000);
	assert_int_equal(remembered(k), 2); /* to the second */
	kit_later(k, 1000);
	assert_int_equal(remembered(k), 1); /* an active one never */
	assert_int_equal(ask(k, "SELECT count(*) FROM override"), 2);
	assert_int_equal(add(k, "c.example", KIT_NOW, &next), 0);
	assert_int_equal(ask(k, "SELECT count(*) FROM override"), 2); /* the row is gone, too */
	assert_true(next > serial);
	assert_int_equal(k->store.override_end(k->store.ctx, serial, OVERRIDE_REMOVED, KIT_NOW, 5),
			 STORE_NOT_FOUND);
}

static void so_many_ended_ones(void **state)
{
	struct kit *k = *state;
	int64_t serial = 0;
	char sql[512];

	assert_int_equal(kit_open(k), 0);
	snprintf(sql, sizeof(sql), MANY_OVERRIDES, STORE_OVERRIDES_PAST + 20, OVERRIDE_REMOVED,
		 KIT_NOW, 1);
	kit_sql(k, sql);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(add(k, "a.example", KIT_NOW + 100000, &serial), 0);
	assert_int_equal(ask(k, "SELECT past FROM tally"), STORE_OVERRIDES_PAST - 10);
	assert_int_equal(ask(k, "SELECT min(ended_at) FROM override WHERE state <> 0"),
			 KIT_NOW + 33); /* the oldest went */
}

/* A serial names one row for ever, also when the newest is gone. */
static void serials_grow(void **state)
{
	struct kit *k = *state;
	const struct stored_event e = event_of("a.example", KIT_NOW);
	int64_t before = 0, after = 0;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(add(k, "a.example", KIT_NOW, &before), 0);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	kit_sql(k, "DELETE FROM override; DELETE FROM event");
	kit_reopen(k);
	assert_int_equal(add(k, "a.example", KIT_NOW, &after), 0);
	assert_int_equal(after, before + 1);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	assert_int_equal(ask(k, "SELECT serial FROM event"), 2);
}

static void count_event(void *arg, const struct stored_event *e)
{
	assert_int_equal(e->kind, EVENT_ID_CHANGED);
	++*(unsigned *)arg;
}

/* Written by a later version that knows more kinds: not shown, not damage, and still there. */
static void an_unknown_kind(void **state)
{
	struct kit *k = *state;
	struct stored_event e = event_of("a.example", KIT_NOW);
	sqlite3_stmt *put;
	struct conn *c;
	unsigned n = 0;
	int rc = SQLITE_OK;

	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), 0);
	e.kind = (enum event_kind)200;
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EINVAL);
	kit_close(k);
	assert_int_equal(conn_open(k->path, CONN_WRITE, &c), SQLITE_OK);
	e.serial = 2;
	put = conn_statement(c, STATEMENT_EVENT_PUT, &rc);
	bind_event(put, &e);
	assert_int_equal(conn_run(put), SQLITE_OK);
	conn_close(c);
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.events(k->store.ctx, NULL, 0, 10, count_event, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(kit_notices(k), 0);
}

static void what_does_not_fit(void **state)
{
	struct kit *k = *state;
	const struct stored_upkeep u = { 0 };
	struct stored_event e = event_of("", 1);
	char longest[LIMIT_DOMAIN + 2];

	memset(longest, 'a', sizeof(longest));
	longest[LIMIT_DOMAIN + 1] = '\0';
	assert_int_equal(kit_open(k), 0);
	assert_int_equal(k->store.upkeep_put(k->store.ctx, longest, &u), -EINVAL);
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EINVAL);
	e.domain = longest;
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EINVAL);
	e = event_of("a.example", 1);
	e.mode = (enum policy_mode)3;
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EINVAL);
	e = event_of("a.example", 1);
	e.source = SEEN_SOURCES;
	assert_int_equal(k->store.event_put(k->store.ctx, &e), -EINVAL);
	assert_int_equal(ask(k, "SELECT count(*) FROM event"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_DISK(plans),
		ON_A_DISK(survive_being_killed),
		ON_A_DISK(more_than_a_batch),
		ON_A_DISK(swept_away),
		ON_A_DISK(no_policy_without),
		ON_A_DISK(events_in_all),
		ON_A_DISK(overrides_are_full),
		ON_A_DISK(ended_ones_are_forgotten),
		ON_A_DISK(so_many_ended_ones),
		ON_A_DISK(serials_grow),
		ON_A_DISK(an_unknown_kind),
		ON_A_DISK(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
