/* moment.h - a point in time as an operator writes it
 *
 * UNITS  Wall-clock seconds. A time without a zone is UTC; a date alone is the beginning of that day.
 * RFC    3339 s5.6
 */
#ifndef COMMON_BASE_MOMENT_H
#define COMMON_BASE_MOMENT_H

#include "common/base/span.h"

#include <stdint.h>

/* "2026-12-31T18:00:00Z", "2026-12-31T18:00:00+01:00", "2026-12-31 18:00", "2026-12-31"; from now on: "+7d", "12h" (num.h, always with its
 * unit; a part of a second counts as a whole one). False, *ret untouched: none of these. */
bool moment_read(struct span text, int64_t now, int64_t *ret);

/* Exactly what moment_format() writes. False: *ret is untouched. */
bool moment_read_stamp(struct span text, int64_t *ret);

/* "2026-12-31T18:00:00Z"; "" before 1970 and after 9999. Returns out. */
enum { MOMENT_TEXT = 21 };
const char *moment_format(int64_t at, char out[MOMENT_TEXT]);

#endif
