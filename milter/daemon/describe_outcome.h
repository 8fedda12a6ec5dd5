/* describe_outcome.h - of describe.h: how TLS sessions came out, as JSON */
#ifndef MILTER_DAEMON_DESCRIBE_OUTCOME_H
#define MILTER_DAEMON_DESCRIBE_OUTCOME_H

#include "milter/daemon/describe.h"

/* For status. kept: kinds in the store. */
json_t *describe_outcomes(const struct sources *src, uint64_t kept);

/* One kind of outcome. all: with what only a report needs. */
json_t *describe_outcome(const struct tls_outcome *o, bool all);

/* Are these two the same without `all`? Then adds the counts to the first. */
bool describe_outcome_merge(json_t *into, const json_t *more);

#endif
