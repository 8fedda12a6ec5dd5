/* store_outcome.h - of the port, see store.h: how TLS sessions came out */
#ifndef COMMON_STORE_STORE_OUTCOME_H
#define COMMON_STORE_STORE_OUTCOME_H

#include "common/store/store.h"

int ops_outcomes_add(void *ctx, const struct tls_outcome *const *v, size_t n,
		     uint64_t *ret_dropped);
int ops_outcomes(void *ctx, int64_t day, const char *domain, const char *after, int64_t after_key,
		 unsigned limit, store_each_outcome *each, void *arg);

#endif
