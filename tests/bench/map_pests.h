/* map_pests.h - clients that nobody wants: what they do to the others is measured
 *
 * PURPOSE   A child process that connects and misbehaves until it is stopped: PESTS_IDLE connections that say
 *           nothing, some that send one octet a second, some that send half a request and no more, one that announces a
 *           gigabyte and sends it, one that asks and asks and never reads. Who is thrown out comes back a
 *           moment later.
 * OWNERSHIP pests_stop() must follow pests_start().
 * ERRORS    0 or -errno.
 */
#ifndef TESTS_BENCH_MAP_PESTS_H
#define TESTS_BENCH_MAP_PESTS_H

#include <sys/types.h>

enum { PESTS_IDLE = 1000, PESTS_SLOW = 20, PESTS_SILENT = 20 };

/* Returns once all are connected. idle: how many of PESTS_IDLE. */
int pests_start(const char *address, unsigned idle, pid_t *ret);
void pests_stop(pid_t pid);

#endif
