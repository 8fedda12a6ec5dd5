/* service_stats.h - what the policy service has done
 *
 * THREADS Any may look. The policy service's alone counts, so that a query costs no locked instruction.
 */
#ifndef MILTER_DAEMON_SERVICE_STATS_H
#define MILTER_DAEMON_SERVICE_STATS_H

#include <stdatomic.h>

struct service_stats {
	atomic_ulong connections; /* open now */
	atomic_ulong waiting;	  /* questions that have no answer yet */
	atomic_ulong accepted;	  /* connections since the start */
	atomic_ulong evicted;	  /* connections that had to make place for others */
	atomic_ulong dropped;	  /* connections that were too slow or spoke nonsense */
	atomic_ulong questions;
	atomic_ulong answers[4]; /* by enum delivery_demand */
	atomic_ulong
		not_asked; /* answered without asking: no domain, skipped, unknown map, no request */
	atomic_ulong late; /* answered at the deadline */
};

static inline void service_count(atomic_ulong *counter, long by)
{
	unsigned long n = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, n + (unsigned long)by, memory_order_relaxed);
}

#endif
