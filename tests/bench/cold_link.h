/* cold_link.h - one accepted connection, a round trip away
 *
 * PURPOSE What the client sends is heard one round trip later and answered at once, so that it reads every answer one
 *         round trip after what caused it. The kernel accepts connections without being asked; the round trip that
 *         connecting takes is added in front of what comes first: the greeting leaves two round trips after connect(),
 *         and a ClientHello is heard then. TLS runs over memory, so that its flights are delayed as everything else.
 * OWNERSHIP A link frees itself when the client has gone. The service must not touch it after link_close().
 * THREADS One.
 */
#ifndef TESTS_BENCH_COLD_LINK_H
#define TESTS_BENCH_COLD_LINK_H

#include "tests/bench/cold_loop.h"
#include "tests/bench/cold_pki.h"

enum { LINK_LINE = 1024 };

struct cold_link;

/* What a server does with its connections; all run on the loop's thread. */
struct cold_service {
	uint16_t port;
	bool tls_first;
	void (*begin)(struct cold_link *k); /* the client could hear a greeting now */
	void (*line)(struct cold_link *k, const char *line); /* without its end */
};

struct cold_counts {
	_Atomic uint64_t questions, connections, handshakes;
};

struct cold_net {
	struct cold_loop *loop;
	struct cold_pki *pki;
	SSL_CTX *tls;
	struct cold_counts *counts;
};

/* Listens on every address of 127.0.0.0/8. 0 or -errno. */
int cold_listen(struct cold_net *net, const struct cold_service *service);

const struct cold_host *link_host(const struct cold_link *k);
bool link_is_secure(const struct cold_link *k);

void link_say(struct cold_link *k, const char *text, size_t n);
void link_start_tls(struct cold_link *k); /* with the next octet */
/* Says it again and again, once a round trip or once a second, until the client goes. */
void link_repeat(struct cold_link *k, enum cold_line pace, const char *text, size_t n);
void link_finish(struct cold_link *k); /* says goodbye, sends no more */
void link_mute(struct cold_link *k);   /* neither hears nor says anything any more */

#endif
