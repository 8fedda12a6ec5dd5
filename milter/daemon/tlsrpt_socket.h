/* tlsrpt_socket.h - the datagram socket on which Postfix 3.10 and later tells how its TLS sessions came out (libtlsrpt)
 *
 * PURPOSE Nobody is answered and nobody waited for. A datagram counts when its sender is the daemon's own user or one of tlsrpt_users; the kernel
 *         says who it is.
 * THREADS Its events run in the loop of the control socket. tlsrpt_socket_status() from any thread.
 * LIMITS  LIMIT_OUTCOME octets a datagram; the kernel's queue of TLSRPT_QUEUE bytes, or what the system lets us have.
 * ERRORS  0 or -1 with one sentence in error. Refused and malformed datagrams are counted, and named in the log once an hour.
 */
#ifndef MILTER_DAEMON_TLSRPT_SOCKET_H
#define MILTER_DAEMON_TLSRPT_SOCKET_H

#include "milter/daemon/identity.h"
#include "milter/daemon/outcomes.h"

enum { TLSRPT_QUEUE = 4 << 20, TLSRPT_USERS = 32 };

struct tlsrpt_socket;
struct event_base;

/* Binds it with owner and permissions (those of the unix sockets of socketmap); before privileges are dropped. NULL with a sentence in error. */
struct tlsrpt_socket *tlsrpt_socket_open(const struct settings *s, const struct identity *id,
					 struct buf *error);

/* Listens from now on, in the loop of that base. env, outcomes: outlive it. */
int tlsrpt_socket_attach(struct tlsrpt_socket *t, struct event_base *base,
			 const struct engine_env *env, struct outcomes *outcomes);
void tlsrpt_socket_detach(struct tlsrpt_socket *t); /* the loop has ended; NULL: no-op */

struct tlsrpt_socket *
tlsrpt_socket_close(struct tlsrpt_socket *t); /* NULL in: no-op; returns NULL */

struct tlsrpt_status {
	uint64_t datagrams; /* understood */
	uint64_t refused;   /* from users whose word is not taken */
	uint64_t malformed;
};
struct tlsrpt_status tlsrpt_socket_status(const struct tlsrpt_socket *t);

/* For -t: appends one line per finding; true when all is well. */
bool tlsrpt_socket_examine(const struct settings *s, const struct identity *id, struct buf *report);

#endif
