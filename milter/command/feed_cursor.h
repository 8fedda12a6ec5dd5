/* feed_cursor.h - the file in which a run of `mta-sts feed` leaves how far it has read
 *
 * LIMITS  FEED_CURSOR octets. It is replaced as a whole, never half written.
 * ERRORS  -errno, with a complaint on stderr.
 */
#ifndef MILTER_COMMAND_FEED_CURSOR_H
#define MILTER_COMMAND_FEED_CURSOR_H

#include "milter/command/follow.h"

enum { FEED_CURSOR = 16 << 10 };

/* text: released by the caller. A file that is not there is empty. */
int feed_cursor_load(const char *path, struct buf *text);

/* The mark of a source in what was loaded; empty: none. */
struct span feed_cursor_mark(const struct buf *text, const char *name);

int feed_cursor_save(const char *path, struct follow *sources, size_t n);

#endif
