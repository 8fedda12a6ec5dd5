/* timestamp.h - a moment as people write it: 2026-11-22T14:30:00Z
 *
 * RFC     3339, UTC, whole seconds
 * UNITS   Seconds since 1970.
 */
#ifndef MILTER_SHARED_TIMESTAMP_H
#define MILTER_SHARED_TIMESTAMP_H

#include "common/base/span.h"

#include <stdint.h>

enum { TIMESTAMP_SIZE = 32 };

/* "" for a moment that has no such form (before the year 0, after 9999). Returns out. */
const char *timestamp_format(int64_t at, char out[TIMESTAMP_SIZE]);

/* Exactly what timestamp_format() writes, and no 31st of February. False: *ret is untouched. */
bool timestamp_parse(struct span text, int64_t *ret);

#endif
