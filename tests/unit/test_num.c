#include "tests/unit/test.h"

#include "common/base/num.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t ms;
		const char *back;
	} cases[] = {
		{ "90", true, 90000, "90s" },
		{ "90s", true, 90000, "90s" },
		{ "60s", true, 60000, "1m" },
		{ "1h", true, 3600000, "1h" },
		{ "2d", true, 172800000, "2d" },
		{ "100ms", true, 100, "100ms" },
		{ "0", true, 0, "0s" },
		{ "", false, 0, NULL },
		{ "-1s", false, 0, NULL },
		{ " 1s", false, 0, NULL },
		{ "1 s", false, 0, NULL },
		{ "s", false, 0, NULL },
		{ "1y", false, 0, NULL },
		{ "99999999999999999999", false, 0, NULL },
		{ "9223372036854775807w", false, 0, NULL },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms = -7;
		char out[32];
		bool ok = num_duration(span_of(cases[i].text), &ms);

		if (ok != cases[i].ok || ms != (ok ? cases[i].ms : -7))
			fail_msg("%s: got %d %lld", cases[i].text, ok, (long long)ms);
		if (ok)
			assert_string_equal(num_format_duration(ms, out), cases[i].back);
	}
}

static void sizes(void **state)
{
	uint64_t bytes;
	char out[32];
	(void)state;

	assert_true(num_size(span_of("64M"), &bytes));
	assert_int_equal(bytes, 64 << 20);
	assert_string_equal(num_format_size(bytes, out), "64M");
	assert_string_equal(num_format_size(1000, out), "1000");
	assert_false(num_size(span_of("1T"), &bytes));
}

static void octal(void **state)
{
	unsigned mode;
	(void)state;

	assert_true(num_octal(span_of("0660"), 0777, &mode));
	assert_int_equal(mode, 0660);
	assert_false(num_octal(span_of("0888"), 0777, &mode));
	assert_false(num_octal(span_of("1777"), 0777, &mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(octal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
