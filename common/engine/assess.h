/* assess.h - MX hosts, their addresses, and facts about each: what a verdict is made of
 *
 * RFC 8461 s4, s5.1; 5321 s5.1 (implicit MX); 7505 (null MX). Runs on a worker.
 */
#ifndef COMMON_ENGINE_ASSESS_H
#define COMMON_ENGINE_ASSESS_H

#include "common/engine/task.h"

/* A new assessment with one reference, or NULL when memory is out. before: the one that it takes the place of, or NULL. The mode counts that the verdict will be made under, not that of the policy;
 * none: DANE alone has a say, and what MTA-STS would want to know is not looked for. */
struct assessment *assess(struct task *t, const struct nexthop *hop, const struct policy *policy,
			  enum policy_mode mode, const struct assessment *before);

#endif
