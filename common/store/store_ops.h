/* store_ops.h - what the operations of the port share */
#ifndef COMMON_STORE_STORE_OPS_H
#define COMMON_STORE_STORE_OPS_H

#include "common/store/store_db.h"

struct store_sqlite {
	struct db *db;
	/* under db->writer */
	unsigned puts;
	char sweep[LIMIT_DOMAIN + 1]; /* expired policies are looked for behind this name next */
};

/* Binds and runs on a connection; a SQLite result code. *changes: rows inserted, updated or
 * deleted. */
typedef int ops_write_fn(struct store_sqlite *st, struct conn *c, const void *arg, int *changes);

/* 0 or -EIO. One writer at a time; who comes while another program holds the database waits
 * CONN_BUSY_MS, who comes after that not at all, until a write has succeeded again. */
int ops_write(struct store_sqlite *st, ops_write_fn *fn, const void *arg, int *changes);
int ops_run(struct conn *c, sqlite3_stmt *s, int *changes);

/* What has to be done as a whole, within an ops_write_fn. ops_end() commits, or gives it up when rc
 * says so; what it returns counts. */
int ops_begin(struct conn *c);
int ops_end(struct conn *c, int rc);

/* Of the port, see store.h. */
int ops_failure_put(void *ctx, const struct stored_failure *f);
int ops_failure_remove(void *ctx, const char *domain, int class);
int ops_failures_load(void *ctx, int64_t since,
		      void (*each)(void *arg, const struct stored_failure *f), void *arg);

#endif
