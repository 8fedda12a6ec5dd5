/* policy_host.h - the world of the fetcher's tests: a policy host that says what it is told to say
 *
 * One server that is fetched from and one that nobody may ask, a root of our own, a fetcher that trusts it.
 */
#ifndef TESTS_NET_POLICY_HOST_H
#define TESTS_NET_POLICY_HOST_H

#include "common/net/fetcher_curl.h"
#include "tests/net/peer_server.h"
#include "tests/net/steady_clock.h"

#include <pthread.h>

#define HOST	"mta-sts.example"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define POLICY	"version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n" /* 59 octets */

enum { SOON = 5000, BRIEF = 400 };

/* What a policy host does after the handshake and the request. */
struct personality {
	const char *name;
	const char *head;	     /* said first */
	const char *body;	     /* said next; NULL: nothing */
	void (*act)(struct peer *p); /* then this */
	bool cut;		     /* no close_notify */
	enum reason reason;
	const char *want_body, *want_detail; /* NULL: any */
};

struct world {
	struct pki *pki;
	struct trust *trust;
	const struct identity *good;
	const struct identity *identity; /* what the server shows */
	int max_version;
	struct personality personality;
	pthread_mutex_t
		lock; /* identity to personality, request and sni: between test and server */
	struct peer_server *server, *elsewhere; /* elsewhere: whom nobody may ask */
	struct fetcher_curl *fetcher;
	struct arena arena;
	char request[4096], sni[256];
};

extern const struct personality polite_host;

int policy_host_set_up(void **state);
int policy_host_tear_down(void **state);
void policy_host_serve(struct peer *p); /* ctx: struct world */

/* What the next connections will meet. max_version 0: any. */
void play(struct world *w, const struct personality *who);
void show(struct world *w, const struct identity *identity, int max_version);

void open_fetcher(struct world *w, uint16_t port, int64_t timeout_ms);
struct fetch get(struct world *w, int64_t deadline);
struct fetch get_from(struct world *w, const struct netaddr *addrs, size_t n, int64_t deadline);

int64_t in(int64_t ms); /* a deadline */
struct netaddr address(const char *text);

#endif
