/* flight.h - single flight: the first who asks does the work, the others wait for its result
 *
 * OWNERSHIP flight_join() gives a reference to the call that flight_unref() gives back. The landing
 *           party hands over a result with its release function; it lives as long as the call.
 * THREADS   Any. One lock for the map and all waits; a leaf lock. Watchers are rung under it: a ring may set a flag and write to an eventfd.
 * LIMITS    `max` calls in the air; past it flight_join() returns NULL.
 */
#ifndef COMMON_ENGINE_FLIGHT_H
#define COMMON_ENGINE_FLIGHT_H

#include "common/base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct flights;
struct flight;

struct flights *flights_new(size_t max);
struct flights *
flights_free(struct flights *f); /* NULL in: no-op; returns NULL. All calls must have landed. */

/* *ret_leader: true when the caller has to do the work and must call flight_land(). */
struct flight *flight_join(struct flights *f, const char *key, bool *ret_leader);

/* The result is final; all waiters go on. release may be NULL. */
void flight_land(struct flights *f, struct flight *call, void *result, void (*release)(void *));

/* Waits until the call has landed or the deadline (clock_mono) has passed: then false, and the call
 * flies on. */
bool flight_wait(struct flights *f, struct flight *call, const struct clock *clock,
		 int64_t deadline);

/* Waits without a thread. Lives where the caller likes until flight_unwatch(). */
struct flight_watcher {
	void (*ring)(void *arg);
	void *arg;
	struct flight_watcher *next, **link; /* private; link NULL: rung, or never watched */
};

/* ring(arg) is called once, when the call lands or nobody waits any more. False: that is so already, and there is no ring. */
bool flight_watch(struct flights *f, struct flight *call, struct flight_watcher *w);
/* No ring begins or goes on after this. */
void flight_unwatch(struct flights *f, struct flight_watcher *w);

/* From now on nobody waits: all flight_wait() for calls that have not landed return false, and all watchers are rung. */
void flights_stop(struct flights *f);

/* What a call under this key is finding out now is no longer to be remembered; no call: no-op. */
void flights_spoil(struct flights *f, const char *key);
bool flight_is_spoiled(struct flights *f, const struct flight *call);
bool flights_have(struct flights *f, const char *key);

void *flight_result(const struct flight *call); /* after a wait that returned true, or after landing
						   it oneself */
void flight_unref(struct flights *f, struct flight *call);
size_t flights_count(struct flights *f);

#endif
