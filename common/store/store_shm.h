/* store_shm.h - shared memory that a full disk cannot turn into a signal
 *
 * PURPOSE SQLite keeps the index of its write-ahead log in a mapped file, and makes it larger by
 *         writing one byte of each page. Where blocks are smaller than pages (ext4 of less than
 *         512 MB has 1 KiB), the rest of the page is a hole, and writing there on a full disk is
 *         SIGBUS: a full disk would stop the daemon. Here every page is made real when it is
 *         mapped, and a disk that has no room for it is SQLITE_FULL.
 * THREADS As the connection.
 */
#ifndef COMMON_STORE_STORE_SHM_H
#define COMMON_STORE_STORE_SHM_H

#include <sqlite3.h>

/* Stays where it is until the connection is closed: SQLite points to it. */
struct shm_guard {
	sqlite3_io_methods methods; /* of the database file, but for xShmMap */
	const sqlite3_io_methods *real;
};

/* Right after sqlite3_open(), before anything is read. */
void shm_guard_install(struct shm_guard *g, sqlite3 *db);

#endif
