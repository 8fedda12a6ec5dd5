/* gate.h - who may connect where, and when: a cap and a circuit breaker for each address and port
 *
 * PURPOSE A provider with 100,000 domains stands behind a few addresses: it sees at most host_connections of us at once, and a dead one costs one
 *         connection per interval and not one per domain. The address is what counts, not the name: names are cheap.
 * STATES  closed: connections pass. After GATE_FAILURES failures in a row (nothing but connecting and waiting counts: whoever answers is alive)
 *         open: nothing passes for GATE_REST_LEAST seconds, doubled up to GATE_REST_MOST each time. Then half-open: one passes, the others are
 *         refused; success closes, failure opens again.
 * THREADS Any; one leaf lock. gate_enter() waits for a free place until its deadline.
 * LIMITS  GATE_MAX addresses; those that rest and nobody uses make room first. With no room left connections pass uncounted.
 * UNITS   clock_mono() milliseconds.
 */
#ifndef COMMON_ENGINE_GATE_H
#define COMMON_ENGINE_GATE_H

#include "common/base/clock.h"
#include "common/base/netaddr.h"

#include <stdbool.h>

enum { GATE_MAX = 20000, GATE_FAILURES = 3, GATE_REST_LEAST = 60, GATE_REST_MOST = 900 };

struct gate;

enum gate_answer {
	GATE_PASS,   /* gate_leave() must follow */
	GATE_RESTS,  /* the breaker is open: as good as a connection that failed */
	GATE_FULL,   /* no place became free in time: says nothing about the host */
};

struct gate *gate_new(const struct clock *clock, unsigned places, uint64_t seed);
struct gate *gate_free(struct gate *g); /* NULL in: no-op; returns NULL */

/* ret_until: of GATE_RESTS, when the next attempt is due. */
enum gate_answer gate_enter(struct gate *g, const struct netaddr *addr, uint16_t port, int64_t deadline, int64_t *ret_until);

/* alive: it accepted the connection and answered in time, whatever it answered. */
void gate_leave(struct gate *g, const struct netaddr *addr, uint16_t port, bool alive);

/* Nobody waits any more. */
void gate_stop(struct gate *g);

struct gate_stats {
	uint64_t addresses, resting, refused, waited;
};
void gate_stats(struct gate *g, struct gate_stats *ret);

#endif
