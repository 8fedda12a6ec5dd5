/* smtp_server.h - an MX host as probes see it: greeting, EHLO, STARTTLS, QUIT
 *
 * OWNERSHIP The context stays the caller's and must outlive the server.
 * THREADS   One of its own, one connection after the other; a client that says nothing for 2 s is
 *           dropped.
 */
#ifndef TESTS_SERVERS_SMTP_SERVER_H
#define TESTS_SERVERS_SMTP_SERVER_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

struct smtp_server;

/* tls NULL: STARTTLS is not offered. 0 or -errno. */
int smtp_server_start(const char *ip, uint16_t port, SSL_CTX *tls, struct smtp_server **ret);
struct smtp_server *smtp_server_stop(struct smtp_server *s); /* NULL in: no-op; returns NULL */

size_t smtp_server_sessions(const struct smtp_server *s); /* that got as far as EHLO */

#endif
