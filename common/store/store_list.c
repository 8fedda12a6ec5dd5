#include "config.h"

#include "common/store/store_list.h"

#include <errno.h>

enum { LIST_MEMORY = LIST_BYTES + (256 << 10) };

struct batch {
	struct arena arena;
	char *rows;
	unsigned n;
	bool damaged; /* some row was */
	bool more;    /* rows may follow */
};

/* -ENOMEM or a SQLite result code. */
static int read_rows(sqlite3_stmt *s, const struct listing *l, unsigned most, struct batch *b)
{
	unsigned looked = 0;
	int rc = SQLITE_ROW;

	while (looked < most && b->arena.used < LIST_BYTES &&
	       (rc = sqlite3_step(s)) == SQLITE_ROW) {
		int r = l->copy(s, &b->arena, b->rows + b->n * l->row_size);

		if (r < 0)
			return r;
		looked++;
		b->n += r == 0;
		b->damaged = b->damaged || r == LIST_DAMAGED;
	}
	b->more = rc == SQLITE_ROW && b->n > 0;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_batch(struct conn *c, const struct listing *l, unsigned most, struct batch *b)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *s = conn_statement(c, l->statement, &rc);

	if (s == NULL)
		return rc;
	(void)sqlite3_bind_int64(s, 1, most);
	l->bind(s, l->cursor);
	rc = read_rows(s, l, most, b);
	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
	return rc;
}

/* *b: what was read, all of it to be given. */
static int next_batch(struct store_sqlite *st, const struct listing *l, unsigned most,
		      struct batch *b)
{
	struct conn *c;
	int rc, r;

	b->n = 0;
	b->more = false;
	arena_reset(&b->arena);
	b->rows = arena_array(&b->arena, most, l->row_size);
	if (b->rows == NULL)
		return -ENOMEM;
	r = db_take(st->db, false, &c);
	if (r < 0)
		return r;
	rc = read_batch(c, l, most, b);
	db_give(st->db, c, rc < 0 ? SQLITE_OK : rc);
	return rc < 0 ? rc : db_report(st->db, rc, false);
}

int ops_list(struct store_sqlite *st, const struct listing *l)
{
	struct batch b = { .damaged = false };
	unsigned left = l->limit;
	int r = 0;

	arena_init(&b.arena, LIST_MEMORY);
	db_maintain(st->db, false);
	do {
		unsigned most = left < LIST_ROWS ? left : LIST_ROWS;

		r = most > 0 ? next_batch(st, l, most, &b) : 0;
		for (unsigned i = 0; i < b.n; i++)
			l->give(l->cursor, b.rows + i * l->row_size);
		left -= b.n;
	} while (r == 0 && b.more && left > 0);
	arena_release(&b.arena);
	if (r == 0 && b.damaged)
		r = db_report(st->db, SQLITE_CORRUPT, false);
	return r;
}
