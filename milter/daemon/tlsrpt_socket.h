/* tlsrpt_socket.h - the datagram socket on which Postfix 3.10 and later tells how its TLS sessions came out (libtlsrpt)
 *
 * PURPOSE Nobody is answered and nobody waited for. A datagram counts when its sender is the daemon's own user or one of tlsrpt_users; the kernel
 *         says who it is.
 * THREADS Its events run in the loop of the policy service, which never waits for a disk: the kernel's queue is short (net.unix.max_dgram_qlen
 *         datagrams, often 10), and libtlsrpt drops what finds no room. tlsrpt_socket_status() from any thread.
 * LIMITS  LIMIT_OUTCOME octets a datagram.
 * ERRORS  0 or -1 with one sentence in error. Refused and malformed datagrams are counted, and named in the log once an hour.
 */
#ifndef MILTER_DAEMON_TLSRPT_SOCKET_H
#define MILTER_DAEMON_TLSRPT_SOCKET_H

#include "milter/daemon/identity.h"
#include "milter/daemon/outcomes.h"

enum { TLSRPT_USERS = 32 };

struct tlsrpt_socket;
struct event_base;

/* Binds it with owner and permissions (those of the unix sockets of socketmap); before privileges are dropped. NULL with a sentence in error. */
struct tlsrpt_socket *tlsrpt_socket_open(const struct settings *s, const struct identity *id,
					 struct buf *error);

/* Who is told; both outlive it. Before it is attached. */
void tlsrpt_socket_tell(struct tlsrpt_socket *t, const struct engine_env *env,
			struct outcomes *outcomes);

/* Listens from now on, in the loop of that base. 0 or -1. */
int tlsrpt_socket_attach(struct tlsrpt_socket *t, struct event_base *base);
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
