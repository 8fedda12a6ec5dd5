/* bench_rss - the memory of a daemon that has a million policies
 *
 * They are in its database; a third of them is asked for, so that all the memory that it may use for
 * what is hot is in use, with as many MX hosts probed as it takes.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/figure.h"
#include "tests/bench/town.h"
#include "tests/servers/private_net.h"

enum { POLICIES = 1000000, ASKED = 300000, SESSIONS = 64 };

static int fail(const char *what, int r)
{
	fprintf(stderr, "bench_rss: %s: %s\n", what, strerror(r < 0 ? -r : 0));
	return -1;
}

/* A line of /proc/PID/status, in MiB; 0: not there. */
static double status_of(pid_t pid, const char *key)
{
	char name[64], line[200];
	double mib = 0;
	FILE *f;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	f = fopen(name, "re");
	while (f != NULL && mib == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			mib = strtod(line + strlen(key), NULL) / 1024;
	if (f != NULL)
		(void)fclose(f);
	return mib;
}

static int measure(struct stage *s)
{
	const struct daemon_options options = { .dns = "127.0.0.1@53",
						.extra = "[daemon]\nlog_level = warning\n" };
	struct load load = { .connections = SESSIONS, .domains = ASKED, .name = town_enforce_name };
	struct load_result result = { 0 };
	int r = town_open(s);

	if (r == 0)
		r = town_store(s, POLICIES);
	if (r < 0)
		return fail("filling the database", r);
	r = daemon_start(&s->daemon, &options);
	if (r < 0)
		return fail("starting the daemon", r);
	load.address = s->daemon.address;
	r = load_run(&load, &result);
	if (r < 0)
		return fail("asking", r);
	if (result.refused > 0)
		fprintf(stderr, "bench_rss: %zu recipients were put off\n", result.refused);
	load_release(&result);
	figure_print(&(struct figure){ .name = "rss_1000000_policies",
				       .value = status_of(s->daemon.child.pid, "VmRSS:"),
				       .unit = "MiB",
				       .kind = TARGET_AT_MOST,
				       .target = 64 });
	figure_print(&(struct figure){ .name = "rss_peak_1000000_policies",
				       .value = status_of(s->daemon.child.pid, "VmHWM:"),
				       .unit = "MiB" });
	return 0;
}

int main(void)
{
	struct stage s = { 0 };
	int r;

	if (private_net_enter() != 0) {
		fputs("bench_rss: needs a network namespace of its own\n", stderr);
		return TEST_SKIPPED;
	}
	r = measure(&s);
	stage_close(&s);
	return r == 0 ? 0 : 1;
}
