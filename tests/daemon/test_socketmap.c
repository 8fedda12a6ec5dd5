/* What the daemon tells delivery agents, as Postfix, Sendmail and Exim ask. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "tests/daemon/map_client.h"
#include "tests/daemon/mta.h"
#include "tests/daemon/village.h"

/* A cold key must not wait long here. */
static const char EXTRA[] = "[delivery]\nsocketmap_deadline = 1s\npostfix_maps = postfix old-name\n"
			    "[judge]\nskip_domains = skipped.example\n"
			    "[action]\naction_authenticated = annotate\n"
			    "authenticated_networks = 198.51.100.0/24 2001:db8::/32\n";

static const struct daemon *daemon_of(void **state)
{
	struct stage *s = *state;

	return &s->daemon;
}

static const struct {
	const char *request, *want;
} answers[] = {
	{ "postfix good.example", "OK secure match=mx.good.example servername=hostname" },
	{ "postfix GOOD.example.", "OK secure match=mx.good.example servername=hostname" },
	{ "old-name good.example", "OK secure match=mx.good.example servername=hostname" },
	{ "sts good.example", "OK secure match=mx.good.example servername=hostname" },
	{ "postfix good.example:25", "OK secure match=mx.good.example servername=hostname" },
	/* The MTA finds out by itself, whatever our probes have found. */
	{ "postfix bare.example", "OK secure match=mx.bare.example servername=hostname" },
	{ "postfix forged.example", "OK secure match=mx.forged.example servername=hostname" },
	{ "postfix testing.example", "NOTFOUND " },
	{ "postfix plain.example", "NOTFOUND " },
	{ "sts plain.example", "NOTFOUND " },
	{ "postfix unheard.example", "NOTFOUND " },
	{ "postfix .good.example", "NOTFOUND " },
	{ "postfix .example", "NOTFOUND " },
	{ "postfix .", "NOTFOUND " },
	{ "postfix ", "NOTFOUND " },
	{ "postfix [192.0.2.1]", "NOTFOUND " },
	{ "postfix [192.0.2.1]:25", "NOTFOUND " },
	{ "postfix [IPv6:2001:db8::1]", "NOTFOUND " },
	{ "postfix 192.0.2.1", "NOTFOUND " },
	{ "postfix good.example:465", "NOTFOUND " },
	{ "postfix [mx.good.example]", "NOTFOUND " },
	{ "postfix [mx.good.example]:587", "NOTFOUND " },
	{ "postfix b\xc3\xbc"
	  "cher.example",
	  "NOTFOUND " },
	{ "postfix \xff\xfe", "NOTFOUND " },
	{ "postfix good..example", "NOTFOUND " },
	{ "postfix good.example more", "NOTFOUND " },
	{ "nosuch good.example", "PERM there is no map of this name here; see postfix_maps" },
	{ "good.example", "PERM a request is the name of a map, a blank, and a key" },
	{ "", "PERM a request is the name of a map, a blank, and a key" },
	{ "postfix x.silent.example", "TEMP the answer is not known yet" },
	{ "sts y.silent.example", "TEMP the answer is not known yet" },
	/* A policy that is known is never opened by silence. */
	{ "postfix held.silent.example", "TEMP the answer is not known yet" },
	{ "sts held.silent.example", "TEMP the answer is not known yet" },
};

static void keys_and_maps(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char got[MAP_ANSWER];

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		map_ask(fd, answers[i].request, got);
		if (strcmp(got, answers[i].want) != 0)
			fail_msg("%s: %s", answers[i].request, got);
	}
}

static void answers_keep_the_order_of_requests(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char got[MAP_ANSWER];

	map_send_request(fd, "postfix good.example");
	map_send_request(fd, "postfix late.silent.example");
	map_send_request(fd, "postfix plain.example");
	map_send_request(fd, "x good");
	assert_memory_equal(map_answer(fd, got), "OK secure", 9);
	assert_memory_equal(map_answer(fd, got), "TEMP ", 5);
	assert_string_equal(map_answer(fd, got), "NOTFOUND ");
	assert_memory_equal(map_answer(fd, got), "PERM ", 5);
}

