/* store_row.h - what a row of each table must look like, and the sum that proves that it still does
 *
 * PURPOSE SQLite keeps no sums over its pages, so a flipped bit in a body would become policy.
 * Every row carries a sum of its own
 *         ("seal"); a row whose seal does not fit is damage, wherever it was found.
 * THREADS Pure.
 */
#ifndef COMMON_STORE_STORE_ROW_H
#define COMMON_STORE_STORE_ROW_H

#include <stdbool.h>

#include "common/store/store.h"

enum {
	ROW_CLASSES = 256, /* failure classes are 0 .. ROW_CLASSES - 1 */
	ROW_KINDS = 256, /* of events: more than there are, so that a later version may add some */
	ROW_SOURCES = 256,
	ROW_RESULTS = 256,
	ROW_DAYS = 1 << 20
};

int64_t row_policy_seal(struct span domain, const struct stored_policy *p);
int64_t row_failure_seal(struct span domain, int class, int64_t first_at, int64_t last_at);
int64_t row_upkeep_seal(struct span domain, const struct stored_upkeep *u);
/* Of a row that fits. */
int64_t row_event_seal(const struct stored_event *e);
int64_t row_override_seal(const struct stored_override *o);
int64_t row_outcome_seal(const struct tls_outcome *o);

/* Bounds that hold for every row, new or read: false is -EINVAL or damage. */
bool row_policy_fits(struct span domain, const struct stored_policy *p);
bool row_failure_fits(struct span domain, int class);
bool row_serial_fits(int64_t serial); /* also into a JSON number */
bool row_upkeep_fits(struct span domain);
bool row_event_fits(const struct stored_event *e);
bool row_override_fits(const struct stored_override *o);
bool row_outcome_fits(const struct tls_outcome *o);

/* What a policy gets that comes without: used when it was fetched, due a day after. */
struct stored_upkeep row_upkeep_of(int64_t fetched_at);

#endif
