/* store_opening.h - one attempt to open the file that stands under the name
 *
 * PURPOSE Decides what the file is, makes or upgrades it, and falls back to reading what can be read.
 * THREADS As keeper_open().
 */
#ifndef COMMON_STORE_STORE_OPENING_H
#define COMMON_STORE_STORE_OPENING_H

#include "common/store/store_db.h"

#define OPENING_SALVAGED ".salvage" /* what a salvage is making, beside the database */

/* What became of it. */
struct opening {
	enum trouble trouble;
	const char *detail; /* static text or NULL */
	bool wrote;	    /* writing works: we just did */
	bool upgraded;
	struct conn *conn;
	enum conn_mode mode;
};

void opening_attempt(const struct db *db, struct opening *ret);

#endif
