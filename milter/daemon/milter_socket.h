/* milter_socket.h - the milter's listening address: unix:PATH or inet:PORT@HOST
 *
 * PURPOSE Ownership and permissions of the unix socket, the check that nobody else serves it, and the poke that keeps libmilter from stalling.
 * ERRORS  0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_MILTER_SOCKET_H
#define MILTER_DAEMON_MILTER_SOCKET_H

#include "common/base/buf.h"
#include "milter/daemon/identity.h"

#include <sys/socket.h>
#include <sys/types.h>

struct milter_socket {
	const char *path; /* of a unix socket; NULL: inet */
	struct sockaddr_storage addr;
	socklen_t addr_len;
};

/* Understands the address; PATH stays in spec. */
int milter_socket_parse(const char *spec, struct milter_socket *ret, struct buf *error);

/* Makes the directory of a unix socket when it is missing and refuses to take the place of a daemon that is running. */
int milter_socket_prepare(const struct milter_socket *s, uid_t uid, struct buf *error);

/* To be called when the socket exists: the daemon must be able to poke it after it has dropped its privileges. */
int milter_socket_permit(const struct milter_socket *s, uid_t uid, gid_t gid, mode_t mode,
			 struct buf *error);

/* For -t: can the MTA reach it? Appends one line per finding; true when all is well. */
bool milter_socket_examine(const struct milter_socket *s, const struct identity *id,
			   const struct settings *settings, struct buf *report);

/* libmilter hands a burst of ready sessions to two workers and starts no more while it believes that one is idle, so a callback that waits
 * stalls strangers. A connection makes it start or wake a worker, which finds nothing here and drains the queue. */
void milter_socket_poke(const struct milter_socket *s);

#endif
