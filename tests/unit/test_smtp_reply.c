#include "tests/unit/test.h"

#include "common/sts/smtp_reply.h"

/* clang-format off */
static const struct {
	const char *name, *in;
	enum smtp_state state;
	int code;
	bool starttls;
	unsigned lines;
	const char *text;
	size_t left; /* octets behind the reply */
} cases[] = {
	{ "greeting (RFC 5321 s4.2)", "220 mx.example.com ESMTP\r\n", SMTP_DONE, 220, false, 1, "mx.example.com ESMTP", 0 },
	{ "LF alone", "220 mx\n", SMTP_DONE, 220, false, 1, "mx", 0 },
	{ "more than one CR", "250-a\r\r\n250 STARTTLS\r\r\n", SMTP_DONE, 250, true, 2, "a", 0 },
	{ "no text", "220\r\n", SMTP_DONE, 220, false, 1, "", 0 },
	{ "blank and no text", "220 \r\n", SMTP_DONE, 220, false, 1, "", 0 },
	{ "EHLO with STARTTLS (RFC 3207 s4)", "250-mx\r\n250-SIZE 1\r\n250-STARTTLS\r\n250 HELP\r\n", SMTP_DONE, 250, true, 4, "mx", 0 },
	{ "STARTTLS last", "250-mx\r\n250 STARTTLS\r\n", SMTP_DONE, 250, true, 2, "mx", 0 },
	{ "keyword in any case", "250-mx\r\n250 StartTls\r\n", SMTP_DONE, 250, true, 2, "mx", 0 },
	{ "keyword with a parameter", "250-mx\r\n250 STARTTLS now\r\n", SMTP_DONE, 250, true, 2, "mx", 0 },
	{ "not in the first line", "250-STARTTLS\r\n250 HELP\r\n", SMTP_DONE, 250, false, 2, "STARTTLS", 0 },
	{ "not in the only line", "250 STARTTLS\r\n", SMTP_DONE, 250, false, 1, "STARTTLS", 0 },
	{ "only the whole word", "250-mx\r\n250-XSTARTTLS\r\n250-STARTTLSX\r\n250 A STARTTLS\r\n", SMTP_DONE, 250, false, 4, "mx", 0 },
	{ "stripped to X's", "250-mx\r\n250 XXXXXXXX\r\n", SMTP_DONE, 250, false, 2, "mx", 0 },
	{ "a refusal offers nothing", "550-no\r\n550 STARTTLS\r\n", SMTP_DONE, 550, false, 2, "no", 0 },
	{ "refused for now", "421 4.3.2 busy\r\n", SMTP_DONE, 421, false, 1, "4.3.2 busy", 0 },
	{ "the greatest code", "599 x\r\n", SMTP_DONE, 599, false, 1, "x", 0 },
	{ "plaintext behind the 220 (RFC 3207 s6)", "220 go ahead\r\n250 injected\r\n", SMTP_DONE, 220, false, 1, "go ahead", 14 },
	{ "one octet behind", "220 go\r\nx", SMTP_DONE, 220, false, 1, "go", 1 },
	{ "strangers' bytes are escaped", "220 a\x1b[31m\x80\"\\\r\n", SMTP_DONE, 220, false, 1, "a\\x1b[31m\\x80\\x22\\x5c", 0 },
	{ "a CR inside a line ends nothing", "220 a\rb\r\n", SMTP_DONE, 220, false, 1, "a\\x0db", 0 },

	{ "nothing yet", "", SMTP_MORE, 0, false, 0, "", 0 },
	{ "half a line", "220 mx", SMTP_MORE, 0, false, 0, "", 0 },
	{ "CR without LF", "220 mx\r", SMTP_MORE, 0, false, 0, "", 0 },
	{ "first of several lines", "220-mx\r\n", SMTP_MORE, 220, false, 1, "mx", 0 },

	{ "another protocol", "SSH-2.0-OpenSSH_9.2\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "HTTP", "HTTP/1.1 400 Bad Request\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "empty line", "\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "two digits", "22 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "four digits", "2200 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "code 1xx", "150 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "code 6xx", "600 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "letter in the code", "2a0 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "leading blank", " 220 x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "no mark behind the code", "220+x\r\n", SMTP_BROKEN, 0, false, 0, "", 0 },
	{ "codes that differ (RFC 5321 s4.2.1)", "250-a\r\n220 b\r\n", SMTP_BROKEN, 250, false, 1, "a", 0 },
	{ "a line without a code", "250-a\r\nSTARTTLS\r\n250 b\r\n", SMTP_BROKEN, 250, false, 1, "a", 7 },
};
/* clang-format on */

static size_t feed(struct smtp_reply *r, struct span in, size_t piece)
{
	size_t used = 0;

	smtp_reply_init(r);
	while (used < in.n) {
		size_t n = in.n - used < piece ? in.n - used : piece;
		size_t took = smtp_reply_feed(r, span_make(in.p + used, n));

		used += took;
		if (took < n)
			break;
		if (r->state != SMTP_MORE)
			break;
	}
	return used;
}

static void replies(void **state)
{
	static const size_t pieces[] = { 1, 3, 100000 };
	struct smtp_reply r;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
			struct span in = span_of(cases[i].in);
			size_t left = in.n - feed(&r, in, pieces[k]);

			if (r.state != cases[i].state || r.code != cases[i].code ||
			    r.starttls != cases[i].starttls || r.lines != cases[i].lines ||
			    strcmp(r.text, cases[i].text) != 0 || left != cases[i].left)
				fail_msg("%s by %zu: state %d code %d starttls %d lines %u text "
					 "\"%s\" left %zu",
					 cases[i].name, pieces[k], r.state, r.code, r.starttls,
					 r.lines, r.text, left);
			if ((r.state == SMTP_BROKEN) != (r.why != NULL))
				fail_msg("%s: why", cases[i].name);
		}
	}
}

