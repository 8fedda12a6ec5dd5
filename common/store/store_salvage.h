/* store_salvage.h - a new database from what can still be read of a damaged one
 *
 * PURPOSE   Row by row: every page of the file and of its write-ahead log is read by itself
 *           (store_page.h), a row counts when its seal fits and its body parses, and of several the
 *           newest wins. The damaged file is not changed, and may be of an older schema: the new one is of ours.
 * OWNERSHIP The files stay open until salvage_release(): closing them earlier would drop this
 *           process's locks.
 * THREADS   One thread; others may go on reading the damaged database, nobody may write to it.
 * ERRORS    0; -ECANCELED; -errno of reading; or a SQLite result code in *ret_rc with -EIO.
 */
#ifndef COMMON_STORE_STORE_SALVAGE_H
#define COMMON_STORE_STORE_SALVAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/store/store_conn.h"
#include "common/store/store_wal.h"

struct salvage {
	const char *from;
	const char *to;		 /* made anew, complete when salvage_run() returns 0 */
	const atomic_bool *stop; /* may be NULL */
	int64_t now;		 /* wall clock */

	/* results */
	uint64_t policies, failures, events, overrides; /* in the new database; active overrides */
	/* What the old one had by its own count; -1: not known. */
	int64_t expected, expected_overrides;
	uint64_t rejected; /* rows that did not check out */

	/* private */
	int fd;
	size_t page_size, usable;
	uint32_t pages;
	struct wal wal;
	struct conn *out;
	int rc;
	unsigned char *page, *row, *more;
};

int salvage_run(struct salvage *s, int *ret_rc);
void salvage_release(struct salvage *s);

#endif
