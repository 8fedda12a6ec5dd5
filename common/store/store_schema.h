/* store_schema.h - the tables, and the statements over them
 *
 * THREADS A connection belongs to one thread at a time.
 * ERRORS  SQLite result codes (extended).
 */
#ifndef COMMON_STORE_STORE_SCHEMA_H
#define COMMON_STORE_STORE_SCHEMA_H

#include <sqlite3.h>

#include <stdbool.h>
#include <sys/types.h>

#include "common/store/store.h"

enum statement {
	STATEMENT_GET,
	STATEMENT_PUT,
	STATEMENT_PUT_NEWER, /* salvage: an older row never replaces a newer one */
	STATEMENT_REMOVE,
	STATEMENT_SWEEP,
	STATEMENT_FAILURE_PUT,
	STATEMENT_FAILURE_PUT_NEWER,
	STATEMENT_FAILURE_REMOVE,
	STATEMENT_FAILURES_PRUNE,
	STATEMENT_FAILURES_LIST,
	STATEMENT_COUNTS,
	STATEMENT_TOUCH, /* writes without changing anything */
	STATEMENTS
};

const char *schema_statement(enum statement s);

int schema_create(sqlite3 *db); /* tables and version, in one transaction; nothing in a database
				   that has them */

enum schema_finding { SCHEMA_OURS, SCHEMA_NONE, SCHEMA_FOREIGN, SCHEMA_DAMAGED };
/* Are the tables there, and are they ours? Reads little; *ret is set when SQLITE_OK is returned. */
int schema_verify(sqlite3 *db, enum schema_finding *ret);

/* PRAGMA quick_check for files of at most SCHEMA_CHECK_MAX bytes (350,000 policies; 0.1 s when they
 * are in the page cache); SQLITE_CORRUPT when it complains. A start must not wait for a disk to read
 * more than that: what is wrong in a larger file is found when it is read (cell_size_check, seals),
 * and salvaged then. */
enum { SCHEMA_CHECK_MAX = 64 << 20 };
int schema_check(sqlite3 *db, off_t size);

/* Binding and reading of rows. Values are bound without a copy: they must live until the statement
 * is reset. */
void schema_bind_policy(sqlite3_stmt *s, struct span domain, const struct stored_policy *p);
void schema_bind_failure(sqlite3_stmt *s, const struct stored_failure *f);

/* The row of STATEMENT_GET; the body points into SQLite's memory. False: the row is damaged. */
bool schema_read_policy(sqlite3_stmt *s, struct span domain, struct stored_policy *ret);
/* The row of STATEMENT_FAILURES_LIST; the domain points into SQLite's memory. */
bool schema_read_failure(sqlite3_stmt *s, struct stored_failure *ret);

#endif
