#include "config.h"

#include "common/engine/core.h"

#include <stdlib.h>

#include "common/engine/held.h"
#include "common/engine/job.h"

struct entry *engine_peek(struct engine *e, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));

	if (entry == NULL)
		entry = held_load(e->env, hop);
	return overrides_bind(e->overrides, hop, entry);
}

struct overrides *engine_overrides(struct engine *e)
{
	return e->overrides;
}

uint64_t engine_changes(const struct engine *e)
{
	return atomic_load(&e->changes) + overrides_generation(e->overrides);
}

bool engine_start(struct engine *e, const struct nexthop *hop, enum why why)
{
	struct flight *call = job_launch(e, hop, why, false);

	if (call == NULL)
		return false;
	flight_unref(e->flights, call);
	return true;
}

bool engine_is_checking(struct engine *e, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];

	return flights_have(e->flights, nexthop_key(hop, key));
}

/* A check that is under way is told first: what it finds answers those who wait for it, and nobody else. */
static bool forget(struct engine *e, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));
	struct draft known;
	bool found = entry != NULL;

	job_spoil(e, hop);
	if (found) {
		entry_read(entry, &known);
		for (size_t i = 0; known.assessment != NULL && i < known.assessment->n_hosts; i++)
			facts_forget(e->facts, &known.assessment->hosts[i], known.hop.port);
	}
	job_forget(e, key);
	entry_unref(entry);
	return found;
}

bool engine_flush(struct engine *e, const struct nexthop *hop, bool policy_too)
{
	const struct store *store = &e->env->store;
	bool found = forget(e, hop);
	struct entry *held = held_load(e->env, hop);

	found = found || held != NULL;
	if (policy_too && held != NULL)
		store->remove(store->ctx, hop->domain);
	entry_unref(held);
	return found;
}

void engine_tick(struct engine *e)
{
	grace_flush(e->grace, engine_wall(e));
	job_unpark(e, (size_t)e->settings->workers);
	overrides_tick(e->overrides);
	refresh_tick(e);
}

void engine_status(struct engine *e, struct engine_status *ret)
{
	*ret = (struct engine_status){
		.stats = &e->stats,
		.store_trouble = e->env->store.trouble(e->env->store.ctx),
		.dns_down = outage_is_down(&e->outage),
		.in_flight = flights_count(e->flights),
		.crowded = park_count(e->crowded),
		.waiting = atomic_load(&e->waiting),
	};
	cache_stats(e->entries, &ret->entries);
	facts_stats(e->facts, &ret->facts);
	gate_stats(e->gate, &ret->gate);
	pool_stats(e->pool, &ret->pool);
	e->env->store.counts(e->env->store.ctx, &ret->store);
}

enum {
	SLOW = 1000, /* ms: by then a healthy domain has been checked */
	SPARE = 2    /* slow jobs beside each worker */
};

struct engine *engine_new(const struct engine_env *env, const struct settings *s)
{
	struct engine *e = calloc(1, sizeof(*e));
	size_t flights = (size_t)(s->queue + s->workers);

	if (e == NULL)
		return NULL;
	e->env = env;
	e->settings = s;
	outage_init(&e->outage);
	/* Facts are few and dear, domains many and cheap. */
	e->entries = cache_new((size_t)s->memory / 8 * 7, env->seed);
	e->facts = facts_new((size_t)s->memory / 8, env->seed, flights * LIMIT_MX_HOSTS);
	e->gate = gate_new(&env->clock, (unsigned)s->host_connections, (unsigned)s->workers / 4,
			   env->seed);
	e->crowded = park_new((size_t)s->queue / 4);
	e->flights = flights_new(flights + 1);
	e->grace = grace_new(&env->store, clock_wall(&env->clock));
	e->overrides = overrides_new(env);
	e->refresher = refresher_new();
	e->told = told_new(env->seed);
	e->doubts = doubts_new(env->seed);
	if (e->overrides != NULL && e->entries != NULL && e->facts != NULL && e->gate != NULL &&
	    e->crowded != NULL && e->flights != NULL && e->grace != NULL && e->refresher != NULL &&
	    e->told != NULL && e->doubts != NULL)
		e->pool = pool_new(&(struct pool_limits){ .threads = (size_t)s->workers,
							  .spare = SPARE * (size_t)s->workers,
							  .queue = (size_t)s->queue,
							  .slow_ms = SLOW },
				   job_run, e);
	return e->pool != NULL ? e : engine_free(e);
}

void engine_stop(struct engine *e)
{
	pool_stop(e->pool);
	flights_stop(e->flights);
	gate_stop(e->gate);
}

bool engine_is_idle(struct engine *e)
{
	struct pool_stats st;

	pool_stats(e->pool, &st);
	return st.busy == 0;
}

struct engine *engine_free(struct engine *e)
{
	if (e == NULL)
		return NULL;
	pool_free(e->pool, job_drop);
	job_drop_parked(e);
	if (e->grace != NULL)
		grace_flush(e->grace, engine_wall(e));
	grace_free(e->grace);
	overrides_free(e->overrides);
	refresher_free(e->refresher);
	told_free(e->told);
	doubts_free(e->doubts);
	flights_free(e->flights);
	facts_free(e->facts);
	gate_free(e->gate);
	park_free(e->crowded);
	cache_free(e->entries);
	outage_release(&e->outage);
	free(e);
	return NULL;
}
