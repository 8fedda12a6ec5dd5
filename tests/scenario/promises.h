/* promises.h - what tests/scenario/promises.c plays: a random life, and what an onlooker knows about it
 *
 * PURPOSE The onlooker sees what policy hosts sent, what the store kept and what probes found, at the ports; the engine's own idea of all
 *         that is not believed.
 */
#ifndef TESTS_SCENARIO_PROMISES_H
#define TESTS_SCENARIO_PROMISES_H

#include "common/base/buf.h"
#include "common/engine/engine.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

enum {
	DOMAINS = 2,
	HOSTS = 3,
	STRANGERS = 2,
	ALL_HOSTS = DOMAINS * HOSTS + STRANGERS,
	PATTERNS = 3
};

/* A policy as it was sent. */
struct seen_policy {
	bool is;
	enum policy_mode mode;
	char mx[PATTERNS][24];
	size_t n_mx;
	int64_t expires_at;
};

struct seen_domain {
	char name[16];
	struct seen_policy known; /* that the engine cannot have forgotten */
	bool is_remembered; /* also without the store: the engine has needed it since its memory was empty */
	int64_t doubtful_until; /* wall: the store could not be read, and memory may repeat what was said then */
	bool has_override;  /* that may be in force */
	bool override_lost; /* the store could not be read when it was loaded */
	enum policy_mode override;
	int64_t override_until;
};

struct life {
	uint64_t random;
	unsigned step;
	struct fake_world world;
	struct fake_store *store;
	bool broken;	      /* the store */
	int64_t broken_since; /* wall; or nothing in memory is older */
	struct engine_env env;
	struct fetcher fetcher; /* the world's */
	struct prober prober;
	struct settings *settings;
	struct engine *engine;
	struct seen_domain domains[DOMAINS];
	char hosts[ALL_HOSTS][24];
	int64_t passed_at[ALL_HOSTS]; /* wall: a probe */
	unsigned id;
	struct buf log;
};

uint64_t life_roll(struct life *l, uint64_t n); /* 0 to n - 1 */
void life_note(struct life *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* False: no memory. */
bool life_begin(struct life *l, uint64_t seed);
/* Lies an unexpired policy on the disk, readable or not? It may be an older one than was known. */
bool life_has_stored(const struct life *l, const struct seen_domain *d);
void life_happen(struct life *l); /* one thing that is no question */
/* The engine has just needed what is known of the domain. */
void life_remember(const struct life *l, struct seen_domain *d);
void life_end(struct life *l);

#endif
