#include "tests/unit/test.h"

#include "common/base/limits.h"
#include "common/sts/settings.h"
#include "common/sts/settings_print.h"

#include <stdio.h>

static const struct setting_row *row_named(const char *name, size_t *ret_i)
{
	const struct setting_row *rows;
	size_t n = settings_rows(&rows);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*ret_i = i;
			return &rows[i];
		}
	}
	fail_msg("no setting %s", name);
	return NULL;
}

/* The settings of a text that must be right. */
static struct settings *parsed(struct span text)
{
	struct settings *s = NULL;
	struct buf error;
	int r;

	buf_init(&error, 2000);
	r = settings_parse(text, "t.conf", &s, &error);
	if (r != 0)
		fail_msg("%d: %s", r, buf_text(&error));
	buf_release(&error);
	return s;
}

static void defaults_are_the_table(void **state)
{
	struct settings *s = settings_defaults();
	const struct setting_row *rows;
	size_t n = settings_rows(&rows);
	(void)state;

	assert_non_null(s);
	for (size_t i = 0; i < n; i++) {
		struct buf value;

		buf_init(&value, 1000);
		assert_int_equal(settings_value(s, i, &value), 0);
		assert_string_equal(buf_text(&value), rows[i].def);
		assert_true(settings_is_default(s, i));
		buf_release(&value);
	}
	assert_string_equal(s->user, "mta-sts");
	assert_int_equal(s->memory, 32 << 20);
	assert_int_equal(s->workers, 16);
	assert_int_equal(s->milter_socket_mode, 0660);
	assert_int_equal(s->rcpt_deadline, 10000);
	assert_int_equal(s->trusted_networks.n, 2);
	assert_int_equal(s->judge_mailers.n, 4);
	assert_int_equal(s->action, 0);
	assert_false(s->delivery_bound);
	assert_int_equal(s->txt_failure.kind, GRACE_TEMPFAIL_FOR);
	assert_int_equal(s->txt_failure.ms, 3600000);
	assert_int_equal(s->pending.kind, GRACE_AS_TXT_FAILURE);
	assert_string_equal(s->dns.v[0], "resolvconf");
	assert_string_equal(s->source_address, "");
	assert_null(settings_free(s));
}

static void the_table_is_sound(void **state)
{
	const struct setting_row *rows;
	size_t n = settings_rows(&rows), at;
	(void)state;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rows[i].doc);

		if (row_named(rows[i].name, &at) != &rows[i])
			fail_msg("%s stands twice", rows[i].name);
		if (len < 10 || rows[i].doc[len - 1] != '.' || strstr(rows[i].doc, "  ") != NULL)
			fail_msg("%s: the doc is not whole sentences", rows[i].name);
		for (size_t j = i + 1; j < n; j++)
			if (strcmp(rows[i].section, rows[j].section) == 0 &&
			    strcmp(rows[j - 1].section, rows[j].section) != 0)
				fail_msg("[%s] is torn apart", rows[j].section);
	}
}

