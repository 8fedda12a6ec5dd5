/* feed.h - `mta-sts feed`: from the mail log to the daemon
 *
 * LIMITS FEED_SOURCES sources; one request a second (feed_queue.h). A daemon that is away is tried again after a second, then after twice as long each
 *        time, up to a minute.
 */
#ifndef MILTER_COMMAND_FEED_H
#define MILTER_COMMAND_FEED_H

#include "milter/command/table.h"

enum { FEED_SOURCES = 8 };

int feed_run(const struct invocation *inv);

#endif
