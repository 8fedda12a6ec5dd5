/* bench_socketmap - what a delivery agent's question costs, beside the least that a server can do
 *
 * 10,000 domains with an enforce policy, each known to the daemon before anything is timed; the daemon
 * runs as shipped and logs to a /dev/log of our own. Beside it a server that reads a netstring and sends a
 * fixed one of the same length (echo_map), and Debian's postfix-mta-sts-resolver with all of it in its
 * SQLite cache. In turns, medians. Then once more with clients that misbehave.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "milter/daemon/recent.h"
#include "tests/bench/figure.h"
#include "tests/bench/map_load.h"
#include "tests/bench/map_pests.h"
#include "tests/bench/town.h"
#include "tests/milter/milter_dial.h"
#include "tests/servers/private_net.h"
#include "tests/servers/syslog_sink.h"

enum { DOMAINS = 10000, PAIRS = 9, WARM_CLIENTS = 64, ANSWER = 512, PEER_CLIENTS = 8 };
enum who { OURS, ECHO };

/* How much is measured: `make check` only wants to see that it runs. */
struct plan {
	unsigned domains;
	int pairs;
	double seconds;
	unsigned idle;
	bool short_run;
};

struct world {
	const struct plan *plan;
	struct stage stage;
	struct child echo, peer;
	char ours[DAEMON_PATH], echo_address[DAEMON_PATH], peer_address[DAEMON_PATH];
	char answer[ANSWER]; /* of the daemon, without its netstring */
	struct syslog_sink *log;
	size_t measured; /* queries that the daemon answered in timed runs */
};

struct sample {
	double rate, p50, p99;
	double cpu;  /* seconds of the server's CPU per query, in microseconds */
	double busy; /* of one core, by the load */
};

static int fail(const char *what, int r)
{
	fprintf(stderr, "bench_socketmap: %s: %s\n", what, strerror(r < 0 ? -r : 0));
	return -1;
}

static double cpu_of(pid_t pid)
{
	clockid_t id;
	struct timespec t;

	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) < 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run(const struct map_load *load, pid_t server, struct sample *ret)
{
	struct map_result result;
	double cpu = cpu_of(server);
	int r = map_load_run(load, &result);

	if (r < 0)
		return fail(load->address, r);
	cpu = cpu_of(server) - cpu;
	*ret = (struct sample){
		.rate = (double)result.queries / result.seconds,
		.p50 = figure_percentile(result.latency, result.queries, 50) / 1e3,
		.p99 = figure_percentile(result.latency, result.queries, 99) / 1e3,
		.cpu = cpu * 1e6 / (double)result.queries,
		.busy = result.busy,
	};
	r = result.secure == result.queries
		    ? (int)(result.queries > INT_MAX ? INT_MAX : result.queries)
		    : fail("an answer without a policy", 0);
	map_load_release(&result);
	return r;
}

/* the world */

/* The daemon's own answer is what the others send. */
static int learn_answer(struct world *w)
{
	char domain[LOAD_NAME], text[ANSWER], *colon;
	int fd = milter_dial(w->ours), n;
	ssize_t got;

	if (fd < 0)
		return fd;
	town_enforce_name(0, domain);
	n = snprintf(text, sizeof(text), "%zu:postfix %s,", strlen("postfix ") + strlen(domain),
		     domain);
	got = send(fd, text, (size_t)n, 0) == n ? recv(fd, text, sizeof(text) - 1, 0) : -1;
	(void)close(fd);
	if (got <= 0)
		return -EPROTO;
	text[got - 1] = '\0';
	colon = strchr(text, ':');
	if (colon == NULL || strncmp(colon, ":OK secure ", 11) != 0)
		return fail(text, -EPROTO);
	(void)snprintf(w->answer, sizeof(w->answer), "%s", colon + 1);
	return 0;
}

static int start_echo(struct world *w)
{
	/* clang-format off */
	const char *const argv[] = { "tests/bench/echo_map", w->echo_address, w->answer, NULL };
	/* clang-format on */
	int r;

	(void)snprintf(w->echo_address, sizeof(w->echo_address), "unix:%s/echo.sock",
		       w->stage.daemon.dir);
	r = child_start(&w->echo, argv, NULL);
	return r == 0 ? child_await(&w->echo, w->echo_address, 5000) : r;
}

