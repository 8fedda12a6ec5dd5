/* cold_serve.h - what the policy hosts and MX hosts of the cold domains say
 *
 * PURPOSE Two services for cold_listen(): HTTPS on 443 and SMTP with STARTTLS on 25. Each host does as its kind says.
 */
#ifndef TESTS_BENCH_COLD_SERVE_H
#define TESTS_BENCH_COLD_SERVE_H

#include "tests/bench/cold_link.h"

extern const struct cold_service COLD_HTTPS, COLD_SMTP;

#endif
