/* store_override.h - of the port, see store.h: what the operator has decided
 *
 * LIMITS Ended ones are forgotten after STORE_OVERRIDE_KEEP, or when more than STORE_OVERRIDES_PAST
 *        of them are remembered: a few with each change.
 */
#ifndef COMMON_STORE_STORE_OVERRIDE_H
#define COMMON_STORE_STORE_OVERRIDE_H

#include <sqlite3.h>

#include "common/store/store.h"
#include "common/store/store_conn.h"

int ops_override_add(void *ctx, const struct stored_override *o, int64_t *ret_serial);
int ops_override_end(void *ctx, int64_t serial, enum override_end how, int64_t at, int64_t uid);
int ops_overrides(void *ctx, const char *domain, bool ended_too, store_each_override *each,
		  void *arg);

/* Salvage: of several active ones of a domain the newest stays. Within a transaction. */
int override_settle(struct conn *c, int64_t now);

#endif
