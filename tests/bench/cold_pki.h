/* cold_pki.h - a certificate of its own for every policy host and every MX host
 *
 * OWNERSHIP Lives as long as the process.
 * LIMITS    Some 10 KB a certificate; 5,000 a second and core.
 */
#ifndef TESTS_BENCH_COLD_PKI_H
#define TESTS_BENCH_COLD_PKI_H

#include <openssl/ssl.h>

#include "tests/bench/cold_world.h"

struct cold_pki;

/* Makes all of a plan's domains' on both cores, writes the root to `path`, tells how far it is on standard error.
 * 0 or -errno. */
int cold_pki_make(const struct cold_plan *plan, const char *path, struct cold_pki **ret);

/* Has the connection show what the host shows: the wrong one where its kind says so. */
bool cold_pki_show(const struct cold_pki *p, const struct cold_host *host, SSL *ssl);

#endif
