#include "tests/unit/test.h"

#include "common/sts/mx_match.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"
#define L61 "a234567890123456789012345678901234567890123456789012345678901"
#define L59 "a2345678901234567890123456789012345678901234567890123456789"

/* clang-format off */
static const struct {
	const char *name, *host, *pattern;
	bool want;
} matches[] = {
	{ "the same", "mail.example.com", "mail.example.com", true },
	{ "case (RFC 6125 s6.4.1)", "MAIL.example.com", "mail.EXAMPLE.com", true },
	{ "host with dot", "mail.example.com.", "mail.example.com", true },
	{ "another host", "mail2.example.com", "mail.example.com", false },
	{ "longer host", "a.mail.example.com", "mail.example.com", false },
	{ "shorter host", "example.com", "mail.example.com", false },
	{ "a prefix of it", "mail.example.co", "mail.example.com", false },
	{ "wildcard (RFC 8461 s4.1)", "mail.example.com", "*.example.com", true },
	{ "wildcard, case", "MAIL.EXAMPLE.COM", "*.example.com", true },
	{ "wildcard, host with dot", "mail.example.com.", "*.example.com", true },
	{ "wildcard does not match the apex", "example.com", "*.example.com", false },
	{ "wildcard does not match two labels", "foo.bar.example.com", "*.example.com", false },
	{ "wildcard does not match half a label", "mailexample.com", "*.example.com", false },
	{ "wildcard does not match an empty label", ".example.com", "*.example.com", false },
	{ "wildcard of a top-level domain", "example.com", "*.com", true },
	{ "wildcard and an A-label", "xn--bcher-kva.example.com", "*.example.com", true },
	{ "wildcard and an underscore", "a_b.example.com", "*.example.com", true },
	{ "wildcard and one label", "com", "*.com", false },
	{ "star in the host is no wildcard", "*.example.com", "*.example.com", false },
	{ "star in the host against a name", "*.example.com", "mail.example.com", false },
	{ "partial wildcard", "mail.example.com", "m*.example.com", false },
	{ "wildcard not first", "mail.example.com", "mail.*.com", false },
	{ "two wildcards", "a.b.example.com", "*.*.example.com", false },
	{ "star alone", "com", "*", false },
	{ "star and dot", "a.", "*.", false },
	{ "pattern with dot", "mail.example.com", "mail.example.com.", false },
	{ "pattern of the drafts", "mail.example.com", ".example.com", false },
	{ "two dots at the end of the host", "mail.example.com..", "mail.example.com", false },
	{ "empty host", "", "*.example.com", false },
	{ "host is a dot", ".", "*.example.com", false },
	{ "empty pattern", "mail.example.com", "", false },
	{ "both empty", "", "", false },
	{ "blank in the host", "a b.example.com", "*.example.com", false },
	{ "underscore in the pattern", "a_b.example.com", "a_b.example.com", false },
	{ "253 octets", L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61, true },
	{ "255 octets", L63 "." L63 "." L63 "." L63, L63 "." L63 "." L63 "." L63, false },
};

static const struct {
	const char *name, *pattern;
	bool want;
} patterns[] = {
	{ "name", "mail.example.com", true },
	{ "wildcard", "*.example.com", true },
	{ "one label (RFC 5321 s4.1.2)", "localhost", true },
	{ "digits first (RFC 1123 s2.1)", "3com.example", true },
	{ "upper case", "MAIL.Example.COM", true },
	{ "A-label", "xn--bcher-kva.example", true },
	{ "hyphens inside", "a--b.example", true },
	{ "253 octets in all", L63 "." L63 "." L63 "." L61, true },
	{ "253 octets with the wildcard", "*." L63 "." L63 "." L63 "." L59, true },
	{ "255 octets with the wildcard", "*." L63 "." L63 "." L63 "." L61, false },
	{ "64 octets in a label", L63 "4.example", false },
	{ "empty", "", false },
	{ "star", "*", false },
	{ "star and dot", "*.", false },
	{ "star without dot", "*example.com", false },
	{ "two stars", "*.*.com", false },
	{ "star inside", "a.*.com", false },
	{ "leading dot", ".example.com", false },
	{ "trailing dot", "example.com.", false },
	{ "two dots", "a..com", false },
	{ "hyphen first", "-a.com", false },
	{ "hyphen last", "a-.com", false },
	{ "underscore", "a_b.com", false },
	{ "blank", "a b.com", false },
	{ "address literal", "[192.0.2.1]", false },
	{ "U-label", "b\xc3\xbc" "cher.example", false },
};
/* clang-format on */

static void hosts_and_patterns(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(matches); i++)
		if (mx_match(matches[i].host, matches[i].pattern) != matches[i].want)
			fail_msg("%s", matches[i].name);
}

static void valid_patterns(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
		if (mx_pattern_valid(patterns[i].pattern) != patterns[i].want)
			fail_msg("%s", patterns[i].name);
}

static void the_first_that_matches(void **state)
{
	static const char *const p[] = { "bad..pattern", "a.example.com", "*.example.com",
					 "mail.example.com" };
	(void)state;

	assert_int_equal(mx_match_any("mail.example.com", p, ARRAY_LEN(p)), 2);
	assert_int_equal(mx_match_any("a.example.com", p, ARRAY_LEN(p)), 1);
	assert_int_equal(mx_match_any("example.com", p, ARRAY_LEN(p)), -1);
	assert_int_equal(mx_match_any("example.com", NULL, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_and_patterns),
		cmocka_unit_test(valid_patterns),
		cmocka_unit_test(the_first_that_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
