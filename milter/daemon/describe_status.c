#include "config.h"

#include "milter/daemon/describe.h"

#include "milter/daemon/describe_delivery.h"
#include "milter/daemon/json_put.h"
#include "milter/daemon/describe_outcome.h"

static json_t *describe_cache(const struct cache_stats *c)
{
	json_t *o = json_object();

	put_int(o, "items", (int64_t)c->items);
	put_int(o, "bytes", (int64_t)c->bytes);
	put_int(o, "hits", (int64_t)c->hits);
	put_int(o, "misses", (int64_t)c->misses);
	put_int(o, "evictions", (int64_t)c->evictions);
	return o;
}

static json_t *describe_stats(const struct stats *stats)
{
	json_t *o = json_object();

#define X(name, doc) put_int(o, #name, (int64_t)STAT_GET(stats, name));
	STATS(X)
#undef X
	return o;
}

static json_t *describe_events(const struct stats *stats)
{
	json_t *o = json_object();

	for (int k = 0; k < EVENT_COUNT; k++)
		put_int(o, event_name((enum event_kind)k),
			(int64_t)atomic_load_explicit(&stats->events[k], memory_order_relaxed));
	return o;
}

static json_t *describe_store(const struct engine_status *st, const struct settings *s)
{
	json_t *o = json_object();

	put_text(o, "path", s->database);
	put(o, "persistent", json_boolean(st->store_trouble == NULL));
	put_text(o, "trouble", st->store_trouble);
	put_int(o, "policies", (int64_t)st->store.policies);
	put_int(o, "enforce", (int64_t)st->store.enforce);
	put_int(o, "failures", (int64_t)st->store.failures);
	put_int(o, "events", (int64_t)st->store.events);
	put_int(o, "overrides", (int64_t)st->store.overrides);
	put_int(o, "bytes", (int64_t)st->store.bytes);
	return o;
}

static json_t *describe_workers(const struct engine_status *st)
{
	json_t *o = json_object();

	put_int(o, "threads", (int64_t)st->pool.threads);
	put_int(o, "busy", (int64_t)st->pool.busy);
	put_int(o, "slow", (int64_t)st->pool.slow);
	put_int(o, "queued", (int64_t)st->pool.queued);
	put_int(o, "in_flight", (int64_t)st->in_flight);
	put_int(o, "waiting_rcpts", st->waiting);
	return o;
}

static json_t *describe_dns(const struct sources *src, const struct engine_status *st)
{
	struct dns_state dns;
	json_t *o = json_object();

	src->dns(src->dns_arg, &dns);
	put(o, "down", json_boolean(st->dns_down));
	put_text(o, "dnssec", dns.dnssec);
	put_text(o, "detail", dns.detail);
	return o;
}

static json_t *describe_gate(const struct engine_status *st)
{
	const struct gate_stats *g = &st->gate;
	json_t *o = json_object();

	put_int(o, "addresses", (int64_t)g->addresses);
	put_int(o, "resting", (int64_t)g->resting);
	put_int(o, "refused", (int64_t)g->refused);
	put_int(o, "waited", (int64_t)g->waited);
	put_int(o, "full", (int64_t)g->full);
	put_int(o, "waiting_checks", (int64_t)st->crowded);
	return o;
}

json_t *describe_status(const struct sources *src)
{
	const struct settings *s = src->settings;
	struct engine_status st;
	json_t *o = json_object();

	engine_status(src->engine, &st);
	put_text(o, "version", PACKAGE_VERSION);
	put_time(o, "started_at", src->started_at);
	put_int(o, "uptime", clock_wall(&src->env->clock) - src->started_at);
	put_text(o, "milter_socket", s->milter_socket);
	put_text(o, "action", s->action == ACTION_ANNOTATE ? "annotate" : "tempfail");
	put(o, "delivery_bound", json_boolean(s->delivery_bound));
	put(o, "dns", describe_dns(src, &st));
	put(o, "store", describe_store(&st, s));
	put(o, "workers", describe_workers(&st));
	if (src->service != NULL)
		put(o, "policy_service", describe_service(src->service));
	put(o, "gate", describe_gate(&st));
	put(o, "domains_in_memory", describe_cache(&st.entries));
	put(o, "facts_in_memory", describe_cache(&st.facts));
	put(o, "counters", describe_stats(st.stats));
	put(o, "events", describe_events(st.stats));
	if (src->outcomes != NULL)
		put(o, "outcomes", describe_outcomes(src, st.store.outcomes));
	put_int(o, "log_lines_dropped", (int64_t)log_dropped(src->log));
	return o;
}
