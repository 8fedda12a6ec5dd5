/* TLSA RDATA: what of it can be used, and what is the same set. */
#include "tests/unit/test.h"

#include "common/sts/tlsa.h"

#include <stdlib.h>

#define D16	       "0123456789abcdef"
#define D32	       D16 D16
#define D64	       D32 D32
#define BYTES(literal) (literal), sizeof(literal) - 1

static void records(void **state)
{
	static const struct {
		const char *name, *rdata;
		size_t n;
		bool read, usable;
	} cases[] = {
		{ "3 1 1, what RFC 7672 s3.1 recommends", BYTES("\3\1\1" D32), true, true },
		{ "2 0 1, its second choice", BYTES("\2\0\1" D32), true, true },
		{ "3 0 1", BYTES("\3\0\1" D32), true, true },
		{ "2 1 2", BYTES("\2\1\2" D64), true, true },
		{ "3 1 2", BYTES("\3\1\2" D64), true, true },
		{ "Full: its data is for the TLS library to read (RFC 6698 s2.1.3)",
		  BYTES("\3\1\0x"), true, true },
		{ "Full, large", BYTES("\2\0\0" D64 D64 D64), true, true },
		{ "usage 0 (RFC 7672 s3.1.3)", BYTES("\0\0\1" D32), true, false },
		{ "usage 1 (RFC 7672 s3.1.3)", BYTES("\1\1\1" D32), true, false },
		{ "usage 4, unassigned (RFC 6698 s2.1.1)", BYTES("\4\1\1" D32), true, false },
		{ "usage 255, private use", BYTES("\377\1\1" D32), true, false },
		{ "selector 2, unassigned (RFC 6698 s2.1.2)", BYTES("\3\2\1" D32), true, false },
		{ "selector 255, private use", BYTES("\3\377\1" D32), true, false },
		{ "matching type 3, unassigned (RFC 6698 s2.1.3)", BYTES("\3\1\3" D32), true,
		  false },
		{ "matching type 255, private use", BYTES("\3\1\377" D32), true, false },
		{ "SHA2-256 of 31 octets", BYTES("\3\1\1" D16 "0123456789abcde"), true, false },
		{ "SHA2-256 of 33 octets", BYTES("\3\1\1" D32 "x"), true, false },
		{ "SHA2-256 of 64 octets", BYTES("\3\1\1" D64), true, false },
		{ "SHA2-512 of 32 octets", BYTES("\3\1\2" D32), true, false },
		{ "SHA2-512 of 65 octets", BYTES("\3\1\2" D64 "x"), true, false },
		{ "no data (RFC 6698 s2.1)", BYTES("\3\1\1"), false, false },
		{ "two octets", BYTES("\3\1"), false, false },
		{ "nothing", BYTES(""), false, false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		/* A copy that ends where the allocation ends, so that a sanitizer sees the first octet read too far. */
		char *copy = malloc(cases[i].n > 0 ? cases[i].n : 1);
		struct tlsa t = { .usage = 47 };
		bool ok;

		assert_non_null(copy);
		memcpy(copy, cases[i].rdata, cases[i].n);
		ok = tlsa_read(span_make(copy, cases[i].n), &t);

		if (ok != cases[i].read)
			fail_msg("%s: read is %d", cases[i].name, ok);
		if (!ok)
			assert_int_equal(t.usage, 47);
		else if (tlsa_is_usable(&t) != cases[i].usable)
			fail_msg("%s: usable is %d", cases[i].name, !cases[i].usable);
		if (ok) {
			assert_int_equal(t.usage, (unsigned char)cases[i].rdata[0]);
			assert_int_equal(t.selector, (unsigned char)cases[i].rdata[1]);
			assert_int_equal(t.mtype, (unsigned char)cases[i].rdata[2]);
			assert_int_equal(t.data.n, cases[i].n - 3);
			assert_ptr_equal(t.data.p, copy + 3);
		}
		free(copy);
	}
}

/* A set as text, so that a case is one line: "3a 2b" are two records, usage and data. */
static uint64_t hash_of(const char *base, const char *records, const char *also0, const char *also1)
{
	struct tlsa v[TLSA_MAX];
	struct tlsa_set set = { .base = base, .v = v, .also = { also0, also1 } };
	struct span in = span_of(records), word;

	while (span_word(&in, &word))
		v[set.n++] = (struct tlsa){ .usage = (uint8_t)(word.p[0] - '0'),
					    .selector = 1,
					    .mtype = 0,
					    .data = span_make(word.p + 1, word.n - 1) };
	return tlsa_set_hash(&set);
}

static void sets(void **state)
{
	struct side {
		const char *base, *records, *also0, *also1;
	};
	static const struct {
		const char *name;
		struct side a, b;
		bool same;
	} cases[] = {
		{ "equal", { "mx", "3a", NULL, NULL }, { "mx", "3a", NULL, NULL }, true },
		{ "the order is nothing",
		  { "mx", "3a 3b 2c", NULL, NULL },
		  { "mx", "2c 3b 3a", NULL, NULL },
		  true },
		{ "a key is rolled",
		  { "mx", "3a", NULL, NULL },
		  { "mx", "3b", NULL, NULL },
		  false },
		{ "one more", { "mx", "3a", NULL, NULL }, { "mx", "3a 3b", NULL, NULL }, false },
		{ "the usage counts",
		  { "mx", "3a", NULL, NULL },
		  { "mx", "2a", NULL, NULL },
		  false },
		{ "the base is what SNI asks for (RFC 7672 s8.1)",
		  { "mx", "3a", NULL, NULL },
		  { "mx2", "3a", NULL, NULL },
		  false },
		{ "names are nothing to DANE-EE (RFC 7672 s3.2.1)",
		  { "mx", "3a", "d", NULL },
		  { "mx", "3a", "e", "f" },
		  true },
		{ "names are something to DANE-TA (RFC 7672 s3.2.2)",
		  { "mx", "2a", "d", NULL },
		  { "mx", "2a", "e", NULL },
		  false },
		{ "... the second one too",
		  { "mx", "3a 2a", "d", "e" },
		  { "mx", "3a 2a", "d", NULL },
		  false },
		{ "what stands where",
		  { "mx", "3ab", NULL, NULL },
		  { "mx", "3a 3b", NULL, NULL },
		  false },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct side *a = &cases[i].a, *b = &cases[i].b;
		bool same = hash_of(a->base, a->records, a->also0, a->also1) ==
			    hash_of(b->base, b->records, b->also0, b->also1);

		if (same != cases[i].same)
			fail_msg("%s: same is %d", cases[i].name, same);
	}
}

/* Selector and matching type say what the data is of. */
static void parameters_count(void **state)
{
	struct tlsa t = { 3, 1, 1, span_of(D32) };
	const struct tlsa_set set = { .base = "mx", .v = &t, .n = 1 };
	uint64_t first = tlsa_set_hash(&set);
	(void)state;

	t.selector = 0;
	assert_int_not_equal(tlsa_set_hash(&set), first);
	t.selector = 1;
	t.mtype = 0;
	assert_int_not_equal(tlsa_set_hash(&set), first);
	t.mtype = 1;
	assert_int_equal(tlsa_set_hash(&set), first);
	assert_true(tlsa_set_has(&set, TLSA_DANE_EE));
	assert_false(tlsa_set_has(&set, TLSA_DANE_TA));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(sets),
		cmocka_unit_test(parameters_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
