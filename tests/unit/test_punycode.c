/* RFC 3492 s7.1, as far as its samples are labels in lower case. */
#include "tests/unit/test.h"

#include "common/sts/punycode.h"

#define U8 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"

static const struct {
	const char *name, *in, *want; /* "": refused */
} cases[] = {
	/* clang-format off */
	{ "(A) Arabic", "\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8\xaa\xd9\x83\xd9\x84\xd9\x85\xd9\x88\xd8\xb4\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f", "xn--egbpdaj6bu4bxfgehfvwxn" },
	{ "(B) Chinese", "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87", "xn--ihqwcrb4cv8a8dqg056pqjye" },
	{ "(D) Czech, lower case", "pro\xc4\x8dprost\xc4\x9bnemluv\xc3\xad\xc4\x8d" "esky", "xn--proprostnemluvesky-uyb24dma41a" },
	{ "(I) Russian, lower case", "\xd0\xbf\xd0\xbe\xd1\x87\xd0\xb5\xd0\xbc\xd1\x83\xd0\xb6\xd0\xb5\xd0\xbe\xd0\xbd\xd0\xb8\xd0\xbd\xd0\xb5\xd0\xb3\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80\xd1\x8f\xd1\x82\xd0\xbf\xd0\xbe\xd1\x80\xd1\x83\xd1\x81\xd1\x81\xd0\xba\xd0\xb8", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l" },
	{ "(L) digits and letters", "3\xe5\xb9\xb4" "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f", "xn--3b-ww4c5e180e575a65lsy2b" },
	{ "(R) Japanese", "\xe3\x81\x9d\xe3\x81\xae\xe3\x82\xb9\xe3\x83\x94\xe3\x83\xbc\xe3\x83\x89\xe3\x81\xa7", "xn--d9juau41awczczp" },
	{ "upper case (ASCII)", "B\xc3\xbc" "CHER", "xn--bcher-kva" },
	{ "a hyphen at the end", "\xc3\xbc-", "xn----dha" },
	{ "the last character", "\xf4\x8f\xbf\xbf", "xn--dn32g" },
	{ "as long as a label can be", U8 U8 U8 U8 U8 U8 U8 "\xc3\xbc", "xn--tdaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "longer", U8 U8 U8 U8 U8 U8 U8 "\xc3\xbc\xc3\xbc", "" },
	{ "more characters than octets", U8 U8 U8 U8 U8 U8 U8 U8 U8, "" },
	{ "ASCII alone", "-> $1.00 <-", "" },
	{ "an emoji's variation alone", "\xef\xb8\x8f", "" },
	{ "nothing", "", "" },
	{ "no UTF-8", "a\xff", "" },
	{ "overlong", "\xc0\xaf", "" },
	{ "a surrogate", "\xed\xa0\x80", "" },
	{ "cut off", "\xf0\x9f\xab", "" },
	/* clang-format on */
};

static void labels(void **state)
{
	char out[LIMIT_LABEL + 1];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool well = punycode_label(span_of(cases[i].in), out);

		if (well != (cases[i].want[0] != '\0') || strcmp(out, cases[i].want) != 0)
			fail_msg("%s: got \"%s\"", cases[i].name, out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(labels) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
