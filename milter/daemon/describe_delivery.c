#include "config.h"

#include "milter/daemon/describe_delivery.h"

#include "common/sts/route.h"
#include "milter/daemon/json_put.h"

/* What the operator can change about it. */
static const char *remark_on(const struct delivery_case *c, const struct settings *s)
{
	if (settings_delivery_agent(s) != AGENT_PKIX || c->a == NULL ||
	    verdict_of(c->a, c->mode, AGENT_PKIX).result == VERDICT_PASSED ||
	    verdict_of(c->a, c->mode, AGENT_DANE).result != VERDICT_PASSED)
		return "";
	return "DANE alone vouches for where this mail would go, and dane = off: mail waits that "
	       "an MTA which does DANE would deliver";
}

json_t *describe_delivery(const struct sources *src, const struct nexthop *hop, struct entry *entry)
{
	const struct settings *s = src->settings;
	const struct delivery_view view = { s->txt_failure, s->pending, s->dane != DANE_BY_NOBODY };
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
	put_text(o, "demand", delivery_demand_name(d.demand));
	put_text(o, "reason", reason_name(d.reason));
	put_text(o, "remark", remark_on(&c, s));
	if (d.demand != DEMAND_VERIFY)
		return o;
	names = json_array();
	for (size_t i = 0; i < d.n_names; i++)
		json_array_append_new(names, json_string(d.names[i]));
	put(o, "names", names);
	return o;
}

static json_t *number(const atomic_ulong *n)
{
	return json_integer((json_int_t)atomic_load_explicit(n, memory_order_relaxed));
}

json_t *describe_service(const struct service_stats *stats)
{
	json_t *o = json_object(), *answers = json_object();

	put(o, "connections", number(&stats->connections));
	put(o, "waiting", number(&stats->waiting));
	put(o, "accepted", number(&stats->accepted));
	put(o, "evicted", number(&stats->evicted));
	put(o, "dropped", number(&stats->dropped));
	put(o, "questions", number(&stats->questions));
	for (int d = 0; d <= DEMAND_DELAY; d++)
		put(answers, delivery_demand_name((enum delivery_demand)d),
		    number(&stats->answers[d]));
	put(o, "answers", answers);
	put(o, "late", number(&stats->late));
	put(o, "not_asked", number(&stats->not_asked));
	return o;
}
