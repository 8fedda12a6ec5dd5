/* fake_world.h - clock, DNS, policy hosts and MX hosts as a scenario tells them, with everything asked counted
 *
 * PURPOSE Engine tests without network, libunbound or libcurl; time passes only when told.
 */
#ifndef TESTS_FAKE_FAKE_WORLD_H
#define TESTS_FAKE_FAKE_WORLD_H

#include "common/engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>

struct fake_counts {
	atomic_uint txt, mx, addresses, cnames, tlsa, rounds, fetches, probes, dane_probes;
};

struct fake_world {
	int64_t wall; /* seconds */
	int64_t mono; /* milliseconds */
	struct fake_counts counts;
	struct fake_answer *answers;
	pthread_mutex_t lock; /* of notices */
	char last_notice[1024];
	unsigned notices;
	atomic_size_t most_probes; /* of one call */
	/* NULL, or called on the asking thread before "txt", "mx", "addr", "cname", "tlsa", "fetch" or "probe" is answered. */
	void (*before)(void *arg, const char *kind);
	void *before_arg;
};

void fake_world_init(struct fake_world *w);
void fake_world_release(struct fake_world *w);

/* Fills clock, resolver, fetcher, prober and notice. */
void fake_world_wire(struct fake_world *w, struct engine_env *env);

void fake_world_pass(struct fake_world *w, int64_t seconds);

/* kind: "txt" | "mx" | "addr" | "cname" | "tlsa" | "fetch" | "probe" | "dane"; text as in tests/scenario/README. Replaces what was told before about that name. */
void fake_world_tell(struct fake_world *w, const char *kind, const char *name, const char *text);

#endif
