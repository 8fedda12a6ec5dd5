#include "tests/unit/test.h"

#include "tests/net/policy_host.h"

#include <stdio.h>
#include <stdlib.h>

const struct personality polite_host = { .name = "good",
					 .head = OK_HEAD "Content-Length: 59\r\n\r\n",
					 .body = POLICY,
					 .want_body = POLICY,
					 .want_detail = "" };

/* Heard before anything is answered, so a get() that has returned finds it noted. */
static void hear_request(struct world *w, struct peer *p)
{
	char request[sizeof(w->request)] = "";
	size_t used = 0;

	while (peer_hear(p) && p->line[0] != '\0')
		used += (size_t)snprintf(request + used, sizeof(request) - used, "%s\n", p->line);
	pthread_mutex_lock(&w->lock);
	memcpy(w->request, request, sizeof(request));
	memcpy(w->sni, p->sni, sizeof(w->sni));
	pthread_mutex_unlock(&w->lock);
}

void policy_host_serve(struct peer *p)
{
	struct world *w = p->ctx;
	struct personality who;
	const struct identity *identity;
	int max_version;

	pthread_mutex_lock(&w->lock);
	who = w->personality;
	identity = w->identity;
	max_version = w->max_version;
	pthread_mutex_unlock(&w->lock);
	if (!peer_tls(p, identity, max_version))
		return;
	hear_request(w, p);
	if (who.head != NULL)
		peer_say(p, who.head);
	if (who.body != NULL)
		peer_say(p, who.body);
	if (who.act != NULL)
		who.act(p);
	if (!who.cut)
		peer_close_notify(p);
}

void play(struct world *w, const struct personality *who)
{
	pthread_mutex_lock(&w->lock);
	w->personality = *who;
	pthread_mutex_unlock(&w->lock);
}

void show(struct world *w, const struct identity *identity, int max_version)
{
	pthread_mutex_lock(&w->lock);
	w->identity = identity;
	w->max_version = max_version;
	pthread_mutex_unlock(&w->lock);
}

static void nobody(struct peer *p)
{
	peer_until_gone(p);
}

int64_t in(int64_t ms)
{
	return clock_mono(&steady_clock) + ms;
}

struct netaddr address(const char *text)
{
	struct netaddr a;

	assert_true(netaddr_parse(span_of(text), &a));
	return a;
}

void open_fetcher(struct world *w, uint16_t port, int64_t timeout_ms)
{
	struct fetcher_curl_options o = { .timeout_ms = timeout_ms, .port = port };

	w->fetcher = fetcher_curl_close(w->fetcher);
	assert_int_equal(fetcher_curl_open(&o, w->trust, &steady_clock, &w->fetcher), 0);
}

struct fetch get_from(struct world *w, const struct netaddr *addrs, size_t n, int64_t deadline)
{
	struct fetch f = { .host = HOST, .addrs = addrs, .n_addrs = n, .reason = REASON_COUNT, .not_after = -1 };
	struct fetcher port = fetcher_curl_port(w->fetcher);

	pthread_mutex_lock(&w->lock);
	w->request[0] = w->sni[0] = '\0';
	pthread_mutex_unlock(&w->lock);
	arena_reset(&w->arena);
	port.get(port.ctx, &f, deadline, &w->arena);
	return f;
}

struct fetch get(struct world *w, int64_t deadline)
{
	struct netaddr a = address("127.0.0.1");

	return get_from(w, &a, 1, deadline);
}

/* Served in one place, trusted in one place, forbidden in another. */
int policy_host_set_up(void **state)
{
	static const struct leaf good = { .san = "DNS:" HOST };
	struct world *w = calloc(1, sizeof(*w));
	struct buf error;

	buf_init(&error, 1024);
	pthread_mutex_init(&w->lock, NULL);
	w->pki = pki_new();
	if (trust_open(pki_bundle(w->pki), &w->trust, &error) != 0)
		fail_msg("%s", buf_text(&error));
	w->good = w->identity = pki_leaf(w->pki, &good);
	w->server = peer_server_start("127.0.0.1", policy_host_serve, w);
	w->elsewhere = peer_server_start("127.0.0.1", nobody, w);
	arena_init(&w->arena, 1 << 20);
	open_fetcher(w, peer_server_port(w->server), 20000);
	*state = w;
	return 0;
}

int policy_host_tear_down(void **state)
{
	struct world *w = *state;

	fetcher_curl_close(w->fetcher);
	peer_server_stop(w->server);
	peer_server_stop(w->elsewhere);
	trust_close(w->trust);
	pki_free(w->pki);
	arena_release(&w->arena);
	free(w);
	return 0;
}
