/* Stands in until the engine has these; they are weak, so that the real ones win. */
#include "config.h"
#include "common/engine/engine.h"
#include "common/sts/mx_match.h"
__attribute__((weak)) struct engine_question *engine_ask(struct engine *e,
							 const struct nexthop *hop,
							 void (*ring)(void *arg), void *arg,
							 struct judgement *ret)
{
	(void)ring;
	(void)arg;
	engine_check(e, hop, 0, ret);
	return NULL;
}
__attribute__((weak)) void engine_conclude(struct engine *e, struct engine_question *q,
					   struct judgement *ret)
{
	(void)e;
	(void)q;
	*ret = (struct judgement){ 0 };
}
__attribute__((weak)) struct delivery_case judgement_delivery(const struct judgement *j)
{
	return (struct delivery_case){
		.knowledge = j->knowledge,
		.reason = j->reason,
		.failing_ms = j->failing_ms,
		.mode = j->entry && j->entry->policy ? j->entry->policy->mode : POLICY_MODE_NONE,
		.patterns = j->entry ? j->entry->policy : NULL,
		.a = j->entry && j->entry->rest ? j->entry->rest->assessment : NULL
	};
}
__attribute__((weak)) void delivery_of(const struct delivery_case *c,
				       const struct delivery_view *view, struct delivery *d)
{
	struct action_view v = { .txt_failure = view->txt_failure, .pending = view->pending };
	d->n_names = d->n_current = 0;
	d->reason = c->reason;
	d->demand = action_for(c->knowledge, &v, c->failing_ms) == ANSWER_TEMPFAIL ? DEMAND_DELAY
										   : DEMAND_NOTHING;
	if (c->mode != POLICY_MODE_ENFORCE || c->patterns == NULL)
		return;
	for (size_t i = 0; c->a && i < c->a->n_hosts; i++)
		if (c->a->hosts[i].in_policy)
			d->names[d->n_names++] = c->a->hosts[i].name;
	d->n_current = d->n_names;
	for (size_t i = 0; i < c->patterns->n_mx; i++)
		if (c->patterns->mx[i][0] != '*')
			d->names[d->n_names++] = c->patterns->mx[i];
	d->demand = d->n_names > 0 ? DEMAND_VERIFY : DEMAND_DELAY;
}
__attribute__((weak)) enum delivery_host delivery_host(const struct delivery_case *c,
						       const struct delivery *d, const char *host)
{
	return d->demand != DEMAND_VERIFY ||
			       mx_match_any(host, c->patterns->mx, c->patterns->n_mx) >= 0
		       ? HOST_ALLOWED
		       : HOST_OUTSIDE_POLICY;
}
__attribute__((weak)) const char *delivery_demand_name(enum delivery_demand d)
{
	static const char *const n[] = { "nothing", "verify", "dane", "delay" };
	return n[d];
}
