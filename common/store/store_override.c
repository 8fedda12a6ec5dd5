#include "config.h"

#include "common/store/store_override.h"

#include <errno.h>
#include <limits.h>

#include "common/store/store_bind.h"
#include "common/store/store_list.h"
#include "common/store/store_row.h"

enum { FORGET_ROWS = 16 }; /* with one change */

struct counted {
	int64_t serial; /* of the next one */
	int64_t active, past;
};

static int count(struct conn *c, struct counted *ret)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OVERRIDE_NEXT, &rc);

	if (s == NULL)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		ret->serial = sqlite3_column_int64(s, 0);
		ret->active = sqlite3_column_int64(s, 1);
		ret->past = sqlite3_column_int64(s, 2);
	}
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && !row_serial_fits(ret->serial)))
		return SQLITE_CORRUPT;
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int put(struct conn *c, const struct stored_override *o)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OVERRIDE_PUT, &rc);

	if (s == NULL)
		return rc;
	bind_override(s, o);
	return conn_run(s);
}

struct ending {
	enum override_end how;
	int64_t at, uid;
};

/*
 * Runs a statement, bound already, that gives one row at most, and ends the active override that it
 * gives. The row's memory belongs to the statement, so it is reset only after that. *ret_ended:
 * untouched when there was none.
 */
static int end_row(struct conn *c, sqlite3_stmt *s, const struct ending *e, bool *ret_ended)
{
	struct stored_override o;
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW && !fetch_override(s, &o))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && o.end == OVERRIDE_ACTIVE) {
		o.end = e->how;
		o.ended_at = e->at;
		o.ended_uid = e->uid;
		rc = put(c, &o);
		if (rc == SQLITE_OK)
			*ret_ended = true;
	}
	(void)sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A few of those that ended long ago, or of the oldest when there are too many. */
static int forget(struct store_sqlite *st, struct conn *c, int64_t past)
{
	bool many = past > STORE_OVERRIDES_PAST;
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(
		c, many ? STATEMENT_OVERRIDE_FORGET : STATEMENT_OVERRIDE_FORGET_OLD, &rc);

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int(s, 1, FORGET_ROWS);
	if (!many)
		(void)sqlite3_bind_int64(s, 2, clock_wall(st->db->o.clock) - STORE_OVERRIDE_KEEP);
	return conn_run(s);
}

struct addition {
	const struct stored_override *o;
	int64_t *ret_serial;
	bool *ret_full;
};

static int add_inside(struct store_sqlite *st, struct conn *c, const struct addition *a)
{
	const struct ending replaced = { OVERRIDE_REPLACED, a->o->added_at, a->o->uid };
	struct stored_override o = *a->o;
	struct counted counted = { 0 };
	bool ended = false;
	int rc = count(c, &counted);
	sqlite3_stmt *active = conn_statement(c, STATEMENT_OVERRIDE_ACTIVE, &rc);

	if (rc != SQLITE_OK)
		return rc;
	bind_text(active, 1, span_of(o.domain));
	rc = end_row(c, active, &replaced, &ended);
	if (rc != SQLITE_OK)
		return rc;
	if (!ended && counted.active >= STORE_OVERRIDES) {
		*a->ret_full = true;
		return SQLITE_OK;
	}
	o.serial = *a->ret_serial = counted.serial;
	rc = put(c, &o);
	return rc == SQLITE_OK ? forget(st, c, counted.past + ended) : rc;
}

static int add_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = ops_begin(c);

	*changes = 1;
	return rc == SQLITE_OK ? ops_end(c, add_inside(st, c, arg)) : rc;
}

int ops_override_add(void *ctx, const struct stored_override *o, int64_t *ret_serial)
{
	struct stored_override new = *o;
	int64_t serial = 0;
	bool full = false;
	const struct addition a = { &new, &serial, &full };
	int changes, r;

	new.serial = 1; /* until it gets one */
	new.end = OVERRIDE_ACTIVE;
	new.ended_at = 0;
	new.ended_uid = -1;
	if (!row_override_fits(&new) || new.added_at <= 0)
		return -EINVAL;
	r = ops_write(ctx, add_on, &a, &changes);
	if (r == 0 && full)
		return STORE_FULL;
	if (r == 0)
		*ret_serial = serial;
	return r;
}

