/* cold_run.h - the real engine meets the cold domains
 *
 * PURPOSE One run in a process of its own, so that nothing is warm: the daemon's own wiring (libunbound, libcurl,
 *         OpenSSL, SQLite) behind engine_check(), default settings but for `workers` and where the world stands.
 * ERRORS  0 or -errno; a wrong answer is told on standard error and counted.
 */
#ifndef TESTS_BENCH_COLD_RUN_H
#define TESTS_BENCH_COLD_RUN_H

#include "tests/bench/cold_world.h"

struct cold_run {
	struct cold_plan plan;
	unsigned asked; /* so many of them, from the first on */
	unsigned workers;
	bool hurried;	   /* gives up on everybody after two seconds */
	const char *dir;   /* for database and log */
	const char *roots; /* PEM */
};

struct cold_result {
	unsigned answered, wrong; /* domains */
	unsigned others;	  /* domains that are not slow */
	double seconds; /* from the first question until the last of the others was answered */
	double seconds_all;
	double cpu;	 /* seconds, until then */
	long memory_kib; /* the most that was resident */
};

int cold_run(const struct cold_run *run, struct cold_result *ret);

#endif
