/* outcomes.h - what the MTA tells about its TLS sessions: believed a little, counted, kept
 *
 * PURPOSE   An outcome that is no success makes the engine doubt what it knew (engine_doubt()), and is a line in the log. Every outcome is counted
 *           in memory and written to the store every few seconds, many in one transaction. It never creates a fact and never changes a verdict.
 * OWNERSHIP engine, environment and log outlive it.
 * THREADS   Any; one leaf lock. outcomes_tick() and outcomes_flush() wait for the disk: the housekeeper, and whoever stops the daemon.
 * LIMITS    OUTCOMES_ROWS kinds of outcome and OUTCOMES_BYTES wait for the disk; past that they are dropped and counted.
 */
#ifndef MILTER_DAEMON_OUTCOMES_H
#define MILTER_DAEMON_OUTCOMES_H

#include "common/engine/engine.h"
#include "common/sts/outcome.h"

enum {
	OUTCOMES_ROWS = 8192,
	OUTCOMES_BYTES = 8 << 20,
	OUTCOMES_EVERY = 5000 /* milliseconds between two writes */
};

struct outcomes;

struct outcomes *outcomes_new(struct engine *e, const struct engine_env *env);
struct outcomes *outcomes_free(struct outcomes *o); /* NULL in: no-op; returns NULL */

/* v->day and v->domain are filled in here. False: dropped. *ret_doubted: what was known is now doubted. */
bool outcomes_take(struct outcomes *o, const struct nexthop *hop, const struct tls_outcome *v,
		   bool *ret_doubted);

void outcomes_tick(struct outcomes *o);	 /* writes what has waited long enough */
void outcomes_flush(struct outcomes *o); /* writes all there is */

struct outcomes_status {
	uint64_t successes, failures; /* taken since the start */
	uint64_t doubted;	      /* failures that made the engine look again */
	uint64_t dropped;	      /* no room, or the database could not take them */
	size_t waiting;		      /* kinds that wait for the disk */
};
struct outcomes_status outcomes_status(struct outcomes *o);

#endif
