#include "config.h"

#include "common/store/store_event.h"

#include <errno.h>

#include "common/store/store_bind.h"
#include "common/store/store_list.h"
#include "common/store/store_row.h"

enum { TRIM_ROWS = 16 }; /* with one event */

/* The serial of the next one, and how many there are. */
static int next_serial(struct conn *c, int64_t *ret_serial, int64_t *ret_rows)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_EVENT_NEXT, &rc);

	if (s == NULL)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*ret_serial = sqlite3_column_int64(s, 0);
		*ret_rows = sqlite3_column_int64(s, 1);
	}
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && !row_serial_fits(*ret_serial)))
		return SQLITE_CORRUPT;
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int trim_domain(struct conn *c, const char *domain)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, STATEMENT_EVENT_TRIM_DOMAIN, &rc);

	if (s == NULL)
		return rc;
	bind_text(s, 1, span_of(domain));
	(void)sqlite3_bind_int(s, 2, TRIM_ROWS);
	(void)sqlite3_bind_int(s, 3, STORE_EVENTS_PER_DOMAIN);
	return conn_run(s);
}

static int trim(struct conn *c, int64_t rows)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s;

	if (rows <= STORE_EVENTS)
		return SQLITE_OK;
	s = conn_statement(c, STATEMENT_EVENT_TRIM, &rc);
	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1,
				 rows - STORE_EVENTS < TRIM_ROWS ? rows - STORE_EVENTS : TRIM_ROWS);
	return conn_run(s);
}

static int put_inside(struct conn *c, const struct stored_event *event, int *changes)
{
	struct stored_event e = *event;
	int64_t rows = 0;
	sqlite3_stmt *s;
	int rc = next_serial(c, &e.serial, &rows);

	if (rc != SQLITE_OK)
		return rc;
	s = conn_statement(c, STATEMENT_EVENT_PUT, &rc);
	if (s == NULL)
		return rc;
	bind_event(s, &e);
	rc = ops_run(c, s, changes);
	if (rc == SQLITE_OK)
		rc = trim_domain(c, e.domain);
	return rc == SQLITE_OK ? trim(c, rows + 1) : rc;
}

static int put_on(struct store_sqlite *st, struct conn *c, const void *arg, int *changes)
{
	int rc = ops_begin(c);
	(void)st;

	return rc == SQLITE_OK ? ops_end(c, put_inside(c, arg, changes)) : rc;
}

/* What is too long is cut. */
static const char *cut(const char *text, char *out, size_t size)
{
	struct span in = span_of(text);

	if (in.n >= size)
		in.n = size - 1;
	return span_copy(in, out, size) ? out : "";
}

int ops_event_put(void *ctx, const struct stored_event *e)
{
	char mx[STORE_EVENT_MX + 1], detail[LIMIT_DETAIL];
	struct stored_event event = *e;
	int changes;

	event.mx = cut(e->mx, mx, sizeof(mx));
	event.detail = cut(e->detail, detail, sizeof(detail));
	event.serial = 1;
	if (!row_event_fits(&event) || event.kind >= EVENT_COUNT || event.source >= SEEN_SOURCES)
		return -EINVAL;
	return ops_write(ctx, put_on, &event, &changes);
}

struct event_list {
	const char *domain;
	int64_t before;
	store_each_event *each;
	void *arg;
};

static void bind_before(sqlite3_stmt *s, const void *cursor)
{
	const struct event_list *l = cursor;

	(void)sqlite3_bind_int64(s, 2, l->before);
	if (l->domain != NULL)
		bind_text(s, 3, span_of(l->domain));
}

static int copy_event(sqlite3_stmt *s, struct arena *arena, void *row)
{
	struct stored_event *e = row;

	if (!fetch_event(s, e))
		return LIST_DAMAGED;
	e->domain = arena_strdup(arena, span_of(e->domain));
	e->mx = arena_strdup(arena, span_of(e->mx));
	e->detail = arena_strdup(arena, span_of(e->detail));
	return e->domain != NULL && e->mx != NULL && e->detail != NULL ? 0 : -ENOMEM;
}

static void give_event(void *cursor, const void *row)
{
	struct event_list *l = cursor;
	const struct stored_event *e = row;

	l->before = e->serial;
	/* What only a later version knows is not shown by this one. */
	if (e->kind < EVENT_COUNT && e->source < SEEN_SOURCES)
		l->each(l->arg, e);
}

int ops_events(void *ctx, const char *domain, int64_t before, unsigned limit,
	       store_each_event *each, void *arg)
{
	struct event_list cursor = { domain, before > 0 ? before : INT64_MAX, each, arg };
	const struct listing l = {
		.statement = domain != NULL ? STATEMENT_EVENTS_OF : STATEMENT_EVENTS,
		.limit = limit,
		.row_size = sizeof(struct stored_event),
		.cursor = &cursor,
		.bind = bind_before,
		.copy = copy_event,
		.give = give_event,
	};

	return ops_list(ctx, &l);
}
