/* store_db.h - the database while the daemon runs: its set of connections, and what happens to the
 *
 * file meanwhile
 *
 * PURPOSE An operation takes a connection, uses it and gives it back with SQLite's last word. From
 *         that word and an occasional stat() the rest follows: damage starts a salvage in a thread
 *         of its own (reads go on meanwhile), a file that was deleted or replaced is opened anew, a
 *         database that could not be opened is tried again, and after a failed write a small one is
 *         tried now and then, so that persistence comes back by itself.
 * THREADS Any, but for db_open() and db_close(). Locks: writer, then lock; neither is held while a
 *         notice is given. db_take() waits DB_WAIT_MS at most, for a connection or for a file that
 *         is being exchanged.
 */
#ifndef COMMON_STORE_STORE_DB_H
#define COMMON_STORE_STORE_DB_H

#include "common/store/store_conn.h"
#include "common/store/store_file.h"
#include "common/store/store_health.h"

enum {
	DB_LOOK_MS = 2000,     /* between two looks whether the file is still there */
	DB_RETRY_MS = 5000,    /* between two attempts to open, or to write after a failure */
	DB_SALVAGE_MS = 60000, /* between two salvages; doubled each time */
	DB_WAIT_MS = 500,
};

enum db_state {
	DB_CLOSED, /* no file to use; tried again */
	DB_OPEN,
	DB_SALVAGING, /* reading goes on, writing does not */
	DB_CHANGING,  /* one thread exchanges the file, the others wait for it */
};

struct db {
	struct store_options o;
	char *path;
	struct health health;

	pthread_mutex_t writer; /* held around a write */

	pthread_mutex_t lock; /* for everything below */
	pthread_cond_t changed;
	enum db_state state;
	enum conn_mode mode; /* CONN_WRITE; CONN_ALONE and CONN_STILL can only read */
	struct conn *idle;
	unsigned open, busy;
	struct store_identity file, log;
	unsigned generation; /* openings of the file so far; its inode number may come again */
	int64_t look_at, retry_at, salvage_at;
	unsigned salvages;
	const char *damage; /* what was wrong, static text */
	bool damage_was_open;

	pthread_mutex_t salvager_lock; /* for the next two; held by nobody who holds another */
	pthread_t salvager;
	bool salvager_started;
	atomic_bool stop;
};

int db_open(const struct store_options *o, struct db **ret); /* 0, STORE_NEWER, -ENOMEM */
struct db *db_close(struct db *db);

/* What has to be done now and then; no lock or connection is held. for_write: look at the file in
 * any case. */
void db_maintain(struct db *db, bool for_write);

/* 0 or -EIO. */
int db_take(struct db *db, bool for_write, struct conn **ret);
/* rc: SQLite's last word on this connection. */
void db_give(struct db *db, struct conn *c, int rc);
/* After db_give(), with no lock held: tells whom it concerns. 0 or -EIO. */
int db_report(struct db *db, int rc, bool wrote);

/* For store_keeper.c: state DB_CHANGING is ours, all connections are closed. */
void db_close_idle(struct db *db);

#endif
