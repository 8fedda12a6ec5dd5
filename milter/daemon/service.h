/* service.h - the policy service: where delivery agents ask what they must demand
 *
 * PURPOSE   The listeners of socketmap and exim_socket (entrance.h), and one event loop for all that connect to them (peer.h, protocol.h).
 * THREADS   One of its own. service_stats() from any.
 * LIMITS    SERVICE_PEERS connections, or a quarter of the files that we may open; when there are more, the one that has been idle longest goes.
 *           Half a request, or an answer that is not taken, is given SERVICE_PATIENCE; between requests SERVICE_IDLE, which is longer than Postfix
 *           keeps a connection that it does not use.
 * ERRORS    0 or -1 with one sentence in error.
 */
#ifndef MILTER_DAEMON_SERVICE_H
#define MILTER_DAEMON_SERVICE_H

#include "milter/daemon/door.h"
#include "milter/daemon/identity.h"
#include "milter/daemon/service_stats.h"

enum { SERVICE_PEERS = 2000, SERVICE_PATIENCE = 10000, SERVICE_IDLE = 300000 };

struct service;
struct tlsrpt_socket;

/* Binds all sockets, with owner and permissions; before privileges are dropped. NULL with a sentence in error. */
struct service *service_open(const struct settings *s, const struct identity *id,
			     struct buf *error);

/* Answers from now on, and listens to tlsrpt (may be NULL). The door outlives the service, as does tlsrpt. 0 or -1. */
int service_start(struct service *v, struct door *door, struct tlsrpt_socket *tlsrpt);

const struct service_stats *service_stats(const struct service *v);

/* Who still waits is told what is known now. NULL in: no-op; returns NULL */
struct service *service_close(struct service *v);

#endif
