/* store_event.h - of the port, see store.h: what has happened to policies */
#ifndef COMMON_STORE_STORE_EVENT_H
#define COMMON_STORE_STORE_EVENT_H

#include "common/store/store.h"

int ops_event_put(void *ctx, const struct stored_event *e);
int ops_events(void *ctx, const char *domain, int64_t before, unsigned limit,
	       store_each_event *each, void *arg);

#endif
