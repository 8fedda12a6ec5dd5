#include "tests/unit/test.h"

#include "tests/net/mail_host.h"

#include <stdio.h>
#include <stdlib.h>

const struct personality polite_host = { .name = "polite",
					 .greeting = GREET,
					 .ehlo = EHLO,
					 .starttls = GO,
					 .handshake = true,
					 .detail = "" };

const struct prober_tls_options probe_defaults = { .helo = "probe.example",
						   .source_address = "",
						   .connect_timeout_ms = 3000,
						   .greeting_timeout_ms = 5000,
						   .probe_timeout_ms = 10000 };

void note(struct world *w, struct peer *p, const char *mark)
{
	size_t n;

	pthread_mutex_lock(&w->lock);
	n = strlen(w->heard);
	snprintf(w->heard + n, sizeof(w->heard) - n, "%s%s\n", mark, p->line);
	memcpy(w->sni, p->sni, sizeof(w->sni));
	pthread_mutex_unlock(&w->lock);
}

static bool exchange(struct world *w, struct peer *p, const char *answer)
{
	if (!peer_hear(p))
		return false;
	note(w, p, "");
	return answer == NULL || peer_say(p, answer);
}

static void shake(struct world *w, struct peer *p, const struct identity *id, int max_version)
{
	if (!peer_tls(p, id, max_version))
		return;
	if (peer_hear(p))
		note(w, p, "tls ");
	peer_say(p, "221 bye\r\n");
	peer_close_notify(p);
}

void mail_host_serve(struct peer *p)
{
	struct world *w = p->ctx;
	struct personality who;
	const struct identity *id;
	int max_version;

	pthread_mutex_lock(&w->lock);
	who = w->personality;
	id = w->identity;
	max_version = w->max_version;
	pthread_mutex_unlock(&w->lock);
	if (who.greeting != NULL && peer_say(p, who.greeting) && who.ehlo != NULL &&
	    exchange(w, p, who.ehlo) && who.starttls != NULL)
		exchange(w, p, who.starttls);
	if (who.act != NULL)
		who.act(p);
	if (who.handshake)
		shake(w, p, id, max_version);
	else if (peer_hear(p))
		note(w, p, "");
}

void play(struct world *w, const struct personality *who, const struct identity *id,
	  int max_version)
{
	peer_server_settle(w->server);
	pthread_mutex_lock(&w->lock);
	w->personality = *who;
	w->identity = id;
	w->max_version = max_version;
	w->heard[0] = w->sni[0] = '\0';
	pthread_mutex_unlock(&w->lock);
}

void expect_heard(struct world *w, const char *name, const char *want)
{
	char heard[sizeof(w->heard)];

	peer_server_settle(w->server);
	pthread_mutex_lock(&w->lock);
	memcpy(heard, w->heard, sizeof(heard));
	pthread_mutex_unlock(&w->lock);
	if (strcmp(heard, want) != 0)
		fail_msg("%s: heard '%s'", name, heard);
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

void open_prober(struct world *w, struct prober_tls_options o)
{
	struct buf error;

	buf_init(&error, 1024);
	w->prober = prober_tls_close(w->prober);
	if (prober_tls_open(&o, w->trust, &steady_clock, &w->prober, &error) != 0)
		fail_msg("%s", buf_text(&error));
}

int mail_host_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct buf error;

	buf_init(&error, 1024);
	pthread_mutex_init(&w->lock, NULL);
	w->pki = pki_new();
	if (trust_open(pki_bundle(w->pki), &w->trust, &error) != 0)
		fail_msg("%s", buf_text(&error));
	w->good = pki_leaf(w->pki, &(struct leaf){ .san = "DNS:" HOST });
	play(w, &polite_host, w->good, 0);
	w->server = peer_server_start("127.0.0.1", mail_host_serve, w);
	open_prober(w, probe_defaults);
	*state = w;
	return 0;
}

int mail_host_tear_down(void **state)
{
	struct world *w = *state;

	prober_tls_close(w->prober);
	peer_server_stop(w->server);
	trust_close(w->trust);
	pki_free(w->pki);
	free(w);
	return 0;
}

static struct fact run(struct world *w, struct probe p, int64_t deadline)
{
	struct prober driver = prober_tls_port(w->prober);

	memset(&p.fact, 0xff, sizeof(p.fact));
	driver.probe(driver.ctx, &p, 1, deadline);
	assert_true(netaddr_eq(&p.fact.addr, &p.addr));
	assert_int_equal(p.fact.outcome, outcome_of_reason(p.fact.reason));
	assert_int_equal(p.fact.proof, p.tlsa != NULL ? PROOF_DANE : PROOF_PKIX);
	return p.fact;
}

struct fact probe_host(struct world *w, const char *host, const char *addr, uint16_t port,
		       int64_t deadline)
{
	return run(w, (struct probe){ .mx_host = host, .port = port, .addr = address(addr) }, deadline);
}

struct fact probe_dane(struct world *w, const char *host, const struct tlsa_set *set)
{
	return run(w,
		   (struct probe){ .mx_host = host,
				   .port = peer_server_port(w->server),
				   .addr = address("127.0.0.1"),
				   .tlsa = set },
		   in(SOON));
}

struct fact probe(struct world *w)
{
	return probe_host(w, HOST, "127.0.0.1", peer_server_port(w->server), in(SOON));
}

void expect(const char *name, const struct fact *f, enum reason reason, const char *detail)
{
	if (f->reason != reason || (detail != NULL && detail[0] == '\0' && f->detail[0] != '\0') ||
	    (detail != NULL && strstr(f->detail, detail) == NULL))
		fail_msg("%s: got %s (%s), want %s (%s)", name, reason_name(f->reason), f->detail,
			 reason_name(reason), detail != NULL ? detail : "");
}
