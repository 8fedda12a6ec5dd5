/* directory.h - the directories that the daemon's files lie in
 *
 * ERRORS  0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_DIRECTORY_H
#define MILTER_DAEMON_DIRECTORY_H

#include "common/base/buf.h"

#include <stdbool.h>
#include <sys/types.h>

/* Makes the directory that `path` lies in, and the one above that, where they are missing. The directory itself gets mode, uid and gid when it is
 * new and we are root; what exists is left as it is. */
int directory_make_for(const char *path, mode_t mode, uid_t uid, gid_t gid, struct buf *error);

/* For -t: is the directory there, and if not, would directory_make_for() make it? */
enum directory_state { DIRECTORY_THERE, DIRECTORY_CAN_BE_MADE, DIRECTORY_HOPELESS };
enum directory_state directory_look(const char *path);

#endif
