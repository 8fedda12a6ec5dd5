/* The TLS-Required field and the REQUIRETLS parameter (RFC 8689). */
#include "tests/unit/test.h"

#include "common/sts/tls_required.h"

static void fields(void **state)
{
	static const struct {
		const char *first, *second; /* NULL: there is none */
		bool requiretls;
		const char *want;
	} cases[] = {
		/* s3 */
		{ NULL, NULL, false, "" },
		{ "No", NULL, false, "no" },
		{ "no", NULL, false, "no" },
		{ "NO", NULL, false, "no" },
		{ " No", NULL, false, "no" },
		{ "\r\n No", NULL, false, "no" },
		{ "\n\tNo \t", NULL, false, "no" },
		{ "", NULL, false, "malformed" },
		{ " ", NULL, false, "malformed" },
		{ "N o", NULL, false, "malformed" },
		{ "None", NULL, false, "malformed" },
		{ "Yes", NULL, false, "malformed" },
		{ "\"No\"", NULL, false, "malformed" },
		{ "No;", NULL, false, "malformed" },
		{ "(no) No", NULL, false, "malformed" },
		{ "No", "No", false, "malformed" },
		{ "Yes", "No", false, "malformed" },
		/* s4.1 */
		{ NULL, NULL, true, "" },
		{ "No", NULL, true, "ignored" },
		{ "No", "No", true, "ignored" },
		{ "x", NULL, true, "ignored" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum tls_required t = TLS_REQUIRED_UNSAID;

		if (cases[i].first != NULL)
			t = tls_required_add(t, span_of(cases[i].first));
		if (cases[i].second != NULL)
			t = tls_required_add(t, span_of(cases[i].second));
		t = tls_required_conclude(t, cases[i].requiretls);
		if (strcmp(tls_required_name(t), cases[i].want) != 0)
			fail_msg("case %zu: %s", i, tls_required_name(t));
	}
}

/* s2: no value */
static void parameters(void **state)
{
	(void)state;

	assert_true(tls_required_is_requiretls(span_of("REQUIRETLS")));
	assert_true(tls_required_is_requiretls(span_of("RequireTLS")));
	assert_false(tls_required_is_requiretls(span_of("REQUIRETLS=")));
	assert_false(tls_required_is_requiretls(span_of("REQUIRETLS=YES")));
	assert_false(tls_required_is_requiretls(span_of("REQUIRETLSX")));
	assert_false(tls_required_is_requiretls(span_of("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
