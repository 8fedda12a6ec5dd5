#include "config.h"

#include "common/engine/work.h"

#include "common/engine/assess.h"
#include "common/engine/discover.h"
#include "common/engine/terms.h"

enum {
	RECORD_AGE = 300,  /* seconds: an older look at the record is renewed in the background */
	RECORD_LEAST = 1,  /* ... but not more often than this, whatever the TTL says */
	FAILURE_AGE = 60,  /* seconds: before a failing verdict the record is asked again, at most
			       this often */
	REMEMBER_LEAST = 1 /* seconds that an answer without a policy is kept */
};

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static bool record_is_older(const struct draft *draft, int64_t now, int64_t seconds)
{
	return now - draft->record.checked_mono >= seconds * 1000;
}

static int64_t record_age_limit(const struct draft *draft)
{
	return clamp(draft->record.ttl, RECORD_LEAST, RECORD_AGE);
}

static void reassess(struct task *t, struct draft *draft)
{
	struct terms terms = terms_of(draft);
	struct assessment *a;

	arena_reset(&t->arena);
	a = assess(t, &draft->hop, terms.patterns, terms.mode, draft->assessment);
	assessment_unref(draft->assessment);
	draft->assessment = a;
	if (a == NULL) {
		draft->verdict =
			(struct verdict){ .result = VERDICT_UNKNOWN, .reason = REASON_INTERNAL };
	} else {
		draft->verdict = verdict_of(a, terms.mode, settings_delivery_agent(t->settings));
	}
	terms_conclude(draft);
}

static bool is_settled(const struct draft *draft)
{
	return draft->verdict.result == VERDICT_PASSED || draft->verdict.result == VERDICT_MOOT;
}

static bool is_passed(const struct draft *draft)
{
	return draft->verdict.result == VERDICT_PASSED;
}

/* A fresh assessment that gave a good verdict may serve again. That nothing will be delivered is never believed for long: it opens the policy
 * for whoever can make us hear it once. */
static bool assessment_serves(const struct draft *draft, int64_t now)
{
	const struct assessment *a = draft->assessment;

	return a != NULL && is_passed(draft) && now >= a->assessed_at &&
	       now < a->assessed_at + (a->expires_at - a->assessed_at) * 4 / 5;
}

/* An enforce policy binds a delivery agent whatever our probes found, and by a bad verdict RCPT is put off as it is by none. That nothing will
 * be delivered would let it go. */
static bool is_worth_saying(const struct draft *draft)
{
	return is_passed(draft) ||
	       (terms_of(draft).mode == POLICY_MODE_ENFORCE && !is_settled(draft));
}

static void publish_for(struct task *t, struct draft *draft, int64_t seconds)
{
	terms_conclude(draft);
	draft->fresh_until = task_mono(t);
	draft->stands_in_until = task_mono(t) + seconds * 1000;
	t->publish(t->publish_arg, draft);
	draft->stands_in_until = 0;
}

/* MX hosts may let each probe wait longer than anybody waits for us. What did not pass when they were looked at last is said again meanwhile; what
 * passed is not, its time is over. Under other words than then no host has been looked at: who fails DANE is not known. */
static void say_again(struct task *t, struct draft *draft)
{
	if (t->publish != NULL && draft->assessment != NULL && draft->assessment->n_hosts > 0 &&
	    terms_are_active(draft) && !is_passed(draft) && is_worth_saying(draft))
		publish_for(t, draft, RECORD_AGE);
}

/* The policy host may take longer than anybody waits, on each try; mail under an unexpired policy must not hang on that (RFC 8461 s3.3). */
static void stand_in(struct task *t, struct draft *draft)
{
	struct task own = *t;
	int64_t left;

	if (t->publish == NULL || !terms_are_active(draft))
		return;
	arena_init(&own.arena, LIMIT_JOB_MEMORY);
	if (!assessment_serves(draft, task_wall(t)))
		reassess(&own, draft);
	arena_release(&own.arena);
	if (draft->assessment == NULL || !is_worth_saying(draft))
		return;
	left = draft->assessment->expires_at - task_wall(t);
	publish_for(t, draft, clamp(left, 0, RECORD_AGE));
}

/* Nothing that the draft holds lives in the arena: what strangers sent so far must not crowd out what comes. */
static void look_again(struct task *t, struct draft *draft)
{
	arena_reset(&t->arena);
	discover(t, draft, stand_in);
}

static void drop_assessment(struct draft *draft)
{
	assessment_unref(draft->assessment);
	draft->assessment = NULL;
	draft->verdict = (struct verdict){ .result = VERDICT_MOOT };
}

/* How long the draft may answer from memory, and when a hit should have it checked again. */
static void set_freshness(struct task *t, struct draft *draft)
{
	int64_t now = task_mono(t), seconds;

	if (draft->assessment != NULL) {
		int64_t left = draft->assessment->expires_at - task_wall(t);

		seconds = is_passed(draft) ? left : clamp(left, 0, FAILURE_AGE);
		draft->recheck_at = now + clamp(seconds * 800, 0, record_age_limit(draft) * 1000);
	} else {
		seconds = draft->knowledge == KNOW_MODE_NONE ? record_age_limit(draft)
			  : draft->knowledge == KNOW_NO_POLICY
				  ? clamp(draft->record.ttl, REMEMBER_LEAST, RECORD_AGE)
				  : FAILURE_AGE;
		draft->recheck_at = INT64_MAX;
	}
	/* An override that ends takes the answer with it. */
	if (draft->override != NULL)
		seconds = clamp(seconds, 0, draft->override->until - task_wall(t));
	draft->fresh_until = now + seconds * 1000;
}

void work(struct task *t, struct draft *draft)
{
	bool known = draft->record.checked_mono != 0 && draft->policy != NULL &&
		     task_wall(t) < draft->expires_at;
	bool asked = !known || t->insists ||
		     record_is_older(draft, task_mono(t), record_age_limit(draft));
	const struct policy *before = terms_of(draft).patterns;

	if (known)
		say_again(t, draft);
	/* What the operator has spelled out does not wait for a policy host. */
	if (asked && draft->override != NULL && draft->override->patterns != NULL)
		stand_in(t, draft);
	if (asked)
		look_again(t, draft);
	if (!terms_are_active(draft)) {
		drop_assessment(draft);
	} else {
		if (terms_of(draft).patterns != before || t->why == WHY_OPERATOR ||
		    t->why == WHY_DOUBT || !assessment_serves(draft, task_wall(t)))
			reassess(t, draft);
		/* A domain that has mended its policy must not be punished for the old one. */
		if (!asked && !is_settled(draft) &&
		    record_is_older(draft, task_mono(t), FAILURE_AGE)) {
			before = terms_of(draft).patterns;
			look_again(t, draft);
			if (!terms_are_active(draft))
				drop_assessment(draft);
			else if (terms_of(draft).patterns != before)
				reassess(t, draft);
		}
	}
	terms_conclude(draft);
	set_freshness(t, draft);
}
