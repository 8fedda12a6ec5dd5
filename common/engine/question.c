#include "config.h"

#include "common/engine/core.h"

#include <stdlib.h>

#include "common/engine/held.h"
#include "common/engine/job.h"
#include "common/engine/terms.h"

/* What memory could not answer at once. */
struct engine_question {
	struct nexthop hop;
	struct entry *stale; /* what memory holds all the same; NULL: nothing */
	struct flight *call; /* NULL: too much is under way */
	bool refused;	     /* too many wait */
	struct flight_watcher watcher;
};

static void launch_in_background(struct engine *e, const struct entry *entry)
{
	struct flight *call;
	struct draft known;

	entry_read(entry, &known);
	call = job_launch(e, &known.hop, WHY_MAIL, true);
	STAT_INC(&e->stats, background);
	if (call != NULL)
		flight_unref(e->flights, call);
}

static void judge_entry(struct engine *e, struct entry *entry, struct judgement *ret)
{
	ret->entry = entry;
	ret->knowledge = (enum knowledge)entry->knowledge;
	ret->reason = (enum reason)entry->reason;
	if (knowledge_is_lookup_failure(ret->knowledge))
		ret->failing_ms =
			grace_fail(e->grace, entry->domain, GRACE_CLASS_TXT, engine_wall(e)) * 1000;
	else
		grace_clear(e->grace, entry->domain, GRACE_CLASS_PENDING);
}

/* What a worker has published although it is still at work; NULL: nothing. */
static struct entry *stand_in(struct engine *e, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));

	if (entry != NULL && entry_stands_in(entry, engine_mono(e), engine_wall(e)) &&
	    overrides_agree(e->overrides, entry))
		return entry;
	entry_unref(entry);
	return NULL;
}

/* Nothing fresh by the deadline: what an older entry or the store says about the policy still binds
 * us (RFC 8461 s3.3). */
static void judge_unknown(struct engine *e, const struct nexthop *hop, struct entry *stale,
			  bool busy, struct judgement *ret)
{
	int64_t now = engine_wall(e);
	enum knowledge held = KNOW_PENDING;
	enum knowledge was = stale != NULL ? (enum knowledge)stale->knowledge : KNOW_PENDING;
	enum reason why = stale != NULL ? (enum reason)stale->reason : REASON_OK;

	if (stale == NULL || stale->policy == NULL || now >= stale->expires_at) {
		struct entry *stored = held_load(e->env, hop);

		if (stored != NULL) {
			entry_unref(stale);
			stale = stored;
		}
	}
	stale = overrides_bind(e->overrides, hop, stale);
	ret->entry = stale;
	ret->reason = busy ? REASON_BUSY : REASON_PENDING;
	ret->knowledge = busy ? KNOW_BUSY : KNOW_PENDING;
	if (busy)
		STAT_INC(&e->stats, busy);
	else
		STAT_INC(&e->stats, pending);
	if (stale != NULL && stale->is_overridden)
		held = terms_held(stale->rest->override);
	else if (stale != NULL)
		held = held_knowledge(stale->policy, stale->expires_at, now);
	if (stale != NULL)
		held = held_under_dane(held, stale);
	if (held != KNOW_PENDING) {
		ret->knowledge = held;
		if (stale->is_overridden && held == KNOW_MODE_NONE)
			ret->reason = REASON_OVERRIDE_NONE;
	} else if (was == KNOW_FETCH_FAILED || was == KNOW_STORE_FAILED) {
		/* and hangs again: no reason to keep mail (RFC 8461 s3.3), or to count anew */
		ret->knowledge = was;
		ret->reason = why;
		if (was == KNOW_STORE_FAILED)
			ret->failing_ms =
				grace_fail(e->grace, hop->domain, GRACE_CLASS_TXT, now) * 1000;
	} else {
		ret->failing_ms =
			grace_fail(e->grace, hop->domain, GRACE_CLASS_PENDING, now) * 1000;
	}
}

