/* bench_cold - ten thousand domains that the daemon has never heard of
 *
 * Each has a policy host and an MX host of its own, 30 ms away (cold_sim.h); the daemon's own engine and drivers check
 * them all (cold_run.h). Beside it stand two bounds from the same run:
 *
 *  - waiting: ROUND_TRIPS x round trip / workers. What must be waited for one after the other: the TXT record; the
 *    address of the policy host (with it the MX set); to connect to it, to shake hands, to read the policy (meanwhile the
 *    addresses of the MX host); to connect to the MX host, its greeting, EHLO, STARTTLS, to shake hands.
 *  - handshakes: half of the TLS handshakes a second that plain clients get out of the same simulator without delay on
 *    the same cores: a domain needs two.
 *
 * Then the same with tarpits in every hundredth place: what do they cost the others? Time is taken until the last of those
 * is answered that are not slow; every answer is checked.
 *
 * --check asks few domains in a hurry and prints no figures: only whether all answers are right.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/num.h"
#include "tests/bench/cold_run.h"
#include "tests/bench/cold_sim.h"
#include "tests/bench/figure.h"
#include "tests/servers/private_net.h"

enum { ROUND_TRIPS = 10, HANDSHAKES = 2, LONE_DOMAINS = 30, BARE_THREADS = 8, BARE_SECONDS = 3 };

struct options {
	struct cold_plan plan;
	unsigned workers, round_trip_ms;
	bool check;
};

struct bench {
	const struct options *o;
	struct cold_sim sim;
	char dir[64], roots[80];
	double handshakes; /* for so many domains a second */
};

static int run(struct bench *b, unsigned tarpits, unsigned asked, unsigned workers,
	       struct cold_result *ret)
{
	struct cold_run run = { b->o->plan, asked, workers, b->o->check, b->dir, b->roots };
	int r;

	run.plan.tarpits = tarpits;
	r = cold_run(&run, ret);
	if (r < 0)
		fprintf(stderr, "bench_cold: a run failed: %s\n", strerror(-r));
	else if (ret->wrong > 0)
		fprintf(stderr, "bench_cold: %u of %u answers are wrong\n", ret->wrong,
			ret->answered);
	return r < 0 || ret->wrong > 0 ? -1 : 0;
}

static double rate(const struct cold_result *r)
{
	return r->others / r->seconds;
}

static void print(const char *name, double value, const char *unit)
{
	figure_print(&(struct figure){ .name = name, .value = value, .unit = unit });
}

/* What a domain's handshakes alone would take. Measured before and after, since others may use the machine as well. */
static int add_handshakes(struct bench *b)
{
	double rate;

	b->sim.shared->round_trip_ns = 0;
	rate = cold_sim_handshakes(b->roots, BARE_THREADS, &b->o->plan, BARE_SECONDS);
	b->sim.shared->round_trip_ns = b->o->round_trip_ms * 1000000ull;
	if (rate <= 0) {
		fputs("bench_cold: a bare handshake failed\n", stderr);
		return -1;
	}
	b->handshakes += rate / HANDSHAKES / 2;
	return 0;
}

static double bound(const struct bench *b)
{
	double waiting = b->o->workers * 1000.0 / (ROUND_TRIPS * b->o->round_trip_ms);

	print("cold_bound_waiting", waiting, "domains/s");
	print("cold_bound_handshakes", b->handshakes, "domains/s");
	return waiting < b->handshakes ? waiting : b->handshakes;
}

/* One worker, healthy domains: how long each takes when nothing else goes on. */
static int run_alone(struct bench *b, struct cold_result *ret)
{
	unsigned asked = LONE_DOMAINS < b->o->plan.domains ? LONE_DOMAINS : b->o->plan.domains;

	if (run(b, 0, asked, 1, ret) < 0)
		return -1;
	figure_print(
		&(struct figure){ .name = "cold_round_trips",
				  .value = 1000 / rate(ret) / b->o->round_trip_ms,
				  .unit = "round_trips",
				  .against = "needed",
				  .ratio = 1000 / rate(ret) / b->o->round_trip_ms / ROUND_TRIPS });
	return 0;
}

/* Each worker twice: enough that all are busy at once, and no memory that what is learned takes. */
static int run_crowd(struct bench *b, const struct cold_result *alone)
{
	unsigned asked = 2 * b->o->workers;
	struct cold_result crowd = { 0 };

	if (b->o->workers == 1 || asked > b->o->plan.domains)
		return 0;
	if (run(b, 0, asked, b->o->workers, &crowd) < 0)
		return -1;
	print("cold_memory_per_worker",
	      (double)(crowd.memory_kib - alone->memory_kib) / (b->o->workers - 1), "KiB");
	return 0;
}

