/* What the daemon answers to recipients, as Postfix and Sendmail ask. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "tests/daemon/mta.h"
#include "tests/daemon/village.h"

static const struct mta_field NO_FIELDS[] = { { NULL, NULL } };

static void freep(struct milter_client **c)
{
	*c = milter_free(*c);
}

static const char *address(void **state)
{
	struct stage *s = *state;

	return s->daemon.address;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "" is continue. */
static bool is_answer(const struct milter_reply *r, const char *want)
{
	if (want[0] == '\0')
		return r->code == SMFIR_CONTINUE;
	return r->code == SMFIR_REPLYCODE && begins(r->text, want);
}

static void only_needed_steps_are_negotiated(void **state)
{
	AUTO(freep) struct milter_client *c = mta_open(address(state), MTA_POSTFIX, "192.0.2.1");
	const struct milter_terms *t = milter_terms(c);
	const uint32_t unused = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOBODY | SMFIP_NOUNKNOWN;
	const uint32_t mute = SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH;

	assert_int_equal(t->steps & unused, unused);
	assert_int_equal(t->steps & mute, mute);
	assert_int_equal(t->steps & (SMFIP_NOCONNECT | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NOHDRS |
				     SMFIP_NOEOH),
			 0);
	assert_int_equal(t->actions & ~(uint32_t)(SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST),
			 0);
	assert_non_null(strstr(t->symbols[SMFIM_ENVRCPT], "{rcpt_host}"));
	assert_non_null(strstr(t->symbols[SMFIM_ENVRCPT], "{rcpt_mailer}"));
	assert_non_null(strstr(t->symbols[SMFIM_ENVRCPT], "{rcpt_addr}"));
}

/* An MTA that offers less than the daemon needs must not be told to do what it cannot. */
static void an_old_mta_is_served_or_refused_cleanly(void **state)
{
	struct milter_reply reply = { 0 };
	struct milter_client *c;

	assert_int_equal(milter_open(address(state), MTA_TIMEOUT_MS, &c), 0);
	assert_int_equal(
		milter_negotiate(c, (struct milter_offer){ 2, SMFI_V2_ACTS, SMFI_V2_PROT }), 0);
	assert_int_equal(milter_terms(c)->steps & ~(uint32_t)SMFI_V2_PROT, 0);
	assert_int_equal(milter_connection(c, "client.example", "192.0.2.1", 25, NULL), 0);
	assert_int_equal(milter_mail(c, "<a@client.example>", NULL), 0);
	assert_int_equal(milter_rcpt(c, "<a@bare.example>", &reply), 0);
	assert_true(is_answer(&reply, "451 4.7.4"));
	milter_free(c);
}

