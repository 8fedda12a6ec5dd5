#include "config.h"

#include "common/engine/job.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/engine/work.h"
#include "common/sts/mx_seen.h"

struct job {
	struct nexthop hop;
	enum why why;
	bool refreshes; /* the policy, and nothing else */
	struct flight *call;
	int64_t give_up_at; /* mono; 0: has not been parked yet */
};

void job_draft(struct engine *e, const struct nexthop *hop, struct draft *draft)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *known = engine_recall(e, nexthop_key(hop, key));
	struct override *override = overrides_find(e->overrides, hop->domain);

	*draft = (struct draft){ .hop = *hop, .override = override };
	if (known == NULL)
		return;
	entry_read(known, draft);
	draft->stands_in_until = 0;
	if (draft->override != override) { /* judged by other words */
		draft->override = override;
		if (draft->assessment != NULL)
			draft->assessment = mx_seen_only(draft->assessment);
		draft->verdict = (struct verdict){ .result = VERDICT_UNKNOWN };
	} else if (draft->assessment != NULL) {
		assessment_ref(draft->assessment);
	}
	if (draft->policy != NULL)
		policy_ref(draft->policy);
	entry_unref(known);
}

void job_forget(struct engine *e, const char *key)
{
	cache_remove(e->entries, key);
	atomic_fetch_add(&e->changes, 1);
}

/* A flush that happens before the look at the call removes the entry by itself; one that happens later finds it. */
void job_keep(struct engine *e, const struct flight *call, struct entry *entry)
{
	cache_put(e->entries, &entry->item);
	if (flight_is_spoiled(e->flights, call))
		cache_remove(e->entries, entry->item.key);
	atomic_fetch_add(&e->changes, 1);
}

struct publisher {
	struct engine *e;
	const struct flight *call;
};

static void publish(void *arg, const struct draft *draft)
{
	const struct publisher *p = arg;
	struct entry *entry = entry_new(draft);

	if (entry != NULL)
		job_keep(p->e, p->call, entry);
	entry_unref(entry);
}

struct entry *job_spared(struct engine *e, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));
	int64_t now = engine_mono(e);

	if (entry != NULL && entry_is_fresh(entry, now, engine_wall(e)) &&
	    now < entry->recheck_at && overrides_agree(e->overrides, entry))
		return entry;
	entry_unref(entry);
	return NULL;
}

void job_task(struct engine *e, enum why why, struct task *ret)
{
	*ret = (struct task){ .env = e->env,
			      .settings = e->settings,
			      .facts = e->facts,
			      .gate = e->gate,
			      .outage = &e->outage,
			      .stats = &e->stats,
			      .told = e->told,
			      .why = why,
			      .insists = why == WHY_OPERATOR,
			      .uses = why == WHY_MAIL || why == WHY_WARM,
			      .began = engine_mono(e),
			      .deadline = engine_mono(e) + task_patience(e->settings) };
	arena_init(&ret->arena, LIMIT_JOB_MEMORY);
}

void job_task_end(struct task *t)
{
	drift_release(&t->drift);
	arena_release(&t->arena);
}

/* NULL: nothing that could be told, or the operator has changed his mind meanwhile. ret_crowded: because the gate was. */
static struct entry *check(struct engine *e, const struct job *job, bool *ret_crowded)
{
	struct publisher publisher = { e, job->call };
	struct task t;
	struct draft draft;
	struct entry *done = NULL;

	job_task(e, job->why, &t);
	t.publish = publish;
	t.publish_arg = &publisher;
	job_draft(e, &job->hop, &draft);
	work(&t, &draft);
	drift_settle(&t, &draft);
	*ret_crowded = t.crowded &&
		       (draft.knowledge == KNOW_BUSY || draft.verdict.result == VERDICT_UNKNOWN);
	if (draft.knowledge != KNOW_BUSY)
		done = entry_new(&draft);
	draft_release(&draft);
	job_task_end(&t);
	if (done == NULL)
		return NULL;
	job_keep(e, job->call, done);
	if (overrides_agree(e->overrides, done))
		return done;
	entry_unref(done);
	return NULL;
}

/* One crowded host must neither hold workers nor lose its own. */
static bool park(struct engine *e, struct job *job)
{
	int64_t now = engine_mono(e);

	if (e->settings->workers == 0)
		return false;
	if (job->give_up_at == 0)
		job->give_up_at = now + task_patience(e->settings);
	return now < job->give_up_at && park_put(e->crowded, job);
}

