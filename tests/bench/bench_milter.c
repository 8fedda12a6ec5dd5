/* bench_milter - what a recipient costs that the daemon knows already, beside a milter that decides
 * nothing
 *
 * 100,000 domains: one in ten has an enforce policy (in the database from the start; their MX hosts
 * are probed once), the others have none. Each is asked for once before anything is timed. Daemon
 * and null milter negotiate the same steps and log lines of the same length to the same syslog;
 * they are measured in turns.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/figure.h"
#include "tests/bench/load.h"
#include "tests/bench/town.h"
#include "tests/milter/milter_client.h"
#include "tests/servers/private_net.h"
#include "tests/servers/syslog_sink.h"

enum { DOMAINS = 100000, PAIRS = 15, WARM_SESSIONS = 64 };

static const double RUN_SECONDS = 0.5;

static const char DAEMON_IDENT[] = "mta-sts-milter", NULL_IDENT[] = "null-milter";

struct world {
	struct stage stage;
	struct child null_milter;
	char null_address[DAEMON_PATH];
	struct syslog_sink *log;
	size_t measured; /* recipients that the daemon was asked for in timed runs */
};

static int fail(const char *what, int r)
{
	fprintf(stderr, "bench_milter: %s: %s\n", what, strerror(r < 0 ? -r : 0));
	return -1;
}

/* the world */

static int build_world(struct world *w)
{
	int r = town_open(&w->stage);

	if (r < 0)
		return fail("MX hosts and DNS", r);
	r = town_store(&w->stage, DOMAINS / 10);
	return r < 0 ? fail("filling the database", r) : 0;
}

static void end_world(struct world *w)
{
	(void)child_stop(&w->null_milter, SIGKILL, 1000, NULL);
	stage_close(&w->stage);
	syslog_sink_stop(w->log);
}

/* A null milter that negotiates what the daemon negotiated, and logs as much. */
static int start_null(struct world *w, size_t line)
{
	char steps[16], actions[16], length[16];
	/* clang-format off */
	const char *const argv[] = { "tests/bench/null_milter", "-s", "-S", steps, "-A", actions, "-l",
				     length, w->null_address, NULL };
	/* clang-format on */
	struct milter_client *c;
	int r = milter_open(w->stage.daemon.address, 5000, &c);

	if (r < 0)
		return r;
	r = milter_negotiate(c, MILTER_OFFER_ALL);
	(void)snprintf(w->null_address, sizeof(w->null_address), "unix:%s/null.sock",
		       w->stage.daemon.dir);
	(void)snprintf(steps, sizeof(steps), "%u", milter_terms(c)->steps);
	(void)snprintf(actions, sizeof(actions), "%u", milter_terms(c)->actions);
	(void)snprintf(length, sizeof(length), "%zu", line);
	milter_free(c);
	if (r == 0)
		r = child_start(&w->null_milter, argv, NULL);
	return r == 0 ? child_await(&w->null_milter, w->null_address, 5000) : r;
}

/* measuring */

/* Waits until the log has been quiet for a moment: a writer of its own may lag behind. */
static struct syslog_counts settled(struct world *w)
{
	struct syslog_counts last, now = syslog_sink_counts(w->log);
	const struct timespec moment = { 0, 200000000 };

	do {
		last = now;
		(void)nanosleep(&moment, NULL);
		now = syslog_sink_counts(w->log);
	} while (now.lines != last.lines);
	return now;
}

/* Every domain becomes known; the second time it must be. Returns the length of a log line, or -1.
 */
static int warm_up(struct world *w)
{
	struct load load = { .address = w->stage.daemon.address,
			     .connections = WARM_SESSIONS,
			     .domains = DOMAINS,
			     .name = town_name };
	struct syslog_counts before, after;
	struct load_result cold = { 0 }, warm = { 0 };
	int r = load_run(&load, &cold);

	if (r < 0)
		return fail("first round", r);
	figure_print(&(struct figure){ .name = "milter_cold_rate",
				       .value = (double)cold.recipients / cold.seconds,
				       .unit = "rcpt/s" });
	load_release(&cold);
	before = settled(w);
	r = load_run(&load, &warm);
	if (r < 0 || warm.refused > 0)
		return fail("second round: some domains are still not known", r);
	load_release(&warm);
	after = settled(w);
	if (after.lines - before.lines == 0)
		return fail("the daemon logs no line for a recipient", 0);
	return (int)((after.bytes - before.bytes) / (after.lines - before.lines));
}

struct sample {
	double rate, p50, p99;
};

