#include "config.h"

#include "common/engine/facts.h"

#include "common/engine/flight.h"
#include "common/engine/gated.h"
#include "common/sts/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct facts {
	struct cache *cache;
	struct flights *flights; /* key: host|port, and the TLSA records */
};

struct fact_item {
	struct cache_item item;
	struct fact fact;
	int64_t made_at;     /* mono */
	int64_t young_until; /* mono: believed without asking again */
	int64_t known_until; /* mono: believed where it does not matter much; see facts_recall() */
	char key[];
};

enum { KEY_SIZE = DOMAIN_SIZE + NETADDR_TEXT + 8 + 18 };

struct facts *facts_new(size_t budget_bytes, uint64_t seed, size_t max_flights)
{
	struct facts *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->cache = cache_new(budget_bytes, seed);
	f->flights = flights_new(max_flights);
	return f->cache != NULL && f->flights != NULL ? f : facts_free(f);
}

struct facts *facts_free(struct facts *f)
{
	if (f != NULL) {
		cache_free(f->cache);
		flights_free(f->flights);
		free(f);
	}
	return NULL;
}

void facts_stats(const struct facts *f, struct cache_stats *ret)
{
	cache_stats(f->cache, ret);
}

static uint64_t records_of(const struct fact_host *h)
{
	return h->tlsa != NULL ? tlsa_set_hash(h->tlsa) : 0;
}

/* records: 0 for PKIX. */
static const char *make_key(const char *host, uint16_t port, const char *address, uint64_t records,
			    char out[KEY_SIZE])
{
	int n = snprintf(out, KEY_SIZE, "%s|%u|%s", host, port, address);

	if (records != 0)
		snprintf(out + n, KEY_SIZE - (size_t)n, "|%016llx", (unsigned long long)records);
	return out;
}

static const char *host_key(const struct fact_host *h, char out[KEY_SIZE])
{
	return make_key(h->name, h->port, "", records_of(h), out);
}

static const char *fact_key(const struct fact_host *h, const struct netaddr *a, char out[KEY_SIZE])
{
	char text[NETADDR_TEXT];

	return make_key(h->name, h->port, netaddr_format(a, text), records_of(h), out);
}

/* What is known of an address before anybody has looked. */
static struct fact blank(const struct fact_host *h, size_t i, enum reason reason)
{
	return (struct fact){ .addr = h->addrs[i],
			      .outcome = OUTCOME_INCONCLUSIVE,
			      .reason = reason,
			      .proof = h->tlsa != NULL ? PROOF_DANE : PROOF_PKIX,
			      .pkix = REASON_PENDING };
}

static bool is_half_good(const struct fact *fact)
{
	return fact->outcome == OUTCOME_PASSED && fact->proof == PROOF_DANE &&
	       fact->pkix != REASON_OK && fact->pkix != REASON_PENDING;
}

static bool recall(struct task *t, const struct fact_host *h, size_t i, bool old_too)
{
	char key[KEY_SIZE];
	struct fact_item *item =
		(struct fact_item *)cache_get(t->facts->cache, fact_key(h, &h->addrs[i], key));
	int64_t until;
	bool serves;

	if (item == NULL)
		return false;
	until = old_too ? item->known_until : item->young_until;
	if (h->wants_pkix && is_half_good(&item->fact) &&
	    item->made_at + t->settings->facts_ttl_bad < until)
		until = item->made_at + t->settings->facts_ttl_bad;
	serves = task_mono(t) < until && (t->why != WHY_OPERATOR || item->made_at >= t->began);
	if (serves)
		h->facts[i] = item->fact;
	cache_item_unref(&item->item);
	return serves;
}

static void drop_one(struct facts *f, const char *key, bool good_only)
{
	struct fact_item *item = (struct fact_item *)cache_get(f->cache, key);

	if (item == NULL)
		return;
	if (!good_only || item->fact.outcome == OUTCOME_PASSED)
		cache_remove(f->cache, key);
	cache_item_unref(&item->item);
}

