/* input.h - a file, or standard input, read whole or not at all
 *
 * LIMITS  More than `max` octets are refused, never cut.
 */
#ifndef MILTER_SHARED_INPUT_H
#define MILTER_SHARED_INPUT_H

#include "common/base/buf.h"

/* path: "-" is standard input. ret: initialised by the caller with a larger maximum than max.
 * 0; -EFBIG: more than max; otherwise the -errno of what failed. */
int input_read(const char *path, size_t max, struct buf *ret);

#endif
