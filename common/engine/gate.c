#include "config.h"

#include "common/engine/gate.h"

#include "common/base/siphash.h"
#include "common/engine/timed_wait.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

struct key {
	unsigned char family;
	unsigned char bytes[16];
	unsigned char port[2];
};

/* Known while somebody uses it or its failures count. */
struct gate_host {
	UT_hash_handle hh;
	struct gate_host *prev, *next; /* among those that nobody uses, longest unused first */
	struct key key;
	pthread_cond_t changed;
	unsigned users, waiters;
	unsigned failures; /* in a row */
	unsigned rests;	   /* times that it has been sent to rest since its last success */
	bool trying;	   /* somebody is finding out whether it is back */
	int64_t rests_until;
	int64_t failing_since, failed_at; /* the first and the last failure of the row */
};

struct gate {
	const struct clock *clock;
	struct siphash_key seed;
	unsigned places, max_waiters;
	pthread_mutex_t lock;
	struct gate_host *hosts;
	struct gate_host *unused;
	unsigned waiters;
	bool stopping;
	/* Failures anywhere since the last success anywhere, and when that was. */
	unsigned failures;
	int64_t alive_at;
	/* The last time when our own network seems to have been down. */
	int64_t outage_from, outage_to;
	struct gate_stats stats;
};

struct gate *gate_new(const struct clock *clock, unsigned places, unsigned waiters, uint64_t seed)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	*g = (struct gate){ .clock = clock,
			    .places = places > 0 ? places : 1,
			    .max_waiters = waiters,
			    .seed = siphash_key_of(seed),
			    .alive_at = clock_mono(clock) };
	pthread_mutex_init(&g->lock, NULL);
	return g;
}

/* One that nobody uses. */
static void forget(struct gate *g, struct gate_host *h)
{
	DL_DELETE(g->unused, h);
	HASH_DELETE(hh, g->hosts, h);
	pthread_cond_destroy(&h->changed);
	free(h);
}

struct gate *gate_free(struct gate *g)
{
	if (g == NULL)
		return NULL;
	while (g->unused != NULL)
		forget(g, g->unused);
	pthread_mutex_destroy(&g->lock);
	free(g);
	return NULL;
}

static struct key key_of(const struct netaddr *addr, uint16_t port)
{
	struct key key = { .family = addr->family,
			   .port = { (unsigned char)(port >> 8), (unsigned char)port } };

	memcpy(key.bytes, addr->bytes, addr->family == ADDR_V4 ? 4 : 16);
	return key;
}

/* In use from now on. NULL: no room. */
static struct gate_host *take(struct gate *g, const struct key *key)
{
	unsigned hash = (unsigned)siphash13(&g->seed, key, sizeof(*key));
	struct gate_host *h;

	HASH_FIND_BYHASHVALUE(hh, g->hosts, key, sizeof(*key), hash, h);
	if (h != NULL) {
		if (h->users + h->waiters == 0)
			DL_DELETE(g->unused, h);
		return h;
	}
	if (HASH_COUNT(g->hosts) >= GATE_MAX) {
		if (g->unused == NULL)
			return NULL;
		forget(g, g->unused);
	}
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->key = *key;
	timed_cond_init(&h->changed);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, g->hosts, &h->key, sizeof(h->key), hash, h);
	return h;
}

static void release(struct gate *g, struct gate_host *h)
{
	if (h->users + h->waiters > 0)
		return;
	DL_APPEND(g->unused, h);
	if (h->failures == 0)
		forget(g, h);
}

static void revive(struct gate_host *h)
{
	h->failures = 0;
	h->rests = 0;
	h->rests_until = 0;
}

/* Failures that say nothing any more. */
static void forgive(const struct gate *g, struct gate_host *h, int64_t now)
{
	bool ours = h->failing_since >= g->outage_from && h->failed_at < g->outage_to;

	if (h->failures > 0 && !h->trying && (ours || now - h->failed_at >= GATE_FORGET * 1000))
		revive(h);
}

static enum gate_answer try(struct gate *g, struct gate_host *h, struct gate_pass *ret_pass,
			    struct gate_rest *ret_rest)
{
	int64_t now = clock_mono(g->clock);
	bool back;

