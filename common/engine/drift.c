#include "config.h"

#include "common/engine/drift.h"

#include <stdio.h>
#include <string.h>

#include "common/base/kv.h"
#include "common/base/moment.h"
#include "common/engine/task.h"
#include "common/engine/told.h"
#include "common/sts/freshness.h"
#include "common/sts/mx_match.h"

/* What of the standing conditions could be judged now, and which of them hold. */
struct standing {
	uint32_t judged, holds;
	char detail[EVENT_COUNT][LIMIT_DETAIL];
};

void drift_begin(struct drift *d, const struct draft *draft)
{
	if (d->begun)
		return;
	d->begun = true;
	if (draft->policy == NULL)
		return;
	d->policy = policy_ref(draft->policy);
	memcpy(d->id, draft->id, sizeof(d->id));
	d->body_hash = draft->body_hash;
	d->fetched_at = draft->fetched_at;
	d->expires_at = draft->expires_at;
}

void drift_release(struct drift *d)
{
	policy_unrefp(&d->policy);
}

static bool is_same_mx(const struct policy *a, const struct policy *b)
{
	if (a->n_mx != b->n_mx)
		return false;
	for (size_t i = 0; i < a->n_mx; i++)
		if (strcmp(a->mx[i], b->mx[i]) != 0)
			return false;
	return true;
}

bool drift_is_same_demand(const struct policy *a, const struct policy *b)
{
	return a->mode == b->mode && is_same_mx(a, b);
}

/* Adds a word to a list, as long as there is room for it and for the dots. */
static void add(char *list, size_t size, const char *separator, const char *word)
{
	size_t n = strlen(list), room = size - n;

	if (n == 0)
		separator = "";
	if (n >= 3 && strcmp(list + n - 3, "...") == 0)
		return;
	if (strlen(separator) + strlen(word) + 4 < room)
		snprintf(list + n, room, "%s%s", separator, word);
	else
		snprintf(list + n, room, "...");
}

static enum event_source source_of(const struct task *t)
{
	switch (t->why) {
	case WHY_REFRESH:
		return SEEN_BY_REFRESH;
	case WHY_OPERATOR:
	case WHY_WARM:
		return SEEN_BY_OPERATOR;
	case WHY_MAIL:
	case WHY_DOUBT:
		break;
	}
	return SEEN_BY_MAIL;
}

static void log_event(struct task *t, const struct draft *draft, enum event_kind kind,
		      const char *detail)
{
	const struct policy *before = t->drift.policy;
	bool harmless = kind == EVENT_POLICY_FOUND || kind == EVENT_ID_CHANGED ||
			(before != NULL && before->mode == POLICY_MODE_NONE);
	unsigned unsaid;
	struct kv kv;

	if (!told_may(t->told, draft->hop.domain, kind, task_mono(t), &unsaid))
		return;
	kv_begin(&kv, event_name(kind));
	kv_str(&kv, "domain", draft->hop.domain);
	kv_str(&kv, "source", event_source_name(source_of(t)));
	kv_str(&kv, "policy", draft->policy != NULL ? policy_mode_name(draft->policy->mode) : "");
	kv_str(&kv, "policy_id", draft->id);
	kv_str(&kv, "detail", detail);
	if (unsaid > 0)
		kv_int(&kv, "unsaid", unsaid);
	t->env->notice(t->env->notice_arg, harmless ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		       kv_end(&kv));
}

static void tell(struct task *t, const struct draft *draft, enum event_kind kind,
		 const char *detail)
{
	const struct store *store = &t->env->store;
	const struct policy *policy = draft->policy;
	char mx[STORE_EVENT_MX] = "";
	struct stored_event e = { .domain = draft->hop.domain,
				  .kind = kind,
				  .source = source_of(t),
				  .at = task_wall(t),
				  .mx = mx,
				  .detail = detail };

	if (policy != NULL) {
		memcpy(e.id, draft->id, sizeof(e.id));
		e.mode = policy->mode;
		e.max_age = policy->max_age;
		e.body_hash = draft->body_hash;
		for (size_t i = 0; i < policy->n_mx; i++)
			add(mx, sizeof(mx), " ", policy->mx[i]);
	}
	atomic_fetch_add_explicit(&t->stats->events[kind], 1, memory_order_relaxed);
	store->event_put(store->ctx, &e);
	log_event(t, draft, kind, detail);
}