static int start_daemon(struct world *w)
{
	const struct daemon_options options = { .to_syslog = true, .dns = "127.0.0.1@53" };
	int r;

	(void)snprintf(w->ours, sizeof(w->ours), "unix:%s/policy.sock", w->stage.daemon.dir);
	r = daemon_start(&w->stage.daemon, &options);
	return r == 0 ? child_await(&w->stage.daemon.child, w->ours, 5000) : r;
}

/* Every domain becomes known; the second time it must be. */
static int warm_up(struct world *w)
{
	const struct map_load load = { .address = w->ours,
				       .clients = WARM_CLIENTS,
				       .domains = w->plan->domains,
				       .name = town_enforce_name };
	struct map_result result = { 0 };
	int r = map_load_run(&load, &result);

	if (r < 0)
		return fail("first round", r);
	map_load_release(&result);
	r = map_load_run(&load, &result);
	if (r < 0 || result.secure != result.queries)
		return fail("second round: some domains are still not known", r);
	map_load_release(&result);
	return 0;
}

/* Becoming known goes on in the background: the database is written, neighbours are looked up. */
static void await_calm(struct world *w)
{
	const struct timespec moment = { 0, 200000000 };
	const pid_t pid = w->stage.daemon.child.pid;
	double before, now = cpu_of(pid);

	for (int i = 0; i < 100; i++) {
		before = now;
		(void)nanosleep(&moment, NULL);
		now = cpu_of(pid);
		if (now - before < 0.005)
			return;
	}
}

static int build(struct world *w)
{
	int r = town_open(&w->stage);

	if (r == 0)
		r = town_store(&w->stage, w->plan->domains);
	if (r == 0)
		r = start_daemon(w);
	if (r == 0)
		r = warm_up(w);
	await_calm(w);
	if (r == 0)
		r = learn_answer(w);
	return r == 0 ? start_echo(w) : r;
}

static void end_world(struct world *w)
{
	(void)child_stop(&w->echo, SIGKILL, 1000, NULL);
	(void)child_stop(&w->peer, SIGKILL, 1000, NULL);
	stage_close(&w->stage);
	syslog_sink_stop(w->log);
}

/* beside the echo server */

static int measure(struct world *w, enum who who, unsigned clients, bool unique, int i,
		   struct sample *ret)
{
	const struct map_load load = { .address = who == OURS ? w->ours : w->echo_address,
				       .clients = clients,
				       .domains = unique ? w->plan->domains : 1,
				       .name = town_enforce_name,
				       .seconds = w->plan->seconds,
				       .first = (unsigned)(i + 1) * 997 };
	int r = run(&load, who == OURS ? w->stage.daemon.child.pid : w->echo.pid, ret);

	if (r > 0 && who == OURS)
		w->measured += (size_t)r;
	return r;
}

static void print(const char *what, const char *kind, unsigned clients, const char *unit,
		  double value, double ratio, enum target_kind target, double wanted)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "socketmap_%s_%s_c%u", kind, what, clients);
	figure_print(&(struct figure){ .name = name,
				       .value = value,
				       .unit = unit,
				       .against = "echo_map",
				       .ratio = ratio,
				       .kind = target,
				       .target = wanted });
}

struct series {
	double ours[PAIRS], ratio[PAIRS];
};

static void add(struct series *s, int i, double ours, double other)
{
	s->ours[i] = ours;
	s->ratio[i] = ours / other;
}

static void print_series(struct series *s, int pairs, const char *what, const char *kind,
			 unsigned clients, const char *unit, double wanted)
{
	print(what, kind, clients, unit, figure_median(s->ours, (size_t)pairs),
	      figure_median(s->ratio, (size_t)pairs), wanted > 0 ? TARGET_AT_LEAST : TARGET_NONE,
	      wanted);
}