void job_unpark(struct engine *e, size_t n)
{
	struct job *job;

	while (n-- > 0 && (job = park_take(e->crowded)) != NULL)
		if (!pool_submit(e->pool, job)) {
			if (!park_put(e->crowded, job))
				job_drop(e, job);
			return;
		}
}

void job_drop_parked(struct engine *e)
{
	struct job *job;

	while (e->crowded != NULL && (job = park_take(e->crowded)) != NULL)
		job_drop(e, job);
}

void job_run(void *engine, void *arg)
{
	struct engine *e = engine;
	struct job *job = arg;
	struct entry *done = NULL;
	bool crowded = false;

	/* Between the look into memory and the flight another one may have landed. */
	if (job->give_up_at == 0 && (job->why == WHY_MAIL || job->why == WHY_WARM))
		done = job_spared(e, &job->hop);
	if (job->refreshes)
		refresh_one(e, &job->hop, job->call);
	for (unsigned tries = 0; done == NULL && !job->refreshes && !crowded && tries < 2; tries++)
		done = check(e, job, &crowded);
	if (crowded && park(e, job)) {
		entry_unref(done);
		return;
	}
	if (done != NULL && !knowledge_is_lookup_failure((enum knowledge)done->knowledge))
		grace_clear(e->grace, done->domain, GRACE_CLASS_TXT);
	flight_land(e->flights, job->call, done, (void (*)(void *))entry_unref);
	atomic_fetch_sub(&e->refreshing, job->refreshes);
	free(job);
	job_unpark(e, 1); /* it may have left a place */
}

void job_drop(void *engine, void *arg)
{
	struct engine *e = engine;
	struct job *job = arg;

	flight_land(e->flights, job->call, NULL, NULL);
	atomic_fetch_sub(&e->refreshing, job->refreshes);
	free(job);
}

enum { JOB_KEY_SIZE = NEXTHOP_KEY_SIZE + 8 };

/* No next-hop has a blank in it. */
static const char *flight_key(const struct nexthop *hop, bool refreshes, char out[JOB_KEY_SIZE])
{
	char name[NEXTHOP_KEY_SIZE];

	snprintf(out, JOB_KEY_SIZE, "%s%s", refreshes ? "refresh " : "", nexthop_key(hop, name));
	return out;
}

void job_spoil(struct engine *e, const struct nexthop *hop)
{
	char key[JOB_KEY_SIZE];

	flights_spoil(e->flights, flight_key(hop, false, key));
	flights_spoil(e->flights, flight_key(hop, true, key));
}

static struct flight *launch(struct engine *e, const char *key, const struct job *like, bool idle)
{
	struct flight *call;
	struct job *job;
	bool leader;

	call = flight_join(e->flights, key, &leader);
	if (call == NULL)
		return NULL;
	if (!leader) {
		STAT_INC(&e->stats, joined);
		return call;
	}
	job = malloc(sizeof(*job));
	if (job != NULL) {
		*job = *like;
		job->call = call;
	}
	atomic_fetch_add(&e->refreshing, like->refreshes);
	if (job != NULL && (idle ? pool_submit_idle : pool_submit)(e->pool, job)) {
		STAT_INC(&e->stats, flights);
		return call;
	}
	atomic_fetch_sub(&e->refreshing, like->refreshes);
	free(job);
	flight_land(e->flights, call, NULL, NULL); /* who has joined meanwhile hears "busy" */
	flight_unref(e->flights, call);
	return NULL;
}

struct flight *job_launch(struct engine *e, const struct nexthop *hop, enum why why, bool idle)
{
	struct job job = { .hop = *hop, .why = why, .refreshes = why == WHY_REFRESH };
	char key[JOB_KEY_SIZE];

	return launch(e, flight_key(hop, job.refreshes, key), &job,
		      idle || why == WHY_REFRESH || why == WHY_WARM);
}

void job_recheck(struct engine *e, const struct nexthop *hop)
{
	struct job job = { .hop = *hop, .why = WHY_REFRESH };
	char key[NEXTHOP_KEY_SIZE];
	struct flight *call = launch(e, nexthop_key(hop, key), &job, true);

	if (call != NULL)
		flight_unref(e->flights, call);
}
