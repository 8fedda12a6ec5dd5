/* distance.h - how far a word is from another: for "did you mean" */
#ifndef COMMON_BASE_DISTANCE_H
#define COMMON_BASE_DISTANCE_H

#include "common/base/span.h"

enum { DISTANCE_FAR = 1000 };

/* Insertions, deletions and replacements of single bytes (and swaps of neighbours) that turn a into
 * b, case ignored; DISTANCE_FAR when one of them is longer than 64 bytes. */
unsigned distance_between(struct span a, struct span b);

/* True for what may well be a slip of the fingers: at most one in three bytes of the wanted word.
 */
bool distance_is_slip(unsigned distance, struct span wanted);

#endif
