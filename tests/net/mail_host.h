/* mail_host.h - the world of the prober's tests: a mail server that says what it is told to say
 *
 * One server that is probed, a root of our own, a prober that trusts it, and what the server has heard.
 */
#ifndef TESTS_NET_MAIL_HOST_H
#define TESTS_NET_MAIL_HOST_H

#include "common/net/prober_tls.h"
#include "tests/net/peer_server.h"
#include "tests/net/steady_clock.h"

#include <pthread.h>

#define HOST  "mx.example"
#define GREET "220 mx.example ESMTP\r\n"
#define EHLO  "250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
#define GO    "220 go ahead\r\n"

enum { SOON = 5000, BRIEF = 300 };

/* A mail server by what it says; each line waits for the command before it. NULL: nothing, and then `act`. */
struct personality {
	const char *name;
	const char *greeting, *ehlo, *starttls;
	void (*act)(struct peer *p);
	bool handshake;
	enum reason reason;
	const char *detail; /* a part of it; NULL: any */
};

struct world {
	struct pki *pki;
	struct trust *trust;
	const struct identity *good;
	struct peer_server *server;
	struct prober_tls *prober;
	pthread_mutex_t lock; /* what follows, between the test and the server */
	struct personality personality;
	const struct identity *identity;
	int max_version;
	char heard[512], sni[256];
};

extern const struct personality polite_host;
extern const struct prober_tls_options probe_defaults;

int mail_host_set_up(void **state);
int mail_host_tear_down(void **state);
void mail_host_serve(struct peer *p); /* ctx: struct world */

/* What the next connections will meet; forgets what was heard. max_version 0: any. */
void play(struct world *w, const struct personality *who, const struct identity *id,
	  int max_version);
void note(struct world *w, struct peer *p, const char *mark); /* mark and p->line, as heard */
void expect_heard(struct world *w, const char *name, const char *want);

void open_prober(struct world *w, struct prober_tls_options o);
struct fact probe(struct world *w);
struct fact probe_host(struct world *w, const char *host, const char *addr, uint16_t port,
		       int64_t deadline);
struct fact probe_dane(struct world *w, const char *host, const struct tlsa_set *set);
/* detail: a part of it, "" for none, NULL for any */
void expect(const char *name, const struct fact *f, enum reason reason, const char *detail);

int64_t in(int64_t ms); /* a deadline */
struct netaddr address(const char *text);

#endif