	if (g->stopping)
		return GATE_FULL;
	forgive(g, h, now);
	if (now < h->rests_until) {
		*ret_rest = (struct gate_rest){ h->rests_until, h->failures };
		g->stats.refused++;
		return GATE_RESTS;
	}
	back = h->rests_until != 0;
	if (back ? h->trying : h->users >= g->places)
		return GATE_FULL;
	h->users++;
	h->trying = back;
	*ret_pass = (struct gate_pass){ .host = h, .failures = h->failures, .trial = back };
	return GATE_PASS;
}

/* False: it is of no use, or too many do. */
static bool wait(struct gate *g, struct gate_host *h, int64_t deadline)
{
	bool waited;

	if (g->stopping || g->waiters >= g->max_waiters)
		return false;
	g->waiters++;
	h->waiters++;
	waited = timed_wait(&h->changed, &g->lock, g->clock, deadline);
	h->waiters--;
	g->waiters--;
	return waited;
}

enum gate_answer gate_enter(struct gate *g, const struct netaddr *addr, uint16_t port,
			    int64_t deadline, struct gate_pass *ret_pass,
			    struct gate_rest *ret_rest)
{
	struct key key = key_of(addr, port);
	enum gate_answer answer = GATE_PASS;
	struct gate_host *h;
	bool waited = false;

	pthread_mutex_lock(&g->lock);
	h = take(g, &key);
	if (h == NULL) {
		*ret_pass = (struct gate_pass){ .host = NULL };
	} else {
		while ((answer = try(g, h, ret_pass, ret_rest)) == GATE_FULL &&
		       wait(g, h, deadline))
			waited = true;
		g->stats.waited += waited;
		g->stats.full += answer == GATE_FULL && deadline > 0;
		release(g, h);
	}
	pthread_mutex_unlock(&g->lock);
	return answer;
}

static void alive(struct gate *g, struct gate_host *h, int64_t now)
{
	if (g->failures >= GATE_OUR_FAILURES) {
		g->outage_from = g->alive_at;
		g->outage_to = now;
	}
	g->failures = 0;
	g->alive_at = now;
	revive(h);
}

static void dead(struct gate *g, struct gate_host *h, const struct gate_pass *pass, int64_t now)
{
	int64_t rest = GATE_REST_LEAST;

	if (pass->failures != h->failures)
		return; /* another one has told of the same moment, or of a later one */
	g->failures++;
	if (h->failures++ == 0)
		h->failing_since = now;
	h->failed_at = now;
	if (h->failures < GATE_FAILURES)
		return;
	for (unsigned i = 0; i < h->rests && rest < GATE_REST_MOST; i++)
		rest *= 2;
	h->rests++;
	h->rests_until = now + (rest < GATE_REST_MOST ? rest : GATE_REST_MOST) * 1000;
}

void gate_leave(struct gate *g, const struct gate_pass *pass, enum gate_end end)
{
	struct gate_host *h = pass->host;
	int64_t now = clock_mono(g->clock);

	if (h == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	h->users--;
	if (pass->trial)
		h->trying = false;
	if (end == GATE_ALIVE)
		alive(g, h, now);
	else if (end == GATE_DEAD)
		dead(g, h, pass, now);
	if (h->waiters > 0)
		pthread_cond_broadcast(&h->changed);
	release(g, h);
	pthread_mutex_unlock(&g->lock);
}

void gate_wake(struct gate *g, const struct netaddr *addr, uint16_t port)
{
	struct key key = key_of(addr, port);
	int64_t now = clock_mono(g->clock);
	struct gate_host *h;

	pthread_mutex_lock(&g->lock);
	h = take(g, &key);
	if (h != NULL) {
		if (now < h->rests_until)
			h->rests_until = now;
		release(g, h);
	}
	pthread_mutex_unlock(&g->lock);
}

void gate_stop(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->stopping = true;
	for (struct gate_host *h = g->hosts; h != NULL; h = h->hh.next)
		pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&g->lock);
}

void gate_stats(struct gate *g, struct gate_stats *ret)
{
	int64_t now = clock_mono(g->clock);

	pthread_mutex_lock(&g->lock);
	*ret = g->stats;
	ret->waiting = g->waiters;
	ret->addresses = HASH_COUNT(g->hosts);
	for (struct gate_host *h = g->hosts; h != NULL; h = h->hh.next)
		ret->resting += now < h->rests_until;
	pthread_mutex_unlock(&g->lock);
}