struct removal {
	int64_t serial;
	struct ending ending;
	bool *ret_ended;
};

static int end_inside(struct store_sqlite *st, struct conn *c, const struct removal *r)
{
	struct counted counted = { 0 };
	int rc = count(c, &counted);
	sqlite3_stmt *s = conn_statement(c, STATEMENT_OVERRIDE_GET, &rc);

	if (rc != SQLITE_OK)
		return rc;
	(void)sqlite3_bind_int64(s, 1, r->serial);
	rc = end_row(c, s, &r->ending, r->ret_ended);
	return rc == SQLITE_OK ? forget(st, c, counted.past + 1) : rc;
}

static int end_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = ops_begin(c);

	*changes = 1;
	return rc == SQLITE_OK ? ops_end(c, end_inside(st, c, arg)) : rc;
}

int ops_override_end(void *ctx, int64_t serial, enum override_end how, int64_t at, int64_t uid)
{
	bool ended = false;
	const struct removal removal = { serial, { how, at, uid }, &ended };
	int changes, r;

	if (how <= OVERRIDE_ACTIVE || how > OVERRIDE_REPLACED || at <= 0)
		return -EINVAL;
	r = ops_write(ctx, end_on, &removal, &changes);
	return r == 0 && !ended ? STORE_NOT_FOUND : r;
}

int override_settle(struct conn *c, int64_t now)
{
	const struct ending replaced = { OVERRIDE_REPLACED, now, -1 };
	bool ended;
	int rc = SQLITE_OK;

	do {
		sqlite3_stmt *s = conn_statement(c, STATEMENT_OVERRIDE_SHADOWS, &rc);

		ended = false;
		if (s != NULL)
			rc = end_row(c, s, &replaced, &ended);
	} while (rc == SQLITE_OK && ended);
	return rc;
}

struct override_list {
	const char *domain;
	bool ended_too;
	int64_t since; /* ended ones from before it are forgotten, also while their rows still stand */
	int64_t before; /* the serial given last */
	store_each_override *each;
	void *arg;
};

static void bind_before(sqlite3_stmt *s, const void *cursor)
{
	const struct override_list *l = cursor;

	(void)sqlite3_bind_int64(s, 2, l->before);
	(void)sqlite3_bind_int(s, 3, l->ended_too);
	(void)sqlite3_bind_int64(s, 4, l->since);
	if (l->domain != NULL)
		bind_text(s, 5, span_of(l->domain));
}

static int copy_override(sqlite3_stmt *s, struct arena *arena, void *row)
{
	struct stored_override *o = row;

	if (!fetch_override(s, o))
		return LIST_DAMAGED;
	o->domain = arena_strdup(arena, span_of(o->domain));
	o->mx = arena_strdup(arena, span_of(o->mx));
	o->reason = arena_strdup(arena, span_of(o->reason));
	o->owner = arena_strdup(arena, span_of(o->owner));
	return o->domain != NULL && o->mx != NULL && o->reason != NULL && o->owner != NULL
		       ? 0
		       : -ENOMEM;
}

static void give_override(void *cursor, const void *row)
{
	struct override_list *l = cursor;
	const struct stored_override *o = row;

	l->before = o->serial;
	l->each(l->arg, o);
}

int ops_overrides(void *ctx, const char *domain, bool ended_too, store_each_override *each,
		  void *arg)
{
	const struct store_sqlite *st = ctx;
	struct override_list cursor = {
		.domain = domain,
		.ended_too = ended_too,
		.since = clock_wall(st->db->o.clock) - STORE_OVERRIDE_KEEP,
		.before = INT64_MAX,
		.each = each,
		.arg = arg,
	};
	const struct listing l = {
		.statement = domain != NULL ? STATEMENT_OVERRIDES_OF : STATEMENT_OVERRIDES,
		.limit = UINT_MAX,
		.row_size = sizeof(struct stored_override),
		.cursor = &cursor,
		.bind = bind_before,
		.copy = copy_override,
		.give = give_override,
	};

	return ops_list(ctx, &l);
}