static void values(void **state)
{
	static const struct {
		const char *text, *name, *want;
	} cases[] = {
		{ "[daemon]\nworkers = 1\n", "workers", "1" },
		{ "[daemon]\nworkers=1000", "workers", "1000" },
		{ "[daemon]\r\nworkers\t=\t7\t\r\n", "workers", "7" },
		{ "\xef\xbb\xbf[daemon]\nworkers = 2\n", "workers", "2" },
		{ "[ daemon ]\n\n \t\n# a = b\n ; c\nworkers = 3\n", "workers", "3" },
		{ "# gr\xfc\xdf\n[daemon]\nworkers = 4\n", "workers", "4" },
		{ "[milter]\n[daemon]\nworkers = 5\n[milter]\n", "workers", "5" },
		{ "[daemon]\nmemory = 1024K\n", "memory", "1M" },
		{ "[daemon]\nlog = stderr\n", "log", "stderr" },
		{ "[daemon]\ndatabase = /srv/a=b/\xc3\xa4 x.db\n", "database",
		  "/srv/a=b/\xc3\xa4 x.db" },
		{ "[daemon]\ncontrol_socket_group =\n", "control_socket_group", "" },
		{ "[milter]\nmilter_socket = inet:8890@127.0.0.1\n", "milter_socket",
		  "inet:8890@127.0.0.1" },
		{ "[milter]\nmilter_socket = inet:8890@::1\n", "milter_socket", "inet:8890@::1" },
		{ "[milter]\nmilter_socket_mode = 600\n", "milter_socket_mode", "0600" },
		{ "[milter]\nrcpt_deadline = 0\n", "rcpt_deadline", "0s" },
		{ "[milter]\nrcpt_deadline = 1500ms\n", "rcpt_deadline", "1500ms" },
		{ "[milter]\ntrusted_networks =\n", "trusted_networks", "" },
		{ "[milter]\ntrusted_networks = 192.0.2.1, 2001:db8::/32,10.0.0.0/8\n",
		  "trusted_networks", "192.0.2.1 2001:db8::/32 10.0.0.0/8" },
		{ "[judge]\njudge_mailers = smtp,relay@sendmail\n", "judge_mailers",
		  "smtp relay@sendmail" },
		{ "[judge]\nskip_domains = example.com .example.net\n", "skip_domains",
		  "example.com .example.net" },
		{ "[judge]\nskip_domains = B\xc3\xbc"
		  "cher.Example. .EXAMPLE.net\n",
		  "skip_domains", "xn--bcher-kva.example .example.net" },
		{ "[action]\ndelivery_bound = Yes\n", "delivery_bound", "yes" },
		{ "[action]\ntxt_failure = accept\n", "txt_failure", "accept" },
		{ "[action]\ntxt_failure = tempfail\n", "txt_failure", "tempfail" },
		{ "[action]\ntxt_failure = tempfail 90m\n", "txt_failure", "tempfail 90m" },
		{ "[action]\npending = tempfail 7d\n", "pending", "tempfail 1w" },
		{ "[dns]\ndns = recurse\n", "dns", "recurse" },
		{ "[dns]\ndns = 192.0.2.1 2001:db8::1@5353\n", "dns",
		  "192.0.2.1 2001:db8::1@5353" },
		{ "[dns]\ndns_stub = example.@192.0.2.1@53 .@192.0.2.2\n", "dns_stub",
		  "example.@192.0.2.1@53 .@192.0.2.2" },
		{ "[probe]\nsource_address = 192.0.2.7\n", "source_address", "192.0.2.7" },
		{ "[probe]\nprobe_min_tls = 1.3\n", "probe_min_tls", "1.3" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct settings *s = parsed(span_of(cases[i].text));
		struct buf value;
		size_t at;
		const struct setting_row *row = row_named(cases[i].name, &at);

		buf_init(&value, 1000);
		assert_int_equal(settings_value(s, at, &value), 0);
		assert_string_equal(buf_text(&value), cases[i].want);
		assert_int_equal(settings_is_default(s, at), strcmp(cases[i].want, row->def) == 0);
		buf_release(&value);
		settings_free(s);
	}
}

/* One sentence: where, what, and what was expected instead. */
static const struct {
	const char *text, *want;
} fault_cases[] = {
	{ "[miltr]\n", "1: unknown section [miltr], expected [milter] perhaps" },
	{ "[nonsense]\n", "1: unknown section [nonsense], expected one of [daemon], [milter], "
			  "[judge], [action], [delivery], [dns], [policy], [probe]" },
	{ "[daemon\n", "1: \"[daemon\" is no section, expected [SECTION] alone on its line" },
	{ "[daemon] # here\n",
	  "1: \"[daemon] # here\" is no section, expected [SECTION] alone on its line" },
	{ "\n[daemon]\nwokrers = 1\n",
	  "3: unknown setting \"wokrers\" in [daemon], expected \"workers\" perhaps" },
	{ "[dns]\ndsn = recurse\n",
	  "2: unknown setting \"dsn\" in [dns], expected \"dns\" perhaps" },
	{ "[daemon]\nrcpt-deadline = 1\n", "2: unknown setting \"rcpt-deadline\" in [daemon], "
					   "expected \"rcpt_deadline\" in [milter] perhaps" },
	{ "[daemon]\nrcpt_deadline = 1\n",
	  "2: \"rcpt_deadline\" stands in [daemon], expected it in [milter]" },
	{ "user = x\n", "1: \"user\" stands before any section, expected it in [daemon]" },
	{ "[daemon]\nfrobnicate = 1\n", "2: unknown setting \"frobnicate\" in [daemon], "
					"expected one of mta-sts.conf(5)" },
	{ "[daemon]\n= 1\n",
	  "2: unknown setting \"\" in [daemon], expected one of mta-sts.conf(5)" },
	{ "[daemon]\nworkers\n", "2: \"workers\" has no \"=\", expected NAME = VALUE" },
	{ "[daemon]\nworkers = 1\n\nworkers = 1\n",
	  "4: workers was given in line 2 already, expected it once" },
	{ "[daemon]\nworkers = 0\n",
	  "2: bad value \"0\" for workers, expected a whole number from 1 to 1000" },
	{ "[daemon]\nworkers = 1001\n",
	  "2: bad value \"1001\" for workers, expected a whole number from 1 to 1000" },
	{ "[daemon]\nworkers =\n",
	  "2: workers has no value, expected a whole number from 1 to 1000" },
	{ "[daemon]\nmemory = 1T\n", "2: bad value \"1T\" for memory, expected a size from "
				     "1M to 16G (units K, M, G)" },
	{ "[daemon]\nlog = file\n", "2: bad value \"file\" for log, expected syslog or stderr" },
	{ "[daemon]\nlog =\n", "2: log has no value, expected syslog or stderr" },
	{ "[daemon]\ndatabase = mta-sts.db\n", "2: bad value \"mta-sts.db\" for database, expected "
					       "an absolute path of at most 4000 bytes" },
	{ "[daemon]\nuser = \n", "2: user has no value, expected a user or group name" },
	{ "[daemon]\nuser = a b\n",
	  "2: bad value \"a b\" for user, expected a user or group name" },
	{ "[daemon]\nuser = \"mta-sts\"\n",
	  "2: the value begins with a quotation mark, expected it without" },
	{ "[daemon]\nworkers = 1 # one\n",
	  "2: \"#\" behind a value, expected comments on lines of their own" },
	{ "[daemon]\nworkers = 1\t; one\n",
	  "2: \";\" behind a value, expected comments on lines of their own" },
	{ "[judge]\nskip_domains = a.example\n\tb.example\n",
	  "3: the line begins with a blank, expected NAME = VALUE from its first column "
	  "(lines are not continued)" },
	{ "[daemon]\nuser = a\x1b[0m\n", "2: control byte \\x1b in column 9, expected text" },
	{ "[daemon]\n# \x7f\n", "2: control byte \\x7f in column 3, expected text" },
	{ "[daemon]\nlog = a\rb\n", "2: control byte \\x0d in column 8, expected text" },
	{ "[daemon]\nuser = gr\xfc\n",
	  "2: byte \\xfc in column 10, expected text in ASCII or UTF-8" },
	{ "[daemon]\nuser = \xc2\x9b\n",
	  "2: byte \\xc2 in column 8, expected text in ASCII or UTF-8" },
	{ "[milter]\nmilter_socket = /run/x.sock\n",
	  "2: bad value \"/run/x.sock\" for milter_socket, expected unix:PATH with an "
	  "absolute "
	  "path of at most 107 bytes, or inet:PORT@ADDRESS" },
	{ "[milter]\nmilter_socket = inet:127.0.0.1:8890\n",
	  "2: bad value \"inet:127.0.0.1:8890\" for milter_socket, expected unix:PATH with "
	  "an "
	  "absolute path of at most 107 bytes, or inet:PORT@ADDRESS" },
	{ "[milter]\nmilter_socket_mode = 0999\n", "2: bad value \"0999\" for milter_socket_mode, "
						   "expected an octal mode from 0 to 0777" },
	{ "[milter]\nrcpt_deadline = 26s\n", "2: bad value \"26s\" for rcpt_deadline, expected a "
					     "duration from 0 to 25s (units ms, s, m, h, d, w)" },
	{ "[milter]\ntrusted_networks = 127.0.0.1 10.0.0.0/33\n",
	  "2: bad value \"10.0.0.0/33\" for trusted_networks, expected networks such as "
	  "192.0.2.0/24 or 2001:db8::/32" },
	{ "[milter]\nauthority = mail_host..example\n",
	  "2: bad value \"mail_host..example\" for authority, expected a host name such as "
	  "mail.example.com or nothing" },
	{ "[judge]\njudge_mailers = relay@exim\n", "2: bad value \"relay@exim\" for judge_mailers, "
						   "expected NAME, NAME@postfix or NAME@sendmail" },
	{ "[judge]\njudge_mailers = smtp local\n",
	  "2: \"local\" stands in judge_mailers and in skip_mailers, expected it in one of "
	  "them" },
	{ "[judge]\nskip_domains = a..b\n",
	  "2: bad value \"a..b\" for skip_domains, expected domain "
	  "names, or .example.com for all below example.com" },
	{ "[action]\ndelivery_bound = maybe\n",
	  "2: bad value \"maybe\" for delivery_bound, expected yes or no" },
	{ "[action]\naction_authenticated = reject\n",
	  "2: bad value \"reject\" for action_authenticated, expected action, tempfail or "
	  "annotate" },
	{ "[action]\ntxt_failure = txt_failure\n",
	  "2: bad value \"txt_failure\" for txt_failure, expected accept or tempfail, or "
	  "tempfail "
	  "and a duration up to 7d" },
	{ "[action]\npending = accept 1h\n", "2: bad value \"accept 1h\" for pending, "
					     "expected txt_failure, accept or tempfail, or "
					     "tempfail and a duration up to 7d" },
	{ "[action]\npending = tempfail 8d\n",
	  "2: bad value \"tempfail 8d\" for pending, expected txt_failure, accept or "
	  "tempfail, or "
	  "tempfail and a duration up to 7d" },
	{ "[dns]\ndns = resolvconf 192.0.2.1\n",
	  "2: bad value \"resolvconf\" for dns, expected resolvconf or recurse alone, or "
	  "addresses "
	  "such as 192.0.2.1 or 192.0.2.1@5353" },
	{ "[dns]\ndns_stub = example.com=192.0.2.1\n",
	  "2: bad value \"example.com=192.0.2.1\" for dns_stub, expected ZONE@ADDRESS or "
	  "ZONE@ADDRESS@PORT" },
	{ "[dns]\ndns_stub = example.com@192.0.2.1@0\n",
	  "2: bad value \"example.com@192.0.2.1@0\" for dns_stub, expected ZONE@ADDRESS or "
	  "ZONE@ADDRESS@PORT" },
	{ "[probe]\nsource_address = ::1\n",
	  "2: bad value \"::1\" for source_address, expected an IPv4 address or nothing" },
	{ "[probe]\nprobe_timeout = 15s\n",
	  "2: greeting_timeout = 15s does not go with probe_timeout = 15s, expected "
	  "greeting_timeout to be shorter than probe_timeout" },
	{ "[probe]\nconnect_timeout = 20s\ngreeting_timeout = 9s\nprobe_timeout = 10s\n\n",
	  "4: connect_timeout = 20s does not go with probe_timeout = 10s, expected "
	  "connect_timeout to be shorter than probe_timeout" },
	{ "[milter]\nmessage_deadline = 5s\n",
	  "2: rcpt_deadline = 10s does not go with message_deadline = 5s, expected "
	  "rcpt_deadline "
	  "to be no longer than message_deadline" },
	{ "[milter]\nmilter_socket = unix:/run/mta-sts/control.sock\n",
	  "2: milter_socket = unix:/run/mta-sts/control.sock does not go with "
	  "control_socket = "
	  "/run/mta-sts/control.sock, expected two different paths" },
};

static void faults(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(fault_cases); i++) {
		struct settings *s = NULL;
		struct buf error;
		int r;

		buf_init(&error, 2000);
		r = settings_parse(span_of(fault_cases[i].text), "t.conf", &s, &error);
		if (r != SETTINGS_INVALID || s != NULL ||
		    strncmp(buf_text(&error), "t.conf:", 7) != 0 ||
		    strcmp(buf_text(&error) + 7, fault_cases[i].want) != 0)
			fail_msg("case %zu\nwant        %s\ngot %d %s", i, fault_cases[i].want, r,
				 buf_text(&error));
		buf_release(&error);
	}
}

