#include "tests/unit/test.h"

#include "common/sts/fact.h"

/* Every reason there is, by hand: a new one has to be thought about here (RFC 8461 s4, s5.1,
 * appendix B). */
static void every_reason_has_an_outcome(void **state)
{
	static const enum outcome want[REASON_COUNT] = {
		[REASON_OK] = OUTCOME_PASSED,
		[REASON_DANE_OK] = OUTCOME_PASSED,
		[REASON_DANE_MISMATCH] = OUTCOME_FAILED,
		[REASON_MX_MISMATCH] = OUTCOME_FAILED,
		[REASON_STARTTLS_MISSING] = OUTCOME_FAILED,
		[REASON_STARTTLS_REFUSED] = OUTCOME_FAILED,
		[REASON_STARTTLS_INJECTED] = OUTCOME_FAILED,
		[REASON_TLS_HANDSHAKE] = OUTCOME_FAILED,
		[REASON_TLS_VERSION] = OUTCOME_FAILED,
		[REASON_CERT_EXPIRED] = OUTCOME_FAILED,
		[REASON_CERT_NOT_YET] = OUTCOME_FAILED,
		[REASON_CERT_UNTRUSTED] = OUTCOME_FAILED,
		[REASON_CERT_NAME] = OUTCOME_FAILED,
		[REASON_CERT_INVALID] = OUTCOME_FAILED,
	};
	static const enum reason unreachable[] = {
		REASON_ADDRESS_FAILED, REASON_ADDRESS_NONE,    REASON_ADDRESS_PRIVATE,
		REASON_CONNECT_FAILED, REASON_CONNECT_TIMEOUT, REASON_GREETING_REFUSED,
		REASON_PROBE_PROTOCOL, REASON_PROBE_CLOSED,    REASON_PROBE_TIMEOUT,
		REASON_PROBE_LOCAL,    REASON_PENDING,	       REASON_INTERNAL,
	};
	(void)state;

	for (int r = 0; r < REASON_COUNT; r++)
		if (outcome_of_reason((enum reason)r) != want[r])
			fail_msg("%s: got %s", reason_name((enum reason)r),
				 outcome_name(outcome_of_reason((enum reason)r)));
	for (size_t i = 0; i < ARRAY_LEN(unreachable); i++)
		assert_int_equal(outcome_of_reason(unreachable[i]), OUTCOME_INCONCLUSIVE);
}

static void names(void **state)
{
	(void)state;

	assert_string_equal(outcome_name(OUTCOME_PASSED), "passed");
	assert_string_equal(outcome_name(OUTCOME_FAILED), "failed");
	assert_string_equal(outcome_name(OUTCOME_INCONCLUSIVE), "inconclusive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_an_outcome),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
