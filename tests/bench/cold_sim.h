/* cold_sim.h - the internet of the cold domains, in a process of its own
 *
 * PURPOSE DNS, policy hosts and MX hosts in one thread of one process, so that its share of the CPU can be told from the
 *         client's. Delays are made here (cold_link.h), nothing is asked of the kernel.
 * OWNERSHIP The caller's struct; cold_sim_stop() must follow cold_sim_start(). It cannot outlive the process that
 *         started it.
 * ERRORS  0 or -errno.
 */
#ifndef TESTS_BENCH_COLD_SIM_H
#define TESTS_BENCH_COLD_SIM_H

#include <sys/types.h>

#include "tests/bench/cold_link.h"

struct cold_shared {
	_Atomic uint64_t round_trip_ns; /* to be changed only while nothing is on its way */
	struct cold_counts counts;
};

struct cold_sim {
	pid_t pid;
	struct cold_shared *shared;
};

/* Makes the certificates, writes their root to `roots`, and returns when all hosts listen. In a private network, before
 * any thread. */
int cold_sim_start(struct cold_sim *s, const struct cold_plan *plan, const char *roots);
double cold_sim_cpu(const struct cold_sim *s); /* seconds used so far */
void cold_sim_stop(struct cold_sim *s);

/* How many TLS handshakes with healthy policy hosts a second `threads` plain clients get out of it that do nothing else, over so many seconds;
 * each checks the certificate as the daemon does. 0 when one fails. */
double cold_sim_handshakes(const char *roots, unsigned threads, const struct cold_plan *plan,
			   double seconds);

#endif
