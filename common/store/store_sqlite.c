#include "config.h"

#include "common/store/store_sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/store/store_bind.h"
#include "common/store/store_event.h"
#include "common/store/store_list.h"
#include "common/store/store_ops.h"
#include "common/store/store_outcome.h"
#include "common/store/store_override.h"
#include "common/store/store_row.h"
#include "common/store/store_upkeep.h"

enum {
	SWEEP_EVERY = 16, /* puts */
	SWEEP_ROWS = 64,
	SWEEP_KEEP = 7 * 86400, /* seconds that an expired policy may stay */
};

static int get_on(struct conn *c, const char *domain, struct arena *arena,
		  struct stored_policy *ret, int *ret_rc)
{
	sqlite3_stmt *s = conn_statement(c, STATEMENT_GET, ret_rc);
	struct stored_policy p;
	int rc, r = 0;

	if (s == NULL)
		return -EIO;
	(void)sqlite3_bind_text(s, 1, domain, -1, SQLITE_STATIC);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && !fetch_policy(s, span_of(domain), &p))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW) {
		char *body = arena_strdup(arena, p.body);

		p.body.p = body;
		r = body != NULL ? 0 : -ENOMEM;
	}
	(void)sqlite3_reset(s);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		*ret_rc = rc;
		return -EIO;
	}
	if (rc == SQLITE_DONE)
		return STORE_NOT_FOUND;
	if (r == 0)
		*ret = p;
	return r;
}

static int store_get(void *ctx, const char *domain, struct arena *arena, struct stored_policy *ret)
{
	const struct store_sqlite *st = ctx;
	struct conn *c;
	int rc = SQLITE_OK, r;

	db_maintain(st->db, false);
	r = db_take(st->db, false, &c);
	if (r < 0)
		return r;
	r = get_on(c, domain, arena, ret, &rc);
	db_give(st->db, c, rc);
	return rc == SQLITE_OK ? r : db_report(st->db, rc, false);
}

int ops_run(struct conn *c, sqlite3_stmt *s, int *changes)
{
	int rc = conn_run(s);

	if (rc == SQLITE_OK)
		*changes = sqlite3_changes(c->db);
	return rc;
}

int ops_write(struct store_sqlite *st, ops_write_fn *fn, const void *arg, int *changes)
{
	struct conn *c;
	int rc = SQLITE_OK, r;

	db_maintain(st->db, true);
	pthread_mutex_lock(&st->db->writer);
	r = db_take(st->db, true, &c);
	if (r == 0) {
		rc = fn(st, c, arg, changes);
		db_give(st->db, c, rc);
	}
	pthread_mutex_unlock(&st->db->writer);
	return r == 0 ? db_report(st->db, rc, true) : r;
}

static int run_plain(struct conn *c, enum statement statement)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, statement, &rc);

	return s != NULL ? conn_run(s) : rc;
}

int ops_begin(struct conn *c)
{
	return run_plain(c, STATEMENT_BEGIN);
}

int ops_end(struct conn *c, int rc)
{
	if (rc == SQLITE_OK)
		rc = run_plain(c, STATEMENT_COMMIT);
	/* After some errors SQLite has done it. */
	if (rc != SQLITE_OK && sqlite3_get_autocommit(c->db) == 0)
		(void)run_plain(c, STATEMENT_ROLLBACK);
	return rc;
}

/* Takes a few policies off the next stretch of names that nobody has fetched for long. The next
 * stretch starts where this ends. */
static int sweep(struct store_sqlite *st, struct conn *c)
{
	char old[SWEEP_ROWS][LIMIT_DOMAIN + 1];
	int64_t limit = clock_wall(st->db->o.clock) - SWEEP_KEEP;
	int rc = SQLITE_OK, changes;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_SWEEP, &rc);
	sqlite3_stmt *remove = conn_statement(c, STATEMENT_REMOVE, &rc);
	char next[LIMIT_DOMAIN + 1] = "";
	size_t rows = 0, n = 0;

	if (s == NULL || remove == NULL)
		return rc;
	(void)sqlite3_bind_text(s, 1, st->sweep, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(s, 2, SWEEP_ROWS);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW && rows < SWEEP_ROWS) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		if (!span_copy(span_of(name), next, sizeof(next)))
			break;
		if (sqlite3_column_int64(s, 1) < limit)
			memcpy(old[n++], next, sizeof(next));
		rows++;
	}
	(void)sqlite3_reset(s);
	(void)span_copy(span_of(rows == SWEEP_ROWS ? next : ""), st->sweep, sizeof(st->sweep));
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return rc;
	rc = SQLITE_OK;
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
		(void)sqlite3_bind_text(remove, 1, old[i], -1, SQLITE_STATIC);
		rc = ops_run(c, remove, &changes);
	}
	return rc;
}

struct put {
	struct span domain;
	const struct stored_policy *policy;
};

static int put_inside(struct conn *c, const struct put *put, int *changes)
{
	const struct stored_upkeep u = row_upkeep_of(put->policy->fetched_at);
	int rc = SQLITE_OK;
	sqlite3_stmt *policy = conn_statement(c, STATEMENT_PUT, &rc);
	sqlite3_stmt *upkeep = conn_statement(c, STATEMENT_UPKEEP_ADD, &rc);

	if (policy == NULL || upkeep == NULL)
		return rc;
	bind_policy(policy, put->domain, put->policy);
	rc = ops_run(c, policy, changes);
	if (rc != SQLITE_OK)
		return rc;
	bind_upkeep(upkeep, put->domain, &u);
	return conn_run(upkeep);
}

