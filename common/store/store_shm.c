#include "config.h"

#include "common/store/store_shm.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

/* Since Linux 5.14; an older kernel says EINVAL, and then nothing is guarded. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int guarded_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
	/* The first member, so it is where the file's methods point. */
	const struct shm_guard *g = (const struct shm_guard *)file->pMethods;
	int rc = g->real->xShmMap(file, region, size, extend, ret);

	if (rc == SQLITE_OK && *ret != NULL &&
	    madvise((void *)*ret, (size_t)size, MADV_POPULATE_WRITE) < 0 &&
	    (errno == EFAULT || errno == ENOMEM)) {
		*ret = NULL; /* SQLite keeps what it finds here, whatever we return */
		rc = SQLITE_FULL;
	}
	return rc;
}

void shm_guard_install(struct shm_guard *g, sqlite3 *db)
{
	sqlite3_file *file = NULL;

	_Static_assert(offsetof(struct shm_guard, methods) == 0, "guarded_map() counts on it");
	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 ||
	    file->pMethods->iVersion > 3 || file->pMethods->xShmMap == NULL)
		return;
	g->real = file->pMethods;
	g->methods = *file->pMethods;
	g->methods.xShmMap = guarded_map;
	file->pMethods = &g->methods;
}
