/* faulty_vfs.h - the disk as it can be: full, read-only, broken, away
 *
 * PURPOSE A SQLite VFS over the default one. What fails is chosen by the test; SQLite sees the result codes that the unix VFS would
 *         give.
 * THREADS Faults may be changed at any time.
 */
#ifndef TESTS_UNIT_FAULTY_VFS_H
#define TESTS_UNIT_FAULTY_VFS_H

enum fault { FAULT_WRITE, FAULT_READ, FAULT_OPEN, FAULT_SYNC, FAULT_LOCK, FAULT_SHARE, FAULTS };
/* FAULT_SHARE with SQLITE_IOERR_SHMMAP: mapping works, but the pages are holes. */

void faulty_vfs_register(void);		   /* becomes the default VFS */
void faulty_vfs_set(enum fault f, int rc); /* SQLITE_OK: works again */
void faulty_vfs_heal(void);		   /* everything works */
long faulty_vfs_reads(void);		   /* since the start */

#endif
