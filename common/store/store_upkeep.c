#include "config.h"

#include "common/store/store_upkeep.h"

#include <errno.h>

#include "common/store/store_bind.h"
#include "common/store/store_list.h"
#include "common/store/store_row.h"

enum { UPKEEP_FETCHED_AT = 6 }; /* column of STATEMENT_UPKEEP_GET */

static int get_on(struct conn *c, const char *domain, struct stored_upkeep *ret, int *ret_rc)
{
	sqlite3_stmt *s = conn_statement(c, STATEMENT_UPKEEP_GET, ret_rc);
	struct stored_upkeep u = { 0 };
	int rc;

	if (s == NULL)
		return -EIO;
	bind_text(s, 1, span_of(domain));
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_NULL)
		u = row_upkeep_of(sqlite3_column_int64(s, UPKEEP_FETCHED_AT));
	else if (rc == SQLITE_ROW && !fetch_upkeep(s, span_of(domain), &u))
		rc = SQLITE_CORRUPT;
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE)
		return STORE_NOT_FOUND;
	if (rc != SQLITE_ROW) {
		*ret_rc = rc;
		return -EIO;
	}
	*ret = u;
	return 0;
}

int ops_upkeep_get(void *ctx, const char *domain, struct stored_upkeep *ret)
{
	const struct store_sqlite *st = ctx;
	struct conn *c;
	int rc = SQLITE_OK, r;

	db_maintain(st->db, false);
	r = db_take(st->db, false, &c);
	if (r < 0)
		return r;
	r = get_on(c, domain, ret, &rc);
	db_give(st->db, c, rc);
	return rc == SQLITE_OK ? r : db_report(st->db, rc, false);
}

struct put {
	struct span domain;
	const struct stored_upkeep *upkeep;
};

static int put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	const struct put *put = arg;
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_UPKEEP_PUT, &rc);
	(void)st;

	if (s == NULL)
		return rc;
	bind_upkeep(s, put->domain, put->upkeep);
	return ops_run(c, s, changes);
}

int ops_upkeep_put(void *ctx, const char *domain, const struct stored_upkeep *u)
{
	const struct put put = { span_of(domain), u };
	int changes = 0, r;

	if (!row_upkeep_fits(put.domain))
		return -EINVAL;
	r = ops_write(ctx, put_on, &put, &changes);
	return r == 0 && changes == 0 ? STORE_NOT_FOUND : r;
}

struct due_row {
	const char *domain;
	struct stored_upkeep upkeep;
};

struct due_list {
	int64_t now, used_since;
	store_each_due *each;
	void *arg;
	int64_t due_at; /* of the one given last, and its name */
	char domain[LIMIT_DOMAIN + 1];
};

static void bind_due(sqlite3_stmt *s, const void *cursor)
{
	const struct due_list *l = cursor;

	(void)sqlite3_bind_int64(s, 2, l->now);
	(void)sqlite3_bind_int64(s, 3, l->used_since);
	(void)sqlite3_bind_int64(s, 4, l->due_at);
	bind_text(s, 5, span_of(l->domain));
}

static int copy_due(sqlite3_stmt *s, struct arena *arena, void *row)
{
	struct due_row *due = row;
	const char *domain = fetch_text(s, 6);

	if (domain == NULL || !fetch_upkeep(s, span_of(domain), &due->upkeep))
		return LIST_DAMAGED;
	due->domain = arena_strdup(arena, span_of(domain));
	return due->domain != NULL ? 0 : -ENOMEM;
}

static void give_due(void *cursor, const void *row)
{
	struct due_list *l = cursor;
	const struct due_row *due = row;

	l->due_at = due->upkeep.due_at;
	(void)span_copy(span_of(due->domain), l->domain, sizeof(l->domain));
	l->each(l->arg, due->domain, &due->upkeep);
}

int ops_due(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
	    void *arg)
{
	struct due_list cursor = {
		.now = now, .used_since = used_since, .each = each, .arg = arg, .due_at = INT64_MIN
	};
	const struct listing l = {
		.statement = STATEMENT_DUE,
		.limit = limit,
		.row_size = sizeof(struct due_row),
		.cursor = &cursor,
		.bind = bind_due,
		.copy = copy_due,
		.give = give_due,
	};

	return ops_list(ctx, &l);
}
