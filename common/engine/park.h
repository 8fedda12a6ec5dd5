/* park.h - jobs that wait for something else than a worker, first in, first out
 *
 * OWNERSHIP Of what it holds the park knows nothing; whoever takes a job owns it. It must be empty when it is freed.
 * THREADS   Any; one leaf lock.
 */
#ifndef COMMON_ENGINE_PARK_H
#define COMMON_ENGINE_PARK_H

#include <stdbool.h>
#include <stddef.h>

struct park;

struct park *park_new(size_t max);
struct park *park_free(struct park *p); /* NULL in: no-op; returns NULL */

/* False: it is full. */
bool park_put(struct park *p, void *job);

/* NULL: nobody waits. */
void *park_take(struct park *p);

size_t park_count(struct park *p);

#endif