static int put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = ops_begin(c);

	if (rc == SQLITE_OK)
		rc = ops_end(c, put_inside(c, arg, changes));
	if (rc == SQLITE_OK && st->puts++ % SWEEP_EVERY == 0) {
		int swept = sweep(st, c);

		if (health_is_damage(swept))
			return swept;
	}
	return rc;
}

static int store_put(void *ctx, const char *domain, const struct stored_policy *p)
{
	const struct put put = { span_of(domain), p };
	int changes;

	if (!row_policy_fits(put.domain, p))
		return -EINVAL;
	return ops_write(ctx, put_on, &put, &changes);
}

static int remove_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_REMOVE, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_text(s, 1, arg, -1, SQLITE_STATIC);
	return ops_run(c, s, changes);
}

static int store_remove(void *ctx, const char *domain)
{
	int changes = 0, r = ops_write(ctx, remove_on, domain, &changes);

	return r == 0 && changes == 0 ? STORE_NOT_FOUND : r;
}

struct policy_row {
	const char *domain;
	struct stored_policy policy;
};

struct policy_list {
	char after[LIMIT_DOMAIN + 1];
	store_each_policy *each;
	void *arg;
};

static void bind_after(sqlite3_stmt *s, const void *cursor)
{
	const struct policy_list *l = cursor;

	bind_text(s, 2, span_of(l->after));
}

static int copy_policy(sqlite3_stmt *s, struct arena *arena, void *row)
{
	const char *domain = fetch_text(s, 6), *body;
	struct policy_row *p = row;

	if (domain == NULL || !fetch_policy(s, span_of(domain), &p->policy))
		return LIST_DAMAGED;
	p->domain = arena_strdup(arena, span_of(domain));
	p->policy.body.p = body = arena_strdup(arena, p->policy.body);
	return p->domain != NULL && body != NULL ? 0 : -ENOMEM;
}

static void give_policy(void *cursor, const void *row)
{
	struct policy_list *l = cursor;
	const struct policy_row *p = row;

	(void)span_copy(span_of(p->domain), l->after, sizeof(l->after));
	l->each(l->arg, p->domain, &p->policy);
}

static int store_policies(void *ctx, const char *after, unsigned limit, store_each_policy *each,
			  void *arg)
{
	struct policy_list cursor = { .each = each, .arg = arg };
	const struct listing l = {
		.statement = STATEMENT_POLICIES,
		.limit = limit,
		.row_size = sizeof(struct policy_row),
		.cursor = &cursor,
		.bind = bind_after,
		.copy = copy_policy,
		.give = give_policy,
	};

	if (!span_copy(span_of(after), cursor.after, sizeof(cursor.after)))
		return -EINVAL;
	return ops_list(ctx, &l);
}

static int counts_on(struct conn *c, struct store_counts *ret)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_COUNTS, &rc);

	if (s == NULL)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		ret->policies = (uint64_t)sqlite3_column_int64(s, 0);
		ret->enforce = (uint64_t)sqlite3_column_int64(s, 1);
		ret->failures = (uint64_t)sqlite3_column_int64(s, 2);
		ret->events = (uint64_t)sqlite3_column_int64(s, 3);
		ret->overrides = (uint64_t)sqlite3_column_int64(s, 4);
		ret->outcomes = (uint64_t)sqlite3_column_int64(s, 5);
	}
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE)
		return SQLITE_CORRUPT; /* the row is always there */
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int store_counts(void *ctx, struct store_counts *ret)
{
	const struct store_sqlite *st = ctx;
	struct store_counts counts = { 0 };
	struct conn *c;
	int rc, r;

	db_maintain(st->db, false);
	r = db_take(st->db, false, &c);
	if (r < 0)
		return r;
	rc = counts_on(c, &counts);
	db_give(st->db, c, rc);
	r = db_report(st->db, rc, false);
	if (r == 0)
		r = store_file_size(st->db->path, &counts.bytes);
	if (r == 0)
		*ret = counts;
	return r < 0 ? -EIO : 0;
}

static const char *store_trouble(void *ctx)
{
	const struct store_sqlite *st = ctx;

	return health_text((enum trouble)atomic_load(&st->db->health.trouble));
}

int store_sqlite_open(const struct store_options *o, struct store *ret)
{
	struct store_sqlite *st = calloc(1, sizeof(*st));
	int r = st != NULL ? db_open(o, &st->db) : -ENOMEM;

	if (r != 0) {
		free(st);
		return r;
	}
	*ret = (struct store){
		.get = store_get,
		.put = store_put,
		.remove = store_remove,
		.failure_put = ops_failure_put,
		.failure_remove = ops_failure_remove,
		.failures_load = ops_failures_load,
		.policies = store_policies,
		.upkeep_get = ops_upkeep_get,
		.upkeep_put = ops_upkeep_put,
		.due = ops_due,
		.event_put = ops_event_put,
		.events = ops_events,
		.override_add = ops_override_add,
		.override_end = ops_override_end,
		.overrides = ops_overrides,
		.outcomes_add = ops_outcomes_add,
		.outcomes = ops_outcomes,
		.counts = store_counts,
		.trouble = store_trouble,
		.ctx = st,
	};
	return 0;
}

void store_sqlite_close(struct store *s)
{
	struct store_sqlite *st = s->ctx;

	if (st != NULL)
		db_close(st->db);
	free(st);
	*s = (struct store){ .ctx = NULL };
}
