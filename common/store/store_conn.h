/* store_conn.h - one connection to the database, with its statements
 *
 * THREADS One at a time.
 * LIMITS  CONN_CACHE_KIB of pages each: with many connections the kernel's page cache is the better
 *         place.
 * ERRORS  SQLite result codes (extended).
 */
#ifndef COMMON_STORE_STORE_CONN_H
#define COMMON_STORE_STORE_CONN_H

#include "common/store/store_schema.h"
#include "common/store/store_shm.h"
#include "common/store/store_statement.h"

enum {
	CONN_CACHE_KIB = 256,
	CONN_BUILD_CACHE_KIB = 16 << 10,
	CONN_BUSY_MS = 1000, /* how long another program may hold the database before we give up */
	CONN_VALUE_MAX = 1 << 20,
	CONN_LOG_MAX = 8 << 20 /* the write-ahead log shrinks back to this */
};

struct conn {
	sqlite3 *db;
	struct shm_guard shm;
	sqlite3_stmt *statements[STATEMENTS];
	struct conn *next; /* of its set */
};

enum conn_mode {
	CONN_WRITE,
	CONN_CREATE, /* a new file, or the first connection to one: sets what the file remembers */
	CONN_BUILD,  /* a new file that nobody else knows yet: fast, safe only once it was synced */
	/* The next two show an old schema as if it were ours (schema_stand_in()). */
	CONN_ALONE, /* without shared memory, for which a full disk has no room: only one at a time */
	CONN_STILL, /* read-only, without log, locks and shared memory: for files on read-only file
			systems */
};

int conn_open(const char *path, enum conn_mode mode, struct conn **ret);
struct conn *conn_close(struct conn *c); /* NULL in: no-op; returns NULL */

void conn_abandon(struct conn *c); /* closing it will leave the files as they are */

/* Ready to bind; prepared at first use. NULL: *ret_rc says why. */
sqlite3_stmt *conn_statement(struct conn *c, enum statement s, int *ret_rc);
/* Runs one that returns no rows, and resets it: SQLITE_OK or an error. */
int conn_run(sqlite3_stmt *s);

/* Empties the log into the database, which may need no new room, and runs a statement once more. */
int conn_make_room(struct conn *c, sqlite3_stmt *s);

/* How long to wait for other programs' locks. */
void conn_patience(struct conn *c, int ms);

#endif