static void lines_have_a_maximum(void **state)
{
	static char text[LIMIT_CONFIG_LINE + 100];
	struct settings *s = NULL;
	struct buf error;
	(void)state;

	memset(text, '#', LIMIT_CONFIG_LINE);
	settings_free(parsed(span_make(text, LIMIT_CONFIG_LINE)));
	memcpy(text, "[daemon]\n", 9);
	memset(text + 9, '#', LIMIT_CONFIG_LINE + 1);
	buf_init(&error, 2000);
	assert_int_equal(
		settings_parse(span_make(text, LIMIT_CONFIG_LINE + 10), "t.conf", &s, &error),
		SETTINGS_INVALID);
	assert_string_equal(buf_text(&error),
			    "t.conf:2: the line is 4097 bytes long, expected at most 4096");
	buf_release(&error);
}

/* 192 bytes is where libinih would have cut it. */
static void long_values_survive(void **state)
{
	char text[1000], *end = text;
	struct settings *s;
	(void)state;

	end += snprintf(end, 100, "[judge]\nskip_domains =");
	for (int i = 0; i < 50; i++)
		end += snprintf(end, 20, " d%02d.example", i);
	s = parsed(span_of(text));
	assert_int_equal(s->skip_domains.n, 50);
	assert_string_equal(s->skip_domains.v[49], "d49.example");
	settings_free(s);
}

