/* peer_server.h - a TCP server on loopback whose every connection runs a script of the test's
 *
 * A script may take as long as it likes: stopping the server shuts its connection down and joins
 * it.
 */
#ifndef TESTS_NET_PEER_SERVER_H
#define TESTS_NET_PEER_SERVER_H

#include "tests/net/pki.h"

#include <stdbool.h>
#include <stdint.h>

struct peer_server;

struct peer {
	int fd;
	SSL *ssl; /* NULL: plaintext */
	char sni[256];
	char line[4096];
	void *ctx;
	struct peer_server *server;
};

typedef void peer_script(struct peer *p);

/* address: "127.0.0.1" or "::1"; NULL when the machine has no such address */
struct peer_server *peer_server_start(const char *address, peer_script *script, void *ctx);
void peer_server_stop(struct peer_server *s);
uint16_t peer_server_port(const struct peer_server *s);
int peer_server_connections(struct peer_server *s); /* accepted so far */
/* Until the scripts of all connections have ended, a second at most: a client may be back before its goodbye is heard.
 * NULL: no-op. */
void peer_server_settle(struct peer_server *s);

/* False once the client is gone or the server stops. */
bool peer_say(struct peer *p, const char *text);
bool peer_send(struct peer *p, const void *bytes, size_t n);
bool peer_hear(struct peer *p); /* one line into p->line, without CRLF */
bool peer_pause(struct peer *p, int ms);
void peer_until_gone(struct peer *p); /* reads and forgets */

/* The server's side of a handshake; max_version 0: any. A reused identity is not changed. */
bool peer_tls(struct peer *p, const struct identity *id, int max_version);
void peer_close_notify(struct peer *p);

#endif