static const struct {
	const char *name, *version;
	struct mta_rcpt rcpt;
	const char *want;
} MACROS[] = {
	/* clang-format off */
	{ "no policy", MTA_POSTFIX, { "smtp", "plain.example", "a@plain.example", "<a@plain.example>" }, "" },
	{ "all good", MTA_POSTFIX, { "smtp", "good.example", "a@good.example", "<a@good.example>" }, "" },
	{ "no STARTTLS", MTA_POSTFIX, { "smtp", "bare.example", "a@bare.example", "<a@bare.example>" }, "451 4.7.4" },
	{ "wrong name", MTA_POSTFIX, { "smtp", "forged.example", "a@forged.example", "<a@forged.example>" }, "451 4.7.5" },
	{ "expired", MTA_POSTFIX, { "smtp", "expired.example", "a@expired.example", "<a@expired.example>" }, "451 4.7.5" },
	{ "testing", MTA_POSTFIX, { "smtp", "testing.example", "a@testing.example", "<a@testing.example>" }, "" },
	{ "no such domain", MTA_POSTFIX, { "smtp", "nowhere.example", "a@nowhere.example", "<a@nowhere.example>" }, "" },
	/* Postfix passes the case of the next-hop through, and refuses some recipients itself */
	{ "upper case", MTA_POSTFIX, { "smtp", "BARE.Example", "a@bare.example", "<a@BARE.Example>" }, "451 4.7.4" },
	{ "mailer error", MTA_POSTFIX, { "error", "5.1.1", "User unknown", "<a@bare.example>" }, "" },
	{ "local", MTA_POSTFIX, { "local", "mx.test.example", "a@bare.example", "<a@bare.example>" }, "" },
	{ "virtual_transport=dovecot", MTA_POSTFIX, { "dovecot", "bare.example", "a@bare.example", "<a@bare.example>" }, "" },
	{ "relay_domains", MTA_POSTFIX, { "relay", "bare.example", "a@bare.example", "<a@bare.example>" }, "" },
	{ "own transport", MTA_POSTFIX, { "slowsmtp", "bare.example", "a@bare.example", "<a@bare.example>" }, "451 4.7.4" },
	/* RFC 8461 s3.4: the next-hop's policy, not the recipient's */
	{ "relayhost good", MTA_POSTFIX, { "smtp", "good.example", "a@bare.example", "<a@bare.example>" }, "" },
	{ "relayhost bad", MTA_POSTFIX, { "smtp", "bare.example", "a@good.example", "<a@good.example>" }, "451 4.7.4" },
	{ "relayhost in brackets", MTA_POSTFIX, { "smtp", "[mx.bare.example]:25", "a@bare.example", "<a@bare.example>" }, "" },
	{ "wrapper port", MTA_POSTFIX, { "smtp", "[mx.bare.example]:465", "a@bare.example", "<a@bare.example>" }, "" },
	{ "literal", MTA_POSTFIX, { "smtp", "[127.0.0.11]", "a@[127.0.0.11]", "<a@[127.0.0.11]>" }, "" },
	/* Sendmail: a trailing dot once the MX was resolved; its mailer relay is a smart host */
	{ "sendmail", MTA_SENDMAIL, { "esmtp", "bare.example.", "a@bare.example", "<a@bare.example>" }, "451 4.7.4" },
	{ "sendmail, good", MTA_SENDMAIL, { "esmtp", "good.example.", "a@good.example", "<a@good.example>" }, "" },
	{ "sendmail, unresolved", MTA_SENDMAIL, { "esmtp", "bare.example", "a@bare.example", "<a@bare.example>" }, "451 4.7.4" },
	{ "sendmail, smart host", MTA_SENDMAIL, { "relay", "bare.example.", "a@good.example", "<a@good.example>" }, "451 4.7.4" },
	{ "sendmail, local", MTA_SENDMAIL, { "local", NULL, "joe", "<joe@bare.example>" }, "" },
	{ "sendmail, error", MTA_SENDMAIL, { "error", "5.1.1", "joe", "<joe@bare.example>" }, "" },
	{ "sendmail, no macros", MTA_SENDMAIL, { NULL, NULL, NULL, "<a@bare.example>" }, "451 4.7.4" },
	/* Postfix names a transport in every SMTP session: without one it is non_smtpd_milters */
	{ "local submission", MTA_POSTFIX, { NULL, NULL, "a@bare.example", "a@bare.example" }, "" },
	/* clang-format on */
};

static void macros_decide_whose_policy_applies(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(MACROS); i++) {
		AUTO(freep)
		struct milter_client *c = mta_open(address(state), MACROS[i].version, "192.0.2.1");
		struct milter_reply reply;

		mta_mail(c, NULL);
		reply = mta_rcpt(c, &MACROS[i].rcpt);
		if (!is_answer(&reply, MACROS[i].want))
			fail_msg("%s: got %c %s", MACROS[i].name, reply.code, reply.text);
	}
}

/* Mail that the MTA itself has refused, or delivers here, is nobody's business in DNS. */
static void what_is_not_judged_is_not_looked_up(void **state)
{
	struct stage *s = *state;

	assert_int_equal(dns_responder_asked(s->dns, "*5.1.1*", NULL), 0);
	assert_int_equal(dns_responder_asked(s->dns, "*mx.test.example", NULL), 0);
}

static void local_submissions_are_warned_about_once(void **state)
{
	struct stage *s = *state;
	static const char *const warning[] = { "local-submission", NULL };

	assert_int_equal(daemon_await_logged(&s->daemon, warning), 1);
}

static void unknown_transports_are_warned_about_once(void **state)
{
	struct stage *s = *state;
	static const char *const warning[] = { "event=warning", "slowsmtp", NULL };

	for (int i = 0; i < 3; i++) {
		AUTO(freep)
		struct milter_client *c = mta_open(address(state), MTA_POSTFIX, "192.0.2.1");

		mta_mail(c, NULL);
		(void)mta_rcpt(c, &(struct mta_rcpt){ "slowsmtp", "plain.example", NULL,
						      "<a@plain.example>" });
	}
	assert_int_equal(daemon_await_logged(&s->daemon, warning), 1);
}

