#include "config.h"

#include "common/sts/freshness.h"

#include <string.h>

enum plan freshness_plan(bool lookup_failed, const struct sts_record *record,
			 const struct held *held, int64_t now)
{
	bool usable = held->id != NULL && now < held->expires_at;
	bool failed_lately;

	if (lookup_failed)
		return usable ? PLAN_USE : PLAN_LOOKUP_FAILED;
	if (record->verdict != RECORD_OK)
		return usable ? PLAN_USE : PLAN_NONE;
	if (usable && strcmp(record->id, held->id) == 0)
		return PLAN_USE;
	/* A clock that stepped back must not stop fetches for longer than the interval. */
	failed_lately = held->failed_id != NULL && strcmp(record->id, held->failed_id) == 0 &&
			now >= held->failed_at && now - held->failed_at < FETCH_RETRY;
	if (!failed_lately)
		return PLAN_FETCH;
	return usable ? PLAN_USE : PLAN_FETCH_LATER;
}
