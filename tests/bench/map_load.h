/* map_load.h - an MTA's delivery agents that have nothing but lookups to do
 *
 * PURPOSE   Keeps `clients` socketmap connections busy in lock-step: each asks, waits for the answer, asks
 *           again. One thread drives all; result.busy says how much of a core it took, so that one sees
 *           whether the server was what was measured.
 * OWNERSHIP map_load_run() fills *ret; map_load_release() frees the latencies.
 * ERRORS    0 or -errno (-EPROTO: no netstring came back); *ret is untouched unless 0.
 */
#ifndef TESTS_BENCH_MAP_LOAD_H
#define TESTS_BENCH_MAP_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "tests/bench/load.h"

struct map_load {
	const char *address; /* unix:PATH or inet:PORT@ADDRESS */
	unsigned clients;
	unsigned domains;
	void (*name)(unsigned i, char out[LOAD_NAME]); /* of domain i */
	double seconds; /* 0: each domain once, in order; otherwise in order again and again for so long */
	unsigned first; /* domain to begin with */
};

struct map_result {
	double seconds;
	double busy; /* of one core, by the load itself */
	size_t queries;
	size_t secure;	   /* answered with a policy */
	size_t temporary;  /* answered TEMP */
	uint32_t *latency; /* of each query, nanoseconds, sorted */
};

int map_load_run(const struct map_load *load, struct map_result *ret);
void map_load_release(struct map_result *r);

#endif
