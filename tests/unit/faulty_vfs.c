#include "config.h"

#include "tests/unit/faulty_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind us, in the same allocation */
};

static atomic_int faults[FAULTS];
static atomic_long reads;
static sqlite3_vfs vfs;

static sqlite3_vfs *real_vfs(void)
{
	return vfs.pAppData;
}

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

static int fault(enum fault f)
{
	return atomic_load(&faults[f]);
}

void faulty_vfs_set(enum fault f, int rc)
{
	atomic_store(&faults[f], rc);
}

void faulty_vfs_heal(void)
{
	for (int i = 0; i < FAULTS; i++)
		atomic_store(&faults[i], SQLITE_OK);
}

long faulty_vfs_reads(void)
{
	return atomic_load(&reads);
}

static int f_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	int rc = fault(FAULT_READ);

	atomic_fetch_add(&reads, 1);
	return rc != SQLITE_OK ? rc : real(f)->pMethods->xRead(real(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = fault(FAULT_WRITE);

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xWrite(real(f), p, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = fault(FAULT_WRITE);

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xTruncate(real(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
	int rc = fault(FAULT_SYNC);

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xSync(real(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	return real(f)->pMethods->xFileSize(real(f), ret);
}

static int f_lock(sqlite3_file *f, int level)
{
	int rc = fault(FAULT_LOCK);

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xLock(real(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int f_reserved(sqlite3_file *f, int *ret)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), ret);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int f_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

/* What a disk without room for it makes of a mapped page: touching it is SIGBUS. */
static void *hole(int size)
{
	int fd = memfd_create("hole", MFD_CLOEXEC);
	void *p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	return p != MAP_FAILED ? p : NULL; /* given back when the test ends */
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
	int rc = fault(FAULT_SHARE);

	if (rc == SQLITE_OK)
		return real(f)->pMethods->xShmMap(real(f), page, size, extend, ret);
	*ret = rc == SQLITE_IOERR_SHMMAP ? hole(size) : NULL;
	return *ret != NULL ? SQLITE_OK : rc;
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	int rc = (flags & SQLITE_SHM_UNLOCK) != 0 ? SQLITE_OK : fault(FAULT_LOCK);

	return rc != SQLITE_OK ? rc : real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_device,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
	struct faulty_file *file = (struct faulty_file *)f;
	int rc = fault(FAULT_OPEN);
	(void)v;

	memset(file, 0, sizeof(*file));
	file->real = (sqlite3_file *)(file + 1);
	if (rc == SQLITE_OK)
		rc = real_vfs()->xOpen(real_vfs(), name, file->real, flags, ret_flags);
	if (file->real->pMethods != NULL && rc == SQLITE_OK)
		file->base.pMethods = &methods;
	return rc;
}

void faulty_vfs_register(void)
{
	sqlite3_vfs *unix_vfs = sqlite3_vfs_find("unix");

	if (vfs.zName != NULL)
		return;
	vfs = *unix_vfs;
	vfs.zName = "faulty";
	vfs.szOsFile = (int)sizeof(struct faulty_file) + unix_vfs->szOsFile;
	vfs.pAppData = unix_vfs;
	vfs.pNext = NULL;
	vfs.xOpen = v_open;
	sqlite3_vfs_register(&vfs, 1);
}
