/* fake_store.h - a store in memory: survives an engine, not the process; can be made to fail
 *
 * PURPOSE What it answers is what the real one answers: tests/unit/test_store_port.c asks both.
 *
 * THREADS Any.
 */
#ifndef TESTS_FAKE_FAKE_STORE_H
#define TESTS_FAKE_FAKE_STORE_H

#include "common/store/store.h"

struct fake_store;

struct fake_store *fake_store_new(void);
struct fake_store *fake_store_free(struct fake_store *f);
struct store fake_store_port(struct fake_store *f);
void fake_store_break(struct fake_store *f, bool broken); /* every call gives -EIO */

#endif
