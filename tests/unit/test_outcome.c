/* Strangers' words about TLS sessions, made fit to be kept (RFC 8460 s4.3, s4.4). */
#include "tests/unit/test.h"

#include "common/sts/outcome.h"

#include <stdlib.h>

/* RFC 8460 s4.3.1, s4.3.2, and libtlsrpt's codes. */
static void results(void **state)
{
	static const struct {
		int code;
		const char *name;
	} table[] = {
		{ 201, "starttls-not-supported" },
		{ 202, "certificate-host-mismatch" },
		{ 203, "certificate-not-trusted" },
		{ 204, "certificate-expired" },
		{ 205, "validation-failure" },
		{ 301, "sts-policy-fetch-error" },
		{ 302, "sts-policy-invalid" },
		{ 303, "sts-webpki-invalid" },
		{ 304, "tlsa-invalid" },
		{ 305, "dnssec-invalid" },
		{ 306, "dane-required" },
	};
	static const int none[] = { 0, 200, 206, 300, 307, 901, -1 };

	(void)state;
	assert_int_equal(ARRAY_LEN(table), TLS_RESULT_COUNT - 1);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		int r = tls_result_from_code(table[i].code);

		assert_true(r > TLS_RESULT_SUCCESS);
		assert_string_equal(tls_result_name((enum tls_result)r), table[i].name);
		assert_int_equal(tls_result_from_name(table[i].name), r);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_int_equal(tls_result_from_code(none[i]), -1);
	assert_int_equal(tls_result_from_name("success"), TLS_RESULT_SUCCESS);
	assert_int_equal(tls_result_from_name("starttls_not_supported"), -1);
	assert_int_equal(tls_result_from_name(""), -1);
	assert_null(outcome_policy_name(3));
	assert_string_equal(outcome_policy_name(9), "no-policy-found");
}

typedef const char *cleaner(struct arena *arena, struct span text);

static void texts(void **state)
{
	static const struct {
		cleaner *clean;
		const char *in, *want;
	} cases[] = {
		{ outcome_host, "MX.Example.COM.", "mx.example.com" },
		{ outcome_host,
		  "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ outcome_host, "mx example", "" },
		{ outcome_host, "mx..example", "" },
		{ outcome_host, "", "" },
		{ outcome_host, "x\xff", "" },
		{ outcome_address, "192.0.2.1", "192.0.2.1" },
		{ outcome_address, "2001:DB8:0::1", "2001:db8::1" },
		{ outcome_address, "192.0.2.1, 192.0.2.2", "" },
		{ outcome_address, "example", "" },
		{ outcome_words, "a \"b\"\r\n\xff", "a \\x22b\\x22\\x0d\\x0a\\xff" },
		{ outcome_record, "v=TLSRPTv1;rua=mailto:r@example.com",
		  "v=TLSRPTv1;rua=mailto:r@example.com" },
		{ outcome_record, "v=TLSRPTv1;rua=\n", "" },
		{ outcome_record, "v=TLSRPTv1;rua=\xc3\xbc", "" },
		/* Postfix hands over the whole reply. */
		{ outcome_helo, "250-mx.example.com\r\n250-PIPELINING\r\n250 8BITMIME",
		  "mx.example.com" },
		{ outcome_helo, "250-mx.example.com Hello [192.0.2.1]\n250 STARTTLS",
		  "mx.example.com" },
		{ outcome_helo, "250 mx.example.com", "mx.example.com" },
		{ outcome_helo, "mx.example.com", "mx.example.com" },
		{ outcome_helo, "mx.example.com ESMTP", "mx.example.com" },
		{ outcome_helo, "250", "250" },
		{ outcome_helo, "250-", "" },
		{ outcome_helo, "250-\x1b[2J", "\\x1b[2J" },
		{ outcome_helo, "", "" },
		{ outcome_helo, "\r\nmx.example.com", "" },
	};
	char in[4000];
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (strcmp(cases[i].clean(&arena, span_of(cases[i].in)), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].in,
				 cases[i].clean(&arena, span_of(cases[i].in)));
	memset(in, 'x', sizeof(in));
	assert_int_equal(strlen(outcome_words(&arena, span_make(in, sizeof(in)))), OUTCOME_TEXT);
	assert_int_equal(strlen(outcome_helo(&arena, span_make(in, sizeof(in)))), OUTCOME_TEXT);
	assert_string_equal(outcome_record(&arena, span_make(in, OUTCOME_RECORD + 1)), "");
	assert_int_equal(strlen(outcome_record(&arena, span_make(in, OUTCOME_RECORD))),
			 OUTCOME_RECORD);
	assert_string_equal(outcome_record(&arena, span_make("v\0x", 3)), "");
	arena_release(&arena);
}

static void a_policy_as_one_text(void **state)
{
	const struct span strings[] = { span_of("version: STSv1"), span_of("x: \n\"") };
	const struct span mx[] = { span_of("*.example.com") };
	const struct outcome_policy p = {
		OUTCOME_POLICY_STS, span_of("example.com"), 2, 1, strings, mx
	};
	struct span rest, key, value;
	const char *text;
	struct arena arena;
	unsigned lines = 0;

	(void)state;
	arena_init(&arena, 1 << 16);
	text = outcome_policy_text(&arena, &p);
	assert_string_equal(text, "type sts\ndomain example.com\nstring version: STSv1\n"
				  "string x: \\x0a\\x22\nmx *.example.com\n");
	for (rest = span_of(text); outcome_policy_next(&rest, &key, &value); lines++)
		if (lines == 2)
			assert_true(span_eq(key, "string") && span_eq(value, "version: STSv1"));
	assert_int_equal(lines, 5);
	assert_true(span_eq(outcome_policy_value(text, "mx"), "*.example.com"));
	assert_int_equal(outcome_policy_value(text, "left-out").n, 0);
	arena_release(&arena);
}

/* Never cut in the middle of a line, and it says how much is missing. */
static void a_policy_that_is_too_long(void **state)
{
	enum { MANY = 1000 };
	static struct span mx[MANY];
	struct outcome_policy p = { .type = OUTCOME_POLICY_STS, .n_mx = MANY, .mx = mx };
	struct span rest, key, value;
	const char *text;
	struct arena arena;
	unsigned n = 0, left_out = 0;

	(void)state;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < MANY; i++)
		mx[i] = span_of("mail.a-long-name.example");
	text = outcome_policy_text(&arena, &p);
	assert_true(strlen(text) <= OUTCOME_POLICY && strlen(text) > OUTCOME_POLICY - 100);
	for (rest = span_of(text); outcome_policy_next(&rest, &key, &value);) {
		if (span_eq(key, "mx")) {
			assert_true(span_eq(value, "mail.a-long-name.example"));
			n++;
		} else if (span_eq(key, "left-out")) {
			left_out = (unsigned)strtoul(value.p, NULL, 10);
		}
	}
	assert_int_equal(n + left_out, MANY);
	arena_release(&arena);
}

