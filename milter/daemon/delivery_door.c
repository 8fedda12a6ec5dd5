#include "config.h"

#include "milter/daemon/delivery_door.h"

#include "common/base/kv.h"

bool delivery_door_judges(const struct desk *desk, const struct nexthop *hop)
{
	return route_judges(desk->door->settings, hop);
}

static const char *by_name(const struct judgement *j)
{
	const struct verdict *v = j->entry != NULL ? entry_verdict(j->entry) : NULL;

	if (v != NULL)
		return verdict_by_name(v->by);
	return verdict_by_name(j->entry != NULL && j->entry->is_overridden ? BY_OVERRIDE
									   : BY_MTA_STS);
}

static void log_delivery(const struct desk *desk, const struct question *q,
			 const struct judgement *j, int64_t waited_ms)
{
	const struct delivery *d = &desk->delivery;
	char key[NEXTHOP_KEY_SIZE];
	struct kv kv;

	kv_begin(&kv, "delivery");
	kv_str(&kv, "door", q->door);
	kv_str(&kv, "nexthop", nexthop_key(&q->hop, key));
	kv_str(&kv, "demand", delivery_demand_name(d->demand));
	kv_str(&kv, "knowledge", knowledge_name(j->knowledge));
	kv_str(&kv, "reason", reason_name(d->reason));
	if (d->demand != DEMAND_NOTHING)
		kv_str(&kv, "by", by_name(j));
	if (d->demand == DEMAND_VERIFY)
		kv_int(&kv, "names", (int64_t)d->n_names);
	if (waited_ms > 0)
		kv_int(&kv, "waited_ms", waited_ms);
	log_line(desk->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}

struct delivery_case delivery_door_decide(struct desk *desk, const struct question *q,
					  const struct judgement *j, int64_t waited_ms)
{
	const struct settings *s = desk->door->settings;
	const struct delivery_view view = { s->txt_failure, s->pending, desk->mta_does_dane };
	struct delivery_case c = judgement_delivery(j);

	delivery_of(&c, &view, &desk->delivery);
	atomic_fetch_add_explicit(&desk->stats.answers[desk->delivery.demand], 1,
				  memory_order_relaxed);
	log_delivery(desk, q, j, waited_ms);
	return c;
}
