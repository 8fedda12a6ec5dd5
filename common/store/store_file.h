/* store_file.h - the database as a file: what is it, is it still there, put it aside
 *
 * PURPOSE Looking at a file through SQLite may create a log beside it or replay one; these
 *         functions change nothing.
 * THREADS No connection of this process may be open on the file while store_file_look() runs:
 *         closing any descriptor of a file gives up all locks that the process has on it (POSIX).
 * ERRORS  0 or -errno.
 */
#ifndef COMMON_STORE_STORE_FILE_H
#define COMMON_STORE_STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	STORE_APPLICATION_ID = 0x4d535453, /* "MSTS" */
	STORE_PATH_MAX = 4096
};

enum file_kind {
	FILE_MISSING,
	FILE_EMPTY,   /* nothing in it yet */
	FILE_OURS,    /* by its header */
	FILE_NEWER,   /* user_version above ours */
	FILE_FOREIGN, /* a sound SQLite database that we did not make */
	FILE_DAMAGED,
};

struct store_file {
	enum file_kind kind;
	const char *why; /* of FILE_DAMAGED and FILE_FOREIGN; static text */
	uint32_t user_version;
	bool has_log; /* frames wait in the write-ahead log */
	off_t size;
};

int store_file_look(const char *path, struct store_file *ret);

/* From the first bytes of a database; 0 when they are not the header of one. */
enum { STORE_FILE_HEAD = 32 };
size_t store_file_page_size(const unsigned char head[STORE_FILE_HEAD]);

int store_file_create(const char *path); /* empty, 0640; an existing file is left alone */

/* Which file stands under the name. */
struct store_identity {
	dev_t dev;
	ino_t ino;
};
int store_file_size(const char *path, uint64_t *ret);
int store_file_identity(const char *path, struct store_identity *ret);

int store_file_make_directory(const char *path); /* of the file; one level, 0750 */
int store_file_may_create(const char *path); /* would that work for this process? changes nothing */
int store_file_sync(const char *path);	     /* and its directory */

/* Renames path, path-wal and path-shm to path.damaged-YYYYMMDDTHHMMSSZ..., or to the first free
 * name of that kind with a number behind it. ret_name gets the new name of the database. */
int store_file_set_aside(const char *path, int64_t wall, char ret_name[STORE_PATH_MAX]);

/* Removes path and what SQLite keeps beside it. */
void store_file_remove(const char *path);

/* path + suffix; -ENAMETOOLONG. */
int store_file_name(const char *path, const char *suffix, char ret[STORE_PATH_MAX]);

#endif
