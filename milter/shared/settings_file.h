/* settings_file.h - the configuration file, read by the daemon and by the operator's command
 *
 * LIMITS  SETTINGS_FILE_MAX octets.
 * ERRORS  0 or -1 with one sentence in error (with line number where there is one).
 */
#ifndef MILTER_SHARED_SETTINGS_FILE_H
#define MILTER_SHARED_SETTINGS_FILE_H

#include "common/sts/settings.h"

#define SETTINGS_FILE SYSCONFDIR "/mta-sts-milter/mta-sts.conf"

enum { SETTINGS_FILE_MAX = 1 << 20 };

int settings_file_load(const char *path, struct settings **ret, struct buf *error);

#endif
