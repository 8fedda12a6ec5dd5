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

static void plans(void **state)
{
	static const struct {
		const char *name; /* RFC 8461 */
		bool lookup_failed;
		struct sts_record record;
		struct held held;
		enum plan want;
	} cases[] = {
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
		{ "the clock was set back",
		  false,
		  OK("2"),
		  { .failed_id = "2", .failed_at = NOW + 9000 },
		  PLAN_FETCH },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum plan got = freshness_plan(cases[i].lookup_failed, &cases[i].record,
					       &cases[i].held, NOW);

		if (got != cases[i].want)
			fail_msg("%s: got %d want %d", cases[i].name, (int)got, (int)cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(plans) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