/* The sentence names domain, MX host and RFC section; one line, as the client will see it. */
static void a_tempfail_explains_itself(void **state)
{
	AUTO(freep) struct milter_client *c = mta_open(address(state), MTA_POSTFIX, "192.0.2.1");
	struct milter_reply reply;

	mta_mail(c, NULL);
	reply = mta_simple_rcpt(c, "a@forged.example");
	assert_true(is_answer(&reply, "451 4.7.5 "));
	assert_non_null(strstr(reply.text, "forged.example"));
	assert_non_null(strstr(reply.text, "mx.forged.example"));
	assert_non_null(strstr(reply.text, "RFC 8461"));
	assert_null(strpbrk(reply.text, "\r\n"));
	assert_true(strlen(reply.text) < 512);
}

/* Addresses that no decent MTA sends. `want` is the answer where a policy must not be bypassed;
 * NULL: anything but a permanent failure. */
static const struct {
	const char *to, *want;
} HOSTILE[] = {
	{ "<user@bare.example.>", "451 4.7.4" },
	{ "<USER@BARE.EXAMPLE>", "451 4.7.4" },
	{ "user@bare.example", "451 4.7.4" },
	{ "<\"a@plain.example\"@bare.example>", "451 4.7.4" },
	{ "<\"a\\\"@plain.example\"@bare.example>", "451 4.7.4" },
	{ "<user%plain.example@bare.example>", "451 4.7.4" },
	{ "<plain.example!user@bare.example>", "451 4.7.4" },
	{ "<@plain.example:user@bare.example>", "451 4.7.4" },
	{ "<@plain.example,@good.example:user@bare.example>", "451 4.7.4" },
	{ "<user@plain.example@bare.example>", "451 4.7.4" },
	{ "<@bare.example>", NULL },
	{ "<user@bare.example..>", NULL },
	{ "<user@.bare.example>", NULL },
	{ "<user@bare..example>", NULL },
	{ "<>", NULL },
	{ "", NULL },
	{ "<", NULL },
	{ "<user>", NULL },
	{ "<user@>", NULL },
	{ "<@>", NULL },
	{ "<user@.>", NULL },
	{ "<user@.example>", NULL },
	{ "<user@[127.0.0.1]>", NULL },
	{ "<user@[IPv6:::1]>", NULL },
	{ "<user@[>", NULL },
	{ "<user@127.0.0.1>", NULL },
	{ "<\"unbalanced@bare.example>", NULL },
	{ "<user@b\xc3\xbc"
	  "cher.example>",
	  NULL },
	{ "<user@\xff\xfe.example>", NULL },
	{ "<user@xn--.example>", NULL },
	{ "<user@a b.example>", NULL },
	{ "<user@a\tb.example>", NULL },
	{ "<user@a\r\nevent=rcpt forged=yes>", NULL },
	{ "<user@a\x1b[31m.example>", NULL },
	{ "<user@%s%n%s%n.example>", NULL },
	{ "<user@*.example>", NULL },
	{ "<user@_mta-sts.bare.example>", NULL },
	{ "<user@-.example>", NULL },
};

static struct milter_reply bare_rcpt(void **state, struct milter_client **ret, const char *to)
{
	*ret = mta_open(address(state), MTA_SENDMAIL, "192.0.2.1");
	mta_mail(*ret, NULL);
	return mta_rcpt(*ret, &(struct mta_rcpt){ .mailer = "esmtp", .to = to });
}

static bool is_permanent(const struct milter_reply *r)
{
	return r->code == SMFIR_REJECT || r->code == SMFIR_DISCARD ||
	       (r->code == SMFIR_REPLYCODE && r->text[0] != '4');
}

static void hostile_addresses_neither_crash_nor_bypass(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(HOSTILE); i++) {
		AUTO(freep) struct milter_client *c = NULL;
		struct milter_reply reply = bare_rcpt(state, &c, HOSTILE[i].to);

		if (is_permanent(&reply))
			fail_msg("row %zu: %c %s", i, reply.code, reply.text);
		if (HOSTILE[i].want != NULL && !is_answer(&reply, HOSTILE[i].want))
			fail_msg("row %zu: got %c %s", i, reply.code, reply.text);
	}
}

/* The same as {rcpt_addr} and as {rcpt_host}: macros are no more to be trusted. */
static void hostile_macros_do_not_crash(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(HOSTILE); i++) {
		AUTO(freep)
		struct milter_client *c = mta_open(address(state), MTA_POSTFIX, "192.0.2.1");
		struct milter_reply reply;

		mta_mail(c, NULL);
		reply = mta_rcpt(c, &(struct mta_rcpt){ "smtp", HOSTILE[i].to, HOSTILE[i].to,
							"<a@plain.example>" });
		if (is_permanent(&reply))
			fail_msg("row %zu as host: %c %s", i, reply.code, reply.text);
		reply = mta_rcpt(c, &(struct mta_rcpt){ HOSTILE[i].to, NULL, HOSTILE[i].to,
							"<a@plain.example>" });
		if (is_permanent(&reply))
			fail_msg("row %zu as mailer: %c %s", i, reply.code, reply.text);
	}
}

