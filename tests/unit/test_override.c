/* What an operator may decide about a policy domain, and what is refused with which words. */
#include "tests/unit/test.h"

#include <string.h>

#include "common/base/cleanup.h"
#include "common/sts/override.h"

enum { NOW = 1798761600 }; /* 2027-01-01T00:00:00Z */

#define LONG_16 "0123456789abcdef"
#define LONG_256                                                                                   \
	LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16    \
		LONG_16 LONG_16 LONG_16 LONG_16 LONG_16

static const struct {
	const char *domain, *mode, *until, *reason, *owner, *mx;
	const char *want; /* the domain; or what stands in the error, behind "!" */
} cases[] = {
	/* clang-format off */
	{ "example.com", "none", "+7d", "broken", "", "", "example.com" },
	{ " Example.COM. ", "NONE", "2027-06-30", " broken ", "joe", "", "example.com" },
	{ "b\303\274cher.example", "testing", "+7d", "Z\303\274rich ist kaputt", "", "", "xn--bcher-kva.example" },
	{ "example.com", "enforce", "+7d", "partner", "", "mx.example.com *.Example.NET", "example.com" },
	{ "example.com", "enforce", "+7d", "partner", "", "", "example.com" },
	{ "example.com", "testing", "10w", "partner", "", "mx.example.com,mx.example.com", "example.com" },
	{ "_x.example.com", "none", "+7d", "underscores occur", "", "", "_x.example.com" },
	/* the domain */
	{ "", "none", "+7d", "r", "", "", "!domain is missing" },
	{ "[mx.example.com]", "none", "+7d", "r", "", "", "!without brackets" },
	{ "[mx.example.com]:587", "none", "+7d", "r", "", "", "!without brackets" },
	{ "example.com:26", "none", "+7d", "r", "", "", "!not for a port" },
	{ "example.com:465", "none", "+7d", "r", "", "", "!not for a port" },
	{ "[192.0.2.1]", "none", "+7d", "r", "", "", "!an address has no policy" },
	{ "192.0.2.1", "none", "+7d", "r", "", "", "!an address has no policy" },
	{ "2001:db8::1", "none", "+7d", "r", "", "", "!an address has no policy" },
	{ "user@example.com", "none", "+7d", "r", "", "", "!no domain name: user@example.com" },
	{ "a..b", "none", "+7d", "r", "", "", "!no domain name" },
	{ "*.example.com", "none", "+7d", "r", "", "", "!no domain name" },
	{ "a\033[2Jb.example", "none", "+7d", "r", "", "", "!\\x1b" },
	/* the mode */
	{ "example.com", "", "+7d", "r", "", "", "!mode is missing" },
	{ "example.com", "off", "+7d", "r", "", "", "!there is no mode off" },
	/* the time */
	{ "example.com", "none", "", "r", "", "", "!an end is missing" },
	{ "example.com", "none", "forever", "r", "", "", "!no time: forever" },
	{ "example.com", "none", "2026-12-31", "r", "", "", "!has passed" },
	{ "example.com", "none", "0s", "r", "", "", "!has passed" },
	{ "example.com", "none", "3653d", "r", "", "", "example.com" },
	{ "example.com", "none", "3654d", "r", "", "", "!within ten years" },
	{ "example.com", "none", "9999-12-31", "r", "", "", "!within ten years" },
	/* the words */
	{ "example.com", "none", "+7d", "", "", "", "!--reason" },
	{ "example.com", "none", "+7d", "  ", "", "", "!--reason" },
	{ "example.com", "none", "+7d", LONG_256, "", "", "!at most 255 octets: reason" },
	{ "example.com", "none", "+7d", "r", LONG_256, "", "!at most 255 octets: owner" },
	{ "example.com", "none", "+7d", "a\nevent=forged", "", "", "!control characters" },
	{ "example.com", "none", "+7d", "r", "\033[2J", "", "!control characters" },
	{ "example.com", "none", "+7d", "\377", "", "", "!UTF-8" },
	/* the patterns, as in a policy (RFC 8461 s3.2) */
	{ "example.com", "none", "+7d", "r", "", "mx.example.com", "!leave --mx out" },
	{ "example.com", "enforce", "+7d", "r", "", "a.*.example.com", "!pattern for MX hosts: a.*.example.com" },
	{ "example.com", "enforce", "+7d", "r", "", ".example.com", "!begin with a dot" },
	{ "example.com", "enforce", "+7d", "r", "", "ok.example *", "!pattern" },
	{ "example.com", "enforce", "+7d", "r", "", "[192.0.2.1]", "!host name alone" },
	{ "example.com", "enforce", "+7d", "r", "", "b\303\274cher.example", "!A-labels" },
	/* clang-format on */
};

