#include "tests/unit/test.h"

#include "common/sts/netstring.h"

enum { MAX = 10000 };

static const struct {
	const char *name, *in;
	enum netstring want;
	const char *content; /* of WHOLE */
	size_t size;
} rows[] = {
	{ "nothing yet", "", NETSTRING_PART, NULL, 0 },
	{ "a digit", "1", NETSTRING_PART, NULL, 0 },
	{ "all digits", "11", NETSTRING_PART, NULL, 0 },
	{ "length", "11:", NETSTRING_PART, NULL, 15 },
	{ "part of the content", "11:postfix", NETSTRING_PART, NULL, 15 },
	{ "without its end", "11:postfix a.b", NETSTRING_PART, NULL, 15 },
	{ "whole", "11:postfix a.b,", NETSTRING_WHOLE, "postfix a.b", 15 },
	{ "whole, and another", "11:postfix a.b,3:x y,", NETSTRING_WHOLE, "postfix a.b", 15 },
	{ "empty", "0:,", NETSTRING_WHOLE, "", 3 },
	{ "content with a comma", "3:a,b,", NETSTRING_WHOLE, "a,b", 6 },
	{ "leading zero", "01:a,", NETSTRING_BAD, NULL, 0 },
	{ "two zeros", "00", NETSTRING_BAD, NULL, 0 },
	{ "no length", ":a,", NETSTRING_BAD, NULL, 0 },
	{ "no number", "postfix", NETSTRING_BAD, NULL, 0 },
	{ "a sign", "+1:a,", NETSTRING_BAD, NULL, 0 },
	{ "a minus", "-1:a,", NETSTRING_BAD, NULL, 0 },
	{ "a blank", " 1:a,", NETSTRING_BAD, NULL, 0 },
	{ "a blank behind", "1 :a,", NETSTRING_BAD, NULL, 0 },
	{ "wrong end", "1:ab", NETSTRING_BAD, NULL, 4 },
	{ "the longest", "10000:", NETSTRING_PART, NULL, 10007 },
	{ "longer than that", "10001", NETSTRING_BAD, NULL, 0 },
	{ "1 GiB is refused at its digits", "107374", NETSTRING_BAD, NULL, 0 },
	{ "a number without end", "9999999999999999999999999", NETSTRING_BAD, NULL, 0 },
};

static void strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct span content = { NULL, 0 };
		size_t size = 99;
		enum netstring got = netstring_take(span_of(rows[i].in), MAX, &content, &size);

		if (got != rows[i].want || (got != NETSTRING_BAD && size != rows[i].size) ||
		    (rows[i].content != NULL && !span_eq(content, rows[i].content)))
			fail_msg("%s: %d, %zu octets", rows[i].name, got, size);
	}
}

static void heads(void **state)
{
	static const struct {
		size_t n;
		const char *want;
	} wanted[] = { { 0, "0:" }, { 9, "9:" }, { 10, "10:" }, { 100000, "100000:" } };
	char text[NETSTRING_HEAD];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *begin = netstring_head(text + sizeof(text), wanted[i].n);

		if (!span_eq(span_make(begin, (size_t)(text + sizeof(text) - begin)),
			     wanted[i].want))
			fail_msg("%s", wanted[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