static void a_nul_is_seen(void **state)
{
	static const char text[] = "[daemon]\nworkers = 1\0"
				   "2\n";
	struct settings *s = NULL;
	struct buf error;
	(void)state;

	buf_init(&error, 2000);
	assert_int_equal(settings_parse(span_make(text, sizeof(text) - 1), "a\nb", &s, &error),
			 SETTINGS_INVALID);
	assert_string_equal(buf_text(&error),
			    "a\\x0ab:2: control byte \\x00 in column 12, expected text");
	buf_release(&error);
}

/* What is printed can be read, and says the same. */
static void printed_settings_come_back(void **state)
{
	static const char text[] = "[milter]\ntrusted_networks =\nauthority = mx.example.com\n"
				   "[probe]\nprobe_timeout = 40s\n";
	struct settings *s = parsed(span_of(text)), *back;
	struct buf out, again;
	(void)state;

	buf_init(&out, SETTINGS_TEXT_MAX);
	buf_init(&again, SETTINGS_TEXT_MAX);
	assert_int_equal(settings_print(s, SETTINGS_CHANGED, &out), 0);
	assert_string_equal(buf_text(&out),
			    "[milter]\nauthority = mx.example.com\ntrusted_networks =\n"
			    "\n[probe]\nprobe_timeout = 40s\n");
	buf_clear(&out);
	assert_int_equal(settings_print(s, SETTINGS_ALL, &out), 0);
	back = parsed(buf_span(&out));
	assert_int_equal(settings_print(back, SETTINGS_ALL, &again), 0);
	assert_string_equal(buf_text(&again), buf_text(&out));
	buf_release(&out);
	buf_release(&again);
	settings_free(s);
	settings_free(back);
}