static void what_may_be_said(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct override_words words = { .domain = span_of(cases[i].domain),
						      .mode = span_of(cases[i].mode),
						      .until = span_of(cases[i].until),
						      .reason = span_of(cases[i].reason),
						      .owner = span_of(cases[i].owner),
						      .mx = span_of(cases[i].mx) };
		AUTO(override_unrefp) struct override *o = NULL;
		AUTO(buf_release) struct buf error = { .max = 1000 };
		bool refused = cases[i].want[0] == '!';
		int r = override_read(&words, NOW, &o, &error);

		if (r != (refused ? OVERRIDE_INVALID : 0))
			fail_msg("case %zu: %d %s", i, r, buf_text(&error));
		if (refused && strstr(buf_text(&error), cases[i].want + 1) == NULL)
			fail_msg("case %zu: %s", i, buf_text(&error));
		for (const char *p = buf_text(&error); *p != '\0'; p++)
			assert_true(*p >= 0x20 && *p <= 0x7e && *p != '"'); /* it is shown escaped */
		if (!refused)
			assert_string_equal(o->domain, cases[i].want);
	}
}

static void all_of_it_is_there(void **state)
{
	const struct override_words words = {
		.domain = span_of("example.com"),
		.mode = span_of("enforce"),
		.until = span_of("+7d"),
		.reason = span_of(" they said so "),
		.owner = span_of("joe"),
		.mx = span_of("MX.example.com, *.example.net mx.example.com")
	};
	AUTO(override_unrefp) struct override *o = NULL, *again = NULL;
	(void)state;

	assert_int_equal(override_read(&words, NOW, &o, NULL), 0);
	assert_int_equal(o->mode, POLICY_MODE_ENFORCE);
	assert_int_equal(o->added_at, NOW);
	assert_int_equal(o->until, NOW + 7 * 86400);
	assert_string_equal(o->reason, "they said so");
	assert_string_equal(o->owner, "joe");
	assert_int_equal(o->patterns->mode, POLICY_MODE_ENFORCE);
	assert_int_equal(o->patterns->n_mx, 2);
	assert_string_equal(o->patterns->mx[0], "mx.example.com");
	assert_string_equal(o->patterns->mx[1], "*.example.net");
	/* what is kept can be made again */
	assert_int_equal(override_make(o, &again), 0);
	assert_string_equal(again->mx, o->mx);
	assert_int_equal(again->patterns->n_mx, 2);
}

/* Rows that no override_read() has made, as damage or another hand may leave them. */
static void rows_that_are_no_overrides(void **state)
{
	static const struct override good = { .domain = "example.com",
					      .mode = POLICY_MODE_ENFORCE,
					      .reason = "r",
					      .owner = "",
					      .mx = "mx.example.com" };
	struct override bad[10] = { good, good, good, good, good, good, good, good, good, good };
	AUTO(override_unrefp) struct override *o = NULL;
	(void)state;

	assert_int_equal(override_make(&good, &o), 0);
	bad[0].domain = "Example.com";
	bad[1].domain = "";
	bad[2].mode = (enum policy_mode)7;
	bad[3].reason = "";
	bad[4].reason = "\033";
	bad[5].owner = LONG_256;
	bad[6].mx = "mx.example.com\nmode: none";
	bad[7].mode = POLICY_MODE_NONE; /* it judges no MX host */
	bad[8].until = INT64_MAX;
	bad[9].until = INT64_MIN;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct override *none = NULL;

		assert_int_equal(override_make(&bad[i], &none), OVERRIDE_INVALID);
		assert_null(none);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_said),
		cmocka_unit_test(all_of_it_is_there),
		cmocka_unit_test(rows_that_are_no_overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