static int measure(struct world *w, bool null, unsigned connections, uint64_t seed,
		   struct sample *ret)
{
	const struct load load = { .address = null ? w->null_address : w->stage.daemon.address,
				   .connections = connections,
				   .domains = DOMAINS,
				   .name = town_name,
				   .seconds = RUN_SECONDS,
				   .seed = seed };
	struct load_result result = { 0 };
	int r = load_run(&load, &result);

	if (r < 0)
		return fail(load.address, r);
	w->measured += null ? 0 : result.recipients;
	if (result.refused > 0)
		return fail("a recipient was refused", 0);
	ret->rate = (double)result.recipients / result.seconds;
	ret->p50 = figure_percentile(result.latency, result.recipients, 50) / 1e3;
	ret->p99 = figure_percentile(result.latency, result.recipients, 99) / 1e3;
	load_release(&result);
	return 0;
}

static void print(const char *what, unsigned connections, const char *unit, double *value,
		  double *ratio, enum target_kind kind, double target)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "milter_hit_%s_c%u", what, connections);
	figure_print(&(struct figure){ .name = name,
				       .value = figure_median(value, PAIRS),
				       .unit = unit,
				       .against = "null_milter",
				       .ratio = figure_median(ratio, PAIRS),
				       .kind = kind,
				       .target = target });
}

/* Pairs of runs, now one first, now the other; the first pair only warms up. */
static int compare(struct world *w, unsigned connections)
{
	double rate[PAIRS], p50[PAIRS], p99[PAIRS], rates[PAIRS], p50s[PAIRS], p99s[PAIRS];

	for (int i = -1; i < PAIRS; i++) {
		struct sample s[2];

		for (int turn = 0; turn < 2; turn++) {
			int who = (i & 1) ^ turn;

			if (measure(w, who == 1, connections, (uint64_t)i + 2, &s[who]) < 0)
				return -1;
		}
		if (i < 0)
			continue;
		rate[i] = s[0].rate;
		p50[i] = s[0].p50;
		p99[i] = s[0].p99;
		rates[i] = s[0].rate / s[1].rate;
		p50s[i] = s[0].p50 / s[1].p50;
		p99s[i] = s[0].p99 / s[1].p99;
	}
	print("rate", connections, "rcpt/s", rate, rates, TARGET_AT_LEAST, 0.90);
	print("p50", connections, "us", p50, p50s, TARGET_NONE, 0);
	print("p99", connections, "us", p99, p99s, TARGET_AT_MOST, 1.15);
	return 0;
}

static int measure_all(struct world *w)
{
	static const unsigned connections[] = { 1, 8, 64 };
	struct syslog_counts before = settled(w), after;
	size_t asked = dns_responder_total(w->stage.dns);
	double questions, lines;

	for (size_t i = 0; i < sizeof(connections) / sizeof(connections[0]); i++)
		if (compare(w, connections[i]) < 0)
			return -1;
	after = settled(w);
	/* What makes the figures above honest: nothing was looked up, and no line was dropped. */
	questions = (double)(dns_responder_total(w->stage.dns) - asked);
	lines = (double)(after.lines - before.lines);
	figure_print(&(struct figure){ .name = "milter_hit_dns_questions",
				       .value = questions,
				       .unit = "questions",
				       .against = "recipients",
				       .ratio = questions / (double)w->measured,
				       .kind = TARGET_AT_MOST,
				       .target = 0.001 });
	figure_print(&(struct figure){ .name = "milter_hit_log_lines",
				       .value = lines,
				       .unit = "lines",
				       .against = "recipients",
				       .ratio = lines / (double)w->measured,
				       .kind = TARGET_AT_LEAST,
				       .target = 1 });
	return 0;
}

static int run(struct world *w)
{
	const struct daemon_options options = { .to_syslog = true, .dns = "127.0.0.1@53" };
	int line, r = daemon_start(&w->stage.daemon, &options);

	if (r < 0)
		return fail("starting the daemon", r);
	line = warm_up(w);
	if (line < 0)
		return -1;
	r = start_null(w, (size_t)line + strlen(DAEMON_IDENT) - strlen(NULL_IDENT));
	return r < 0 ? fail("starting the null milter", r) : measure_all(w);
}

int main(void)
{
	struct world w = { 0 };
	int r;

	if (geteuid() != 0 || private_net_enter() != 0) {
		fputs("bench_milter: needs root, for a network and a /dev/log of its own\n",
		      stderr);
		return TEST_SKIPPED;
	}
	/* First of all: a thread that runs already would stay outside. */
	r = syslog_sink_start("/mnt", DAEMON_IDENT, "event=rcpt", &w.log);
	if (r < 0)
		fail("a /dev/log of our own", r);
	else
		r = build_world(&w);
	if (r == 0)
		r = run(&w);
	end_world(&w);
	return r == 0 ? 0 : 1;
}
