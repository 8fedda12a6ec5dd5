/* load.h - an MTA that has nothing but recipients to ask about
 *
 * PURPOSE   Keeps `connections` milter sessions busy, one recipient in flight on each: messages of
 *           LOAD_RECIPIENTS recipients, every recipient another domain, each message given up
 *           before DATA. One thread drives all sessions, so that the milter is what is measured.
 * OWNERSHIP load_run() fills *ret; load_release() frees the latencies.
 * ERRORS    0 or -errno; *ret is untouched unless 0.
 */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

enum { LOAD_RECIPIENTS = 10, LOAD_NAME = 64 };

struct load {
	const char *address;
	unsigned connections;
	unsigned domains;
	void (*name)(unsigned i, char out[LOAD_NAME]); /* of domain i */
	double seconds; /* 0: each domain once, in order; otherwise at random for so long */
	uint64_t seed;
};

struct load_result {
	double seconds;
	size_t recipients;
	size_t refused;	   /* recipients that the milter did not accept */
	uint32_t *latency; /* of each recipient, nanoseconds, sorted */
};

int load_run(const struct load *load, struct load_result *ret);
void load_release(struct load_result *r);

#endif
