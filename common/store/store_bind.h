/* store_bind.h - rows into statements and out of them
 *
 * OWNERSHIP Values are bound without a copy: they must live until the statement is reset. What
 *           fetch_...() gives points into SQLite's memory until the statement goes on.
 * THREADS   As the connection.
 * ERRORS    fetch_...(): false when the row is damaged.
 */
#ifndef COMMON_STORE_STORE_BIND_H
#define COMMON_STORE_STORE_BIND_H

#include <sqlite3.h>

#include "common/store/store.h"

void bind_text(sqlite3_stmt *s, int i, struct span text);

void bind_policy(sqlite3_stmt *s, struct span domain, const struct stored_policy *p);
void bind_failure(sqlite3_stmt *s, const struct stored_failure *f);
void bind_upkeep(sqlite3_stmt *s, struct span domain, const struct stored_upkeep *u);
void bind_event(sqlite3_stmt *s, const struct stored_event *e);
void bind_override(sqlite3_stmt *s, const struct stored_override *o);
void bind_outcome(sqlite3_stmt *s, const struct tls_outcome *o);

/* The row of STATEMENT_GET and STATEMENT_POLICIES. */
bool fetch_policy(sqlite3_stmt *s, struct span domain, struct stored_policy *ret);
bool fetch_failure(sqlite3_stmt *s, struct stored_failure *ret);
/* The row of STATEMENT_DUE and, unless it is NULL, STATEMENT_UPKEEP_GET. */
bool fetch_upkeep(sqlite3_stmt *s, struct span domain, struct stored_upkeep *ret);
bool fetch_event(sqlite3_stmt *s, struct stored_event *ret);
bool fetch_override(sqlite3_stmt *s, struct stored_override *ret);
bool fetch_outcome(sqlite3_stmt *s, struct tls_outcome *ret);

/* NULL when it holds a NUL. */
const char *fetch_text(sqlite3_stmt *s, int i);

#endif
