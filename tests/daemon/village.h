/* village.h - the domains that the session tests write to, and the daemon that judges them
 *
 *   plain.example     no policy
 *   good.example      enforce, MX as the policy demands
 *   bare.example      enforce, MX without STARTTLS
 *   forged.example    enforce, MX with a certificate for another name
 *   expired.example   enforce, MX with an expired certificate
 *   testing.example   testing, MX without STARTTLS
 *   *.silent.example  DNS never answers; held.silent.example has an enforce policy from before
 *
 * Other names do not exist.
 */
#ifndef TESTS_DAEMON_VILLAGE_H
#define TESTS_DAEMON_VILLAGE_H

#include "tests/daemon/stage.h"

/* For cmocka's group set-up and tear-down: *state becomes the stage, its daemon is running. Tear-down
 * demands that the daemon stops by itself and that no sanitizer has complained. */
int village_setup(void **state);
int village_teardown(void **state);

/* The same with more lines of configuration. */
int village_open(struct stage *s, const char *extra);

/* main() of a program with one group of tests: private network or exit status 77. */
int village_enter(void);

#endif
