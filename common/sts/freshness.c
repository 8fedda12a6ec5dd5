#include "config.h"

#include "common/sts/freshness.h"

#include <string.h>

/* The fetch of this id failed less than `interval` seconds ago. A clock that stepped back must not stop fetches for longer. */
static bool failed_lately(const struct sts_record *record, const struct held *held, int64_t now,
			  int64_t interval)
{
	return held->failed_id != NULL && strcmp(record->id, held->failed_id) == 0 &&
	       now >= held->failed_at && now - held->failed_at < interval;
}

static bool is_aged(const struct held *held, int64_t now)
{
	int64_t age = (held->expires_at - held->fetched_at) / 2;

	if (age > REFRESH_AGE)
		age = REFRESH_AGE;
	if (age < REFRESH_AGE_LEAST)
		age = REFRESH_AGE_LEAST;
	return now - held->fetched_at >= age;
}

enum plan freshness_plan(bool lookup_failed, const struct sts_record *record,
			 const struct held *held, int64_t now)
{
	bool usable = held->id != NULL && now < held->expires_at;

	if (lookup_failed)
		return usable ? PLAN_USE : PLAN_LOOKUP_FAILED;
	if (record->verdict != RECORD_OK)
		return usable ? PLAN_USE : PLAN_NONE;
	if (usable && strcmp(record->id, held->id) == 0)
		return is_aged(held, now) && !failed_lately(record, held, now, REFRESH_RETRY)
			       ? PLAN_FETCH
			       : PLAN_USE;
	if (!failed_lately(record, held, now, FETCH_RETRY))
		return PLAN_FETCH;
	return usable ? PLAN_USE : PLAN_FETCH_LATER;
}
