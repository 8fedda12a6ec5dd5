/* store_schema.h - the tables, and from which version to which
 *
 * THREADS A connection belongs to one thread at a time.
 * ERRORS  SQLite result codes (extended).
 */
#ifndef COMMON_STORE_STORE_SCHEMA_H
#define COMMON_STORE_STORE_SCHEMA_H

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

int schema_create(sqlite3 *db); /* tables and version, in one transaction; nothing in a database
				   that has them */

enum schema_finding { SCHEMA_OURS, SCHEMA_OLD, SCHEMA_NONE, SCHEMA_FOREIGN, SCHEMA_DAMAGED };
/* Are the tables there, and are they ours? Reads little; *ret is set when SQLITE_OK is returned. */
int schema_verify(sqlite3 *db, enum schema_finding *ret);

/* PRAGMA quick_check for files of at most SCHEMA_CHECK_MAX bytes (350,000 policies; 0.1 s when they
 * are in the page cache); SQLITE_CORRUPT when it complains. A start must not wait for a disk to read
 * more than that: what is wrong in a larger file is found when it is read (cell_size_check, seals),
 * and salvaged then. */
enum { SCHEMA_CHECK_MAX = 64 << 20 };
int schema_check(sqlite3 *db, off_t size);

/* Brings a database of SCHEMA_OLD to STORE_SCHEMA_VERSION in one transaction; nothing in a newer one.
 * Policies count as used at `now`, and are due within the day after it. */
int schema_upgrade(sqlite3 *db, int64_t now);

/* The same upkeep for those policies that have none. Within a transaction. */
int schema_fill_upkeep(sqlite3 *db, int64_t now);

/* For a database of SCHEMA_OLD that can only be read: what it lacks stands empty in this connection's
 * memory, so that all statements work. Nothing in another one. */
int schema_stand_in(sqlite3 *db);

#endif