/* The hot path: a fresh entry answers. False: *ret_stale is what memory holds. */
static bool answer_at_once(struct engine *e, const struct nexthop *hop, struct entry **ret_stale,
			   struct judgement *ret)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *entry = engine_recall(e, nexthop_key(hop, key));
	int64_t now = engine_mono(e);

	*ret = (struct judgement){ 0 };
	STAT_INC(&e->stats, checks);
	if (entry == NULL || !entry_is_fresh(entry, now, engine_wall(e)) ||
	    !overrides_agree(e->overrides, entry)) {
		*ret_stale = entry;
		return false;
	}
	STAT_INC(&e->stats, memory_hits);
	if (now >= entry->recheck_at)
		launch_in_background(e, entry);
	judge_entry(e, entry, ret);
	return true;
}

/* Takes `stale`. */
static struct engine_question begin(struct engine *e, const struct nexthop *hop,
				    struct entry *stale)
{
	return (struct engine_question){ .hop = *hop,
					 .stale = stale,
					 .call = job_launch(e, hop, WHY_MAIL, false) };
}

/* Waits for a call unless too many do already. */
static void wait_for(struct engine *e, struct engine_question *q, int64_t deadline)
{
	if (q->call == NULL || flight_wait(e->flights, q->call, &e->env->clock, 0))
		return;
	if (atomic_fetch_add(&e->waiting, 1) >= e->settings->max_waiting) {
		q->refused = true;
	} else {
		if (e->env->about_to_wait != NULL)
			e->env->about_to_wait(e->env->wait_arg);
		flight_wait(e->flights, q->call, &e->env->clock, deadline);
	}
	atomic_fetch_sub(&e->waiting, 1);
}

/* What the call has found out, else what stands in for it, else what was known before. Gives back all that q holds. */
static void conclude(struct engine *e, struct engine_question *q, struct judgement *ret)
{
	struct entry *done = NULL;
	bool busy = q->call == NULL || q->refused;

	*ret = (struct judgement){ .waited = true };
	if (q->call != NULL) {
		if (flight_wait(e->flights, q->call, &e->env->clock, 0)) {
			done = flight_result(q->call);
			busy = done == NULL;
			if (!busy && !overrides_agree(e->overrides, done))
				done = NULL;
		}
		if (done != NULL)
			entry_ref(done);
		flight_unref(e->flights, q->call);
	}
	if (done == NULL)
		done = stand_in(e, &q->hop);
	if (done != NULL) {
		entry_unref(q->stale);
		judge_entry(e, done, ret);
	} else {
		judge_unknown(e, &q->hop, q->stale, busy, ret);
	}
}

void engine_check(struct engine *e, const struct nexthop *hop, int64_t deadline,
		  struct judgement *ret)
{
	struct engine_question q;
	struct entry *stale;

	if (answer_at_once(e, hop, &stale, ret))
		return;
	q = begin(e, hop, stale);
	wait_for(e, &q, deadline);
	conclude(e, &q, ret);
}

struct engine_question *engine_ask(struct engine *e, const struct nexthop *hop,
				   void (*ring)(void *arg), void *arg, struct judgement *ret)
{
	struct engine_question asked, *q = NULL;
	struct entry *stale;

	if (answer_at_once(e, hop, &stale, ret))
		return NULL;
	asked = begin(e, hop, stale);
	if (asked.call != NULL)
		q = malloc(sizeof(*q));
	if (q != NULL) {
		*q = asked;
		q->watcher.ring = ring;
		q->watcher.arg = arg;
		if (flight_watch(e->flights, q->call, &q->watcher))
			return q;
		free(q);
	}
	conclude(e, &asked, ret);
	return NULL;
}

void engine_conclude(struct engine *e, struct engine_question *q, struct judgement *ret)
{
	flight_unwatch(e->flights, &q->watcher);
	conclude(e, q, ret);
	free(q);
}

void judgement_release(struct judgement *j)
{
	entry_unref(j->entry);
	j->entry = NULL;
}

struct delivery_case judgement_delivery(const struct judgement *j)
{
	struct delivery_case c = { .knowledge = j->knowledge,
				   .reason = j->reason,
				   .failing_ms = j->failing_ms };
	struct terms terms;

	if (j->entry == NULL)
		return c;
	terms = terms_under(j->entry->policy, j->entry->rest->override);
	c.mode = terms.mode;
	c.patterns = terms.patterns;
	c.a = j->entry->rest->assessment;
	return c;
}
