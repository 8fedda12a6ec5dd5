#include "config.h"

#include "common/engine/refresh.h"

#include <stdlib.h>
#include <string.h>

#include "common/engine/discover.h"
#include "common/engine/held.h"
#include "common/engine/job.h"
#include "common/engine/terms.h"
#include "common/sts/mx_seen.h"

enum {
	NAMES = 1024, /* of one look into the store */
	TICK = 990    /* ms: a second, to a coarse clock */
};

struct refresher {
	int64_t ticked_at, asked_at; /* mono; 0: never */
	unsigned rate;
	size_t n, next;
	char names[NAMES][DOMAIN_SIZE];
};

struct refresher *refresher_new(void)
{
	return calloc(1, sizeof(struct refresher));
}

struct refresher *refresher_free(struct refresher *r)
{
	free(r);
	return NULL;
}

unsigned refresh_rate(uint64_t policies)
{
	uint64_t rate = (policies + REFRESH_SPREAD - 1) / REFRESH_SPREAD;

	return rate == 0 ? 1 : rate > NAMES ? NAMES : (unsigned)rate;
}

static void take_name(void *arg, const char *domain, const struct stored_upkeep *u)
{
	struct refresher *r = arg;

	(void)u;
	if (r->n < NAMES && span_copy(span_of(domain), r->names[r->n], DOMAIN_SIZE))
		r->n++;
}

static void ask(struct engine *e)
{
	const struct store *store = &e->env->store;
	struct refresher *r = e->refresher;
	struct store_counts counts = { .policies = 0 };
	int64_t now = engine_wall(e);
	unsigned most;

	store->counts(store->ctx, &counts);
	r->rate = refresh_rate(counts.policies);
	most = r->rate * REFRESH_ASK;
	r->n = r->next = 0;
	store->due(store->ctx, now, now - e->settings->idle_forget / 1000,
		   most < NAMES ? most : NAMES, take_name, r);
}

/* Policy hosts that hang may hold half of the workers; the others are for mail. */
static bool has_room(struct engine *e)
{
	unsigned most = (unsigned)e->settings->workers / 2;

	return atomic_load(&e->refreshing) < (most > 0 ? most : 1);
}

void refresh_tick(struct engine *e)
{
	struct refresher *r = e->refresher;
	int64_t now = engine_mono(e);
	unsigned most;

	if (r->ticked_at != 0 && now - r->ticked_at < TICK)
		return;
	r->ticked_at = now;
	if (r->next == r->n && (r->asked_at == 0 || now - r->asked_at >= REFRESH_ASK * 1000)) {
		r->asked_at = now;
		ask(e);
	}
	/* While all look-ups fail one is enough to see whether they still do. */
	most = outage_is_down(&e->outage) ? 1 : r->rate;
	for (unsigned i = 0; i < most && r->next < r->n && has_room(e); i++) {
		struct nexthop hop = nexthop_of_route(span_of(r->names[r->next]));

		/* While the workers are busy with mail, it waits. */
		if (hop.kind == NEXTHOP_DOMAIN && !engine_start(e, &hop, WHY_REFRESH))
			return;
		r->next++;
	}
}

static void replace_policy(struct draft *known, const struct draft *found)
{
	known->policy = found->policy;
	memcpy(known->id, found->id, sizeof(known->id));
	known->body_hash = found->body_hash;
	known->fetched_at = found->fetched_at;
	known->expires_at = found->expires_at;
}

/* What memory holds goes on with the policy of today. True: but it demands something new, and what was found out is worth nothing. */
static bool update_memory(struct engine *e, struct task *t, const struct draft *found,
			  const struct flight *call)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(&found->hop, key)), *updated;
	struct assessment *names = NULL;
	bool worthless = false;
	struct draft known; /* borrows */

	if (t->drift.fetched)
		flights_spoil(e->flights, key);
	if (entry == NULL)
		return false;
	entry_read(entry, &known);
	/* Expired now, or not known until now: nothing to build on. */
	if (found->policy == NULL || known.policy == NULL) {
		job_forget(e, key);
		entry_unref(entry);
		return found->policy != NULL;
	}
	known.record = found->record;
	known.fetch = found->fetch;
	known.paced_until = found->paced_until;
	if (t->drift.fetched) {
		worthless = !drift_is_same_demand(known.policy, found->policy);
		replace_policy(&known, found);
	}
	if (worthless) {
		known.knowledge =
			known.override != NULL
				? terms_held(known.override)
				: held_knowledge(known.policy, known.expires_at, engine_wall(e));
		known.knowledge = held_under_dane(known.knowledge, entry);
		known.reason = REASON_PENDING;
		if (known.assessment != NULL)
			names = mx_seen_only(known.assessment);
		known.assessment = names;
		known.verdict =
			(struct verdict){ .result = VERDICT_UNKNOWN, .reason = REASON_PENDING };
		known.fresh_until = engine_mono(e);
	}
	updated = entry_new(&known);
	if (updated != NULL)
		job_keep(e, call, updated);
	else if (worthless)
		job_forget(e, key);
	assessment_unref(names);
	entry_unref(updated);
	entry_unref(entry);
	return worthless;
}

void refresh_one(struct engine *e, const struct nexthop *hop, const struct flight *call)
{
	const struct stored_upkeep *row;
	bool check_again = false;
	struct draft draft;
	struct task t;

	job_task(e, WHY_REFRESH, &t);
	t.insists = true;
	row = upkeep_of(&t, hop->domain);
	/* Somebody else may have done it since the store was asked. */
	if (row != NULL && row->due_at <= task_wall(&t)) {
		STAT_INC(t.stats, refreshes);
		job_draft(e, hop, &draft);
		discover(&t, &draft, NULL);
		drift_settle(&t, &draft);
		if (t.drift.fetched || t.drift.failed)
			check_again = update_memory(e, &t, &draft, call);
		draft_release(&draft);
	}
	job_task_end(&t);
	if (check_again)
		job_recheck(e, hop);
}
