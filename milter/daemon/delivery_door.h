/* delivery_door.h - from what is known about a next-hop to what its delivery must demand, and the line in the log
 *
 * THREADS The policy service's event loop.
 */
#ifndef MILTER_DAEMON_DELIVERY_DOOR_H
#define MILTER_DAEMON_DELIVERY_DOOR_H

#include "milter/daemon/protocol.h"

/* May an answer depend on a policy for this next-hop? Not for literals, nonsense, other ports' TLS, and skip_domains. */
bool delivery_door_judges(const struct desk *desk, const struct nexthop *hop);

/* What is to be demanded: in desk->delivery, counted and logged. */
struct delivery_case delivery_door_decide(struct desk *desk, const struct question *q,
					  const struct judgement *j, int64_t waited_ms);

/* A recent_again of the desk: an answer about the next-hop of this key was given again. */
void delivery_door_again(void *desk, struct span key, uint64_t times);

#endif
