/* store_sqlite.h - the store in SQLite
 *
 * PURPOSE user_version schema (an older one is upgraded when it is opened, in one transaction), WAL, prepared statements, a small set of connections (one per worker
 *         that is using it at the moment), one writer at a time. A damaged database, at open or at
 *         run time, is salvaged row by row into a new one and set aside as
 *         NAME.damaged-YYYYMMDDTHHMMSSZ; full disk and read-only files cost persistence, never an
 *         answer.
 * THREADS Everything but open/close from any thread.
 * ERRORS  open: 0; STORE_NEWER (schema of a later version: the file is untouched, the caller exits
 *         78); otherwise it always succeeds, at worst with trouble() set and nothing persistent.
 */
#ifndef COMMON_STORE_STORE_SQLITE_H
#define COMMON_STORE_STORE_SQLITE_H

#include "common/base/clock.h"
#include "common/store/store.h"

enum { STORE_NEWER = 2 };
enum { STORE_SCHEMA_VERSION = 3, STORE_SCHEMA_OLDEST = 1 };

/* Called at most once per event, from any thread, without locks held: "salvaged 812 of 815
 * policies, ...". */
typedef void store_notice(void *arg, const char *line);

struct store_options {
	const char *path;
	const struct clock *clock;
	store_notice *notice;
	void *notice_arg;
	unsigned connections; /* at most this many open at once */
};

int store_sqlite_open(const struct store_options *o, struct store *ret);
void store_sqlite_close(struct store *s);

/* For -t: 0, STORE_NEWER, STORE_DAMAGED or -errno; changes nothing. With 0, why is empty or what will
 * happen to the database at the start. */
enum { STORE_DAMAGED = 3 };
int store_sqlite_check(const char *path, char *why, size_t why_size);

#endif