static void two_requests_in_one_write(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	static const char both[] = "20:postfix good.example,21:postfix plain.example,";
	char got[MAP_ANSWER];

	map_send(fd, both, sizeof(both) - 1);
	assert_memory_equal(map_answer(fd, got), "OK secure", 9);
	assert_string_equal(map_answer(fd, got), "NOTFOUND ");
}

static void one_octet_at_a_time(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	static const char request[] = "20:postfix good.example,";
	char got[MAP_ANSWER];

	for (size_t i = 0; i + 1 < sizeof(request); i++) {
		map_send(fd, request + i, 1);
		(void)usleep(1000);
	}
	assert_memory_equal(map_answer(fd, got), "OK secure", 9);
}

/* As from a shell: what was asked is answered although nothing more will be asked. */
static void asked_and_half_closed(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char got[MAP_ANSWER];

	map_send_request(fd, "postfix shell.silent.example");
	map_send_request(fd, "postfix good.example");
	map_send(fd, "5:part", 6);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_memory_equal(map_answer(fd, got), "TEMP ", 5);
	assert_memory_equal(map_answer(fd, got), "OK secure", 9);
	assert_string_equal(map_answer(fd, got), "");
}

/* The longest request that Postfix sends, and a client that keeps asking behind it. */
static void long_keys(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char request[LIMIT_MAP_KEY + 1], got[MAP_ANSWER];

	memset(request, 'a', LIMIT_MAP_KEY);
	memcpy(request, "postfix ", 8);
	request[LIMIT_MAP_KEY] = '\0';
	assert_string_equal(map_ask(fd, request, got), "NOTFOUND ");
	assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
}

static void nonsense_ends_the_connection(void **state)
{
	static const char *const nonsense[] = {
		"1073741824:",	       "10001:", "postfix", "-1:,", "01:a,", "3:abcd",
		"99999999999999999999"
	};
	char got[MAP_ANSWER];

	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
		AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");

		map_send(fd, nonsense[i], strlen(nonsense[i]));
		assert_string_equal(map_answer(fd, got), "");
	}
}

/* Those who are silent, slow, or wait for what is not known hold up nobody. */
static void the_others_notice_nothing(void **state)
{
	enum { SILENT = 200 };
	const struct daemon *d = daemon_of(state);
	int silent[SILENT], half = map_open(d, "policy.sock"), cold = map_open(d, "policy.sock");
	AUTO(map_close) int fd = map_open(d, "policy.sock");
	struct timespec began, ended;
	char got[MAP_ANSWER];

	for (size_t i = 0; i < SILENT; i++)
		silent[i] = map_open(d, "policy.sock");
	map_send(half, "9999:postfix ", 13);
	map_send_request(cold, "postfix cold.silent.example");
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	for (size_t i = 0; i < 200; i++)
		assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true(ended.tv_sec - began.tv_sec < 5);
	assert_memory_equal(map_answer(cold, got), "TEMP ", 5);
	for (size_t i = 0; i < SILENT; i++)
		map_close(&silent[i]);
	map_close(&half);
	map_close(&cold);
}

/* Many who ask for the same unknown domain share one look, and all get its end. */
static void many_wait_together(void **state)
{
	enum { MANY = 50 };
	int fds[MANY];
	char got[MAP_ANSWER];

	for (size_t i = 0; i < MANY; i++) {
		fds[i] = map_open(daemon_of(state), "policy.sock");
		map_send_request(fds[i], "postfix together.silent.example");
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_memory_equal(map_answer(fds[i], got), "TEMP ", 5);
		map_close(&fds[i]);
	}
}

/* A client that leaves while it waits takes nothing along. */
static void leaving_while_waiting(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char got[MAP_ANSWER];

	for (size_t i = 0; i < 20; i++) {
		int leaving = map_open(daemon_of(state), "policy.sock");

		map_send_request(leaving, "postfix left.silent.example");
		map_close(&leaving);
	}
	assert_memory_equal(map_ask(fd, "postfix good.example", got), "OK secure", 9);
}

