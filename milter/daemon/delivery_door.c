#include "config.h"

#include "milter/daemon/delivery_door.h"

#include "common/base/kv.h"
#include "milter/daemon/rcpt.h"
#include "milter/daemon/trail.h"

#include <stdio.h>
#include <string.h>

bool delivery_door_judges(const struct desk *desk, const struct nexthop *hop)
{
	return route_judges(desk->door->settings, hop);
}

/* The messages that this may be for, and what has changed since they were accepted. */
struct trail_words {
	char id[DECISION_ID_SIZE];
	char ids[TRAIL_IDS * DECISION_ID_SIZE]; /* but the newest */
	char changed[2 * TERMS_TEXT + 8];
};

static void follow_trail(const struct desk *desk, const struct question *q,
			 const struct judgement *j, struct trail_words *ret)
{
	char was[TERMS_TEXT], is[TERMS_TEXT];
	struct trail_terms now;
	struct trail_mark mark;
	size_t n = 0;

	ret->id[0] = ret->ids[0] = ret->changed[0] = '\0';
	if (desk->door->trail == NULL || !trail_find(desk->door->trail, &q->hop, &mark))
		return;
	memcpy(ret->id, mark.ids[0], sizeof(ret->id));
	for (size_t i = 1; i < mark.n_ids; i++)
		n += (size_t)snprintf(ret->ids + n, sizeof(ret->ids) - n, "%s%s", i > 1 ? "," : "",
				      mark.ids[i]);
	now = trail_terms_of(j);
	if (!trail_terms_same(&now, &mark.terms))
		snprintf(ret->changed, sizeof(ret->changed), "%s -> %s",
			 trail_terms_text(&mark.terms, was), trail_terms_text(&now, is));
}

static void log_delivery(const struct desk *desk, const struct question *q,
			 const struct judgement *j, int64_t waited_ms)
{
	const struct delivery *d = &desk->delivery;
	char key[NEXTHOP_KEY_SIZE];
	struct trail_words trail;
	struct kv kv;

	kv_begin(&kv, "delivery");
	kv_str(&kv, "door", q->door);
	kv_str(&kv, "nexthop", nexthop_key(&q->hop, key));
	kv_str(&kv, "demand", delivery_demand_name(d->demand));
	kv_str(&kv, "knowledge", knowledge_name(j->knowledge));
	kv_str(&kv, "reason", reason_name(d->reason));
	if (d->demand != DEMAND_NOTHING)
		kv_str(&kv, "by", verdict_by_name(judgement_by(j)));
	if (d->demand == DEMAND_VERIFY)
		kv_int(&kv, "names", (int64_t)d->n_names);
	follow_trail(desk, q, j, &trail);
	kv_str(&kv, "id", trail.id);
	kv_str(&kv, "ids", trail.ids);
	kv_str(&kv, "changed", trail.changed);
	if (waited_ms > 0)
		kv_int(&kv, "waited_ms", waited_ms);
	log_line(desk->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}

struct delivery_case delivery_door_decide(struct desk *desk, const struct question *q,
					  const struct judgement *j, int64_t waited_ms)
{
	const struct settings *s = desk->door->settings;
	const struct delivery_view view = { s->txt_failure, s->pending, q->mta_does_dane };
	struct delivery_case c = judgement_delivery(j);

	delivery_of(&c, &view, &desk->delivery);
	atomic_fetch_add_explicit(&desk->stats.answers[desk->delivery.demand], 1,
				  memory_order_relaxed);
	log_delivery(desk, q, j, waited_ms);
	return c;
}
