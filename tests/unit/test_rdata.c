#include "tests/unit/test.h"

#include "common/sts/rdata.h"

#include <stdlib.h>

#define BYTES(literal) (literal), sizeof(literal) - 1

/* A copy that ends where the allocation ends, so that a sanitizer sees the first byte read too far.
 */
static struct span exact(const char *p, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	return span_make(copy, n);
}

static void txt(void **state)
{
	static const struct {
		const char *name, *rdata;
		size_t n;
		const char *want; /* NULL: refused */
	} cases[] = {
		{ "one string", BYTES("\003abc"), "abc" },
		{ "joined with nothing between (RFC 8461 s3.1)", BYTES("\005v=STS\004v1; \003id="),
		  "v=STSv1; id=" },
		{ "an empty string", BYTES("\0"), "" },
		{ "empty strings between", BYTES("\0\001a\0\001b\0"), "ab" },
		{ "no string at all", BYTES(""), NULL },
		{ "length runs over the end", BYTES("\004abc"), NULL },
		{ "length is the last octet", BYTES("\001a\001"), NULL },
		{ "255 of 2", BYTES("\377a"), NULL },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span in = exact(cases[i].rdata, cases[i].n), out = span_of("untouched");
		struct arena arena;
		bool ok;

		arena_init(&arena, 65536);
		ok = rdata_txt(in, &arena, &out);
		if (ok != (cases[i].want != NULL))
			fail_msg("%s: got %d", cases[i].name, ok);
		if (!span_eq(out, ok ? cases[i].want : "untouched"))
			fail_msg("%s: got '%.*s'", cases[i].name, (int)out.n, out.p);
		arena_release(&arena);
		free((void *)in.p);
	}
}

static void txt_has_a_maximum(void **state)
{
	static char rdata[40 * 256];
	struct span out;
	struct arena arena;
	(void)state;

	memset(rdata, 'x', sizeof(rdata));
	for (size_t i = 0; i < sizeof(rdata); i += 256)
		rdata[i] = (char)255;
	arena_init(&arena, 65536);
	assert_true(
		rdata_txt(span_make(rdata, 32 * 256), &arena, &out)); /* 32 * 255 <= LIMIT_TXT */
	assert_int_equal(out.n, 32 * 255);
	assert_false(rdata_txt(span_make(rdata, 33 * 256), &arena, &out));
	arena_release(&arena);
	arena_init(&arena, 100);
	assert_false(rdata_txt(span_make(rdata, 256), &arena, &out));
	arena_release(&arena);
}

static void mx(void **state)
{
	static const struct {
		const char *name, *rdata;
		size_t n;
		int preference;
		const char *want; /* NULL: refused */
	} cases[] = {
		{ "ordinary", BYTES("\0\012\002mx\007example\003com\0"), 10, "mx.example.com" },
		{ "lower-cased", BYTES("\0\012\002MX\007Example\003COM\0"), 10, "mx.example.com" },
		{ "underscore and hyphen", BYTES("\377\377\003_-9\001a\0"), 65535, "_-9.a" },
		{ "null MX (RFC 7505 s3)", BYTES("\0\0\0"), 0, "" },
		{ "no name", BYTES("\0\012"), 0, NULL },
		{ "empty", BYTES(""), 0, NULL },
		{ "name without end", BYTES("\0\012\002mx"), 0, NULL },
		{ "label runs over the end", BYTES("\0\012\003mx\0"), 0, NULL },
		{ "octets behind the name", BYTES("\0\012\002mx\0\0"), 0, NULL },
		{ "octets behind the root", BYTES("\0\0\0a"), 0, NULL },
		{ "compression pointer", BYTES("\0\012\300\014"), 0, NULL },
		{ "extended label type", BYTES("\0\012\101a\0"), 0, NULL },
		{ "a dot inside a label", BYTES("\0\012\005mx.ab\0"), 0, NULL },
		{ "an address as a name", BYTES("\0\012\003192\0010\0012\0011\0"), 0, NULL },
		{ "a blank", BYTES("\0\012\003m x\0"), 0, NULL },
		{ "a NUL", BYTES("\0\012\003m\0x\0"), 0, NULL },
		{ "a wildcard", BYTES("\0\012\001*\003com\0"), 0, NULL },
		{ "UTF-8", BYTES("\0\012\003b\303\274\0"), 0, NULL },
		{ "line feed", BYTES("\0\012\002m\012\0"), 0, NULL },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span in = exact(cases[i].rdata, cases[i].n);
		char out[DOMAIN_SIZE] = "untouched";
		uint16_t preference = 4711;
		bool ok = rdata_mx(in, &preference, out);

		if (ok != (cases[i].want != NULL))
			fail_msg("%s: got %d '%s'", cases[i].name, ok, out);
		assert_string_equal(out, ok ? cases[i].want : "untouched");
		assert_int_equal(preference, ok ? cases[i].preference : 4711);
		free((void *)in.p);
	}
}

/* RFC 1035 s2.3.4: 255 octets on the wire, 253 in text; one label of 63. */
static void mx_at_its_limits(void **state)
{
	char rdata[2 + 256 + 1] = { 0, 10 }, out[DOMAIN_SIZE];
	uint16_t preference;
	(void)state;

	memset(rdata + 2, 'a', sizeof(rdata) - 2);
	for (int i = 0; i < 3; i++)
		rdata[2 + i * 64] = 63;
	rdata[2 + 192] = 61;
	rdata[2 + 254] = 0;
	assert_true(rdata_mx(span_make(rdata, 2 + 255), &preference, out));
	assert_int_equal(strlen(out), 253);
	rdata[2 + 192] = 62;
	rdata[2 + 254] = 'a';
	rdata[2 + 255] = 0;
	assert_false(rdata_mx(span_make(rdata, 2 + 256), &preference, out));
}

static void addresses(void **state)
{
	struct netaddr a;
	char out[NETADDR_TEXT];
	(void)state;

	assert_true(rdata_address(span_make("\300\0\2\1", 4), ADDR_V4, &a));
	assert_string_equal(netaddr_format(&a, out), "192.0.2.1");
	assert_true(
		rdata_address(span_make("\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16), ADDR_V6, &a));
	assert_string_equal(netaddr_format(&a, out), "2001:db8::1");
	assert_false(rdata_address(span_make("\300\0\2", 3), ADDR_V4, &a));
	assert_false(rdata_address(span_make("\300\0\2\1\0", 5), ADDR_V4, &a));
	assert_false(rdata_address(span_make("\300\0\2\1", 4), ADDR_V6, &a));
	assert_false(rdata_address(span_make("", 0), ADDR_V4, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(txt),	     cmocka_unit_test(txt_has_a_maximum),
		cmocka_unit_test(mx),	     cmocka_unit_test(mx_at_its_limits),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
