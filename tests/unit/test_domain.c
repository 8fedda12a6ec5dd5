#include "tests/unit/test.h"

#include "common/base/utf8.h"
#include "common/sts/domain.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"
#define U3  "\xc3\xbc\xc3\xbc\xc3\xbc"

static const struct {
	const char *name, *in, *want;
	enum domain_status status;
} cases[] = {
	/* clang-format off */
	{ "plain", "example.com", "example.com", DOMAIN_OK },
	{ "lower case (RFC 4343)", "Mail.EXAMPLE.Com", "mail.example.com", DOMAIN_OK },
	{ "one trailing dot", "example.com.", "example.com", DOMAIN_OK },
	{ "one label", "localhost", "localhost", DOMAIN_OK },
	{ "underscore", "_a.b_c.example", "_a.b_c.example", DOMAIN_OK },
	{ "hyphens where DNS allows them", "-a.b-.c--d.example", "-a.b-.c--d.example", DOMAIN_OK },
	{ "digits", "1.2.3a", "1.2.3a", DOMAIN_OK },
	{ "A-label", "XN--bcher-kva.example", "xn--bcher-kva.example", DOMAIN_OK },
	{ "A-label that decodes to nothing", "xn--zz--.example", "xn--zz--.example", DOMAIN_OK },
	{ "U-label (RFC 5890)", "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", DOMAIN_OK },
	{ "U-label, upper case (UTS 46)", "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example", DOMAIN_OK },
	{ "U-label, decomposed", "bu\xcc\x88" "cher.example", "xn--bcher-kva.example", DOMAIN_OK },
	{ "sharp s, non-transitional", "stra\xc3\x9f" "e.de", "xn--strae-oqa.de", DOMAIN_OK },
	{ "U-label beside ASCII that IDNA dislikes", "r3---sn.-x.\xc3\xbc.example", "r3---sn.-x.xn--tda.example", DOMAIN_OK },
	{ "a symbol, which UTS 46 has and IDNA 2008 has not", "\xe2\x98\x83.example", "xn--n3h.example", DOMAIN_OK },
	{ "a symbol beside a letter", "I\xe2\x9d\xa4.ws", "xn--i-7iq.ws", DOMAIN_OK },
	/* What UTS 46 lets pass without its optional checks, and IDNA 2008 or libidn2's tables do not; as ICU 72 has it. */
	{ "younger than libidn2: Unicode 15", "\xf0\x9f\xab\xa8.example", "xn--929h.example", DOMAIN_OK },
	{ "younger, beside letters", "Ab\xf0\x9f\xab\xa8" "c.example", "xn--abc-cl73b.example", DOMAIN_OK },
	{ "a symbol joined by ZWJ", "\xe2\x98\x83\xe2\x80\x8d.example", "xn--1ug96u.example", DOMAIN_OK },
	{ "two joined symbols", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7.example", "xn--1ugy855pea.example", DOMAIN_OK },
	{ "ZWJ and an emoji's variation", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xe2\x9d\xa4\xef\xb8\x8f.example", "xn--1ug110abm53b.example", DOMAIN_OK },
	{ "sharp s beside a symbol", "\xc3\x9f\xe2\x98\x83.example", "xn--zca031q.example", DOMAIN_OK },
	{ "ZWJ where IDNA has no rule for it (RFC 5892 A.2)", "a\xe2\x80\x8d" "b.example", "xn--ab-m1t.example", DOMAIN_OK },
	{ "mixed directions (RFC 5893)", "a\xd7\x90.example", "xn--a-0hc.example", DOMAIN_OK },
	/* ... what UTS 46 disallows cannot be told from what is young: it becomes a name that nobody has, and never another one */
	{ "a symbol that UTS 46 disallows", "\xe2\x98\x83\xef\xbf\xbc.example", "xn--n3hw480f.example", DOMAIN_OK },
	{ "a dot that is none (U+2024)", "a\xe2\x80\xa4" "b.example", "xn--ab-l3t.example", DOMAIN_OK },
	{ "underscore beside a U-label", "_x.\xc3\xbc.example", "_x.xn--tda.example", DOMAIN_OK },
	{ "ideographic full stops", "a\xe3\x80\x82" "b\xef\xbc\x8e" "c\xef\xbd\xa1" "example\xe3\x80\x82", "a.b.c.example", DOMAIN_OK },
	{ "63 octets in a label", L63 ".com", L63 ".com", DOMAIN_OK },
	{ "253 octets", L63 "." L63 "." L63 ".a234567890123456789012345678901234567890123456789012345678901",
	  L63 "." L63 "." L63 ".a234567890123456789012345678901234567890123456789012345678901", DOMAIN_OK },
	{ "253 octets and a dot", L63 "." L63 "." L63 ".a234567890123456789012345678901234567890123456789012345678901.",
	  L63 "." L63 "." L63 ".a234567890123456789012345678901234567890123456789012345678901", DOMAIN_OK },

	{ "empty", "", "", DOMAIN_EMPTY },
	{ "the root", ".", "", DOMAIN_EMPTY },
	{ "254 octets", L63 "." L63 "." L63 ".a2345678901234567890123456789012345678901234567890123456789012", "", DOMAIN_TOO_LONG },
	{ "255 octets (RFC 1035 s2.3.4)", L63 "." L63 "." L63 "." L63, "", DOMAIN_TOO_LONG },
	{ "64 octets in a label", L63 "4.com", "", DOMAIN_TOO_LONG },
	{ "U-label too long as an A-label", U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 U3 ".de", "", DOMAIN_TOO_LONG },
	{ "leading dot", ".example", "", DOMAIN_BAD_LABEL },
	{ "two dots", "a..example", "", DOMAIN_BAD_LABEL },
	{ "two trailing dots", "example..", "", DOMAIN_BAD_LABEL },
	{ "two dots alone", "..", "", DOMAIN_BAD_LABEL },
	{ "leading dot before a U-label", ".\xc3\xbc.example", "", DOMAIN_BAD_LABEL },
	{ "blank", "a b.example", "", DOMAIN_BAD_LABEL },
	{ "blank beside a U-label", "a b.\xc3\xbc", "", DOMAIN_BAD_LABEL },
	{ "wildcard", "*.example", "", DOMAIN_BAD_LABEL },
	{ "slash", "a/b.example", "", DOMAIN_BAD_LABEL },
	{ "line break", "a\r\nb.example", "", DOMAIN_BAD_LABEL },
	{ "address literal", "[192.0.2.1]", "", DOMAIN_BAD_LABEL },
	{ "bare address", "192.0.2.1", "", DOMAIN_BAD_LABEL },
	{ "bare IPv6 address", "2001:db8::1", "", DOMAIN_BAD_LABEL },
	{ "numeric top level (RFC 3696 s2)", "a.123", "", DOMAIN_BAD_LABEL },
	{ "full-width address", "\xef\xbc\x91.0.2.\xef\xbc\x91", "", DOMAIN_BAD_LABEL },
	{ "full-width at", "\xef\xbc\xa0.example", "", DOMAIN_BAD_LABEL },
	{ "not UTF-8", "\xff.example", "", DOMAIN_BAD_IDN },
	{ "truncated UTF-8", "a\xc3", "", DOMAIN_BAD_IDN },
	{ "truncated UTF-8 behind a symbol", "\xf0\x9f\xab\xa8\xf0\x9f.example", "", DOMAIN_BAD_IDN },
	{ "hyphens at the third and fourth place", "ab--\xc3\xbc.example", "", DOMAIN_BAD_IDN },
	{ "a combining mark first", "\xcc\x88" "a.example", "", DOMAIN_BAD_IDN },
	{ "a label that vanishes", "\xc2\xad.example", "", DOMAIN_BAD_IDN },
	/* clang-format on */
};

static void normal_form(void **state)
{
	char out[DOMAIN_SIZE], again[DOMAIN_SIZE];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum domain_status got;

		memset(out, 'x', sizeof(out));
		got = domain_normalize(span_of(cases[i].in), out);
		if (got != cases[i].status || strcmp(out, cases[i].want) != 0)
			fail_msg("%s: got %d \"%s\"", cases[i].name, got, out);
		if (got != DOMAIN_OK)
			continue;
		if (!domain_is_normal(out) || domain_normalize(span_of(out), again) != DOMAIN_OK ||
		    strcmp(again, out) != 0)
			fail_msg("%s: not stable", cases[i].name);
	}
}

static void hostile_lengths(void **state)
{
	static char big[100000];
	char out[DOMAIN_SIZE];
	(void)state;

	memset(big, 'a', sizeof(big));
	assert_int_equal(domain_normalize(span_make(big, sizeof(big)), out), DOMAIN_TOO_LONG);
	for (size_t i = 0; i < sizeof(big); i += 2)
		memcpy(big + i, "\xc3\xbc", 2);
	assert_int_equal(domain_normalize(span_make(big, 2000), out), DOMAIN_TOO_LONG);
	memset(big, '.', sizeof(big));
	assert_int_equal(domain_normalize(span_make(big, sizeof(big)), out), DOMAIN_TOO_LONG);
	assert_int_equal(domain_normalize(span_make(big, 250), out), DOMAIN_BAD_LABEL);
	assert_int_equal(domain_normalize(span_make("a\0b.example", 11), out), DOMAIN_BAD_LABEL);
	assert_int_equal(domain_normalize(span_make("\xc3\xbc\0b.example", 12), out),
			 DOMAIN_BAD_LABEL);
	assert_int_equal(domain_normalize(span_make(NULL, 0), out), DOMAIN_EMPTY);
}

static void normal_or_not(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} t[] = {
		{ "example.com", true },   { "a_b.c-", true }, { "Example.com", false },
		{ "example.com.", false }, { "", false },      { ".a", false },
		{ "192.0.2.1", false },	   { "*.a", false },   { "\xc3\xbc", false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (domain_is_normal(t[i].name) != t[i].want)
			fail_msg("%s", t[i].name);
}

static void zones(void **state)
{
	static const struct {
		const char *name, *zone;
		bool want;
	} t[] = {
		{ "example.com", "example.com", true },
		{ "a.b.example.com", "example.com", true },
		{ "badexample.com", "example.com", false },
		{ "com", "example.com", false },
		{ "example.com", "", false },
		{ "example.org", "example.com", false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (domain_in_zone(t[i].name, t[i].zone) != t[i].want)
			fail_msg("%s in %s", t[i].name, t[i].zone);
}

static void statuses_have_texts(void **state)
{
	(void)state;

	for (int s = DOMAIN_OK; s <= DOMAIN_BAD_IDN; s++)
		assert_string_not_equal(domain_status_text(s), "unknown");
}

/* RFC 3629 s4 */
static void utf8(void **state)
{
	static const struct {
		const char *name, *in;
		size_t n, want;
	} t[] = {
		{ "ASCII", "abc", 3, 3 },
		{ "NUL is a character", "a\0b", 3, 3 },
		{ "2, 3 and 4 octets", "\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80", 9, 9 },
		{ "the last one", "\xf4\x8f\xbf\xbf", 4, 4 },
		{ "past the last one", "\xf4\x90\x80\x80", 4, 0 },
		{ "overlong 2", "a\xc0\xaf", 3, 1 },
		{ "overlong 3", "\xe0\x9f\xbf", 3, 0 },
		{ "overlong 4", "\xf0\x8f\xbf\xbf", 4, 0 },
		{ "surrogate", "\xed\xa0\x80", 3, 0 },
		{ "cut", "ab\xe2\x82", 4, 2 },
		{ "lone continuation", "\x80", 1, 0 },
		{ "bad third octet", "\xe2\x82\x41", 3, 0 },
		{ "bad fourth octet", "\xf0\x90\x80\x41", 4, 0 },
		{ "FF", "\xff", 1, 0 },
		{ "nothing", "", 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (utf8_prefix(span_make(t[i].in, t[i].n)) != t[i].want)
			fail_msg("%s", t[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_form),	       cmocka_unit_test(hostile_lengths),
		cmocka_unit_test(normal_or_not),       cmocka_unit_test(zones),
		cmocka_unit_test(statuses_have_texts), cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
