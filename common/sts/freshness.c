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

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static int64_t interval(int64_t fetched_at, int64_t expires_at)
{
	return clamp((expires_at - fetched_at) / 2, REFRESH_AGE_LEAST, REFRESH_AGE);
}

/* A policy from the future was fetched before the clock was set back. */
static bool is_aged(const struct held *held, int64_t now)
{
	int64_t age = now - held->fetched_at;
	int64_t most = interval(held->fetched_at, held->expires_at);

	return age >= most || age < -most;
}

/* May the policy of the same id be fetched again? */
static bool is_due(const struct sts_record *record, const struct held *held, int64_t now)
{
	bool known = held->due_at != 0 && held->due_at - now <= REFRESH_AGE;

	if (!is_aged(held, now) || (known && now < held->due_at))
		return false;
	return !failed_lately(record, held, now, known ? FETCH_RETRY : REFRESH_RETRY);
}

static bool is_hurried(const struct held *held, int64_t now)
{
	int64_t ahead = held->paced_until - now;

	/* Further ahead than any burst reaches: the clock was set back. */
	return ahead > (FETCH_BURST - 1) * FETCH_PACE && ahead <= FETCH_BURST * FETCH_PACE;
}

int64_t freshness_pace(int64_t paced_until, int64_t now)
{
	if (paced_until < now || paced_until - now > FETCH_BURST * FETCH_PACE)
		paced_until = now;
	return paced_until + FETCH_PACE;
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
		return is_due(record, held, now) ? PLAN_FETCH : PLAN_USE;
	if (failed_lately(record, held, now, FETCH_RETRY))
		return usable ? PLAN_USE : PLAN_FETCH_LATER;
	return usable && is_hurried(held, now) ? PLAN_USE : PLAN_FETCH;
}

int64_t freshness_due(int64_t fetched_at, int64_t expires_at, uint64_t hash)
{
	int64_t most = interval(fetched_at, expires_at);

	return fetched_at + most - (int64_t)(hash % (uint64_t)(most / REFRESH_JITTER + 1));
}

int64_t freshness_backoff(uint32_t failures, int64_t expires_at, int64_t now)
{
	int64_t wait = BACKOFF_LEAST, left = expires_at - now;

	for (uint32_t i = 1; i < failures && wait < BACKOFF_MOST; i++)
		wait *= 2;
	if (left > 0 && wait > left / 2)
		wait = left / 2;
	return clamp(wait, BACKOFF_LEAST, BACKOFF_MOST);
}

bool freshness_ends_soon(int64_t fetched_at, int64_t expires_at, int64_t warning, int64_t now)
{
	int64_t half = (expires_at - fetched_at) / 2;

	return expires_at - now < (warning < half ? warning : half);
}
