#include "tests/unit/test.h"

#include "common/sts/nexthop.h"

#include <stdio.h>

struct row {
	const char *name, *in;
	enum nexthop_kind kind;
	const char *key;
	unsigned port;
};

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

/* clang-format off */
static const struct row addresses[] = {
	{ "plain", "user@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "in brackets (RFC 5321 s4.1.1.3)", "<user@Example.COM>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "blanks around", " <user@example.com> ", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "trailing dot", "<user@example.com.>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "source route (RFC 5321 s4.1.2)", "<@a.example,@b.example:user@c.example>", NEXTHOP_DOMAIN, "c.example", 25 },
	{ "source route through an address", "<@[IPv6:2001:db8::1]:user@c.example>", NEXTHOP_DOMAIN, "c.example", 25 },
	{ "a colon inside brackets ends no route", "@[IPv6:2001:db8::1]", NEXTHOP_LITERAL, "", 25 },
	{ "source route to nobody's domain", "<@a.example:user>", NEXTHOP_NONE, "", 25 },
	{ "source route with nothing behind", "<@a.example:>", NEXTHOP_NONE, "", 25 },
	{ "no local part", "@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quoted local part", "<\"a b\"@example.com>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quoted at", "<\"a@evil.example\"@example.com>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quoted quote", "<\"a\\\"@evil.example\"@example.com>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quoted backslash", "<\"a\\\\\"@example.com>", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quoted at and no domain", "<\"a@evil.example\">", NEXTHOP_NONE, "", 25 },
	{ "lone quote, as in Postfix's internal form", "a\"b@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quotes in the internal form", "a\"b@evil.example\"c@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "backslash in the internal form", "a\\@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "quote behind the at", "user@exa\"mple.com", NEXTHOP_BAD, "", 25 },
	{ "two ats", "user@a.example@b.example", NEXTHOP_DOMAIN, "b.example", 25 },
	{ "percent is left to the MTA", "user%evil.example@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "bang is left to the MTA", "evil.example!user@example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "bang alone", "evil.example!user", NEXTHOP_NONE, "", 25 },
	{ "SMTPUTF8 (RFC 6531)", "<j\xc3\xb6rg@b\xc3\xbc" "cher.example>", NEXTHOP_DOMAIN, "xn--bcher-kva.example", 25 },
	{ "SMTPUTF8 not well formed", "user@\xff.example", NEXTHOP_BAD, "", 25 },
	{ "one label", "root@localhost", NEXTHOP_DOMAIN, "localhost", 25 },
	{ "address literal (RFC 8461 s3.4)", "user@[192.0.2.1]", NEXTHOP_LITERAL, "", 25 },
	{ "IPv6 literal", "<user@[IPv6:2001:db8::1]>", NEXTHOP_LITERAL, "", 25 },
	{ "IPv6 literal, other case", "<user@[ipv6:2001:DB8::1]>", NEXTHOP_LITERAL, "", 25 },
	{ "bare address", "user@192.0.2.1", NEXTHOP_LITERAL, "", 25 },
	{ "a host in brackets is a host", "user@[mx.example.com]", NEXTHOP_HOST, "[mx.example.com]", 25 },
	{ "literal with something behind", "user@[192.0.2.1]x", NEXTHOP_BAD, "", 25 },
	{ "literal that does not end", "user@[192.0.2.1", NEXTHOP_BAD, "", 25 },
	{ "empty literal", "user@[]", NEXTHOP_BAD, "", 25 },
	{ "no address in the literal", "user@[IPv6:nonsense]", NEXTHOP_BAD, "", 25 },
	{ "null sender", "<>", NEXTHOP_NONE, "", 25 },
	{ "empty", "", NEXTHOP_NONE, "", 25 },
	{ "local", "postmaster", NEXTHOP_NONE, "", 25 },
	{ "local in brackets", "<postmaster>", NEXTHOP_NONE, "", 25 },
	{ "empty domain", "user@", NEXTHOP_NONE, "", 25 },
	{ "empty domain, dot", "user@.", NEXTHOP_NONE, "", 25 },
	{ "leading dot", "user@.example", NEXTHOP_BAD, "", 25 },
	{ "two dots", "user@a..example", NEXTHOP_BAD, "", 25 },
	{ "domain of 255 octets", "user@" L63 "." L63 "." L63 "." L63, NEXTHOP_BAD, "", 25 },
	{ "bracket left over", "user@example.com>", NEXTHOP_BAD, "", 25 },
	{ "line break", "user@example.com\r\nRCPT TO:<x>", NEXTHOP_BAD, "", 25 },
	{ "port has no place here", "user@example.com:26", NEXTHOP_BAD, "", 25 },
};

static const struct row routes[] = {
	{ "domain", "example.com", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "domain, case and dot, as Sendmail writes it", "Example.com.", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "host (RFC 8461 s3.4)", "[mx.example.com]", NEXTHOP_HOST, "[mx.example.com]", 25 },
	{ "host with dot", "[MX.example.com.]:25", NEXTHOP_HOST, "[mx.example.com]", 25 },
	{ "host and port", "[mx.example.com]:587", NEXTHOP_HOST, "[mx.example.com]:587", 587 },
	{ "host and service", "[mx.example.com]:submission", NEXTHOP_HOST, "[mx.example.com]:587", 587 },
	{ "domain and port", "example.com:26", NEXTHOP_DOMAIN, "example.com:26", 26 },
	{ "domain and service", "mx.example.com:submission", NEXTHOP_DOMAIN, "mx.example.com:587", 587 },
	{ "service smtp", "example.com:smtp", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "another name of it", "example.com:mail", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "port left empty", "example.com:", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "host, port left empty", "[mx.example.com]:", NEXTHOP_HOST, "[mx.example.com]", 25 },
	{ "port 465", "[mx.example.com]:465", NEXTHOP_WRAPPED, "mx.example.com:465", 465 },
	{ "port 465 of a domain", "example.com:465", NEXTHOP_WRAPPED, "example.com:465", 465 },
	{ "service smtps", "[mx.example.com]:smtps", NEXTHOP_WRAPPED, "mx.example.com:465", 465 },
	{ "service submissions", "mx.example.com:Submissions", NEXTHOP_WRAPPED, "mx.example.com:465", 465 },
	{ "its other names", "mx.example.com:ssmtp", NEXTHOP_WRAPPED, "mx.example.com:465", 465 },
	{ "... all of them", "mx.example.com:urd", NEXTHOP_WRAPPED, "mx.example.com:465", 465 },
	{ "the greatest port", "[mx.example.com]:65535", NEXTHOP_HOST, "[mx.example.com]:65535", 65535 },
	{ "U-label", "[b\xc3\xbc" "cher.example]:587", NEXTHOP_HOST, "[xn--bcher-kva.example]:587", 587 },
	{ "address", "[192.0.2.1]", NEXTHOP_LITERAL, "", 25 },
	{ "address and port", "[192.0.2.1]:587", NEXTHOP_LITERAL, "", 587 },
	{ "IPv6", "[IPv6:2001:db8::1]", NEXTHOP_LITERAL, "", 25 },
	{ "IPv6 and port", "[ipv6:2001:db8::1]:587", NEXTHOP_LITERAL, "", 587 },
	{ "IPv6 without a tag", "[2001:db8::1]:26", NEXTHOP_LITERAL, "", 26 },
	{ "bare address", "192.0.2.1", NEXTHOP_LITERAL, "", 25 },
	{ "bare address and port", "192.0.2.1:26", NEXTHOP_LITERAL, "", 26 },
	{ "bare IPv6", "2001:db8::1", NEXTHOP_LITERAL, "", 25 },
	{ "blanks around", " example.com ", NEXTHOP_DOMAIN, "example.com", 25 },
	{ "empty", "", NEXTHOP_NONE, "", 25 },
	{ "empty host", "[]", NEXTHOP_BAD, "", 25 },
	{ "host that does not end", "[mx.example.com", NEXTHOP_BAD, "", 25 },
	{ "something behind the host", "[mx.example.com]x", NEXTHOP_BAD, "", 25 },
	{ "port 0", "example.com:0", NEXTHOP_BAD, "", 25 },
	{ "port 65536", "example.com:65536", NEXTHOP_BAD, "", 25 },
	{ "negative port", "example.com:-1", NEXTHOP_BAD, "", 25 },
	{ "unknown service", "example.com:nonsense", NEXTHOP_BAD, "", 25 },
	{ "port of nothing", ":26", NEXTHOP_BAD, "", 25 },
	{ "leading dot", ".example", NEXTHOP_BAD, "", 25 },
	{ "bad host, good port", "[a..b]:26", NEXTHOP_BAD, "", 25 },
	{ "list of Postfix 3.5", "[a.example], [b.example]", NEXTHOP_BAD, "", 25 },
	{ "list of Sendmail", "a.example:b.example", NEXTHOP_BAD, "", 25 },
	{ "unix socket", "unix:/run/lmtp", NEXTHOP_BAD, "", 25 },
	{ "line break", "example.com\n", NEXTHOP_BAD, "", 25 },
};
/* clang-format on */

static void check(const struct row *rows, size_t n, struct nexthop (*parse)(struct span))
{
	char key[NEXTHOP_KEY_SIZE];

	for (size_t i = 0; i < n; i++) {
		struct nexthop hop = parse(span_of(rows[i].in));

		nexthop_key(&hop, key);
		if (hop.kind != rows[i].kind || strcmp(key, rows[i].key) != 0 ||
		    hop.port != rows[i].port)
			fail_msg("%s: got kind %d key \"%s\" port %u", rows[i].name, hop.kind, key,
				 hop.port);
		if ((hop.kind == NEXTHOP_BAD) != (hop.status != DOMAIN_OK))
			fail_msg("%s: status %d", rows[i].name, hop.status);
		if (hop.domain[0] != '\0' && !domain_is_normal(hop.domain))
			fail_msg("%s: domain %s", rows[i].name, hop.domain);
	}
}

static void of_addresses(void **state)
{
	(void)state;
	check(addresses, ARRAY_LEN(addresses), nexthop_of_address);
}

static void of_routes(void **state)
{
	(void)state;
	check(routes, ARRAY_LEN(routes), nexthop_of_route);
}

static void nul_bytes(void **state)
{
	static const char text[] = "user@example.com\0.evil.example";
	(void)state;

	assert_int_equal(nexthop_of_address(span_make(text, sizeof(text) - 1)).kind, NEXTHOP_BAD);
	assert_int_equal(nexthop_of_route(span_make(text + 5, sizeof(text) - 6)).kind, NEXTHOP_BAD);
	assert_int_equal(nexthop_of_address(span_make(NULL, 0)).kind, NEXTHOP_NONE);
	assert_int_equal(nexthop_of_route(span_make(NULL, 0)).kind, NEXTHOP_NONE);
}

static void the_longest_key_fits(void **state)
{
	struct nexthop hop = { .kind = NEXTHOP_HOST, .port = 65535 };
	char key[NEXTHOP_KEY_SIZE];
	(void)state;

	memset(hop.domain, 'a', sizeof(hop.domain) - 1);
	assert_int_equal(strlen(nexthop_key(&hop, key)), sizeof(hop.domain) - 1 + 2 + 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_addresses),
		cmocka_unit_test(of_routes),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(the_longest_key_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
