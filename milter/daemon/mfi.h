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

/* From now on SIGTERM, SIGINT and SIGHUP wait for mfi_run(), so that a start which is broken off leaves nothing behind. Before there are threads. */
void mfi_hold_stop(void);
bool mfi_is_told_to_stop(void); /* one of them waits */

/* Serves until SIGTERM, also one that came before; libmilter takes up to five seconds to return. 0 or -1. */
int mfi_run(void);

/* From now on no callback goes through the door: recipients and messages are deferred. */
void mfi_close(void);

/* Callbacks that are behind the door just now. After mfi_close(), once this is 0, nothing will touch the door again. */
unsigned mfi_busy(void);

#endif
