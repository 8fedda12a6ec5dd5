#include "tests/unit/test.h"

#include "common/base/siphash.h"

/* Key 00 01 .. 0f, input 00 01 .. n-1; made with Rust's core::hash::SipHasher13. */
static void vectors(void **state)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} cases[] = {
		{ 0, 0xabac0158050fc4dc },  { 1, 0xc9f49bf37d57ca93 },	{ 3, 0x8bf80ab8e7ddf7fb },
		{ 7, 0xd3927d989bb11140 },  { 8, 0x369095118d299a8e },	{ 9, 0x25a48eb36c063de4 },
		{ 15, 0xd320d86d2a519956 }, { 16, 0xcc4fdd1a7d908b66 }, { 23, 0x525a0e7fdae6c123 },
		{ 63, 0x9d199062b7bbb3a8 },
	};
	const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	unsigned char in[64];
	(void)state;

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)i;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t got = siphash13(&key, in, cases[i].n);

		if (got != cases[i].hash)
			fail_msg("%zu octets: got %016llx", cases[i].n, (unsigned long long)got);
	}
}

static void seeds_differ(void **state)
{
	struct siphash_key a = siphash_key_of(1), b = siphash_key_of(2);
	(void)state;

	assert_true(a.k0 != a.k1);
	assert_true(a.k0 != b.k0 && a.k1 != b.k1);
	assert_true(siphash13(&a, "example.com", 11) != siphash13(&b, "example.com", 11));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(seeds_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
