/* log.h - lines to syslog or standard error, hardly ever waited for
 *
 * PURPOSE A writer thread takes lines from a bounded buffer, so that a slow syslog costs no mail its
 *         answer. When there is no room a line waits a tenth of a second; when the sink hangs, lines
 *         are dropped and counted; the count is logged when there is room again and shown by
 *         `mta-sts status`.
 * THREADS log_line() from any thread; one leaf lock.
 * LIMITS  LOG_BUFFER bytes wait.
 */
#ifndef MILTER_DAEMON_LOG_H
#define MILTER_DAEMON_LOG_H

#include "common/sts/settings.h"

struct log;

enum { LOG_BUFFER = 1 << 20 };

struct log *log_open(enum log_target target, enum log_level least, const char *ident);
struct log *
log_close(struct log *l); /* writes what waits, at most a second; NULL in: no-op; returns NULL */

/* Writes what waits, at most a second; others may go on to use it. */
void log_flush(struct log *l);

void log_line(struct log *l, enum log_level level, const char *line);
uint64_t log_dropped(struct log *l);

#endif
