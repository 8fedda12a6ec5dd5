/* store_upkeep.h - of the port, see store.h: what is kept beside a policy to keep it alive */
#ifndef COMMON_STORE_STORE_UPKEEP_H
#define COMMON_STORE_STORE_UPKEEP_H

#include "common/store/store.h"

int ops_upkeep_get(void *ctx, const char *domain, struct stored_upkeep *ret);
int ops_upkeep_put(void *ctx, const char *domain, const struct stored_upkeep *u);
int ops_due(void *ctx, int64_t now, int64_t used_since, unsigned limit, store_each_due *each,
	    void *arg);

#endif
