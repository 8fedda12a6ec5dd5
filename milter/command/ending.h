/* ending.h - a verb that runs until somebody ends it: SIGINT, SIGTERM and SIGHUP become readable
 *
 * OWNERSHIP ending_begin() blocks the signals and opens fd, ending_release() undoes both; what came in between is done with.
 */
#ifndef MILTER_COMMAND_ENDING_H
#define MILTER_COMMAND_ENDING_H

#include <signal.h>
#include <stdbool.h>

struct ending {
	int fd; /* readable: it is to end; -1: no file descriptor was left */
	sigset_t unblocked;
};

/* False: fd is -1. */
bool ending_begin(struct ending *e);
void ending_release(struct ending *e);

#endif
