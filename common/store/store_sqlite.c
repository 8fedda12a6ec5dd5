#include "config.h"

#include "common/store/store_sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/store/store_ops.h"
#include "common/store/store_row.h"

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
	if (rc == SQLITE_ROW && !schema_read_policy(s, span_of(domain), &p))
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

static int put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	const struct put *put = arg;
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_PUT, &rc);

	if (s == NULL)
		return rc;
	schema_bind_policy(s, put->domain, put->policy);
	rc = ops_run(c, s, changes);
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
