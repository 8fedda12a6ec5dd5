/* town.h - many domains, few MX hosts
 *
 * PURPOSE Domain i: every tenth has an enforce policy, "company-20-2.enforce.bench.example"; the
 *         others have none, "company-21.plain.bench.example". Policies are in the database before
 *         the daemon starts; four MX hosts serve them all and satisfy them.
 * ERRORS  0 or -errno.
 */
#ifndef TESTS_BENCH_TOWN_H
#define TESTS_BENCH_TOWN_H

#include "tests/bench/load.h"
#include "tests/daemon/stage.h"

void town_name(unsigned i, char out[LOAD_NAME]);
void town_enforce_name(unsigned i, char out[LOAD_NAME]); /* of the i-th domain with a policy */

int town_open(struct stage *s); /* stage_close() must follow */
int town_store(struct stage *s, unsigned policies);

#endif
