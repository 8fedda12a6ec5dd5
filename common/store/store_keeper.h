/* store_keeper.h - opening the file, opening it again, and replacing it by what a salvage made of
 * it
 *
 * THREADS keeper_open(): the caller has made the state DB_CHANGING (or is alone), and no connection
 * is open. keeper_reopen(): the caller has made the state DB_CHANGING; waits until all connections
 * are back. keeper_damaged(): anybody, without locks or connections.
 */
#ifndef COMMON_STORE_STORE_KEEPER_H
#define COMMON_STORE_STORE_KEEPER_H

#include "common/store/store_db.h"

/* 0 or STORE_NEWER; everything else is trouble (health) and tried again. at_start: a salvage is
 * done here and now. */
int keeper_open(struct db *db, bool at_start);

void keeper_reopen(struct db *db, bool moved);

/* Starts a salvage unless one is under way or the last one was just now. */
void keeper_damaged(struct db *db, int rc);

#endif