/* Pairs of runs, now one first, now the other; the first pair only warms up. */
static int compare(struct world *w, unsigned clients, bool unique)
{
	const char *kind = unique ? "unique" : "repeated";
	struct series rate, p50, p99, cpu, busy;

	for (int i = -1; i < w->plan->pairs; i++) {
		struct sample s[2];

		for (int turn = 0; turn < 2; turn++) {
			enum who who = (enum who)((i & 1) ^ turn);

			if (measure(w, who, clients, unique, i, &s[who]) < 0)
				return -1;
		}
		if (i < 0)
			continue;
		add(&rate, i, s[OURS].rate, s[ECHO].rate);
		add(&p50, i, s[OURS].p50, s[ECHO].p50);
		add(&p99, i, s[OURS].p99, s[ECHO].p99);
		add(&cpu, i, s[OURS].cpu, s[ECHO].cpu);
		add(&busy, i, s[OURS].busy, s[ECHO].busy);
	}
	print_series(&rate, w->plan->pairs, "rate", kind, clients, "queries/s", 0.80);
	print_series(&p50, w->plan->pairs, "p50", kind, clients, "us", 0);
	print_series(&p99, w->plan->pairs, "p99", kind, clients, "us", 0);
	/* What makes the ratios above honest: the CPU that a query costs either server, and how busy the load was. */
	print_series(&cpu, w->plan->pairs, "server_cpu", kind, clients, "us/query", 0);
	print_series(&busy, w->plan->pairs, "load_busy", kind, clients, "cores", 0);
	return 0;
}

/* beside the peer */

static int write_domains(const struct world *w)
{
	char path[DAEMON_PATH + 16], domain[LOAD_NAME];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/domains", w->stage.daemon.dir);
	f = fopen(path, "we");
	if (f == NULL)
		return -errno;
	for (unsigned i = 0; i < w->plan->domains; i++) {
		town_enforce_name(i, domain);
		fprintf(f, "%s\n", domain);
	}
	return fclose(f) == 0 ? 0 : -EIO;
}

static int start_peer(struct world *w)
{
	const char *root = getenv("PEER_ROOT"), *srcdir = getenv("srcdir");
	char script[512], modules[512], errors[DAEMON_PATH];
	const char *const argv[] = { "/usr/bin/python3", script, w->stage.daemon.dir, NULL };
	int r;

	if (root == NULL || srcdir == NULL)
		return -ENOENT;
	(void)snprintf(script, sizeof(script), "%s/tests/bench/peer.py", srcdir);
	(void)snprintf(modules, sizeof(modules), "%s/usr/lib/python3/dist-packages", root);
	(void)snprintf(errors, sizeof(errors), "%s/peer.log", w->stage.daemon.dir);
	(void)snprintf(w->peer_address, sizeof(w->peer_address), "unix:%s/peer.sock",
		       w->stage.daemon.dir);
	if (access(modules, R_OK) < 0 || access(argv[0], X_OK) < 0)
		return -ENOENT;
	(void)setenv("PYTHONPATH", modules, 1);
	(void)setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
	r = write_domains(w);
	if (r == 0)
		r = child_start(&w->peer, argv, errors);
	return r == 0 ? child_await(&w->peer, w->peer_address, 20000) : r;
}

static int compare_peer(struct world *w)
{
	double rate[PAIRS], ratio[PAIRS];
	struct map_load load = { .clients = PEER_CLIENTS,
				 .domains = w->plan->domains,
				 .name = town_enforce_name,
				 .seconds = w->plan->seconds };
	int r = start_peer(w);

	if (r < 0) {
		printf("bench name=socketmap_rate_c%d against=postfix-mta-sts-resolver target=>=30 "
		       "verdict=SKIPPED why=\"%s\"\n",
		       PEER_CLIENTS,
		       r == -ENOENT ? "its packages are not there: see tests/bench/peer-packages"
				    : "it does not start");
		return 0;
	}
	for (int i = -1; i < w->plan->pairs; i++) {
		struct sample s[2];

		for (int turn = 0; turn < 2; turn++) {
			int who = (i & 1) ^ turn;

			load.address = who == 0 ? w->ours : w->peer_address;
			if (run(&load, who == 0 ? w->stage.daemon.child.pid : w->peer.pid,
				&s[who]) < 0)
				return -1;
		}
		if (i < 0)
			continue;
		rate[i] = s[0].rate;
		ratio[i] = s[0].rate / s[1].rate;
	}
	(void)child_stop(&w->peer, SIGKILL, 1000, NULL);
	figure_print(&(struct figure){ .name = "socketmap_rate_c8",
				       .value = figure_median(rate, (size_t)w->plan->pairs),
				       .unit = "queries/s",
				       .against = "postfix-mta-sts-resolver",
				       .ratio = figure_median(ratio, (size_t)w->plan->pairs),
				       .kind = TARGET_AT_LEAST,
				       .target = 30 });
	return 0;
}

