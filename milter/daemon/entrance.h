/* entrance.h - the addresses at which delivery agents come in
 *
 * PURPOSE   Binds what socketmap and exim_socket list, and lets into the room (peer.h) who connects.
 * OWNERSHIP The room and its event base outlive the entrances.
 * THREADS   One at a time; clients come in on the policy service's event loop.
 * ERRORS    0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_ENTRANCE_H
#define MILTER_DAEMON_ENTRANCE_H

#include "milter/daemon/identity.h"
#include "milter/daemon/peer.h"

struct entrance;

struct entrances {
	size_t n;
	struct entrance *v;
};

/* Binds all, with owner and permissions; before privileges are dropped. entrances_close() must follow in every case. */
int entrances_open(struct entrances *e, const struct settings *s, const struct identity *id,
		   struct buf *error);
void entrances_attach(struct entrances *e, struct room *room);
/* Whom there were no file descriptors for may come in again. Once a second. */
void entrances_retry(struct entrances *e);
void entrances_close(struct entrances *e);

/* For -t: appends one line per finding about each socket; true when all is well. */
bool entrances_examine(const struct settings *s, const struct identity *id, struct buf *report);

#endif
