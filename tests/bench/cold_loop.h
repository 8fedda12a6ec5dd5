/* cold_loop.h - one thread, many sockets, and the time that packets take
 *
 * PURPOSE Things that happen when a socket is readable, or a fixed time later. All delays of one line are the same,
 *         so that a line is a queue and costs nothing however much is on its way.
 * THREADS One. The round trip may be set from outside (another process, too) while nothing is on its way.
 * ERRORS  No memory ends the process: this is a test.
 */
#ifndef TESTS_BENCH_COLD_LOOP_H
#define TESTS_BENCH_COLD_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum cold_line { COLD_ROUND_TRIP, COLD_SECOND, COLD_LINES };

typedef void cold_action(void *arg);

struct cold_loop;

struct cold_loop *cold_loop_new(const _Atomic uint64_t *round_trip_ns);

void cold_loop_after(struct cold_loop *l, enum cold_line line, cold_action *action, void *arg);

/* readable: called for as long as there is something to read, until unwatched. */
struct cold_watch {
	int fd;
	cold_action *readable;
	void *arg;
};
bool cold_loop_watch(struct cold_loop *l, struct cold_watch *w);
void cold_loop_unwatch(struct cold_loop *l, struct cold_watch *w); /* the fd is still open */

void cold_loop_run(struct cold_loop *l) __attribute__((noreturn));

#endif
