/* Times as an operator writes them (RFC 3339 s5.6). */
#include "tests/unit/test.h"

#include "common/base/moment.h"

enum { NOW = 1798761600 }; /* 2027-01-01T00:00:00Z */

static const struct {
	const char *text;
	int64_t want; /* -1: none */
} cases[] = {
	/* clang-format off */
	{ "1970-01-01", 0 },
	{ "2026-12-31", 1798675200 },
	{ "2026-12-31 18:00", 1798740000 },
	{ "2026-12-31T18:00:00Z", 1798740000 },
	{ "2026-12-31t18:00:00z", 1798740000 },
	{ " 2026-12-31 18:00:59 ", 1798740059 },
	{ "2026-12-31T18:00:00.999Z", 1798740000 },
	{ "2026-12-31T18:00:00+01:00", 1798736400 },
	{ "2026-12-31T18:00:00-05:30", 1798759800 },
	{ "2016-12-31T23:59:60Z", 1483228799 },
	{ "2028-02-29", 1835395200 },
	{ "2000-02-29", 951782400 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
	{ "+7d", NOW + 7 * 86400 }, { "12h", NOW + 12 * 3600 }, { "+90m", NOW + 5400 }, { "1w", NOW + 604800 },
	{ "1ms", NOW + 1 }, { "0s", NOW },
	/* no times */
	{ "", -1 }, { " ", -1 }, { "+", -1 }, { "7", -1 }, { "+7", -1 }, { "-7d", -1 }, { "++7d", -1 }, { "7 d", -1 }, { "tomorrow", -1 },
	{ "2027-02-29", -1 }, { "2100-02-29", -1 }, { "2026-13-01", -1 }, { "2026-00-01", -1 }, { "2026-01-00", -1 }, { "2026-04-31", -1 },
	{ "2026-1-1", -1 }, { "26-01-01", -1 }, { "1969-12-31", -1 }, { "10000-01-01", -1 }, { "31.12.2026", -1 }, { "2026/12/31", -1 },
	{ "2026-12-31T", -1 }, { "2026-12-31 24:00", -1 }, { "2026-12-31 18", -1 }, { "2026-12-31 18:60", -1 }, { "2026-12-31 18:00:61", -1 },
	{ "2026-12-31T18:00:00.Z", -1 }, { "2026-12-31T18:00:00+1", -1 }, { "2026-12-31T18:00:00+24:00", -1 }, { "2026-12-31T18:00:00Zx", -1 },
	{ "2026-12-31T18:00:00ZZ", -1 }, { "2026-12-31  18:00", -1 }, { "2026-12-31 18:00 Europe/Berlin", -1 },
	{ "99999999999999999999d", -1 }, { "106751991168d", -1 },
	/* clang-format on */
};

static void times(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t at = -1;
		bool ok = moment_read(span_of(cases[i].text), NOW, &at);

		if (ok != (cases[i].want >= 0) || at != cases[i].want)
			fail_msg("\"%s\": got %lld", cases[i].text, (long long)at);
	}
}

static void what_is_printed_is_read_back(void **state)
{
	static const int64_t at[] = { 0,	  1,	      86399,	  86400,
				      951782399,  951782400,  951868800,  1798675200,
				      1798740059, 4107542399, 4107542400, 253402300799 };
	char text[MOMENT_TEXT];
	int64_t back;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		assert_true(moment_read(span_of(moment_format(at[i], text)), 0, &back));
		assert_int_equal(back, at[i]);
	}
	for (int64_t t = 0; t < 253402300800; t += 86400 * 13 + 7) {
		assert_true(moment_read(span_of(moment_format(t, text)), 0, &back));
		assert_int_equal(back, t);
	}
	assert_string_equal(moment_format(1798740059, text), "2026-12-31T18:00:59Z");
	assert_string_equal(moment_format(-1, text), "");
	assert_string_equal(moment_format(253402300800, text), "");
	assert_string_equal(moment_format(INT64_MAX, text), "");
}

/* RFC 3339, as strictly as it is written. */
static void only_our_own_form(void **state)
{
	static const struct {
		const char *text;
		int64_t at; /* -1: none */
	} times[] = {
		{ "1970-01-01T00:00:00Z", 0 },		{ "2026-11-22T14:30:05Z", 1795357805 },
		{ "2028-02-29T00:00:00Z", 1835395200 }, { "9999-12-31T23:59:59Z", 253402300799 },
		{ "2027-02-29T00:00:00Z", -1 },		{ "2026-13-01T00:00:00Z", -1 },
		{ "2026-00-10T00:00:00Z", -1 },		{ "2026-11-22T24:00:00Z", -1 },
		{ "2026-11-22T14:30:60Z", -1 },		{ "2026-11-22 14:30:05Z", -1 },
		{ "2026-11-22T14:30:05", -1 },		{ "2026-11-22T14:30:05+00:00", -1 },
		{ "2026-11-22T14:30:05z", -1 },		{ " 2026-11-22T14:30:05Z", -1 },
		{ "+026-11-22T14:30:05Z", -1 },		{ "", -1 },
	};
	char text[MOMENT_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		int64_t at = -1;

		if (moment_read_stamp(span_of(times[i].text), &at) != (times[i].at >= 0) ||
		    at != times[i].at)
			fail_msg("%s: got %lld", times[i].text, (long long)at);
		if (at >= 0)
			assert_string_equal(moment_format(at, text), times[i].text);
	}
	assert_string_equal(moment_format(INT64_MAX, text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_our_own_form),
		cmocka_unit_test(times),
		cmocka_unit_test(what_is_printed_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
