/* warned.h - things that are worth one line in the log, once
 *
 * THREADS Any; one leaf lock.
 * LIMITS  WARNED_MAX names; past it nothing is new any more.
 */
#ifndef MILTER_DAEMON_WARNED_H
#define MILTER_DAEMON_WARNED_H

#include <stdbool.h>

enum { WARNED_MAX = 256 };

struct warned;

struct warned *warned_new(void);
struct warned *warned_free(struct warned *w); /* NULL in: no-op; returns NULL */

/* True the first time that a name (its first 63 octets) is given. */
bool warned_is_new(struct warned *w, const char *name);

#endif
