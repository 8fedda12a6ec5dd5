/* dns_lane.h - one libunbound context with its pump thread
 *
 * PURPOSE   A validating and a non-validating context cannot be one; the resolver switches between
 *           lanes while queries fly.
 * OWNERSHIP Reference counted. The thread that drops the last reference takes the lane down
 *           (milliseconds); it must not be the pump.
 * THREADS   lane_ask() from any number of threads. Answers come over a pipe from libunbound's own
 *           thread to the pump, which hands them to the waiting callers: 45 us a question instead
 *           of 550, and any of them can be given up.
 * LOCKING   One mutex per call, a leaf. None is held while libunbound is called.
 * LIMITS    At most LANE_UDP + LANE_TCP sockets at once; questions beyond that wait inside
 *           libunbound. Its caches hold 3 MiB.
 */
#ifndef COMMON_NET_DNS_LANE_H
#define COMMON_NET_DNS_LANE_H

#include "common/net/dns_upstream.h"
#include "common/net/resolver.h"

enum { LANE_UDP = 256, LANE_TCP = 16 };

struct dns_lane;

/* 0; -errno; DNS_UPSTREAM_INVALID with a sentence. */
int lane_open(const struct dns_upstream *up, bool validate, struct dns_lane **ret,
	      struct buf *error);
struct dns_lane *lane_ref(struct dns_lane *l);
void lane_unref(struct dns_lane *l); /* NULL: no-op */

bool lane_validates(const struct dns_lane *l);
/* False when it does not work any more, or when files that it was made from have changed. */
bool lane_is_current(const struct dns_lane *l, const struct dns_upstream *up);

/* Asks all at once and waits at most wait_ms; fills status, secure, ttl, rdata and why of each.
 * ret_signed: whether the answer sections carried DNSSEC signatures, validated or not; may be NULL.
 */
void lane_ask(struct dns_lane *l, struct dns_query *q, size_t n, int64_t wait_ms,
	      struct arena *arena, bool *ret_signed);

/* The MX set of a domain and its hosts' addresses will be asked for soon (dns_foresight.h). Does not wait. */
void lane_foresee(struct dns_lane *l, const char *domain);

#endif
