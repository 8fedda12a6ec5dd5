/* siphash.h - SipHash-1-3, a keyed hash
 *
 * PURPOSE Hash tables whose collisions strangers cannot choose, and sums over stored rows. Not a
 *         signature.
 * THREADS Pure.
 */
#ifndef COMMON_BASE_SIPHASH_H
#define COMMON_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

struct siphash_key siphash_key_of(uint64_t seed); /* both words from one seed */
uint64_t siphash13(const struct siphash_key *key, const void *p, size_t n);

#endif
