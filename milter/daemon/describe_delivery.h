/* describe_delivery.h - what delivery agents are told, as JSON
 *
 * Names are API (mta-sts.1). NULL: no memory.
 */
#ifndef MILTER_DAEMON_DESCRIBE_DELIVERY_H
#define MILTER_DAEMON_DESCRIBE_DELIVERY_H

#include "milter/daemon/describe.h"

/* What a delivery agent would be told with what is known now: demand reason names. entry: NULL when nothing is known. */
json_t *describe_delivery(const struct sources *src, const struct nexthop *hop,
			  struct entry *entry);

/* The policy service, with its counters since the start. */
json_t *describe_service(const struct service_stats *stats);

#endif
