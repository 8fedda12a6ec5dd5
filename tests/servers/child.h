/* child.h - a program under test
 *
 * PURPOSE   Starts a program, waits until it accepts connections, stops it. It cannot outlive the
 *           test: the kernel kills it with us.
 * OWNERSHIP The struct is the caller's; child_stop() must be called once for each successful
 *           start, and may be called again.
 * THREADS   To be started by the thread that lives longest (the program dies with the thread that
 *           started it).
 * UNITS     Milliseconds.
 */
#ifndef TESTS_SERVERS_CHILD_H
#define TESTS_SERVERS_CHILD_H

#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: not running */
};

/* errors: the file that standard error is appended to; NULL: ours. 0 or -errno. */
int child_start(struct child *c, const char *const *argv, const char *errors);

/* 0 once somebody accepts on the milter address; -ETIMEDOUT; -ECHILD when the program has ended
 * before. */
int child_await(struct child *c, const char *address, int timeout_ms);

/* Sends the signal and waits; after timeout_ms SIGKILL. Returns the exit status, 128 + signal, or
 * -ETIMEDOUT when it had to be killed; 0 when nothing ran. ret_ms (may be NULL): how long it took.
 */
int child_stop(struct child *c, int signal, int timeout_ms, int64_t *ret_ms);

int64_t child_now(void); /* CLOCK_MONOTONIC */

#endif
