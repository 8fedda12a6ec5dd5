/* 200 sessions ask at once, 50 of them for what takes time: nobody else may wait for those 50.
 *
 * libmilter's worker pool gets this wrong by itself; the first test shows it, so that the others
 * can be believed.
 */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/daemon/burst.h"
#include "tests/daemon/stage.h"
#include "tests/servers/private_net.h"
#include "tests/milter/milter_client.h"

enum { ROUNDS = 2, SESSIONS = 200, SLOW_EACH = 4, TIMEOUT_MS = 12000 };

static const struct dns_row ZONE[] = {
	{ "*.slow.example", "SILENCE", "", 0 },
	{ "known.example", "A", "127.0.0.1", 3600 },
	{ NULL, NULL, NULL, 0 },
};
static const struct stage_mx NO_MX[] = { { NULL, NULL, 0 } };

static struct burst burst_of(const char *address, pid_t pid)
{
	return (struct burst){
		.address = address,
		.pid = pid,
		.sessions = SESSIONS,
		.slow_each = SLOW_EACH,
		.fast_domain = "known.example",
		.slow_zone = "slow.example",
		.to_the_end = true,
		.timeout_ms = TIMEOUT_MS,
	};
}

static void show(const char *what, const struct burst_result *r)
{
	print_message("%s: worst of the others %d ms, first waiting %d ms, last %d ms, late %zu\n",
		      what, (int)r->worst_fast, (int)r->first_slow, (int)r->last_slow, r->late);
}

/* A plain libmilter milter that waits in RCPT, with and without the cure. */
static struct burst_result null_burst(bool cured)
{
	const char *address = "inet:8891@127.0.0.1";
	const char *const argv[] = { "tests/bench/null_milter", "-w",
				     cured ? "2000" : "400",	address,
				     cured ? "-p" : NULL,	NULL };
	struct burst_result result = { 0 };
	struct child milter = { 0 };
	struct burst b;

	assert_int_equal(child_start(&milter, argv, NULL), 0);
	assert_int_equal(child_await(&milter, address, TIMEOUT_MS), 0);
	b = burst_of(address, milter.pid);
	b.to_the_end = cured;
	assert_int_equal(burst_run(&b, &result), 0);
	(void)child_stop(&milter, SIGKILL, TIMEOUT_MS, NULL);
	show(cured ? "plain milter, cured" : "plain milter", &result);
	assert_int_equal(result.fast, 150);
	assert_int_equal(result.slow, 50);
	return result;
}

/* Most bursts stall; a scheduler that is kind now and then must not fail the test. */
static void the_stall_is_real(void **state)
{
	size_t late = 0;
	(void)state;

	for (int i = 0; late == 0 && i < 16; i++)
		late = null_burst(false).late;
	assert_true(late > 0);
}

static void a_poke_cures_it(void **state)
{
	(void)state;
	assert_int_equal(null_burst(true).late, 0);
}

/* The fast domain must be known before: the burst is about waiting, not about looking up. */
static void make_known(const struct daemon *d)
{
	struct milter_client *c;
	struct milter_reply reply = { 0 };

	assert_int_equal(milter_open(d->address, TIMEOUT_MS, &c), 0);
	assert_int_equal(milter_negotiate(c, MILTER_OFFER_ALL), 0);
	assert_int_equal(milter_connection(c, "client.example", "192.0.2.1", 25, NULL), 0);
	assert_int_equal(milter_mail(c, "<a@client.example>", NULL), 0);
	assert_int_equal(milter_rcpt(c, "<fast@known.example>", &reply), 0);
	assert_int_equal(reply.code, SMFIR_CONTINUE);
	milter_free(c);
}

/* Under which user it runs; 0 when that cannot be told. */
static unsigned long owner_of(pid_t pid)
{
	unsigned long uid = 0;
	char name[64], line[200];
	FILE *f;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Uid:", 4) == 0)
			uid = strtoul(line + 4, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return uid;
}

/* The second round finds every worker busy with the first. */
static int rounds(struct daemon *d, struct burst_result result[ROUNDS])
{
	int r = 0;

	for (int i = 0; r == 0 && i < ROUNDS; i++) {
		struct burst b = burst_of(d->address, d->child.pid);
		char zone[32];

		(void)snprintf(zone, sizeof(zone), "r%d.slow.example", i);
		b.slow_zone = zone;
		r = burst_run(&b, &result[i]);
	}
	return r;
}

static void daemon_burst(bool inet)
{
	const struct daemon_options options = {
		.inet = inet,
		.dns = "127.0.0.1@53",
		.extra = "[milter]\nrcpt_deadline = 2s\n",
	};
	struct burst_result result[ROUNDS] = { 0 };
	struct stage s;
	unsigned long owner = 0;
	int r = stage_open(&s, ZONE, NO_MX);

	if (r == 0)
		r = daemon_start(&s.daemon, &options);
	if (r == 0) {
		make_known(&s.daemon); /* an answer comes from behind the privilege drop */
		owner = owner_of(s.daemon.child.pid);
		r = rounds(&s.daemon, result);
	}
	if (r != 0)
		daemon_show_log(&s.daemon);
	(void)child_stop(&s.daemon.child, SIGKILL, TIMEOUT_MS, NULL);
	stage_close(&s);
	assert_int_equal(r, 0);
	assert_int_not_equal(owner, 0);
	for (int i = 0; i < ROUNDS; i++) {
		show(inet ? "daemon, inet" : "daemon, unix", &result[i]);
		assert_int_equal(result[i].fast, 150);
		assert_int_equal(result[i].slow, 50);
		assert_int_equal(result[i].late, 0);
		assert_int_equal(result[i].refused, 0);
		assert_int_equal(result[i].let_through, 0);
		assert_true(result[i].first_slow >= 1900); /* they did wait */
	}
}

static void the_daemon_holds_up_nobody_on_a_unix_socket(void **state)
{
	(void)state;
	daemon_burst(false);
}

static void the_daemon_holds_up_nobody_on_an_inet_socket(void **state)
{
	(void)state;
	daemon_burst(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stall_is_real),
		cmocka_unit_test(a_poke_cures_it),
		cmocka_unit_test(the_daemon_holds_up_nobody_on_a_unix_socket),
		cmocka_unit_test(the_daemon_holds_up_nobody_on_an_inet_socket),
	};

	(void)alarm(60);
	if (geteuid() != 0) {
		fputs("needs root: the proof includes the privilege drop\n", stderr);
		return TEST_SKIPPED;
	}
	if (private_net_enter() != 0) {
		fputs("needs a private network namespace\n", stderr);
		return TEST_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