/* A new body has been fetched. */
static void tell_changes(struct task *t, const struct draft *draft)
{
	const struct drift *d = &t->drift;
	const struct policy *old = d->policy, *new = draft->policy;
	char detail[LIMIT_DETAIL] = "";
	bool same_id;

	if (old == NULL) {
		tell(t, draft, EVENT_POLICY_FOUND, "");
		return;
	}
	same_id = strcmp(d->id, draft->id) == 0;
	if (old->mode != new->mode)
		add(detail, sizeof(detail), ", ", "mode");
	if (!is_same_mx(old, new))
		add(detail, sizeof(detail), ", ", "mx");
	if (old->max_age != new->max_age)
		add(detail, sizeof(detail), ", ", "max_age");
	if (same_id && (detail[0] != '\0' || d->body_hash != draft->body_hash))
		tell(t, draft, EVENT_BODY_CHANGED,
		     detail[0] != '\0' ? detail : "nothing that counts");
	snprintf(detail, sizeof(detail), "the id was %s", d->id);
	if (!same_id)
		tell(t, draft, EVENT_ID_CHANGED, detail);
	snprintf(detail, sizeof(detail), "%s before", policy_mode_name(old->mode));
	if (new->mode < old->mode)
		tell(t, draft, EVENT_MODE_DOWNGRADED, detail);
}

static void judge(struct standing *s, enum event_kind kind, bool holds)
{
	s->judged |= 1u << kind;
	s->holds |= holds ? 1u << kind : 0;
}

/* That DNS does not answer is no news; that it denies is. */
static void judge_record(const struct task *t, const struct draft *draft, struct standing *s)
{
	if (!t->drift.answered)
		return;
	judge(s, EVENT_RECORD_VANISHED, draft->record.reason != REASON_OK);
	snprintf(s->detail[EVENT_RECORD_VANISHED], LIMIT_DETAIL, "%s",
		 reason_sentence(draft->record.reason));
}

static bool ends_soon(const struct task *t, int64_t not_after)
{
	return not_after != 0 && not_after - task_wall(t) < t->settings->certificate_warning / 1000;
}

static void judge_policy_host(const struct task *t, struct standing *s)
{
	char until[MOMENT_TEXT];

	if (t->drift.host_not_after == 0)
		return;
	judge(s, EVENT_POLICY_HOST_CERT, ends_soon(t, t->drift.host_not_after));
	snprintf(s->detail[EVENT_POLICY_HOST_CERT], LIMIT_DETAIL, "ends %s",
		 moment_format(t->drift.host_not_after, until));
}

static bool is_host_ending(const struct task *t, const struct mx_host *h, struct standing *s,
			   bool *seen)
{
	char *detail = s->detail[EVENT_MX_CERT], until[32], text[DOMAIN_SIZE + 40];

	for (size_t i = 0; i < h->n_facts; i++) {
		const struct fact *f = &h->facts[i];

		/* TLSA records decide there, and mostly not by date (RFC 7672 s3.1.1). */
		if (f->proof == PROOF_DANE || f->not_after == 0)
			continue;
		*seen = true;
		if (!ends_soon(t, f->not_after))
			continue;
		snprintf(text, sizeof(text), "%s ends %s", h->name,
			 moment_format(f->not_after, until));
		add(detail, LIMIT_DETAIL, ", ", text);
		return true;
	}
	return false;
}

/* By the published policy, whatever the operator demands meanwhile. */
static bool is_covered(const struct draft *draft, const struct mx_host *h)
{
	if (draft->override == NULL || draft->override->patterns == NULL || draft->policy == NULL)
		return h->in_policy;
	return mx_match_any(h->name, draft->policy->mx, draft->policy->n_mx) >= 0;
}

