/* cold_dns.h - a resolver that knows the cold domains: UDP, no EDNS, no signatures
 *
 * OWNERSHIP Lives as long as the process.
 */
#ifndef TESTS_BENCH_COLD_DNS_H
#define TESTS_BENCH_COLD_DNS_H

#include "tests/bench/cold_loop.h"

/* Answers on 127.0.0.1, port 53, one round trip after the question; counts questions. 0 or -errno. */
int cold_dns_start(struct cold_loop *loop, _Atomic uint64_t *questions);

#endif