static int run_all(struct bench *b, struct cold_result *ret)
{
	double cpu = cold_sim_cpu(&b->sim), lower;
	uint64_t questions = b->sim.shared->counts.questions;

	if (run(b, 0, b->o->plan.domains, b->o->workers, ret) < 0)
		return -1;
	cpu = cold_sim_cpu(&b->sim) - cpu;
	questions = b->sim.shared->counts.questions - questions;
	if (add_handshakes(b) < 0)
		return -1;
	lower = bound(b);
	figure_print(&(struct figure){ .name = "cold_domains",
				       .value = rate(ret),
				       .unit = "domains/s",
				       .against = "lower_bound",
				       .ratio = rate(ret) / lower,
				       .kind = TARGET_AT_LEAST,
				       .target = 0.8 });
	print("cold_daemon_cpu", ret->cpu / ret->seconds, "cores");
	print("cold_simulator_cpu", cpu / ret->seconds_all, "cores");
	print("cold_questions_per_domain", (double)questions / ret->answered, "questions");
	return 0;
}

static int run_with_tarpits(struct bench *b, const struct cold_result *without)
{
	struct cold_result with = { 0 };

	if (b->o->plan.tarpits == 0)
		return 0;
	if (run(b, b->o->plan.tarpits, b->o->plan.domains, b->o->workers, &with) < 0)
		return -1;
	figure_print(&(struct figure){ .name = "cold_domains_beside_tarpits",
				       .value = rate(&with),
				       .unit = "domains/s",
				       .against = "without_tarpits",
				       .ratio = rate(&with) / rate(without),
				       .kind = TARGET_AT_LEAST,
				       .target = 0.9 });
	return 0;
}

static int measure(struct bench *b)
{
	struct cold_result alone = { 0 }, all = { 0 };

	b->sim.shared->round_trip_ns = b->o->round_trip_ms * 1000000ull;
	if (run_alone(b, &alone) < 0 || run_crowd(b, &alone) < 0 || add_handshakes(b) < 0 ||
	    run_all(b, &all) < 0 || run_with_tarpits(b, &all) < 0)
		return 1;
	return 0;
}

static int only_check(struct bench *b)
{
	struct cold_result result;

	b->sim.shared->round_trip_ns = b->o->round_trip_ms * 1000000ull;
	if (run(b, b->o->plan.tarpits, b->o->plan.domains, b->o->workers, &result) < 0)
		return 1;
	fprintf(stderr, "bench_cold: all %u answers are right\n", result.answered);
	return 0;
}

static void clean(const struct bench *b)
{
	static const char *const FILES[] = { "cold.db", "cold.db-wal", "cold.db-shm", "cold.log",
					     "roots.pem" };
	char path[100];

	for (unsigned i = 0; i < sizeof(FILES) / sizeof(*FILES); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", b->dir, FILES[i]);
		(void)unlink(path);
	}
	(void)rmdir(b->dir);
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "domains", required_argument, NULL, 'd' },
		{ "tail", required_argument, NULL, 't' },
		{ "tarpits", required_argument, NULL, 'p' },
		{ "workers", required_argument, NULL, 'w' },
		{ "round-trip", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned *number[] = { ['d'] = &o->plan.domains,
			       ['t'] = &o->plan.tail,
			       ['p'] = &o->plan.tarpits,
			       ['w'] = &o->workers,
			       ['r'] = &o->round_trip_ms };
	uint64_t v;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'c') {
			o->check = true;
			continue;
		}
		if (c == '?' || !num_u64(span_of(optarg), COLD_DOMAINS / 2, &v))
			return false;
		*number[c] = (unsigned)v;
	}
	return optind == argc && o->plan.domains > 0 && o->workers > 0 && o->round_trip_ms > 0 &&
	       o->plan.tail <= o->plan.domains && o->plan.tarpits <= o->plan.domains;
}

int main(int argc, char **argv)
{
	struct options o = { .plan = { 10000, 100, 100 }, .workers = 64, .round_trip_ms = 30 };
	struct bench b = { .o = &o, .dir = "/tmp/mta-sts-cold.XXXXXX" };
	int r;

	if (!parse(argc, argv, &o)) {
		fputs("usage: bench_cold [--check] [--domains N] [--tail N] [--tarpits N] "
		      "[--workers N] "
		      "[--round-trip MS]\n",
		      stderr);
		return 64;
	}
	if (private_net_enter() != 0) {
		fputs("bench_cold: skipped: no network namespace to be had\n", stderr);
		return TEST_SKIPPED;
	}
	if (mkdtemp(b.dir) == NULL)
		return 1;
	(void)snprintf(b.roots, sizeof(b.roots), "%s/roots.pem", b.dir);
	r = cold_sim_start(&b.sim, &o.plan, b.roots);
	if (r < 0)
		fprintf(stderr, "bench_cold: the simulator does not start: %s\n", strerror(-r));
	else
		r = o.check ? only_check(&b) : measure(&b);
	cold_sim_stop(&b.sim);
	clean(&b);
	return r == 0 ? 0 : 1;
}