static const struct {
	const char *line, *want; /* want: how the answer begins */
	bool whole;		 /* ... and all of it */
} lines[] = {
	{ "policy good.example\n", "secure mx.good.example", true },
	{ "policy good.example\r\n", "secure mx.good.example", true },
	{ "policy good.example", "secure mx.good.example", true }, /* the half-close ends it */
	{ "policy plain.example\n", "none", true },
	{ "policy testing.example\n", "none", true },
	{ "policy [192.0.2.1]\n", "none", true },
	{ "policy skipped.example\n", "none", true },
	{ "policy .example\n", "none", true },
	{ "policy z.silent.example\n", "defer pending the answer is not known yet", true },
	{ "mx good.example mx.good.example\n", "ok", true },
	{ "mx good.example MX.good.example.\n", "ok", true },
	{ "mx good.example other.good.example\n", "ok", true }, /* under the wildcard */
	{ "mx good.example mx.evil.example\n", "refuse the MX host is not listed in the policy",
	  true },
	{ "mx bare.example mx.bare.example\n", "ok", true }, /* TLS is for Exim to demand */
	{ "mx plain.example mx.evil.example\n", "ok", true },
	{ "mx w.silent.example mx.evil.example\n", "defer the answer is not known yet", true },
	{ "rcpt user@good.example\n", "accept id=", false },
	{ "rcpt <user@good.example>\n", "accept id=", false },
	{ "rcpt user@plain.example\n", "accept id=", false },
	{ "rcpt user@[192.0.2.1]\n", "accept id=", false },
	{ "rcpt \"a b\"@good.example\n", "accept id=", false },
	{ "rcpt user@bare.example\n",
	  "defer 4.7.4 MTA-STS enforce policy of bare.example: ", false },
	{ "rcpt user@v.silent.example\n", "defer 4.4.3 ", false },
	/* Who is known is asked about under action_authenticated. */
	{ "rcpt user@bare.example authenticated\n", "accept id=", false },
	{ "rcpt user@bare.example client=198.51.100.7\n", "accept id=", false },
	{ "rcpt user@bare.example client=2001:db8::7\n", "accept id=", false },
	{ "rcpt user@bare.example client=192.0.2.7 authenticated\n", "accept id=", false },
	{ "rcpt user@bare.example client=192.0.2.7\n", "defer 4.7.4 ", false },
	{ "rcpt user@bare.example client=2001:db9::7\n", "defer 4.7.4 ", false },
	{ "rcpt \"a b\"@bare.example client=198.51.100.7 authenticated\r\n", "accept id=", false },
	{ "rcpt user@v.silent.example authenticated", "accept id=", false },
	{ "rcpt user@[192.0.2.1] client=192.0.2.7 authenticated\n", "accept id=", false },
	/* A stranger's local part is none of these words. */
	{ "rcpt x authenticated@bare.example\n", "defer 4.7.4 ", false },
	{ "rcpt x@y.example authenticated@bare.example client=192.0.2.7\n", "defer 4.7.4 ", false },
	{ "rcpt x client=198.51.100.7@bare.example client=192.0.2.7\n", "defer 4.7.4 ", false },
	{ "rcpt user@bare.example unknown\n", "error ", false },
	{ "rcpt user@bare.example Authenticated\n", "error ", false },
	{ "rcpt user@bare.example authenticated=no\n", "error ", false },
	{ "rcpt user@bare.example authenticated more\n", "error ", false },
	{ "rcpt user@bare.example authenticated authenticated\n", "error ", false },
	{ "rcpt user@bare.example authenticated client=198.51.100.7\n", "error ", false },
	{ "rcpt user@bare.example client=198.51.100.7 client=198.51.100.7\n", "error ", false },
	{ "rcpt user@bare.example client=\n", "error ", false },
	{ "rcpt user@bare.example client=198.51.100\n", "error ", false },
	{ "rcpt user@bare.example client=[198.51.100.7]\n", "error ", false },
	{ "rcpt user@bare.example client=198.51.100.7,authenticated\n", "error ", false },
	{ "rcpt user@bare.example\tmore\n", "error ", false },
	{ "rcpt\n", "error ", false },
	{ "rcpt \n", "error ", false },
	{ "policy\n", "error ", false },
	{ "policy a.example b.example\n", "error ", false },
	{ "mx good.example\n", "error ", false },
	{ "mx good.example a..b\n", "error ", false },
	{ "nonsense good.example\n", "error ", false },
	{ "\n", "error ", false },
};

