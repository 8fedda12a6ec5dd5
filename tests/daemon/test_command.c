/* The operator's command and the real daemon: warming from a list and from a mail log, over an interruption; refresh and flush; policies out of the
 * database and into it again. */
#include "tests/unit/test.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/daemon/village.h"

enum { PATIENCE_MS = 30000 };

static int set_up(void **state)
{
	static struct stage stage;
	int r = village_open(&stage, "[dns]\ndns_timeout = 500ms\n");

	*state = &stage;
	if (r < 0)
		stage_close(&stage);
	return r;
}

static void write_file(struct stage *s, const char *name, const char *text)
{
	char path[DAEMON_PATH];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->daemon.dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static bool has_line(struct stage *s, const char *name, const char *line)
{
	char path[DAEMON_PATH], got[400];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->daemon.dir, name);
	f = fopen(path, "re");
	while (f != NULL && !found && fgets(got, sizeof(got), f) != NULL)
		found = strncmp(got, line, strlen(line)) == 0;
	if (f != NULL)
		fclose(f);
	return found;
}

/* In the daemon's directory, where $m is the command and its output goes to the file "out". */
static void run(struct stage *s, const char *command, struct child *ret)
{
	const char *program = getenv("MTA_STS") != NULL ? getenv("MTA_STS") : "./mta-sts";
	char script[1000];
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	snprintf(script, sizeof(script),
		 "m=\"$(realpath '%s') --socket %s/control.sock\" && cd %s && exec >out && %s",
		 program, s->daemon.dir, s->daemon.dir, command);
	assert_int_equal(child_start(ret, argv, s->daemon.log), 0);
}

static void expect_status(struct stage *s, struct child *c, const char *command, int status)
{
	int got = child_stop(c, 0, PATIENCE_MS, NULL);

	if (got == status)
		return;
	daemon_show_log(&s->daemon);
	fail_msg("%s: status %d, not %d", command, got, status);
}

static void expect(struct stage *s, const char *command, int status)
{
	struct child c;

	run(s, command, &c);
	expect_status(s, &c, command, status);
}

/* What the last command has written, one object. The caller releases it. */
static json_t *answer(struct stage *s)
{
	char path[DAEMON_PATH];
	json_t *root;

	snprintf(path, sizeof(path), "%s/out", s->daemon.dir);
	root = json_load_file(path, 0, NULL);
	assert_true(json_is_object(root));
	return root;
}

static void expect_number(const json_t *o, const char *name, json_int_t value)
{
	json_int_t got = json_integer_value(json_object_get(o, name));

	if (got != value)
		fail_msg("%s: %lld, not %lld", name, (long long)got, (long long)value);
}

static void warming_from_a_list(void **state)
{
	static const char *const held[] = { "bare.example", "expired.example", "forged.example" };
	struct stage *s = *state;
	json_t *a, *row;
	size_t i;

	write_file(s, "list",
		   "# partners\n"
		   "good.example\nGood.Example.\nuser@testing.example\n"
		   "bare.example # no TLS\nplain.example\n\nforged.example\nexpired.example\n"
		   "no good line\n");
	expect(s, "$m --json cache warm --rate 1000 list", 0);
	a = answer(s);
	assert_true(json_is_true(json_object_get(a, "finished")));
	expect_number(a, "lines", 10);
	expect_number(a, "lines_ignored", 1);
	expect_number(a, "domains", 6);
	expect_number(a, "done", 6);
	expect_number(a, "enforce", 4);
	expect_number(a, "testing", 1);
	expect_number(a, "no_policy", 1);
	expect_number(a, "failed", 0);
	assert_int_equal(json_array_size(json_object_get(a, "held")), ARRAY_LEN(held));
	json_array_foreach(json_object_get(a, "held"), i, row)
	{
		const char *domain = json_string_value(json_object_get(row, "domain"));
		size_t k = 0;

		while (k < ARRAY_LEN(held) && strcmp(domain, held[k]) != 0)
			k++;
		assert_true(k < ARRAY_LEN(held));
		assert_non_null(json_object_get(row, "reason"));
	}
	json_decref(a);
	/* again: all of it is known */
	expect(s, "$m --json cache warm --rate 1 - <list", 0);
	a = answer(s);
	expect_number(a, "known_already", 6);
	expect_number(a, "enforce", 4);
	json_decref(a);
}

static void warming_from_a_mail_log(void **state)
{
	struct stage *s = *state;
	json_t *a;

	write_file(s, "mail.log",
		   "Nov 22 02:26:53 h postfix/smtp[1]: 4F: to=<u@good.example>, "
		   "relay=mx.good.example[127.0.0.10]:25, dsn=2.0.0, status=sent (ok)\n"
		   "Nov 22 02:26:54 h postfix/smtp[1]: 4F: to=<v@good.example>, "
		   "relay=mx.good.example[127.0.0.10]:25, dsn=2.0.0, status=sent (ok)\n"
		   "Nov 22 02:26:54 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.9]: "
		   "554 5.7.1 <u@evil.example>: Relay access denied; from=<a@b.example> "
		   "to=<u@evil.example> proto=ESMTP helo=<x>\n"
		   "Nov 22 02:26:55 h postfix/qmgr[1]: 4F: removed\n");
	expect(s, "$m --json cache warm mail.log", 0);
	a = answer(s);
	expect_number(a, "lines_ignored", 2);
	expect_number(a, "domains", 1);
	expect_number(a, "enforce", 1);
	json_decref(a);
	assert_int_equal(dns_responder_asked(s->dns, "_mta-sts.evil.example", "TXT"), 0);
}

