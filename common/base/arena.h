/* arena.h - memory that lives as long as one job
 *
 * OWNERSHIP Everything handed out belongs to the arena and dies with arena_release() or
 *           arena_reset().
 * THREADS   One thread at a time.
 * LIMITS    `max` bytes in all; past it, and when memory is out, arena_alloc() returns NULL.
 */
#ifndef COMMON_BASE_ARENA_H
#define COMMON_BASE_ARENA_H

#include "common/base/span.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used;
	size_t max;
};

void arena_init(struct arena *a, size_t max);
void arena_release(struct arena *a);
void arena_reset(struct arena *a); /* keeps nothing but the limit */

void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned for anything */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, struct span text);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *format, ...);

#endif
