/* desk.h - the answer that is being made, and those of the last second
 *
 * THREADS The policy service's event loop.
 */
#ifndef MILTER_DAEMON_DESK_H
#define MILTER_DAEMON_DESK_H

#include "milter/daemon/protocol.h"

/* Room for the frame, and nothing else yet. */
void desk_begin(struct desk *desk);

/* An answer of the last second that is still true (recent.h, door_changes()) costs neither a look at the policy nor a line in the log. */
bool desk_recall(struct desk *desk, struct span request, uint64_t changes, int64_t now,
		 struct span *ret_answer);
/* The answer that has just been made, in its frame. changes: as they were before. */
void desk_remember(struct desk *desk, struct span request, const struct nexthop *hop, uint64_t changes, int64_t now,
		   struct span answer);

#endif
