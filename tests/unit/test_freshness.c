#include "tests/unit/test.h"

#include "common/sts/freshness.h"

enum { NOW = 1000000 };

#define OK(i)                                                                                      \
	{                                                                                          \
		.verdict = RECORD_OK, .id = (i)                                                    \
	}
#define VALID	.fetched_at = NOW - 9, .expires_at = NOW + 1
#define EXPIRED .fetched_at = NOW - 9, .expires_at = NOW
#define WEEK	604800

struct plan_case {
	const char *name; /* RFC 8461 */
	bool lookup_failed;
	struct sts_record record;
	struct held held;
	enum plan want;
};

static void expect_plans(const struct plan_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum plan got = freshness_plan(cases[i].lookup_failed, &cases[i].record,
					       &cases[i].held, NOW);

		if (got != cases[i].want)
			fail_msg("%s: got %d want %d", cases[i].name, (int)got, (int)cases[i].want);
	}
}

static void plans(void **state)
{
	static const struct plan_case cases[] = {
		{ "s3.3 first contact", false, OK("1"), { 0 }, PLAN_FETCH },
		{ "s3.1 no record", false, { .verdict = RECORD_NONE }, { 0 }, PLAN_NONE },
		{ "s3.1 several records", false, { .verdict = RECORD_MULTIPLE }, { 0 }, PLAN_NONE },
		{ "s3.1 malformed record", false, { .verdict = RECORD_INVALID }, { 0 }, PLAN_NONE },
		{ "look-up failed", true, { 0 }, { 0 }, PLAN_LOOKUP_FAILED },
		{ "s5.1 same id", false, OK("1"), { .id = "1", VALID }, PLAN_USE },
		{ "s5.1 new id", false, OK("2"), { .id = "1", VALID }, PLAN_FETCH },
		{ "s3.1 ids have case", false, OK("a"), { .id = "A", VALID }, PLAN_FETCH },
		{ "s3.2 same id, expired", false, OK("1"), { .id = "1", EXPIRED }, PLAN_FETCH },
		{ "s3.3 record gone",
		  false,
		  { .verdict = RECORD_NONE },
		  { .id = "1", VALID },
		  PLAN_USE },
		{ "s3.3 record doubled",
		  false,
		  { .verdict = RECORD_MULTIPLE },
		  { .id = "1", VALID },
		  PLAN_USE },
		{ "s3.3 look-up failed", true, { 0 }, { .id = "1", VALID }, PLAN_USE },
		{ "s3.2 record gone, expired",
		  false,
		  { .verdict = RECORD_NONE },
		  { .id = "1", EXPIRED },
		  PLAN_NONE },
		{ "look-up failed, expired",
		  true,
		  { 0 },
		  { .id = "1", EXPIRED },
		  PLAN_LOOKUP_FAILED },
		{ "s3.3 fetch failed a moment ago",
		  false,
		  OK("2"),
		  { .failed_id = "2", .failed_at = NOW - FETCH_RETRY + 1 },
		  PLAN_FETCH_LATER },
		{ "s3.3 ... with a valid policy",
		  false,
		  OK("2"),
		  { .id = "1", VALID, .failed_id = "2", .failed_at = NOW - 1 },
		  PLAN_USE },
		{ "s3.3 ... five minutes ago",
		  false,
		  OK("2"),
		  { .failed_id = "2", .failed_at = NOW - FETCH_RETRY },
		  PLAN_FETCH },
		{ "s3.3 ... another id",
		  false,
		  OK("3"),
		  { .failed_id = "2", .failed_at = NOW - 1 },
		  PLAN_FETCH },
		{ "s3.3 refreshed after a day",
		  false,
		  OK("1"),
		  { .id = "1", .fetched_at = NOW - REFRESH_AGE, .expires_at = NOW + WEEK },
		  PLAN_FETCH },
		{ "s3.3 ... not before",
		  false,
		  OK("1"),
		  { .id = "1", .fetched_at = NOW - REFRESH_AGE + 1, .expires_at = NOW + WEEK },
		  PLAN_USE },
		{ "s3.3 ... after half of a short lifetime",
		  false,
		  OK("1"),
		  { .id = "1", .fetched_at = NOW - 40000, .expires_at = NOW + 40000 },
		  PLAN_FETCH },
		{ "s3.3 ... not of a very short one",
		  false,
		  OK("1"),
		  { .id = "1", .fetched_at = NOW - 3000, .expires_at = NOW + 600 },
		  PLAN_USE },
		{ "s3.3 ... not without a record",
		  false,
		  { .verdict = RECORD_NONE },
		  { .id = "1", .fetched_at = NOW - REFRESH_AGE, .expires_at = NOW + WEEK },
		  PLAN_USE },
		{ "s3.3 ... which has failed lately",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW - REFRESH_AGE,
		    .expires_at = NOW + WEEK,
		    .failed_id = "1",
		    .failed_at = NOW - REFRESH_RETRY + 1 },
		  PLAN_USE },
		{ "s3.3 ... an hour ago",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW - REFRESH_AGE,
		    .expires_at = NOW + WEEK,
		    .failed_id = "1",
		    .failed_at = NOW - REFRESH_RETRY },
		  PLAN_FETCH },
	};
	(void)state;

	expect_plans(cases, ARRAY_LEN(cases));
}