static void exim_lines(void **state)
{
	char got[MAP_ANSWER];

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		size_t n = strlen(lines[i].want) + lines[i].whole;

		line_ask(daemon_of(state), lines[i].line, true, got);
		if (strncmp(got, lines[i].want, n) != 0)
			fail_msg("%s: %s", lines[i].line, got);
		if (strpbrk(got, "${}\\\"\n") != NULL)
			fail_msg("%s: not safe: %s", lines[i].line, got);
	}
	assert_string_equal(line_ask(daemon_of(state), "policy good.example\n", false, got),
			    "secure mx.good.example");
}

static void a_refused_host_is_told(void **state)
{
	static const char *const REFUSED[] = { "event=delivery",	  "door=exim",
					       "reason=mx-not-in-policy", "mx=mx.wrong.example",
					       "answer=refuse",		  NULL };
	char got[MAP_ANSWER];

	line_ask(daemon_of(state), "mx good.example mx.good.example\n", true, got);
	line_ask(daemon_of(state), "mx good.example mx.wrong.example\n", true, got);
	assert_true(daemon_await_logged(daemon_of(state), REFUSED) == 1);
}

static void a_line_has_an_end(void **state)
{
	AUTO(map_close) int fd = map_open(daemon_of(state), "exim.sock");
	char much[2000], got[MAP_ANSWER];

	memset(much, 'a', sizeof(much));
	map_send(fd, much, sizeof(much));
	assert_string_equal(map_answer(fd, got), "");
}

/* The id that the milter has given stands in the line about the delivery. */
static void deliveries_name_their_messages(void **state)
{
	struct stage *s = *state;
	static const char *const RCPT[] = { "event=rcpt", "nexthop=good.example", "door=exim",
					    NULL };
	AUTO(map_close) int fd = map_open(&s->daemon, "policy.sock");
	char got[MAP_ANSWER], id[32];
	const char *delivery[] = {
		"event=delivery", "door=postfix", "nexthop=good.example", "demand=verify", id, NULL
	};

	line_ask(&s->daemon, "rcpt user@good.example\n", true, got);
	(void)snprintf(id, sizeof(id), " id=%.16s", got + strlen("accept id="));
	assert_string_equal(got + strlen("accept id=") + 16, " result=pass");
	map_ask(fd, "postfix good.example", got);
	assert_true(daemon_await_logged(&s->daemon, RCPT) > 0);
	assert_true(daemon_await_logged(&s->daemon, delivery) > 0);
}

static void sockets_are_for_their_group(void **state)
{
	char path[DAEMON_PATH + 20];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", daemon_of(state)->dir,
			       i == 0 ? "policy.sock" : "exim.sock");
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0660);
	}
}

/* The same answer within a second: the log says how often, not each time. */
static void what_is_said_again_shares_a_line(void **state)
{
	static const char *const again[] = { "event=delivery", "door=sendmail",
					     "nexthop=good.example", " unsaid=", NULL };
	AUTO(map_close) int fd = map_open(daemon_of(state), "policy.sock");
	char got[MAP_ANSWER];
	size_t n = 0;

	for (int i = 0; i < 50 && n == 0; i++) {
		for (int k = 0; k < 10; k++)
			assert_memory_equal(map_ask(fd, "sts good.example", got), "OK secure", 9);
		(void)usleep(100000);
		n = daemon_logged(daemon_of(state), again);
	}
	assert_true(n > 0);
}

static int set_up(void **state)
{
	static struct stage stage;

	*state = &stage;
	return village_open(&stage, EXTRA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_maps),
		cmocka_unit_test(answers_keep_the_order_of_requests),
		cmocka_unit_test(two_requests_in_one_write),
		cmocka_unit_test(one_octet_at_a_time),
		cmocka_unit_test(asked_and_half_closed),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(nonsense_ends_the_connection),
		cmocka_unit_test(the_others_notice_nothing),
		cmocka_unit_test(many_wait_together),
		cmocka_unit_test(leaving_while_waiting),
		cmocka_unit_test(exim_lines),
		cmocka_unit_test(a_line_has_an_end),
		cmocka_unit_test(a_refused_host_is_told),
		cmocka_unit_test(deliveries_name_their_messages),
		cmocka_unit_test(what_is_said_again_shares_a_line),
		cmocka_unit_test(sockets_are_for_their_group),
	};
	int r = village_enter();

	return r != 0 ? r : cmocka_run_group_tests(tests, set_up, village_teardown);
}