/* Whatever tells two outcomes apart makes two counters; the counts do not. */
static void what_is_counted_together(void **state)
{
	const struct tls_outcome o = { 1,   "d", OUTCOME_OF_SESSION,
				       "p", "r", TLS_RESULT_EXPIRED,
				       "m", "h", "1",
				       "2", "i", "w",
				       5,   6 };
	struct tls_outcome others[] = { o, o, o, o, o, o, o, o, o, o, o, o }, same = o, copy;
	char room[64];

	(void)state;
	others[0].day = 2;
	others[1].domain = "x";
	others[2].source = OUTCOME_OF_LOG;
	others[3].policy = "x";
	others[4].record = "x";
	others[5].result = TLS_RESULT_VALIDATION;
	others[6].mx = "x";
	others[7].helo = "x";
	others[8].receiving_ip = "2";
	others[9].sending_ip = "1";
	others[10].info = "x";
	others[11].reason = "x";
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_false(outcome_same(&o, &others[i]));
		assert_true(outcome_key(&o) != outcome_key(&others[i]));
	}
	same.count = same.sessions = 9;
	assert_true(outcome_same(&o, &same));
	assert_true(outcome_key(&o) == outcome_key(&same));
	assert_int_equal(outcome_key(&o), 0xd3178663e09d7665); /* for ever: it stands in databases */
	assert_int_equal(outcome_room(&o), 18);
	copy = outcome_copy(&o, room);
	assert_true(outcome_same(&o, &copy) && copy.count == 5 && copy.sessions == 6);
	assert_true(copy.domain >= room && copy.reason < room + 18);
	same = outcome_folded(&o);
	assert_string_equal(same.mx, "");
	assert_string_equal(same.reason, "");
	assert_string_equal(same.policy, "p");
	assert_int_equal(same.result, TLS_RESULT_EXPIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(texts),
		cmocka_unit_test(a_policy_as_one_text),
		cmocka_unit_test(a_policy_that_is_too_long),
		cmocka_unit_test(what_is_counted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