static void drop(struct facts *f, const struct mx_host *host, uint16_t port, bool good_only)
{
	const uint64_t records[] = { 0, host->tlsa_hash[0], host->tlsa_hash[1] };
	char key[KEY_SIZE], text[NETADDR_TEXT];

	for (size_t i = 0; i < host->n_facts; i++) {
		netaddr_format(&host->facts[i].addr, text);
		for (size_t j = 0; j < sizeof(records) / sizeof(records[0]); j++)
			drop_one(f, make_key(host->name, port, text, records[j], key), good_only);
	}
}

void facts_forget(struct facts *f, const struct mx_host *host, uint16_t port)
{
	drop(f, host, port, false);
}

void facts_age(struct facts *f, const struct mx_host *host, uint16_t port)
{
	drop(f, host, port, true);
}

static void item_free(struct cache_item *item)
{
	free(item);
}

/* Until when an old fact is still worth something. Our own troubles say nothing about the host. */
static int64_t known_until(const struct task *t, const struct fact *fact, int64_t young_until)
{
	int64_t until = task_mono(t) + t->settings->facts_ttl_good;

	if (fact->outcome != OUTCOME_INCONCLUSIVE || fact->reason == REASON_PROBE_LOCAL)
		return young_until;
	return until > young_until ? until : young_until;
}

/* A DANE-EE record binds the key as long as it stands in DNS (RFC 7672 s3.1.1); by another record, and for PKIX, the certificate's end counts. What has
 * ended and passed all the same has passed by DANE-EE. */
static bool ends_with_certificate(const struct fact_host *h, const struct fact *fact)
{
	if (h->tlsa == NULL || fact->pkix == REASON_OK)
		return true;
	return tlsa_set_has(h->tlsa, TLSA_DANE_TA) && fact->not_after > fact->probed_at;
}

/* Stamps a fresh fact with its times and remembers it. */
static void remember(struct task *t, const struct fact_host *h, struct fact *fact)
{
	bool good = fact->outcome == OUTCOME_PASSED, rests = fact->expires_at != 0;
	int64_t ttl = (good ? t->settings->facts_ttl_good : t->settings->facts_ttl_bad) / 1000;
	char key[KEY_SIZE];
	struct fact_item *item;
	size_t n;

	fact->probed_at = task_wall(t);
	if (rests) /* not probed: believed until the gate lets the next one pass */
		ttl = fact->expires_at - fact->probed_at;
	if (good && ends_with_certificate(h, fact) && fact->not_after - fact->probed_at < ttl)
		ttl = fact->not_after > fact->probed_at ? fact->not_after - fact->probed_at : 0;
	fact->expires_at = fact->probed_at + ttl;
	n = strlen(fact_key(h, &fact->addr, key)) + 1;
	item = malloc(sizeof(*item) + n);
	if (item == NULL)
		return;
	item->fact = *fact;
	item->made_at = task_mono(t);
	/* A good fact is renewed before it ends, so that the next mail need not wait for a probe.
	 */
	item->young_until = task_mono(t) + ttl * (good ? 800 : 1000);
	item->known_until = known_until(t, fact, item->young_until);
	memcpy(item->key, key, n);
	cache_item_init(&item->item, item->key, sizeof(*item) + n, item_free);
	cache_put(t->facts->cache, &item->item);
	cache_item_unref(&item->item);
}

static void count(struct task *t, const struct fact *fact)
{
	STAT_INC(t->stats, probes);
	switch (fact->outcome) {
	case OUTCOME_PASSED:
		STAT_INC(t->stats, probes_passed);
		break;
	case OUTCOME_FAILED:
		STAT_INC(t->stats, probes_failed);
		break;
	case OUTCOME_INCONCLUSIVE:
		STAT_INC(t->stats, probes_inconclusive);
		break;
	}
}

