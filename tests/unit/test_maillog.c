/* Recipients in mail logs and lists: what MTAs write, and what strangers could have them write. */
#include "tests/unit/test.h"

#include "common/base/buf.h"
#include "milter/command/maillog.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *name, *line;
	const char *domains; /* with blanks between; "-": ignored; "": empty line */
};

/* clang-format off */
static const struct row rows[] = {
	/* lists */
	{ "a domain", "example.com", "example.com" },
	{ "a domain with CRLF", "example.com\r", "example.com" },
	{ "blanks around it", "  Example.COM. \t", "example.com" },
	{ "a comment behind it", "example.com # a partner", "example.com" },
	{ "an address", "user@example.com", "example.com" },
	{ "an address in brackets", "<user@example.com>", "example.com" },
	{ "a U-label", "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
	{ "a comment", "# example.com", "" },
	{ "nothing", "", "" },
	{ "blanks", " \t ", "" },
	{ "a word", "localhost", "-" },
	{ "two words", "example.com example.net", "-" },
	{ "no name", "a..b", "-" },
	{ "an address literal", "user@[192.0.2.1]", "-" },
	{ "an address", "192.0.2.1", "-" },
	{ "hostile bytes", "\x1b[31m\xff", "-" },
	/* Postfix */
	{ "postfix: sent",
	  "Nov 22 02:26:53 host postfix/smtp[4711]: 4F2B81: to=<u@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1.2, delays=0/0/1/0.2, dsn=2.0.0, status=sent (250 ok)",
	  "example.com" },
	{ "postfix: RFC 3339 time, deferred",
	  "2026-11-22T02:26:53.123456+01:00 host postfix/smtp[4711]: 4F2B81: to=<u@example.com>, relay=none, delay=30, dsn=4.4.1, status=deferred (connect to mx[192.0.2.1]:25: Connection timed out)",
	  "example.com" },
	{ "postfix: an alias: where it went, not where it was sent to",
	  "Nov 22 02:26:53 host postfix/smtp[1]: 4F2B81: to=<u@example.net>, orig_to=<alias@example.org>, relay=mx[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
	  "example.net" },
	{ "postfix: an instance and a transport with a name",
	  "Nov 22 02:26:53 host postfix-out/relay/smtp[1]: 4F2B81: to=<u@example.com>, relay=mx[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
	  "example.com" },
	{ "postfix: a comma in a quoted local part",
	  "Nov 22 02:26:53 host postfix/smtp[1]: 4F2B81: to=<\"a, b\"@example.com>, relay=mx[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
	  "example.com" },
	{ "postfix: delivered here",
	  "Nov 22 02:26:53 host postfix/local[1]: 4F2B81: to=<u@example.com>, relay=local, dsn=2.0.0, status=sent (delivered to mailbox)", "-" },
	{ "postfix: to another daemon here",
	  "Nov 22 02:26:53 host postfix/lmtp[1]: 4F2B81: to=<u@example.com>, relay=mx[private/dovecot-lmtp], dsn=2.0.0, status=sent (ok)", "-" },
	{ "postfix: bounced without an attempt",
	  "Nov 22 02:26:53 host postfix/error[1]: 4F2B81: to=<u@example.com>, relay=none, dsn=5.0.0, status=bounced (no)", "-" },
	{ "postfix: refused at RCPT: a stranger's wish",
	  "Nov 22 02:26:53 host postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 554 5.7.1 <u@evil.example>: Relay access denied; from=<a@b.example> to=<u@evil.example> proto=ESMTP helo=<x>", "-" },
	{ "postfix: a stranger who plays a log line",
	  "Nov 22 02:26:53 host postfix/smtpd[1]: warning: postfix/smtp[1]: 4F2B81: to=<u@evil.example>, status=sent", "-" },
	{ "postfix: queue manager", "Nov 22 02:26:53 host postfix/qmgr[1]: 4F2B81: from=<a@example.org>, size=1, nrcpt=1 (queue active)", "-" },
	{ "postfix: our own milter's line", "Nov 22 02:26:53 host mta-sts-milter[1]: event=rcpt id=1 rcpt=u@example.com", "-" },
	{ "postfix: an address literal",
	  "Nov 22 02:26:53 host postfix/smtp[1]: 4F2B81: to=<u@[192.0.2.1]>, relay=192.0.2.1[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)", "-" },
	/* Sendmail */
	{ "sendmail: sent",
	  "Nov 22 02:26:53 host sm-mta[42]: 2AM2QrTe000123: to=<u@example.com>, ctladdr=<a@example.org> (1000/1000), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120000, relay=mx.example.com. [192.0.2.1], dsn=2.0.0, stat=Sent (ok)",
	  "example.com" },
	{ "sendmail: several recipients",
	  "Nov 22 02:26:53 host sendmail[42]: 2AM2QrTe000123: to=<u@example.com>,<v@example.net>, delay=00:00:01, mailer=esmtp, relay=mx, dsn=2.0.0, stat=Sent (ok)",
	  "example.com example.net" },
	{ "sendmail: without brackets",
	  "Nov 22 02:26:53 host sendmail[42]: 2AM2QrTe000123: to=u@example.com, delay=00:00:01, mailer=esmtp, relay=mx, dsn=4.0.0, stat=Deferred",
	  "example.com" },
	{ "sendmail: local",
	  "Nov 22 02:26:53 host sm-mta[42]: 2AM2QrTe000123: to=<u@example.com>, delay=00:00:01, mailer=local, pri=1, dsn=2.0.0, stat=Sent", "-" },
	/* Exim */
	{ "exim: sent",
	  "2026-11-22 02:26:53 1tEQzS-0001-AB => u@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] X=TLS1.3 C=\"250 ok\"",
	  "example.com" },
	{ "exim: another recipient",
	  "2026-11-22 02:26:53 1tEQzS-0001-AB -> v@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1] C=\"250 ok\"", "example.com" },
	{ "exim: through an alias",
	  "2026-11-22 02:26:53 1tEQzS-0001-AB => u@example.com <alias@example.org> R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.1]", "example.com" },
	{ "exim: waits",
	  "2026-11-22 02:26:53 1tEQzS-0001-AB == u@example.com R=dnslookup T=remote_smtp defer (110): Connection timed out", "example.com" },
	{ "exim: local", "2026-11-22 02:26:53 1tEQzS-0001-AB => user <user@example.com> R=local_user T=mail_spool", "-" },
	{ "exim: local, waits", "2026-11-22 02:26:53 1tEQzS-0001-AB == user@example.com R=local_user T=mail_spool defer (-1): mailbox is full", "-" },
	{ "exim: to another daemon here", "2026-11-22 02:26:53 1tEQzS-0001-AB => user@example.com R=dovecot T=dovecot_lmtp H=127.0.0.1 [127.0.0.1] C=\"250 ok\"", "-" },
	{ "exim: arrived", "2026-11-22 02:26:53 1tEQzS-0001-AB <= a@example.org H=(x) [192.0.2.9] P=esmtp S=500 T=\"to=<u@evil.example>, mailer=esmtp, stat=Sent\"", "-" },
	{ "exim: failed", "2026-11-22 02:26:53 1tEQzS-0001-AB ** u@example.com R=dnslookup T=remote_smtp: unroutable", "-" },
};
/* clang-format on */

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char names[MAILLOG_DOMAINS][DOMAIN_SIZE];
		char got[2000] = "";
		size_t n, at = 0;
		enum maillog_kind kind = maillog_line(span_of(rows[i].line), names, &n);

		for (size_t k = 0; k < n; k++)
			at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%s", k > 0 ? " " : "",
					       names[k]);
		if (kind == MAILLOG_OTHER)
			snprintf(got, sizeof(got), "-");
		assert_true((kind == MAILLOG_DOMAINS_NAMED) == (n > 0));
		if (strcmp(got, rows[i].domains) != 0)
			fail_msg("%s: got \"%s\", not \"%s\"", rows[i].name, got, rows[i].domains);
	}
}

/* More recipients than are taken from one line. */
static void many_recipients(void **state)
{
	char names[MAILLOG_DOMAINS][DOMAIN_SIZE];
	struct buf line;
	size_t n;

	(void)state;
	buf_init(&line, 64 << 10);
	buf_adds(&line, "Nov 22 02:26:53 host sm-mta[42]: 2AM: to=");
	for (int i = 0; i < 2 * MAILLOG_DOMAINS; i++)
		buf_addf(&line, "%s<u@d%d.example>", i > 0 ? "," : "", i);
	buf_adds(&line, ", delay=1, mailer=esmtp, dsn=2.0.0, stat=Sent");
	assert_int_equal(maillog_line(buf_span(&line), names, &n), MAILLOG_DOMAINS_NAMED);
	assert_int_equal(n, MAILLOG_DOMAINS);
	assert_string_equal(names[MAILLOG_DOMAINS - 1], "d63.example");
	buf_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
