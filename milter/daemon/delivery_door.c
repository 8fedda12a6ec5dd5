#include "config.h"

#include "milter/daemon/delivery_door.h"

#include "common/base/kv.h"
#include "milter/daemon/rcpt.h"
#include "milter/daemon/trail.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool delivery_door_judges(const struct desk *desk, const struct nexthop *hop)
{
	return route_judges(desk->door->settings, hop);
}

/* What a line says, but for the ids: they are those of the mark. Hashed as it stands, so its padding is zero. */
struct told {
	const char *door;
	uint64_t serial, hash; /* of the mark, of what is in force */
	size_t n_names;
	int demand, knowledge, reason, by, host;
	char mx[DOMAIN_SIZE];
};

/* The messages that this may be for, and what has changed since they were accepted. */
struct trail_words {
	char ids[TRAIL_IDS * DECISION_ID_SIZE]; /* but the newest */
	char changed[2 * TERMS_TEXT + 8];
};

static void word_trail(const struct trail_mark *mark, const struct trail_terms *now,
		       struct trail_words *ret)
{
	char was[TERMS_TEXT], is[TERMS_TEXT];
	size_t n = 0;

	ret->ids[0] = ret->changed[0] = '\0';
	if (mark->n_ids == 0)
		return;
	for (size_t i = 1; i < mark->n_ids; i++)
		n += (size_t)snprintf(ret->ids + n, sizeof(ret->ids) - n, "%s%s", i > 1 ? "," : "",
				      mark->ids[i]);
	if (!trail_terms_same(now, &mark->terms))
		snprintf(ret->changed, sizeof(ret->changed), "%s -> %s",
			 trail_terms_text(&mark->terms, was), trail_terms_text(now, is));
}

/* The same answer without a new message behind it is told once a second; what had to wait is told in any case. */
static bool is_told(const struct desk *desk, const struct question *q, const struct judgement *j,
		    const struct trail_mark *mark, const char *key, uint64_t *ret_unsaid)
{
	const struct delivery *d = &desk->delivery;
	struct told told;

	memset(&told, 0, offsetof(struct told, mx));
	told.door = q->door;
	told.serial = mark->serial;
	told.hash =
		j->entry != NULL && j->entry->policy != NULL ? j->entry->rest->more->body_hash : 0;
	told.n_names = d->n_names;
	told.demand = (int)d->demand;
	told.knowledge = (int)j->knowledge;
	told.reason = (int)d->reason;
	told.by = (int)judgement_by(j);
	told.host = (int)desk->host;
	memcpy(told.mx, q->host, strlen(q->host));
	return said_lately(desk->said, key, &told, offsetof(struct told, mx) + strlen(q->host),
			   clock_mono(&desk->door->env->clock), ret_unsaid);
}

static void log_delivery(const struct desk *desk, const struct question *q,
			 const struct judgement *j, int64_t waited_ms)
{
	const struct delivery *d = &desk->delivery;
	char key[NEXTHOP_KEY_SIZE];
	struct trail_mark mark;
	struct trail_terms now;
	struct trail_words trail;
	uint64_t unsaid = 0;
	struct kv kv;

	if (!trail_find(desk->door->trail, &q->hop, &mark))
		mark.serial = mark.n_ids = 0;
	if (is_told(desk, q, j, &mark, nexthop_key(&q->hop, key), &unsaid) && waited_ms == 0)
		return;
	now = trail_terms_of(j);
	word_trail(&mark, &now, &trail);
	kv_begin(&kv, "delivery");
	kv_str(&kv, "door", q->door);
	kv_str(&kv, "nexthop", key);
	kv_str(&kv, "demand", delivery_demand_name(d->demand));
	kv_str(&kv, "knowledge", knowledge_name(j->knowledge));
	kv_str(&kv, "reason",
	       reason_name(desk->host == HOST_OUTSIDE_POLICY ? REASON_MX_MISMATCH : d->reason));
	if (d->demand != DEMAND_NOTHING)
		kv_str(&kv, "by", verdict_by_name(judgement_by(j)));
	if (d->demand == DEMAND_VERIFY)
		kv_int(&kv, "names", (int64_t)d->n_names);
	kv_str(&kv, "mx", q->host);
	if (desk->host != HOST_ALLOWED)
		kv_str(&kv, "answer", "refuse");
	if (mark.n_ids > 0)
		kv_str(&kv, "id", mark.ids[0]);
	kv_str(&kv, "ids", trail.ids);
	kv_str(&kv, "changed", trail.changed);
	if (waited_ms > 0)
		kv_int(&kv, "waited_ms", waited_ms);
	if (unsaid > 0)
		kv_int(&kv, "unsaid", (int64_t)unsaid);
	log_line(desk->door->log, LOG_LEVEL_INFO, kv_end(&kv));
}

void delivery_door_again(void *arg, struct span key, uint64_t times)
{
	const struct desk *desk = arg;

	said_again(desk->said, key, times);
}

struct delivery_case delivery_door_decide(struct desk *desk, const struct question *q,
					  const struct judgement *j, int64_t waited_ms)
{
	const struct settings *s = desk->door->settings;
	const struct delivery_view view = { s->txt_failure, s->pending, q->mta_does_dane };
	struct delivery_case c = judgement_delivery(j);

	delivery_of(&c, &view, &desk->delivery);
	service_count(&desk->stats.answers[desk->delivery.demand], 1);
	desk->host = HOST_ALLOWED;
	if (q->host[0] != '\0' && desk->delivery.demand != DEMAND_DELAY)
		desk->host = delivery_host(&c, &desk->delivery, q->host);
	log_delivery(desk, q, j, waited_ms);
	return c;
}