/* An address that we must not connect to needs no probe. */
static bool without_probe(const struct task *t, const struct fact_host *h, size_t i)
{
	int64_t now = task_wall(t);

	if (task_may_connect(t, &h->addrs[i]))
		return false;
	h->facts[i] = blank(h, i, REASON_ADDRESS_PRIVATE);
	h->facts[i].probed_at = now;
	h->facts[i].expires_at = now + t->settings->facts_ttl_bad / 1000;
	return true;
}

/* What is still unknown about one host after memory was asked. */
struct want {
	struct fact_host *host;
	struct flight *call; /* NULL: not under way anywhere */
	bool leader;
	bool missing[LIMIT_MX_ADDRESSES];
	size_t n_missing;
};

static void look(struct task *t, struct want *w)
{
	struct fact_host *h = w->host;

	w->n_missing = 0;
	for (size_t i = 0; i < h->n; i++) {
		w->missing[i] = !without_probe(t, h, i) && !recall(t, h, i, false);
		w->n_missing += w->missing[i];
	}
}

bool facts_recall(struct task *t, struct fact_host *hosts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < hosts[i].n; j++)
			if (!without_probe(t, &hosts[i], j) && !recall(t, &hosts[i], j, true))
				return false;
	return true;
}

/* Probes everything missing of the wants that `mine` selects. */
static void probe(struct task *t, struct want *wants, size_t n, bool (*mine)(const struct want *))
{
	struct probe *probes;
	size_t total = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		total += mine(&wants[i]) ? wants[i].n_missing : 0;
	if (total == 0)
		return;
	probes = arena_array(&t->arena, total, sizeof(*probes));
	if (probes == NULL)
		return; /* the facts stay as they are: zeroed, inconclusive */
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; mine(&wants[i]) && j < wants[i].host->n; j++)
			if (wants[i].missing[j])
				probes[k++] = (struct probe){ .mx_host = wants[i].host->name,
							      .port = wants[i].host->port,
							      .addr = wants[i].host->addrs[j],
							      .tlsa = wants[i].host->tlsa,
							      .fact = blank(wants[i].host, j,
									    REASON_PROBE_LOCAL) };
	gated_probe(t, probes, k);
	k = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; mine(&wants[i]) && j < wants[i].host->n; j++) {
			struct fact *fact = &wants[i].host->facts[j];

			if (!wants[i].missing[j])
				continue;
			*fact = probes[k++].fact;
			fact->addr = wants[i].host->addrs[j];
			if (fact->expires_at == 0)
				count(t, fact);
			if (fact->reason != REASON_HOST_BUSY)
				remember(t, wants[i].host, fact);
		}
}

static bool is_led(const struct want *w)
{
	return w->leader;
}

static bool is_left(const struct want *w)
{
	return !w->leader;
}

static void start(struct task *t, struct want *w)
{
	char key[KEY_SIZE];

	look(t, w);
	if (w->n_missing == 0)
		return;
	w->call = flight_join(t->facts->flights, host_key(w->host, key), &w->leader);
	/* Somebody may have landed between the look and the join. */
	if (w->leader)
		look(t, w);
}

static void follow(struct task *t, struct want *w)
{
	if (w->call == NULL || w->leader)
		return;
	if (flight_wait(t->facts->flights, w->call, &t->env->clock,
			task_until(t, t->settings->probe_timeout + 1000)))
		look(t, w);
}

void facts_gather(struct task *t, struct fact_host *hosts, size_t n)
{
	struct want *wants = arena_array(&t->arena, n, sizeof(*wants));

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < hosts[i].n; j++)
			hosts[i].facts[j] = blank(&hosts[i], j, REASON_PROBE_LOCAL);
	if (wants == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		wants[i].host = &hosts[i];
		start(t, &wants[i]);
	}
	probe(t, wants, n, is_led);
	for (size_t i = 0; i < n; i++)
		if (wants[i].leader)
			flight_land(t->facts->flights, wants[i].call, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		follow(t, &wants[i]);
	probe(t, wants, n, is_left); /* what the others' probes did not cover */
	for (size_t i = 0; i < n; i++)
		if (wants[i].call != NULL)
			flight_unref(t->facts->flights, wants[i].call);
}
