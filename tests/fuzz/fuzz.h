/* fuzz.h - what every fuzz target includes first
 *
 * A target is one function over hostile bytes that aborts when a promise is broken. clang's
 * libFuzzer drives it in `make fuzz`; `make check` links the same source with replay_main.c and
 * runs the seeds.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define MUST(condition)                                                                            \
	((condition) ? (void)0 :                                                                   \
	 (fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition), abort()))
/* clang-format on */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