/* among pests */

static int endure(struct world *w, unsigned clients)
{
	double p99[PAIRS], ratio[PAIRS];
	const struct map_load load = { .address = w->ours,
				       .clients = clients,
				       .domains = w->plan->domains,
				       .name = town_enforce_name,
				       .seconds = w->plan->seconds };
	char name[64];

	for (int i = -1; i < w->plan->pairs; i++) {
		struct sample s[2];

		for (int turn = 0; turn < 2; turn++) {
			int disturbed = (i & 1) ^ turn;
			pid_t pests = 0;
			int r = disturbed ? pests_start(w->ours, w->plan->idle, &pests) : 0;

			if (r < 0)
				return fail("clients that misbehave", r);
			r = run(&load, w->stage.daemon.child.pid, &s[disturbed]);
			pests_stop(pests);
			if (r < 0)
				return -1;
		}
		if (i < 0)
			continue;
		p99[i] = s[1].p99;
		ratio[i] = s[1].p99 / s[0].p99;
	}
	(void)snprintf(name, sizeof(name), "socketmap_among_pests_p99_c%u", clients);
	figure_print(&(struct figure){ .name = name,
				       .value = figure_median(p99, (size_t)w->plan->pairs),
				       .unit = "us",
				       .against = "undisturbed",
				       .ratio = figure_median(ratio, (size_t)w->plan->pairs),
				       .kind = TARGET_AT_MOST,
				       .target = 1.5 });
	return 0;
}

/* Waits until the log has been quiet for a moment: its writer may lag behind. */
static uint64_t settled(struct world *w)
{
	uint64_t last, now = syslog_sink_counts(w->log).lines;
	const struct timespec moment = { 0, 200000000 };

	do {
		last = now;
		(void)nanosleep(&moment, NULL);
		now = syslog_sink_counts(w->log).lines;
	} while (now != last);
	return now;
}

static int measure_all(struct world *w)
{
	static const unsigned clients[] = { 1, 8, 64 };
	const size_t n = w->plan->short_run ? 2 : 3;
	double lines;

	for (int unique = 0; unique < 2; unique++)
		for (size_t i = 0; i < n; i++)
			if (compare(w, clients[i], unique) < 0)
				return -1;
	lines = (double)settled(w);
	figure_print(&(struct figure){ .name = "socketmap_log_lines",
				       .value = lines,
				       .unit = "lines",
				       .against = "queries",
				       .ratio = lines / (double)w->measured });
	/* The same answer is told once a second; each domain was heard of. */
	if (lines < w->plan->domains)
		return fail("domains without a log line", 0);
	if (endure(w, 8) < 0)
		return -1;
	return w->plan->short_run ? 0 : compare_peer(w);
}

int main(int argc, char **argv)
{
	/* A run is as long as an answer is remembered, so that each has all answers made once: in a shorter one that depends on what ran before. */
	static const struct plan full = { DOMAINS, PAIRS, RECENT_MS / 1e3, PESTS_IDLE, false },
				 quick = { 64, 1, 0.02, 50, true };
	struct world w = { .plan = argc > 1 && strcmp(argv[1], "--quick") == 0 ? &quick : &full };
	struct rlimit files;
	int r;

	if (geteuid() != 0 || private_net_enter() != 0) {
		fputs("bench_socketmap: needs root, for a network and a /dev/log of its own\n",
		      stderr);
		return TEST_SKIPPED;
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	/* First of all: a thread that runs already would stay outside. */
	r = syslog_sink_start("/mnt", "mta-sts-milter", "event=delivery", &w.log);
	if (r < 0)
		fail("a /dev/log of our own", r);
	else
		r = build(&w);
	if (r == 0)
		r = measure_all(&w);
	end_world(&w);
	return r == 0 ? 0 : 1;
}
