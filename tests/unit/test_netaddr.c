#include "tests/unit/test.h"

#include "common/base/netaddr.h"

static void parsing_and_printing(void **state)
{
	static const struct {
		const char *text;
		const char *back; /* NULL: refused */
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "::", "::" },
		{ "", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.01", NULL },
		{ "192.0.2.256", NULL },
		{ "192.0.2.1 ", NULL },
		{ "192.0.2.1/32", NULL },
		{ "[2001:db8::1]", NULL },
		{ "fe80::1%eth0", NULL },
		{ "2001:db8::1::2", NULL },
		{ "1:2:3:4:5:6:7:8:9", NULL },
		{ "example.com", NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL },
	};
	struct netaddr a = { .family = 9 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[NETADDR_TEXT];
		bool ok = netaddr_parse(span_of(cases[i].text), &a);

		if (ok != (cases[i].back != NULL))
			fail_msg("%s: got %d", cases[i].text, ok);
		if (ok)
			assert_string_equal(netaddr_format(&a, out), cases[i].back);
	}
	assert_false(netaddr_parse(span_make("192.0.2.1\0", 10), &a));
}

static void membership(void **state)
{
	static const struct {
		const char *net, *addr;
		bool want;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "10.0.0.0/9", "10.128.0.0", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.7/31", "192.0.2.6", true },
		{ "::1", "::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		/* v4-mapped: a member where its v4 address is */
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "10.0.0.0/8", "::ffff:11.1.2.3", false },
		{ "::ffff:10.0.0.0/104", "10.1.2.3", true },
		{ "::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true },
		{ "::ffff:10.0.0.0/104", "::ffff:11.1.2.3", false },
		{ "::/0", "::ffff:10.1.2.3", true },
	};
	static const char *const bad[] = {
		"",	   "10.0.0.0/33", "10.0.0.0/",	  "10.0.0.0/-1", "10/8",     "::/129",
		"::1/ 64", "/8",	  "10.0.0.0/8/8", "10.0.0.0 /8", "localhost"
	};
	struct network net;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct netaddr a;

		assert_true(network_parse(span_of(cases[i].net), &net));
		assert_true(netaddr_parse(span_of(cases[i].addr), &a));
		if (network_has(&net, &a) != cases[i].want)
			fail_msg("%s in %s: want %d", cases[i].addr, cases[i].net, cases[i].want);
		assert_int_equal(networks_have(&net, 1, &a), cases[i].want);
		assert_false(networks_have(&net, 0, &a));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (network_parse(span_of(bad[i]), &net))
			fail_msg("accepted '%s'", bad[i]);
}

static void equality(void **state)
{
	struct netaddr a, b;
	(void)state;

	netaddr_parse(span_of("192.0.2.1"), &a);
	netaddr_parse(span_of("::ffff:192.0.2.1"), &b);
	assert_true(netaddr_eq(&a, &a));
	assert_false(netaddr_eq(&a, &b));
}

static void globally_reachable(void **state)
{
	static const struct {
		const char *addr;
		bool want;
		const char *why;
	} cases[] = {
		{ "8.8.8.8", true, "ordinary" },
		{ "1.0.0.0", true, "first behind this-network" },
		{ "0.0.0.0", false, "this network, RFC 791" },
		{ "0.1.2.3", false, "this network, RFC 791" },
		{ "9.255.255.255", true, "before RFC 1918" },
		{ "10.0.0.0", false, "RFC 1918" },
		{ "10.255.255.255", false, "RFC 1918" },
		{ "11.0.0.0", true, "behind RFC 1918" },
		{ "100.63.255.255", true, "before CGNAT" },
		{ "100.64.0.0", false, "CGNAT, RFC 6598" },
		{ "100.127.255.255", false, "CGNAT, RFC 6598" },
		{ "100.128.0.0", true, "behind CGNAT" },
		{ "127.0.0.1", false, "loopback" },
		{ "127.255.255.255", false, "loopback" },
		{ "169.254.169.254", false, "link-local (cloud metadata)" },
		{ "169.253.255.255", true, "before link-local" },
		{ "172.15.255.255", true, "before RFC 1918" },
		{ "172.16.0.0", false, "RFC 1918" },
		{ "172.31.255.255", false, "RFC 1918" },
		{ "172.32.0.0", true, "behind RFC 1918" },
		{ "192.0.0.8", false, "protocol assignments, RFC 7600" },
		{ "192.0.0.9", true, "PCP anycast, RFC 7723" },
		{ "192.0.0.10", true, "TURN anycast, RFC 8155" },
		{ "192.0.0.170", false, "NAT64 discovery, RFC 7050" },
		{ "192.0.2.1", false, "documentation, RFC 5737" },
		{ "192.31.196.1", true, "AS112, RFC 7535" },
		{ "192.88.99.1", false, "6to4 relay, RFC 7526" },
		{ "192.168.0.1", false, "RFC 1918" },
		{ "192.169.0.0", true, "behind RFC 1918" },
		{ "198.17.255.255", true, "before benchmarks" },
		{ "198.18.0.1", false, "benchmarks, RFC 2544" },
		{ "198.19.255.255", false, "benchmarks, RFC 2544" },
		{ "198.20.0.0", true, "behind benchmarks" },
		{ "198.51.100.1", false, "documentation, RFC 5737" },
		{ "203.0.113.1", false, "documentation, RFC 5737" },
		{ "223.255.255.255", true, "before multicast" },
		{ "224.0.0.1", false, "multicast" },
		{ "239.255.255.255", false, "multicast" },
		{ "240.0.0.1", false, "reserved" },
		{ "255.255.255.255", false, "limited broadcast" },
		{ "2a00:1450::1", true, "ordinary" },
		{ "2606:4700::1", true, "ordinary" },
		{ "::", false, "unspecified" },
		{ "::1", false, "loopback" },
		{ "::8.8.8.8", false, "IPv4-compatible, RFC 4291 s2.5.5.1" },
		{ "::ffff:8.8.8.8", true, "v4-mapped, unwrapped" },
		{ "::ffff:127.0.0.1", false, "v4-mapped, unwrapped" },
		{ "::ffff:10.0.0.1", false, "v4-mapped, unwrapped" },
		{ "::ffff:0:10.0.0.1", false, "IPv4-translated, RFC 2765" },
		{ "64:ff9b::8.8.8.8", true, "NAT64, RFC 6052" },
		{ "64:ff9b::10.0.0.1", false, "NAT64 of RFC 1918" },
		{ "64:ff9b::127.0.0.1", false, "NAT64 of loopback" },
		{ "64:ff9b::1:8.8.8.8", false, "outside the /96" },
		{ "64:ff9b:1::8.8.8.8", false, "local-use NAT64, RFC 8215" },
		{ "100::1", false, "discard-only, RFC 6666" },
		{ "100:0:0:1::1", false, "dummy prefix, RFC 9780" },
		{ "2001::1", false, "Teredo, RFC 4380" },
		{ "2001:0:808:808::1", false, "Teredo, RFC 4380" },
		{ "2001:1::1", true, "PCP anycast, RFC 7723" },
		{ "2001:1::4", false, "protocol assignments" },
		{ "2001:2::1", false, "benchmarks, RFC 5180" },
		{ "2001:3::1", true, "AMT, RFC 7450" },
		{ "2001:4:112::1", true, "AS112, RFC 7535" },
		{ "2001:10::1", false, "ORCHID, RFC 4843" },
		{ "2001:20::1", true, "ORCHIDv2, RFC 7343" },
		{ "2001:1ff:ffff::1", false, "protocol assignments, RFC 2928" },
		{ "2001:200::1", true, "behind protocol assignments" },
		{ "2001:db8::1", false, "documentation, RFC 3849" },
		{ "2001:db7:ffff::1", true, "before documentation" },
		{ "2002:808:808::1", true, "6to4 of 8.8.8.8, RFC 3056" },
		{ "2002:a00:1::1", false, "6to4 of 10.0.0.1" },
		{ "2002:7f00:1::1", false, "6to4 of 127.0.0.1" },
		{ "2002:c0a8:101::1", false, "6to4 of 192.168.1.1" },
		{ "3fff::1", false, "documentation, RFC 9637" },
		{ "3ffe::1", true, "before documentation" },
		{ "4000::1", false, "not allocated" },
		{ "5f00::1", false, "SRv6 SIDs, RFC 9602" },
		{ "fc00::1", false, "unique local, RFC 4193" },
		{ "fdff:ffff::1", false, "unique local, RFC 4193" },
		{ "fe80::1", false, "link-local, RFC 4291" },
		{ "febf::1", false, "link-local, RFC 4291" },
		{ "fec0::1", false, "site-local, RFC 3879" },
		{ "ff02::1", false, "multicast, RFC 4291" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct netaddr a;

		assert_true(netaddr_parse(span_of(cases[i].addr), &a));
		if (netaddr_is_global(&a) != cases[i].want)
			fail_msg("%s (%s): want %d", cases[i].addr, cases[i].why, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing_and_printing),
		cmocka_unit_test(membership),
		cmocka_unit_test(equality),
		cmocka_unit_test(globally_reachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
