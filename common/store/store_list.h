/* store_list.h - rows one after another, for the operations that list
 *
 * PURPOSE Rows are copied in batches, and each one is given with no connection held: who is given it
 *         may take his time, or ask the store.
 * ERRORS  ops_list(): 0, -EIO or -ENOMEM; what was given before is true. Damaged rows are left out, the others given, and then it is
 *         -EIO: a salvage has begun.
 */
#ifndef COMMON_STORE_STORE_LIST_H
#define COMMON_STORE_STORE_LIST_H

#include <sqlite3.h>

#include "common/store/store_ops.h"

enum {
	LIST_ROWS = 64, /* of a batch */
	LIST_BYTES = 1 << 20,
	LIST_DAMAGED = 1
};

struct listing {
	enum statement statement; /* its first parameter is how many */
	unsigned limit;		  /* rows in all */
	size_t row_size;
	void *cursor; /* knows the row given last */
	void (*bind)(sqlite3_stmt *s, const void *cursor);
	int (*copy)(sqlite3_stmt *s, struct arena *arena, void *row); /* 0, LIST_DAMAGED, -ENOMEM */
	void (*give)(void *cursor, const void *row);
};

int ops_list(struct store_sqlite *st, const struct listing *l);

#endif
