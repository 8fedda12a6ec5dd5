/* file.h - files that are read once, at start
 *
 * ERRORS  0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_FILE_H
#define MILTER_DAEMON_FILE_H

#include "common/sts/settings.h"

#include <sys/types.h>

/* Reads and parses a configuration file of at most 1 MiB. */
int file_settings(const char *path, struct settings **ret, struct buf *error);

/* Makes the directory that `path` lies in when it is missing, for that user. */
int file_make_parent(const char *path, uid_t uid, gid_t gid, struct buf *error);

#endif
