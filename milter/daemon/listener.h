/* listener.h - an address to listen on: unix:PATH or inet:PORT@ADDRESS
 *
 * PURPOSE   One noun for the milter's socket, the control socket and those of the policy service: never takes a running daemon's place, owner and
 *           permissions of a unix socket, its end, and what -t says of it.
 * OWNERSHIP listener_close() closes and removes what listener_bind() made; the text of the address is borrowed.
 * ERRORS    0 or -1 with one sentence in error that names the setting.
 */
#ifndef MILTER_DAEMON_LISTENER_H
#define MILTER_DAEMON_LISTENER_H

#include "common/base/buf.h"

#include <sys/socket.h>
#include <sys/types.h>

struct listener {
	const char *setting; /* where the address stands */
	const char *spec;
	const char *path; /* of a unix socket; NULL: inet */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	int type; /* SOCK_STREAM, or SOCK_DGRAM if the caller says so after listener_parse() */
	int fd;	  /* -1: none of ours */
};

/* Who may use a unix socket. */
struct listener_access {
	uid_t uid; /* the daemon's, who must be able to remove it */
	gid_t gid;
	mode_t mode;
};

/* "inet:PORT" alone is every address; inet6: is understood as well. Resolves names. */
int listener_parse(const char *setting, const char *spec, struct listener *ret, struct buf *error);

/* Does somebody serve it now? */
bool listener_is_served(const struct listener *l);

/* Connects and hangs up. */
void listener_poke(const struct listener *l);

/* Makes the directory of a unix socket when it is missing, and refuses to take the place of a daemon that is running. */
int listener_prepare(const struct listener *l, uid_t uid, struct buf *error);

/* Owner and permissions of a unix socket that exists. */
int listener_permit(const struct listener *l, const struct listener_access *who, struct buf *error);

/* All of it, by ourselves: prepare, bind, permit, listen; the descriptor does not block. */
int listener_bind(struct listener *l, int backlog, const struct listener_access *who,
		  struct buf *error);
void listener_close(struct listener *l);

/* For -t: can a client reach it? Appends one line per finding; true when all is well. */
bool listener_examine(const struct listener *l, const struct listener_access *who,
		      struct buf *report);

#endif