static void long_addresses_do_not_crash(void **state)
{
	static const size_t lengths[] = { 63, 64, 253, 254, 255, 256, 1000, 60000 };
	char *to = malloc(70000);

	assert_non_null(to);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (int dots = 0; dots < 2; dots++) {
			AUTO(freep) struct milter_client *c = NULL;
			struct milter_reply reply;
			size_t n = lengths[i];

			(void)snprintf(to, 70000, "<%s", "user@");
			for (size_t j = 0; j < n; j++)
				to[6 + j] = dots && j % 32 == 31 ? '.' : 'a';
			(void)snprintf(to + 6 + n, 70000 - 6 - n, ">");
			reply = bare_rcpt(state, &c, to);
			if (is_permanent(&reply))
				fail_msg("%zu octets: %c %s", n, reply.code, reply.text);
		}
	}
	free(to);
}

/* One line is one event, whatever strangers wrote. */
static void nothing_hostile_reached_the_log(void **state)
{
	struct stage *s = *state;
	struct span rest, line;
	struct buf log;

	assert_int_equal(daemon_read_log(&s->daemon, &log), 0);
	rest = buf_span(&log);
	while (span_line(&rest, &line)) {
		if (!span_starts(line, "event=") && !span_starts(line, "mta-sts-milter:"))
			fail_msg("a line of its own: %.*s", (int)line.n, line.p);
		for (size_t i = 0; i < line.n; i++)
			if (line.p[i] < ' ' || line.p[i] > '~')
				fail_msg("byte %d in: %.*s", line.p[i], (int)line.n, line.p);
		assert_true(line.n <= 1000);
	}
	buf_release(&log);
}

/* One decision id joins what was said about the recipients with the MTA's queue id. */
static void the_log_joins_recipients_with_the_message(void **state)
{
	AUTO(freep) struct milter_client *c = mta_open(address(state), MTA_POSTFIX, "192.0.2.1");
	struct stage *s = *state;
	const char *wanted[4] = { "event=rcpt", "joined@good.example", NULL, NULL };
	struct span rest, line;
	struct buf log, header;
	char id[64] = "";

	mta_mail(c, NULL);
	(void)mta_simple_rcpt(c, "joined@good.example");
	(void)mta_simple_rcpt(c, "joined@bare.example");
	mta_finish(c, NO_FIELDS, &header);
	buf_release(&header);
	(void)milter_quit(c);
	assert_int_equal(daemon_await_logged(&s->daemon, wanted), 1);
	assert_int_equal(daemon_read_log(&s->daemon, &log), 0);
	rest = buf_span(&log);
	while (span_line(&rest, &line)) {
		struct span word;

		if (memmem(line.p, line.n, "joined@good.example", 19) == NULL)
			continue;
		while (span_word(&line, &word))
			if (span_starts(word, "id="))
				(void)span_copy(word, id, sizeof(id));
	}
	buf_release(&log);
	assert_string_not_equal(id, "");
	wanted[0] = "event=message";
	wanted[1] = id;
	wanted[2] = "qid=4XQueue1d";
	assert_int_equal(daemon_await_logged(&s->daemon, wanted), 1);
	wanted[0] = "event=rcpt";
	wanted[2] = "answer=tempfail";
	assert_int_equal(daemon_await_logged(&s->daemon, wanted), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_needed_steps_are_negotiated),
		cmocka_unit_test(an_old_mta_is_served_or_refused_cleanly),
		cmocka_unit_test(macros_decide_whose_policy_applies),
		cmocka_unit_test(what_is_not_judged_is_not_looked_up),
		cmocka_unit_test(local_submissions_are_warned_about_once),
		cmocka_unit_test(unknown_transports_are_warned_about_once),
		cmocka_unit_test(a_tempfail_explains_itself),
		cmocka_unit_test(hostile_addresses_neither_crash_nor_bypass),
		cmocka_unit_test(hostile_macros_do_not_crash),
		cmocka_unit_test(long_addresses_do_not_crash),
		cmocka_unit_test(the_log_joins_recipients_with_the_message),
		cmocka_unit_test(nothing_hostile_reached_the_log),
	};
	int status = village_enter();

	return status != 0 ? status
			   : cmocka_run_group_tests(tests, village_setup, village_teardown);
}