/* The sample names every setting, changes none, and is right when every comment mark is taken away.
 */
static void the_sample_is_the_defaults(void **state)
{
	struct buf sample, bare;
	struct span rest, line;
	struct settings *s;
	const struct setting_row *rows;
	size_t n = settings_rows(&rows);
	(void)state;

	buf_init(&sample, SETTINGS_TEXT_MAX);
	buf_init(&bare, SETTINGS_TEXT_MAX);
	assert_int_equal(settings_print(NULL, SETTINGS_SAMPLE, &sample), 0);
	rest = buf_span(&sample);
	while (span_line(&rest, &line)) {
		assert_true(line.n <= 400);
		if (span_starts(line, "#") && !span_starts(line, "# "))
			line = span_make(line.p + 1, line.n - 1);
		buf_add(&bare, line.p, line.n);
		buf_addc(&bare, '\n');
	}
	for (size_t i = 0; i < n; i++) {
		char want[100];

		snprintf(want, sizeof(want), "\n%s =", rows[i].name);
		assert_non_null(strstr(buf_text(&bare), want));
	}
	buf_clear(&sample);
	s = parsed(buf_span(&bare));
	assert_int_equal(settings_print(s, SETTINGS_CHANGED, &sample), 0);
	assert_string_equal(buf_text(&sample), "");
	settings_free(s);
	buf_release(&sample);
	buf_release(&bare);
}

static void small_buffers_do_no_harm(void **state)
{
	struct settings *s = NULL;
	struct buf error;
	(void)state;

	buf_init(&error, 10);
	assert_int_equal(settings_parse(span_of("[x]"), "t.conf", &s, &error), SETTINGS_INVALID);
	assert_null(s);
	buf_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_table),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(values),
		cmocka_unit_test(faults),
		cmocka_unit_test(lines_have_a_maximum),
		cmocka_unit_test(long_values_survive),
		cmocka_unit_test(a_nul_is_seen),
		cmocka_unit_test(printed_settings_come_back),
		cmocka_unit_test(the_sample_is_the_defaults),
		cmocka_unit_test(small_buffers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