/* One host by its name says nothing about the domain's MX set. */
static void judge_hosts(const struct task *t, const struct draft *draft, struct standing *s)
{
	const struct assessment *a = draft->assessment;
	bool uncovered = false, ending = false, seen = false;

	if (a == NULL || draft->hop.kind != NEXTHOP_DOMAIN || a->n_hosts == 0)
		return;
	for (size_t i = 0; i < a->n_hosts; i++) {
		const struct mx_host *h = &a->hosts[i];

		ending = is_host_ending(t, h, s, &seen) || ending;
		if (is_covered(draft, h))
			continue;
		uncovered = true;
		add(s->detail[EVENT_MX_NOT_COVERED], LIMIT_DETAIL, " ", h->name);
	}
	judge(s, EVENT_MX_NOT_COVERED, uncovered);
	if (seen)
		judge(s, EVENT_MX_CERT, ending);
}

static void judge_end(const struct task *t, const struct draft *draft,
		      const struct stored_upkeep *row, struct standing *s)
{
	uint32_t failures = t->drift.fetched ? 0 : row->failures + t->drift.failed;
	char until[MOMENT_TEXT];

	judge(s, EVENT_POLICY_ENDS,
	      failures > 0 &&
		      freshness_ends_soon(draft->fetched_at, draft->expires_at,
					  t->settings->expiry_warning / 1000, task_wall(t)));
	snprintf(s->detail[EVENT_POLICY_ENDS], LIMIT_DETAIL, "expires %s; %u failed fetches%s%s",
		 moment_format(draft->expires_at, until), failures,
		 t->drift.failed ? ", last: " : "",
		 t->drift.failed ? reason_sentence(draft->fetch.reason) : "");
}

static void settle_standing(struct task *t, const struct draft *draft)
{
	static const struct stored_upkeep nothing;
	const struct stored_upkeep *row = upkeep_of(t, draft->hop.domain);
	struct standing s = { .judged = 0 };
	uint32_t begun, ended;

	/* Without the database nobody remembers what has been told: better a line every hour than none. */
	if (row == NULL && t->upkeep.state == UPKEEP_LOST)
		row = &nothing;
	if (row == NULL) { /* a policy that was not kept when the job began */
		upkeep_settle(t, draft, 0, 0);
		return;
	}
	if (draft->policy->mode == POLICY_MODE_NONE) {
		s.judged = UINT32_MAX;
	} else {
		judge_record(t, draft, &s);
		judge_policy_host(t, &s);
		judge_hosts(t, draft, &s);
		judge_end(t, draft, row, &s);
	}
	begun = s.holds & ~row->standing;
	ended = s.judged & ~s.holds & row->standing;
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		if ((begun & 1u << kind) != 0)
			tell(t, draft, (enum event_kind)kind, s.detail[kind]);
	upkeep_settle(t, draft, begun, ended);
}

/* Nobody needs the row any more: a fetch or the absence of a record has said so. */
static void settle_expired(struct task *t, const struct draft *draft)
{
	const struct drift *d = &t->drift;
	const struct store *store = &t->env->store;
	bool denied = d->answered && draft->record.reason != REASON_OK;

	if (d->policy == NULL || task_wall(t) < d->expires_at || !(d->failed || denied)) {
		if (t->why == WHY_REFRESH)
			upkeep_settle(t, draft, 0, 0);
		return;
	}
	if (d->policy->mode != POLICY_MODE_NONE)
		tell(t, draft, EVENT_POLICY_EXPIRED,
		     reason_sentence(d->failed ? draft->fetch.reason : draft->record.reason));
	store->remove(store->ctx, draft->hop.domain);
}

void drift_settle(struct task *t, const struct draft *draft)
{
	if (t->drift.fetched)
		tell_changes(t, draft);
	if (draft->policy != NULL)
		settle_standing(t, draft);
	else
		settle_expired(t, draft);
}
