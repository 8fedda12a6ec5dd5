/* stats.h - what has happened since the start, counted without locks
 *
 * Names are API: `mta-sts status` and, later, metrics show them as they stand here.
 */
#ifndef COMMON_ENGINE_STATS_H
#define COMMON_ENGINE_STATS_H

#include "common/sts/event.h"

#include <stdatomic.h>
#include <stdint.h>

#define STATS(X)                                                                                   \
	X(checks, "next-hops asked about")                                                         \
	X(memory_hits, "answered from memory")                                                     \
	X(flights, "checks that needed a worker")                                                  \
	X(joined, "checks that joined one under way")                                              \
	X(background, "checks in the background")                                                  \
	X(pending, "answers not known within the deadline")                                        \
	X(busy, "answers refused because queue or waiting room was full")                          \
	X(txt_lookups, "TXT look-ups")                                                             \
	X(txt_failures, "TXT look-ups that failed")                                                \
	X(mx_lookups, "MX look-ups")                                                               \
	X(tlsa_lookups, "TLSA look-ups, and CNAME look-ups for them")                              \
	X(fetches, "policies fetched")                                                             \
	X(fetch_failures, "policy fetches that failed")                                            \
	X(refreshes, "policies that were due and fetched again, or tried to")                      \
	X(probes, "addresses probed")                                                              \
	X(probes_passed, "probes that passed")                                                     \
	X(probes_failed, "probes that failed")                                                     \
	X(probes_inconclusive, "probes that gave no result")                                       \
	X(doubts, "MX hosts whose good probes were doubted by a delivery agent")                   \
	X(doubts_refused, "MX hosts that were not doubted, because that had just been done")

struct stats {
#define X(name, doc) atomic_ullong name;
	STATS(X)
#undef X
	atomic_ullong events[EVENT_COUNT];
};

#define STAT_ADD(stats, name, n)                                                                   \
	atomic_fetch_add_explicit(&(stats)->name, (n), memory_order_relaxed)
#define STAT_INC(stats, name) STAT_ADD(stats, name, 1)
#define STAT_GET(stats, name) ((uint64_t)atomic_load_explicit(&(stats)->name, memory_order_relaxed))

#endif
