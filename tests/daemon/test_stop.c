/* Stopping: within ten seconds, whatever is going on, and no MTA is told that a message was accepted which was not judged. */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/daemon/mta.h"
#include "tests/daemon/village.h"

enum { WAITING = 40, STOP_MS = 10000 };

static void fail_closed(struct stage *s, const char *why, int r)
{
	daemon_show_log(&s->daemon);
	stage_close(s);
	fail_msg("%s: %d", why, r);
}

/* Forty sessions wait in RCPT for DNS that does not answer. */
static void stopping_while_recipients_wait(void **state)
{
	struct milter_client *c[WAITING];
	struct stage s;
	int64_t ms = 0;
	int r = village_open(&s, NULL);
	(void)state;

	if (r != 0)
		fail_closed(&s, "start", r);
	for (int i = 0; i < WAITING; i++) {
		char to[64];

		c[i] = mta_open(s.daemon.address, MTA_POSTFIX, "192.0.2.1");
		mta_mail(c[i], NULL);
		(void)snprintf(to, sizeof(to), "<a@w%d.silent.example>", i);
		assert_int_equal(
			milter_macros(c[i], SMFIC_RCPT,
				      (const char *const[]){ "{rcpt_mailer}", "smtp", NULL }),
			0);
		assert_int_equal(milter_post(c[i], SMFIC_RCPT, to, strlen(to) + 1), 1);
	}
	for (int i = 0; i < 200 && dns_responder_asked(s.dns, "*.silent.example", "TXT") == 0; i++)
		(void)usleep(20000); /* until some are really being looked up */
	r = daemon_stop(&s.daemon, &ms);
	for (int i = 0; i < WAITING; i++) {
		struct milter_reply reply = { 0 };
		int got = milter_await(c[i], &reply);
		bool deferred =
			got == 0 && (reply.code == SMFIR_TEMPFAIL ||
				     (reply.code == SMFIR_REPLYCODE && reply.text[0] == '4'));

		milter_free(c[i]);
		if (got == 0 && !deferred)
			fail_closed(&s, "let through", reply.code);
		if (got != 0 && got != -ECONNRESET)
			fail_closed(&s, "neither answered nor closed", got);
	}
	print_message("stopped after %d ms\n", (int)ms);
	if (r != 0 || ms > STOP_MS)
		fail_closed(&s, "status", r);
	stage_close(&s);
}

/* A message whose recipients were accepted, and which has not ended: the MTA has not let go of it. */
static void stopping_in_the_middle_of_a_message(void **state)
{
	struct milter_client *c;
	struct stage s;
	int64_t ms = 0;
	int r = village_open(&s, NULL);
	struct milter_reply reply = { 0 };
	(void)state;

	if (r != 0)
		fail_closed(&s, "start", r);
	c = mta_open(s.daemon.address, MTA_POSTFIX, "192.0.2.1");
	mta_mail(c, NULL);
	reply = mta_simple_rcpt(c, "a@good.example");
	assert_int_equal(reply.code, SMFIR_CONTINUE);
	r = daemon_stop(&s.daemon, &ms);
	print_message("stopped after %d ms\n", (int)ms);
	if (r != 0 || ms > STOP_MS)
		fail_closed(&s, "status", r);
	assert_int_not_equal(milter_eom(c, &reply), 0);
	milter_free(c);
	/* It left no socket behind that nobody serves, and can start again at once. */
	assert_int_equal(access(s.daemon.address + strlen("unix:"), F_OK), -1);
	stage_close(&s);
}

static bool is_left(const struct daemon *d, const char *name)
{
	char path[DAEMON_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	return access(path, F_OK) == 0;
}

/* Its first questions about DNSSEC hang: all sockets are there, threads and database too, and libmilter does not listen yet. */
static void stopping_while_starting(void **state)
{
	static const int orders[] = { SIGTERM, SIGINT, SIGHUP };
	static const struct dns_row silence[] = { { "*", "SILENCE", "", 0 },
						  { NULL, NULL, NULL, 0 } };
	static const struct stage_mx nobody[] = { { NULL, NULL, 0 } };
	static const char *const ours[] = { "milter.sock",   "control.sock", "policy.sock",
					    "exim.sock",     "tlsrpt.sock",  "mta-sts.db-wal",
					    "mta-sts.db-shm" };
	const struct daemon_options options = { .dns = "127.0.0.1@53",
						.extra = "[dns]\ndns_timeout = 500ms\n" };
	struct stage s;
	int r = stage_open(&s, silence, nobody);
	(void)state;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		size_t asked = dns_responder_total(s.dns);

		if (r == 0)
			r = daemon_start(&s.daemon, &options);
		if (r != 0)
			fail_closed(&s, "start", r);
		while (dns_responder_total(s.dns) == asked)
			(void)usleep(1000);
		r = child_stop(&s.daemon.child, orders[i], STOP_MS, NULL);
		if (r != 0)
			fail_closed(&s, "status", r);
		for (size_t j = 0; j < sizeof(ours) / sizeof(ours[0]); j++)
			if (is_left(&s.daemon, ours[j]))
				fail_closed(&s, ours[j], orders[i]);
	}
	stage_close(&s);
}

/* What was known before is known after, also when there was no time for a farewell. */
static void policies_survive_a_kill(void **state)
{
	const struct daemon_options options = { .dns = "127.0.0.1@53" };
	struct milter_client *c;
	struct milter_reply reply;
	struct stage s;
	int r = village_open(&s, NULL);
	(void)state;

	if (r != 0)
		fail_closed(&s, "start", r);
	for (int i = 0; i < 2; i++) {
		c = mta_open(s.daemon.address, MTA_POSTFIX, "192.0.2.1");
		mta_mail(c, NULL);
		reply = mta_simple_rcpt(c, "a@bare.example");
		if (reply.code != SMFIR_REPLYCODE)
			fail_closed(&s, "answer", reply.code);
		milter_free(c);
		if (i == 1)
			break;
		(void)child_stop(&s.daemon.child, SIGKILL, STOP_MS, NULL);
		r = daemon_start(&s.daemon, &options);
		if (r != 0)
			fail_closed(&s, "second start", r);
	}
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopping_while_recipients_wait),
		cmocka_unit_test(stopping_in_the_middle_of_a_message),
		cmocka_unit_test(stopping_while_starting),
		cmocka_unit_test(policies_survive_a_kill),
	};
	int status = village_enter();

	return status != 0 ? status : cmocka_run_group_tests(tests, NULL, NULL);
}
