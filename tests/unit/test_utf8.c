#include "tests/unit/test.h"

#include "common/base/utf8.h"

/* RFC 3629 s3, s10 */
static void faults_have_a_place(void **state)
{
	static const struct {
		const char *name, *text;
		int at; /* -1: none */
	} cases[] = {
		{ "nothing", "", -1 },
		{ "ASCII and a tab", "a\tb ~", -1 },
		{ "two bytes", "\xc2\xa0\xdf\xbf", -1 },
		{ "three bytes", "\xe0\xa0\x80\xef\xbf\xbd", -1 },
		{ "four bytes", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", -1 },
		{ "C0", "ab\x1f", 2 },
		{ "DEL", "\x7f", 0 },
		{ "C1, first", "a\xc2\x80", 1 },
		{ "C1, last", "a\xc2\x9f", 1 },
		{ "continuation alone", "a\x80", 1 },
		{ "Latin-1", "gr\xfc\xdf", 2 },
		{ "cut off", "\xe2\x82", 0 },
		{ "overlong NUL", "\xc0\x80", 0 },
		{ "overlong slash", "\xe0\x80\xaf", 0 },
		{ "overlong in four bytes", "\xf0\x8f\xbf\xbf", 0 },
		{ "surrogate, first", "\xed\xa0\x80", 0 },
		{ "surrogate, last", "\xed\xbf\xbf", 0 },
		{ "above U+10FFFF", "\xf4\x90\x80\x80", 0 },
		{ "no such byte", "\xff", 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t at = 77;
		bool ok = utf8_is_text(span_of(cases[i].text), &at);

		if (ok != (cases[i].at < 0) || at != (ok ? 77 : (size_t)cases[i].at))
			fail_msg("%s: got %d at %zu", cases[i].name, ok, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_have_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
