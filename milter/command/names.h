/* names.h - a list of domains without duplicates, in the order in which they came
 *
 * OWNERSHIP The list owns its names: names_release().
 * LIMITS    NAMES_MAX; a keyed hash, so that a hostile list cannot choose collisions.
 */
#ifndef MILTER_COMMAND_NAMES_H
#define MILTER_COMMAND_NAMES_H

#include "common/base/siphash.h"

#include <stdbool.h>

enum { NAMES_MAX = 2000000 };

struct names {
	char **v;
	size_t n;
	size_t size;	 /* of v */
	uint32_t *table; /* index + 1 by hash; 0: free */
	size_t slots;	 /* a power of two */
	struct siphash_key key;
};

void names_init(struct names *l);
void names_release(struct names *l);

/* 0: new; 1: it is there already; -ENOSPC: NAMES_MAX; -ENOMEM. */
int names_add(struct names *l, const char *name);
bool names_have(const struct names *l, const char *name);

#endif
