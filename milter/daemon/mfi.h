/* mfi.h - libmilter's callbacks: translation between libmilter and session.h, nothing else
 *
 * LIMITS  libmilter gives callbacks no user pointer, so the door is the one file-static variable of the program; mfi_open() sets it before
 *         mfi_run(). One milter per process.
 */
#ifndef MILTER_DAEMON_MFI_H
#define MILTER_DAEMON_MFI_H

#include "milter/daemon/session.h"

/* Opens the listening socket ("unix:/path", "inet:8891@127.0.0.1"). 0 or -1. */
int mfi_open(struct door *door, char *socket);

/* Serves until SIGTERM; libmilter takes up to five seconds to return. 0 or -1. */
int mfi_run(void);

/* Callbacks that are running just now. */
unsigned mfi_busy(void);

#endif