static void nul_bytes(void **state)
{
	static const char in[] = "250-mx\r\n250 STARTTLS\0\r\n";
	struct smtp_reply r;
	(void)state;

	feed(&r, span_make(in, sizeof(in) - 1), sizeof(in));
	assert_int_equal(r.state, SMTP_DONE);
	assert_false(r.starttls);
}

static void nothing_is_read_behind_the_end(void **state)
{
	struct smtp_reply r;
	(void)state;

	feed(&r, span_of("220 a\r\n"), 100);
	assert_int_equal(smtp_reply_feed(&r, span_of("250-b\r\n")), 0);
	assert_int_equal(r.code, 220);
	feed(&r, span_of("x\r\n"), 100);
	assert_int_equal(smtp_reply_feed(&r, span_of("250-b\r\n")), 0);
	assert_int_equal(r.state, SMTP_BROKEN);
}

static void long_lines(void **state)
{
	static char in[LIMIT_SMTP_LINE + 2];
	struct smtp_reply r;
	(void)state;

	memset(in, 'a', sizeof(in));
	memcpy(in, "220 ", 4);
	in[LIMIT_SMTP_LINE] = '\n';
	assert_int_equal(feed(&r, span_make(in, sizeof(in)), sizeof(in)), LIMIT_SMTP_LINE + 1);
	assert_int_equal(r.state, SMTP_DONE);
	assert_true(strlen(r.text) < LIMIT_DETAIL);
	assert_string_equal(r.text + strlen(r.text) - 3, "...");
	in[LIMIT_SMTP_LINE] = 'a';
	assert_int_equal(feed(&r, span_make(in, sizeof(in)), 7), LIMIT_SMTP_LINE + 1);
	assert_int_equal(r.state, SMTP_BROKEN);
}

static void many_lines(void **state)
{
	struct smtp_reply r;
	size_t n;
	(void)state;

	for (n = LIMIT_SMTP_LINES - 1; n <= LIMIT_SMTP_LINES; n++) {
		smtp_reply_init(&r);
		for (size_t i = 0; i < n; i++)
			smtp_reply_feed(&r, span_of("250-x\r\n"));
		smtp_reply_feed(&r, span_of("250 x\r\n"));
		assert_int_equal(r.state, n < LIMIT_SMTP_LINES ? SMTP_DONE : SMTP_BROKEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(nothing_is_read_behind_the_end),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(many_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
