#include "config.h"

#include "common/store/store_outcome.h"

#include <errno.h>

#include "common/store/store_bind.h"
#include "common/store/store_list.h"
#include "common/store/store_row.h"

enum { FORGET_ROWS = 64 }; /* beyond those that come */

/* Adds what is kept of this kind to *o. *ret_new: there is none. */
static int add_kept(struct conn *c, struct tls_outcome *o, bool *ret_new)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OUTCOME_GET, &rc);
	struct tls_outcome kept;

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1, o->day);
	bind_text(s, 2, span_of(o->domain));
	(void)sqlite3_bind_int64(s, 3, (int64_t)outcome_key(o));
	rc = sqlite3_step(s);
	*ret_new = rc == SQLITE_DONE;
	if (rc == SQLITE_ROW && !fetch_outcome(s, &kept))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW) {
		o->count += kept.count;
		o->sessions += kept.sessions;
	}
	(void)sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put(struct conn *c, const struct tls_outcome *o)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OUTCOME_PUT, &rc);

	if (s == NULL)
		return rc;
	if (!row_outcome_fits(o))
		return SQLITE_OK; /* its counter is full */
	bind_outcome(s, o);
	return conn_run(s);
}

static int rows_of(struct conn *c, const struct tls_outcome *o, int64_t *ret)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OUTCOME_ROWS, &rc);

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1, o->day);
	bind_text(s, 2, span_of(o->domain));
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(s, 0);
	(void)sqlite3_reset(s);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int add_one(struct conn *c, const struct tls_outcome *v, uint64_t *dropped)
{
	struct tls_outcome o = *v;
	bool is_new = false;
	int64_t rows = 0;
	int rc = add_kept(c, &o, &is_new);

	if (rc == SQLITE_OK && is_new)
		rc = rows_of(c, &o, &rows);
	if (rc == SQLITE_OK && rows >= STORE_OUTCOMES_OF_HOSTS) {
		o = outcome_folded(v);
		rc = add_kept(c, &o, &is_new);
		if (rc == SQLITE_OK && is_new && rows >= STORE_OUTCOMES_PER_DOMAIN) {
			*dropped += v->count;
			return SQLITE_OK;
		}
	}
	return rc == SQLITE_OK ? put(c, &o) : rc;
}

/* The oldest day, and how many rows there are in all. */
static int look_back(struct conn *c, int64_t *ret_oldest, int64_t *ret_rows)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OUTCOMES_OLDEST, &rc);

	if (s == NULL)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*ret_oldest = sqlite3_column_int64(s, 0);
		*ret_rows = sqlite3_column_int64(s, 1);
	}
	(void)sqlite3_reset(s);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* A few of the oldest, when they are too old or there are too many. */
static int forget(struct conn *c, int64_t today, size_t n)
{
	int64_t oldest = 0, rows = 0, most = (int64_t)n + FORGET_ROWS;
	int rc = look_back(c, &oldest, &rows);
	sqlite3_stmt *s;

	if (rc != SQLITE_OK || rows == 0 ||
	    (oldest > today - STORE_OUTCOME_DAYS && rows <= STORE_OUTCOMES))
		return rc;
	if (oldest > today - STORE_OUTCOME_DAYS && rows - STORE_OUTCOMES < most)
		most = rows - STORE_OUTCOMES;
	s = conn_statement(c, STATEMENT_OUTCOMES_FORGET, &rc);
	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1, most);
	(void)sqlite3_bind_int64(s, 2, oldest);
	return conn_run(s);
}

struct addition {
	const struct tls_outcome *const *v;
	size_t n;
	uint64_t *ret_dropped;
};

static int add_inside(struct conn *c, const struct addition *a)
{
	uint64_t dropped = 0;
	int64_t today = 0;
	int rc = SQLITE_OK;

	for (size_t i = 0; i < a->n && rc == SQLITE_OK; i++) {
		rc = add_one(c, a->v[i], &dropped);
		today = a->v[i]->day > today ? a->v[i]->day : today;
	}
	*a->ret_dropped = dropped;
	return rc == SQLITE_OK ? forget(c, today, a->n) : rc;
}

static int add_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = ops_begin(c);
	(void)st;

	*changes = 1;
	return rc == SQLITE_OK ? ops_end(c, add_inside(c, arg)) : rc;
}

int ops_outcomes_add(void *ctx, const struct tls_outcome *const *v, size_t n, uint64_t *ret_dropped)
{
	uint64_t dropped = 0;
	const struct addition a = { v, n, &dropped };
	int changes, r;

	for (size_t i = 0; i < n; i++)
		if (!row_outcome_fits(v[i]) || v[i]->result >= TLS_RESULT_COUNT ||
		    v[i]->source >= OUTCOME_SOURCES)
			return -EINVAL;
	r = n > 0 ? ops_write(ctx, add_on, &a, &changes) : 0;
	if (r == 0)
		*ret_dropped = dropped;
	return r;
}

struct outcome_list {
	int64_t day;
	const char *domain; /* NULL: all */
	char after[LIMIT_DOMAIN + 1];
	int64_t after_key;
	store_each_outcome *each;
	void *arg;
};

static void bind_after(sqlite3_stmt *s, const void *cursor)
{
	const struct outcome_list *l = cursor;

	(void)sqlite3_bind_int64(s, 2, l->day);
	bind_text(s, 3, span_of(l->after));
	(void)sqlite3_bind_int64(s, 4, l->after_key);
	if (l->domain != NULL)
		bind_text(s, 5, span_of(l->domain));
}

static int copy_outcome(sqlite3_stmt *s, struct arena *arena, void *row)
{
	struct tls_outcome o, *ret = row;
	char *room;

	if (!fetch_outcome(s, &o))
		return LIST_DAMAGED;
	room = arena_alloc(arena, outcome_room(&o));
	if (room == NULL)
		return -ENOMEM;
	*ret = outcome_copy(&o, room);
	return 0;
}

static void give_outcome(void *cursor, const void *row)
{
	struct outcome_list *l = cursor;
	const struct tls_outcome *o = row;

	(void)span_copy(span_of(o->domain), l->after, sizeof(l->after));
	l->after_key = (int64_t)outcome_key(o);
	/* What only a later version knows is not shown by this one. */
	if (o->result < TLS_RESULT_COUNT && o->source < OUTCOME_SOURCES)
		l->each(l->arg, o);
}

int ops_outcomes(void *ctx, int64_t day, const char *domain, const char *after, int64_t after_key,
		 unsigned limit, store_each_outcome *each, void *arg)
{
	struct outcome_list cursor = {
		.day = day, .domain = domain, .after_key = after_key, .each = each, .arg = arg
	};
	const struct listing l = {
		.statement = domain != NULL ? STATEMENT_OUTCOMES_OF : STATEMENT_OUTCOMES,
		.limit = limit,
		.row_size = sizeof(struct tls_outcome),
		.cursor = &cursor,
		.bind = bind_after,
		.copy = copy_outcome,
		.give = give_outcome,
	};

	if (!span_copy(span_of(after), cursor.after, sizeof(cursor.after)))
		return -EINVAL;
	return ops_list(ctx, &l);
}
