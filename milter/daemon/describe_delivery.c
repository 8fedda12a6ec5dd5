#include "config.h"

#include "milter/daemon/describe_delivery.h"

#include "common/sts/route.h"

json_t *describe_delivery(const struct sources *src, const struct nexthop *hop, struct entry *entry)
{
	const struct settings *s = src->settings;
	const struct delivery_view view = { s->txt_failure, s->pending, s->dane == 1 };
	struct judgement j = { .knowledge = KNOW_NOT_JUDGED, .reason = REASON_SKIPPED_DOMAIN };
	json_t *o = json_object(), *names;
	struct delivery_case c;
	struct delivery d;

	if (route_judges(s, hop))
		j = (struct judgement){ .entry = entry,
					.knowledge = (enum knowledge)entry->knowledge,
					.reason = (enum reason)entry->reason };
	c = judgement_delivery(&j);
	delivery_of(&c, &view, &d);
	json_object_set_new(o, "demand", json_string(delivery_demand_name(d.demand)));
	json_object_set_new(o, "reason", json_string(reason_name(d.reason)));
	if (d.demand != DEMAND_VERIFY)
		return o;
	names = json_array();
	for (size_t i = 0; i < d.n_names; i++)
		json_array_append_new(names, json_string(d.names[i]));
	json_object_set_new(o, "names", names);
	return o;
}

static json_t *number(const atomic_ulong *n)
{
	return json_integer((json_int_t)atomic_load_explicit(n, memory_order_relaxed));
}

json_t *describe_service(const struct service_stats *stats)
{
	json_t *o = json_object(), *answers = json_object();

	json_object_set_new(o, "connections", number(&stats->connections));
	json_object_set_new(o, "waiting", number(&stats->waiting));
	json_object_set_new(o, "accepted", number(&stats->accepted));
	json_object_set_new(o, "evicted", number(&stats->evicted));
	json_object_set_new(o, "dropped", number(&stats->dropped));
	json_object_set_new(o, "questions", number(&stats->questions));
	for (int d = 0; d <= DEMAND_DELAY; d++)
		json_object_set_new(answers, delivery_demand_name((enum delivery_demand)d),
				    number(&stats->answers[d]));
	json_object_set_new(o, "answers", answers);
	json_object_set_new(o, "late", number(&stats->late));
	json_object_set_new(o, "not_asked", number(&stats->not_asked));
	return o;
}