static void plans_of_refreshes(void **state)
{
	static const struct plan_case cases[] = {
		{ "s10.2 ... whose refresh is due later",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW - REFRESH_AGE,
		    .expires_at = NOW + WEEK,
		    .due_at = NOW + 1 },
		  PLAN_USE },
		{ "s10.2 ... whose refresh is due now",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW - REFRESH_AGE,
		    .expires_at = NOW + WEEK,
		    .due_at = NOW,
		    .failed_id = "1",
		    .failed_at = NOW - FETCH_RETRY },
		  PLAN_FETCH },
		{ "s3.3 ... but its id failed less than five minutes ago",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW - REFRESH_AGE,
		    .expires_at = NOW + WEEK,
		    .due_at = NOW,
		    .failed_id = "1",
		    .failed_at = NOW - FETCH_RETRY + 1 },
		  PLAN_USE },
		{ "s10.2 due, but young: that is the refresher's business",
		  false,
		  OK("1"),
		  { .id = "1", VALID, .due_at = NOW - 1 },
		  PLAN_USE },
		{ "a policy from the future: the clock was set back",
		  false,
		  OK("1"),
		  { .id = "1",
		    .fetched_at = NOW + 9 * WEEK,
		    .expires_at = NOW + 10 * WEEK,
		    .due_at = NOW + 9 * WEEK + REFRESH_AGE },
		  PLAN_FETCH },
		{ "... by less than a day: no reason for a storm",
		  false,
		  OK("1"),
		  { .id = "1", .fetched_at = NOW + REFRESH_AGE, .expires_at = NOW + 2 * WEEK },
		  PLAN_USE },
		{ "s3.3 new ids in haste: the burst is spent",
		  false,
		  OK("2"),
		  { .id = "1", VALID, .paced_until = NOW + (FETCH_BURST - 1) * FETCH_PACE + 1 },
		  PLAN_USE },
		{ "s3.3 ... and a minute later",
		  false,
		  OK("2"),
		  { .id = "1", VALID, .paced_until = NOW + (FETCH_BURST - 1) * FETCH_PACE },
		  PLAN_FETCH },
		{ "s3.3 ... but nothing valid is at hand",
		  false,
		  OK("2"),
		  { .id = "1", EXPIRED, .paced_until = NOW + FETCH_BURST * FETCH_PACE },
		  PLAN_FETCH },
		{ "s3.3 ... and the clock was set back",
		  false,
		  OK("2"),
		  { .id = "1", VALID, .paced_until = NOW + FETCH_BURST * FETCH_PACE + 1 },
		  PLAN_FETCH },
		{ "the clock was set back",
		  false,
		  OK("2"),
		  { .failed_id = "2", .failed_at = NOW + 9000 },
		  PLAN_FETCH },
	};
	(void)state;

	expect_plans(cases, ARRAY_LEN(cases));
}

