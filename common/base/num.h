/* num.h - strict numbers: the whole text or nothing
 *
 * ERRORS  False, *ret untouched, on empty text, signs, blanks, unknown units or overflow.
 * UNITS   Durations are milliseconds (ms, s, m, h, d, w; a bare number is seconds). Sizes are bytes
 *         (K, M, G as powers of 1024).
 */
#ifndef COMMON_BASE_NUM_H
#define COMMON_BASE_NUM_H

#include "common/base/span.h"

#include <stdint.h>

bool num_u64(struct span text, uint64_t max, uint64_t *ret);
bool num_octal(struct span text, unsigned max, unsigned *ret);
bool num_duration(struct span text, int64_t *ret_ms);
bool num_size(struct span text, uint64_t *ret_bytes);

/* The shortest exact form: 90000 -> "90s", 3600000 -> "1h". out holds at least 32 bytes. */
const char *num_format_duration(int64_t ms, char *out);
const char *num_format_size(uint64_t bytes, char *out);

#endif