/* Ctrl-C leaves a journal; the same command goes on, tries again what failed, and removes the journal when all is done. */
static void an_interruption(void **state)
{
	static const char command[] = "exec $m --json cache warm --rate 5 --journal journal list";
	struct stage *s = *state;
	struct child c;
	json_t *a;

	write_file(s, "list",
		   "good.example\nplain.example\na.silent.example\nb.silent.example\nc.silent."
		   "example\n");
	run(s, command, &c);
	for (int i = 0; i < 500 && !has_line(s, "journal", "plain.example no-policy"); i++)
		(void)usleep(10000);
	assert_true(has_line(s, "journal", "good.example enforce"));
	assert_int_equal(kill(c.pid, SIGINT), 0);
	expect_status(s, &c, command, 75);
	a = answer(s);
	assert_true(json_is_false(json_object_get(a, "finished")));
	json_decref(a);
	expect(s, command, 0);
	a = answer(s);
	assert_true(json_is_true(json_object_get(a, "finished")));
	expect_number(a, "done_before", 2);
	expect_number(a, "done", 5);
	expect_number(a, "enforce", 1);
	expect_number(a, "no_policy", 1);
	expect_number(a, "failed", 3);
	assert_int_equal(json_array_size(json_object_get(a, "failures")), 3);
	json_decref(a);
	expect(s, "test ! -e journal", 0);
}

/* What failed before is no reason not to ask again; what is not in the list any more does not count. */
static void a_journal_with_failures(void **state)
{
	struct stage *s = *state;
	json_t *a;

	write_file(s, "list", "good.example\nplain.example\n");
	write_file(s, "journal",
		   "# mta-sts cache warm: done so far\n"
		   "good.example enforce\nplain.example failed\nbare.example enforce\n");
	expect(s, "$m --json cache warm --journal journal list", 0);
	a = answer(s);
	expect_number(a, "done_before", 1);
	expect_number(a, "done", 2);
	expect_number(a, "enforce", 1);
	expect_number(a, "no_policy", 1);
	json_decref(a);
}

/* A list given as its own journal by mistake must survive. */
static void a_journal_that_is_none(void **state)
{
	struct stage *s = *state;

	write_file(s, "list", "good.example\n");
	expect(s, "$m cache warm --journal list list", 73);
	assert_true(has_line(s, "list", "good.example"));
	write_file(s, "journal", "");
	expect(s, "$m cache warm --journal journal list && test ! -e journal", 0);
}

/* The policy host does not exist: what is held stays in force (RFC 8461 s3.3). */
static void a_refresh(void **state)
{
	struct stage *s = *state;
	json_t *a;

	expect(s, "$m --json refresh good.example", 0);
	a = answer(s);
	assert_string_equal(json_string_value(json_object_get(a, "knowledge")), "enforce-passed");
	assert_true(json_is_false(json_object_get(a, "checking")));
	assert_non_null(json_object_get(a, "fetch_failure"));
	assert_true(json_array_size(json_object_get(a, "changes")) > 0);
	json_decref(a);
	expect(s, "$m refresh bare.example", 1);
	expect(s, "$m refresh plain.example", 1);
	expect(s, "$m refresh a..b", 64);
}

static void a_flush(void **state)
{
	struct stage *s = *state;

	expect(s, "$m query good.example && $m flush good.example && $m query good.example", 0);
	assert_true(has_line(s, "out", "source: database"));
	expect(s, "$m flush never.example", 1);
}

static void what_has_happened(void **state)
{
	struct stage *s = *state;
	json_t *a;

	expect(s, "$m --json events --limit 5 || test $? = 1", 0);
	a = answer(s);
	assert_true(json_is_array(json_object_get(a, "events")));
	json_decref(a);
	expect(s, "$m events never.example", 1);
}

/* Out, forgotten, in again: the same octets. */
static void policies_travel(void **state)
{
	struct stage *s = *state;
	json_t *a;

	expect(s, "$m cache export >first && test $(wc -l <first) = 7", 0);
	expect(s,
	       "for d in good bare forged expired testing held.silent; do $m flush --policy "
	       "$d.example || "
	       "exit; "
	       "done; test $($m export | wc -l) = 1",
	       0);
	expect(s, "$m --json cache import - <first", 0);
	a = answer(s);
	expect_number(a, "imported", 6);
	expect_number(a, "invalid", 0);
	json_decref(a);
	expect(s, "$m cache export >second && cmp first second", 0);
	expect(s, "$m cache import first", 0);
	assert_true(has_line(s, "out", "not_newer: 6"));
	/* faulty lines are named, the good ones are kept */
	expect(s,
	       "$m flush --policy good.example; sed '3s/.*/nonsense/; 4s/enforce/none/' first "
	       ">bad; "
	       "$m import bad",
	       1);
	assert_true(has_line(s, "out", "imported: 1"));
	assert_true(has_line(s, "out", "invalid: 2"));
	assert_true(has_line(s, "log", "mta-sts: bad:3: A policy is one JSON object on one line."));
	assert_true(has_line(s, "log", "mta-sts: bad:4: The mode is not that of the policy."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warming_from_a_list),
		cmocka_unit_test(warming_from_a_mail_log),
		cmocka_unit_test(an_interruption),
		cmocka_unit_test(a_journal_with_failures),
		cmocka_unit_test(a_journal_that_is_none),
		cmocka_unit_test(a_refresh),
		cmocka_unit_test(a_flush),
		cmocka_unit_test(what_has_happened),
		cmocka_unit_test(policies_travel),
	};
	int r = village_enter();

	return r != 0 ? r : cmocka_run_group_tests(tests, set_up, village_teardown);
}
