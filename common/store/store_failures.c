#include "config.h"

#include "common/store/store_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/store/store_row.h"

enum { LIST_BATCH = 128 };

static int failure_put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_FAILURE_PUT, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	schema_bind_failure(s, arg);
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

/* The next failures in order of the key: at most LIST_BATCH, so that no connection is held while
 * each() runs. */
struct failure_batch {
	struct stored_failure v[LIST_BATCH];
	char names[LIST_BATCH][LIMIT_DOMAIN + 1];
	size_t n;
};

static int list_on(struct conn *c, const struct stored_failure *after, struct failure_batch *ret)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_FAILURES_LIST, &rc);

	ret->n = 0;
	if (s == NULL)
		return rc;
	(void)sqlite3_bind_text(s, 1, after->domain, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(s, 2, after->class);
	(void)sqlite3_bind_int(s, 3, LIST_BATCH);
	while (ret->n < LIST_BATCH && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct stored_failure *f = &ret->v[ret->n];

		if (!schema_read_failure(s, f) ||
		    !span_copy(span_of(f->domain), ret->names[ret->n], sizeof(ret->names[0]))) {
			rc = SQLITE_CORRUPT;
			break;
		}
		f->domain = ret->names[ret->n++];
	}
	(void)sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void freep(void *p)
{
	free(*(void **)p);
}

int ops_failures_load(void *ctx, int64_t since,
		      void (*each)(void *arg, const struct stored_failure *f), void *arg)
{
	struct store_sqlite *st = ctx;
	struct stored_failure after = { .domain = "" };
	char name[LIMIT_DOMAIN + 1];
	AUTO(freep) struct failure_batch *batch = malloc(sizeof(*batch));
	int changes, r;

	if (batch == NULL)
		return -ENOMEM;
	/* Not being able to delete is no reason not to read; what is too old is left out all the
	 * same. */
	(void)ops_write(st, prune_on, &since, &changes);
	do {
		struct conn *c;
		int rc;

		r = db_take(st->db, false, &c);
		if (r < 0)
			return r;
		rc = list_on(c, &after, batch);
		db_give(st->db, c, rc);
		r = db_report(st->db, rc, false);
		for (size_t i = 0; i < batch->n; i++)
			if (batch->v[i].last_at >= since)
				each(arg, &batch->v[i]);
		if (batch->n > 0) {
			memcpy(name, batch->names[batch->n - 1], sizeof(name));
			after = (struct stored_failure){ name, batch->v[batch->n - 1].class, 0, 0 };
		}
	} while (r == 0 && batch->n == LIST_BATCH);
	return r;
}