static void pace(void **state)
{
	struct held held = { .id = "1", .fetched_at = NOW, .expires_at = NOW + WEEK };
	struct sts_record record = OK("2");
	unsigned fetches = 0;
	(void)state;

	/* An id that changes every second: a burst, then one a minute. */
	for (int64_t now = NOW; now < NOW + 3600; now++)
		if (freshness_plan(false, &record, &held, now) == PLAN_FETCH) {
			held.paced_until = freshness_pace(held.paced_until, now);
			fetches++;
		}
	assert_in_range(fetches, 60, 60 + FETCH_BURST);
	/* A day of rest gives one burst, not more. */
	assert_int_equal(freshness_pace(NOW - REFRESH_AGE, NOW), NOW + FETCH_PACE);
	assert_int_equal(freshness_pace(NOW + WEEK, NOW), NOW + FETCH_PACE);
}

static void due(void **state)
{
	static const struct {
		const char *name;
		int64_t lifetime, least, most;
	} cases[] = {
		{ "s10.2 once a day", 52 * WEEK, REFRESH_AGE / 4 * 3, REFRESH_AGE },
		{ "half of a short lifetime", 80000, 30000, 40000 },
		{ "not more often than every six hours", 3600, REFRESH_AGE_LEAST / 4 * 3,
		  REFRESH_AGE_LEAST },
		{ "max_age 0", 0, REFRESH_AGE_LEAST / 4 * 3, REFRESH_AGE_LEAST },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t least = INT64_MAX, most = INT64_MIN;

		for (uint64_t hash = 0; hash < 1000; hash++) {
			int64_t at = freshness_due(NOW, NOW + cases[i].lifetime,
						   hash * 0x9e3779b97f4a7c15U);

			least = at < least ? at : least;
			most = at > most ? at : most;
		}
		/* All of the window is used. */
		if (least < NOW + cases[i].least || most > NOW + cases[i].most ||
		    (most - least) * 10 < (cases[i].most - cases[i].least) * 9)
			fail_msg("%s: %lld to %lld", cases[i].name, (long long)(least - NOW),
				 (long long)(most - NOW));
	}
}

static void backoff(void **state)
{
	static const struct {
		const char *name;
		uint32_t failures;
		int64_t left, want;
	} cases[] = {
		{ "s3.3 five minutes at least", 1, WEEK, 300 },
		{ "growing", 2, WEEK, 600 },
		{ "growing", 5, WEEK, 4800 },
		{ "up to six hours", 9, WEEK, 21600 },
		{ "whatever their number", UINT32_MAX, WEEK, 21600 },
		{ "closer before the end", 9, 7200, 3600 },
		{ "never closer than five minutes", 9, 400, 300 },
		{ "after the end", 9, -1, 21600 },
		{ "none yet", 0, WEEK, 300 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t got = freshness_backoff(cases[i].failures, NOW + cases[i].left, NOW);

		if (got != cases[i].want)
			fail_msg("%s: got %lld want %lld", cases[i].name, (long long)got,
				 (long long)cases[i].want);
	}
}

static void ends_soon(void **state)
{
	(void)state;

	assert_false(freshness_ends_soon(NOW, NOW + 4 * WEEK, WEEK, NOW + 3 * WEEK));
	assert_true(freshness_ends_soon(NOW, NOW + 4 * WEEK, WEEK, NOW + 3 * WEEK + 1));
	/* Never before half of its lifetime is over. */
	assert_false(freshness_ends_soon(NOW, NOW + 1000, WEEK, NOW + 500));
	assert_true(freshness_ends_soon(NOW, NOW + 1000, WEEK, NOW + 501));
	assert_true(freshness_ends_soon(NOW, NOW + 1000, WEEK, NOW + 5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),   cmocka_unit_test(plans_of_refreshes),
		cmocka_unit_test(pace),	   cmocka_unit_test(due),
		cmocka_unit_test(backoff), cmocka_unit_test(ends_soon)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
