/* gate.h - who may connect where, and when: a cap and a circuit breaker for each address and port
 *
 * PURPOSE   A provider with 100,000 domains stands behind a few addresses: it sees at most host_connections of us at once, and a dead one costs one
 *           connection per interval and not one per domain. The address is what counts, not the name: names are cheap.
 * STATES    closed: connections pass. After GATE_FAILURES failures in a row (nothing but connecting and waiting counts: whoever answers is alive)
 *           open: nothing passes for GATE_REST_LEAST seconds, doubled up to GATE_REST_MOST each time. Then half-open: one passes and the others
 *           wait for what it finds; success closes, failure opens again. Failures side by side are one failure: they saw the same moment.
 *           What failed while nothing at all was alive was our own network: all such failures are forgotten with the first success.
 * OWNERSHIP A pass borrows from the gate; gate_leave() ends it.
 * THREADS   Any; one leaf lock. gate_enter() waits for a free place until its deadline. Who holds a pass must not wait for another one.
 * LIMITS    GATE_MAX addresses; those that nobody uses make room, longest unused first. With no room left connections pass uncounted.
 * UNITS     clock_mono() milliseconds, but for the constants: seconds.
 */
#ifndef COMMON_ENGINE_GATE_H
#define COMMON_ENGINE_GATE_H

#include "common/base/clock.h"
#include "common/base/netaddr.h"

#include <stdint.h>

enum {
	GATE_MAX = 20000,
	GATE_FAILURES = 3,
	GATE_REST_LEAST = 60,
	GATE_REST_MOST =
		300, /* MTAs try again after 5 minutes: what has recovered is found by then */
	GATE_FORGET = 3600, /* failures that are older count no more */
	GATE_OUR_FAILURES =
		10,	      /* failures anywhere, and no success between them: our own network */
	GATE_PATIENCE = 1000,	/* milliseconds that a worker waits for a place */
};

struct gate;
struct gate_host;

struct gate_pass {
	struct gate_host *host; /* NULL: uncounted */
	unsigned failures;	/* before this attempt */
	bool trial;		/* the one that finds out whether the host is back */
};

struct gate_rest {
	int64_t until; /* when the next attempt is due */
	unsigned failures;
};

enum gate_answer {
	GATE_PASS,  /* gate_leave() must follow */
	GATE_RESTS, /* the breaker is open: as good as a connection that failed */
	GATE_FULL,  /* no place became free in time: says nothing about the host */
};

enum gate_end {
	GATE_ALIVE,  /* it accepted the connection and answered, whatever it answered */
	GATE_DEAD,   /* it did not */
	GATE_UNTOLD, /* we cannot tell: our own trouble, or it was not tried */
};

/* places: connections to one address at once. waiters: callers that may wait at once, at whatever address, so that a slow one does not hold all of us;
 * 0: nobody ever waits. */
struct gate *gate_new(const struct clock *clock, unsigned places, unsigned waiters, uint64_t seed);
struct gate *gate_free(struct gate *g); /* NULL in: no-op; returns NULL */

/* deadline: 0 asks without waiting. ret_pass: of GATE_PASS; ret_rest: of GATE_RESTS. */
enum gate_answer gate_enter(struct gate *g, const struct netaddr *addr, uint16_t port,
			    int64_t deadline, struct gate_pass *ret_pass,
			    struct gate_rest *ret_rest);

void gate_leave(struct gate *g, const struct gate_pass *pass, enum gate_end end);

/* If it rests, the next attempt is due now: somebody knows more than we do. */
void gate_wake(struct gate *g, const struct netaddr *addr, uint16_t port);

/* Nobody waits any more, and nobody enters. */
void gate_stop(struct gate *g);

struct gate_stats {
	uint64_t addresses; /* known: in use, or not answering */
	uint64_t resting;
	uint64_t refused; /* connections not made because the address rests */
	uint64_t waited;  /* times that somebody waited for a place */
	uint64_t full;	  /* times that nobody made room in time */
	uint64_t waiting; /* now */
};
void gate_stats(struct gate *g, struct gate_stats *ret);

#endif
