#include "config.h"

#include "common/store/store_ops.h"

#include <errno.h>
#include <limits.h>

#include "common/store/store_bind.h"
#include "common/store/store_list.h"
#include "common/store/store_row.h"

static int failure_put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_FAILURE_PUT, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	bind_failure(s, arg);
	return ops_run(c, s, changes);
}

int ops_failure_put(void *ctx, const struct stored_failure *f)
{
	int changes;

	if (!row_failure_fits(span_of(f->domain), f->class))
		return -EINVAL;
	return ops_write(ctx, failure_put_on, f, &changes);
}

static int failure_remove_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	const struct stored_failure *f = arg;
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_FAILURE_REMOVE, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_text(s, 1, f->domain, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(s, 2, f->class);
	return ops_run(c, s, changes);
}

int ops_failure_remove(void *ctx, const char *domain, int class)
{
	const struct stored_failure f = { .domain = domain, .class = class };
	int changes = 0, r = ops_write(ctx, failure_remove_on, &f, &changes);

	return r == 0 && changes == 0 ? STORE_NOT_FOUND : r;
}

static int prune_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_FAILURES_PRUNE, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1, *(const int64_t *)arg);
	return ops_run(c, s, changes);
}

struct failure_list {
	int64_t since;
	void (*each)(void *arg, const struct stored_failure *f);
	void *arg;
	char domain[LIMIT_DOMAIN + 1]; /* the last one given, and its class */
	int class;
};

static void bind_after(sqlite3_stmt *s, const void *cursor)
{
	const struct failure_list *l = cursor;

	bind_text(s, 2, span_of(l->domain));
	(void)sqlite3_bind_int(s, 3, l->class);
}

static int copy_failure(sqlite3_stmt *s, struct arena *arena, void *row)
{
	struct stored_failure *f = row;

	if (!fetch_failure(s, f))
		return LIST_DAMAGED;
	f->domain = arena_strdup(arena, span_of(f->domain));
	return f->domain != NULL ? 0 : -ENOMEM;
}

static void give_failure(void *cursor, const void *row)
{
	struct failure_list *l = cursor;
	const struct stored_failure *f = row;

	(void)span_copy(span_of(f->domain), l->domain, sizeof(l->domain));
	l->class = f->class;
	if (f->last_at >= l->since)
		l->each(l->arg, f);
}

int ops_failures_load(void *ctx, int64_t since,
		      void (*each)(void *arg, const struct stored_failure *f), void *arg)
{
	struct failure_list cursor = { .since = since, .each = each, .arg = arg };
	const struct listing l = {
		.statement = STATEMENT_FAILURES_LIST,
		.limit = UINT_MAX,
		.row_size = sizeof(struct stored_failure),
		.cursor = &cursor,
		.bind = bind_after,
		.copy = copy_failure,
		.give = give_failure,
	};
	int changes;

	/* Not being able to delete is no reason not to read; what is too old is left out all the
	 * same. */
	(void)ops_write(ctx, prune_on, &since, &changes);
	return ops_list(ctx, &l);
}
