/* farewell.h - the last moment of a session, for which no worker waits
 *
 * PURPOSE   Who has said QUIT leaves the connection here: it stays open until the other side has answered, but not for
 *           longer than FAREWELL_MS, so that its log shows a session that ended as it should. All is known by then, and
 *           a round trip of a worker is a domain's wait.
 * OWNERSHIP farewells_take() takes connection and TLS session, or leaves both with the caller when it says false.
 * THREADS   Any; one thread of its own, one leaf lock.
 * LIMITS    FAREWELLS connections.
 */
#ifndef COMMON_NET_FAREWELL_H
#define COMMON_NET_FAREWELL_H

#include <stdbool.h>

#include <openssl/ssl.h>

enum { FAREWELLS = 256, FAREWELL_MS = 300 };

struct farewells;

struct farewells *farewells_new(void); /* NULL: no memory, no descriptor, or no thread */
struct farewells *
farewells_free(struct farewells *f); /* closes what is still open; NULL in: no-op; returns NULL */

/* ssl may be NULL. Its verification is over: no callback of its owner is called any more. */
bool farewells_take(struct farewells *f, int fd, SSL *ssl);

#endif
