#include "tests/unit/test.h"

#include "milter/command/txt_text.h"

static const struct {
	const char *name, *in, *want;
} cases[] = {
	/* clang-format off */
	{ "as it is", "v=STSv1; id=1", "v=STSv1; id=1" },
	{ "empty", "", "" },
	{ "one string", "\"v=STSv1; id=1\"", "v=STSv1; id=1" },
	{ "several, nothing between (RFC 8461 s3.1)", "\"v=STSv1; \" \"id=\"\t\"1\"", "v=STSv1; id=1" },
	{ "without blanks between", "\"a\"\"b\"", "ab" },
	{ "blanks around", " \"a\" ", "a" },
	{ "empty string", "\"\"", "" },
	{ "quote and backslash (RFC 1035 s5.1)", "\"a\\\"b\\\\c\"", "a\"b\\c" },
	{ "decimal", "\"\\059\\010\\255\"", ";\n\xff" },
	{ "blanks alone are a record", "  ", "  " },
	{ "quotes that do not end", "\"a", "\"a" },
	{ "the second does not end", "\"a\" \"b", "\"a\" \"b" },
	{ "something between", "\"a\" b \"c\"", "\"a\" b \"c\"" },
	{ "something before", "x\"a\"", "x\"a\"" },
	{ "decimal too great", "\"\\256\"", "\"\\256\"" },
	{ "decimal too short", "\"\\25\"", "\"\\25\"" },
	{ "backslash last", "\"\\", "\"\\" },
	/* clang-format on */
};

static void records(void **state)
{
	struct buf out;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		buf_init(&out, strlen(cases[i].in));
		if (txt_text(cases[i].in, &out) != 0 || strcmp(buf_text(&out), cases[i].want) != 0)
			fail_msg("%s: got \"%s\"", cases[i].name, buf_text(&out));
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
