#include "config.h"

#include "common/engine/discover.h"

#include "common/base/kv.h"
#include "common/base/siphash.h"
#include "common/engine/gated.h"
#include "common/sts/freshness.h"
#include "common/sts/record_set.h"

#include <stdio.h>
#include <string.h>

/* id: may be the draft's own. */
static void set_policy(struct draft *draft, struct policy *policy, const char *id,
		       int64_t fetched_at, int64_t expires_at)
{
	policy_unref(draft->policy);
	draft->policy = policy;
	if (id != draft->id)
		span_copy(span_of(id), draft->id, sizeof(draft->id));
	draft->fetched_at = fetched_at;
	draft->expires_at = expires_at;
}

static bool is_usable(const struct task *t, const struct draft *draft)
{
	return draft->policy != NULL && task_wall(t) < draft->expires_at;
}

/* Tells bodies apart, also tomorrow and elsewhere; what counts is compared as well (drift.h). */
static uint64_t hash_of(struct span body)
{
	struct siphash_key key = siphash_key_of(0);

	return siphash13(&key, body.p, body.n);
}

/* Several next-hops have one policy domain: another one of them, or a refresh, may have fetched since memory was written. False: nobody can tell
 * whether a policy is held. */
static bool load_stored(struct task *t, struct draft *draft)
{
	struct stored_policy stored;
	struct policy *policy;
	int r = t->env->store.get(t->env->store.ctx, draft->hop.domain, &t->arena, &stored);

	if (r != 0)
		return r > 0;
	if (draft->policy != NULL && stored.fetched_at <= draft->fetched_at)
		return true;
	r = policy_parse(stored.body, &t->arena, &policy, NULL);
	if (r != 0)
		return r > 0;
	set_policy(draft, policy, stored.id, stored.fetched_at, stored.expires_at);
	draft->body_hash = hash_of(stored.body);
	return true;
}

static void note_outage(struct task *t, bool ok)
{
	switch (outage_note(t->outage, ok, task_mono(t))) {
	case OUTAGE_BEGAN:
		t->env->notice(t->env->notice_arg, LOG_LEVEL_WARNING,
			       "event=dns-down detail=\"most DNS look-ups fail: our DNS is down; "
			       "single failures are no longer reported\"");
		break;
	case OUTAGE_ENDED:
		t->env->notice(t->env->notice_arg, LOG_LEVEL_WARNING,
			       "event=dns-up detail=\"DNS look-ups succeed again\"");
		break;
	case OUTAGE_SAME:
		break;
	}
}

static void notice_trouble(struct task *t, const char *event, const struct draft *draft,
			   enum reason reason, const char *detail)
{
	struct kv kv;

	if (draft->policy != NULL && draft->policy->mode == POLICY_MODE_NONE)
		return; /* it never warns */

	kv_begin(&kv, event);
	kv_str(&kv, "domain", draft->hop.domain);
	kv_str(&kv, "reason", reason_name(reason));
	kv_str(&kv, "detail", detail);
	kv_str(&kv, "policy", draft->policy != NULL ? policy_mode_name(draft->policy->mode) : "");
	t->env->notice(t->env->notice_arg, LOG_LEVEL_WARNING, kv_end(&kv));
}

static enum reason reason_of_record(enum record_verdict v)
{
	switch (v) {
	case RECORD_OK:
		return REASON_OK;
	case RECORD_MULTIPLE:
		return REASON_RECORD_MULTIPLE;
	case RECORD_INVALID:
		return REASON_RECORD_INVALID;
	case RECORD_NONE:
		break;
	}
	return REASON_NO_RECORD;
}

/* Asks for the record. False when the look-up failed. */
static bool ask_record(struct task *t, struct draft *draft, struct sts_record *ret)
{
	char name[DOMAIN_SIZE + 9];
	struct dns_query q = { .name = name, .type = DNS_TXT };
	bool answered;

	*ret = (struct sts_record){ .verdict = RECORD_NONE };
	draft->record = (struct record_state){ .reason = REASON_NO_RECORD,
					       .checked_at = task_wall(t),
					       .checked_mono = task_mono(t),
					       .ttl = UINT32_MAX };
	snprintf(name, sizeof(name), "_mta-sts.%s", draft->hop.domain);
	if (strlen(name) > LIMIT_DOMAIN - 2)
		return true; /* no such name can exist */
	STAT_INC(t->stats, txt_lookups);
	task_dns(t, &q, 1);
	answered = q.status != DNS_FAILED && q.status != DNS_BOGUS;
	note_outage(t, answered);
	if (!answered) {
		STAT_INC(t->stats, txt_failures);
		draft->record.reason = q.status == DNS_BOGUS ? REASON_TXT_BOGUS : REASON_TXT_FAILED;
		if (!outage_is_down(t->outage))
			notice_trouble(t, "txt", draft, draft->record.reason, q.why);
		return false;
	}
	if (q.status == DNS_FOUND && !record_set_select(q.rdata, q.n_rdata, &t->arena, ret)) {
		draft->record.reason = REASON_INTERNAL;
		return false;
	}
	t->drift.answered = true;
	draft->record.ttl = q.ttl;
	draft->record.reason = reason_of_record(ret->verdict);
	memcpy(draft->record.id, ret->id, sizeof(draft->record.id));
	return true;
}

/* The addresses that the policy host may be asked at. */
static enum reason policy_host_addresses(struct task *t, const char *host, struct addresses *ret,
					 const char **ret_detail)
{
	struct dns_query q[2];
	size_t kept = 0;

	addresses_ask(host, q);
	task_dns(t, q, 2);
	addresses_of(t, q, ret);
	*ret_detail = ret->why;
	if (ret->n == 0)
		return REASON_FETCH_DNS;
	for (size_t i = 0; i < ret->n; i++)
		if (task_may_connect(t, &ret->v[i]))
			ret->v[kept++] = ret->v[i];
	if (kept == 0) {
		char text[NETADDR_TEXT];

		*ret_detail = arena_strdup(&t->arena, span_of(netaddr_format(&ret->v[0], text)));
		return REASON_FETCH_PRIVATE;
	}
	ret->n = kept;
	return REASON_OK;
}

static enum reason parse_body(struct task *t, struct span body, struct policy **ret,
			      const char **ret_detail)
{
	struct policy_remarks remarks;
	int r = policy_parse(body, &t->arena, ret, &remarks);

	if (r == 0)
		return REASON_OK;
	if (r < 0)
		return REASON_INTERNAL;
	if (remarks.n_errors > 0)
		*ret_detail = arena_printf(&t->arena, "line %zu: %s", remarks.errors[0].line,
					   remarks.errors[0].message);
	return REASON_POLICY_INVALID;
}

static enum reason fetch_policy(struct task *t, const struct draft *draft, struct policy **ret,
				struct span *ret_body, const char **ret_detail)
{
	char host[DOMAIN_SIZE + 9];
	struct addresses *addrs = arena_alloc(&t->arena, sizeof(*addrs));
	struct fetch *f = arena_alloc(&t->arena, sizeof(*f));
	enum reason reason;

	t->rests_until = 0;
	if (addrs == NULL || f == NULL)
		return REASON_INTERNAL;
	snprintf(host, sizeof(host), "mta-sts.%s", draft->hop.domain);
	if (strlen(host) > LIMIT_DOMAIN - 2)
		return REASON_FETCH_DNS;
	/* the MTA will ask for it as well, whatever the policy says */
	task_foresee_mx(t, &draft->hop);
	reason = policy_host_addresses(t, host, addrs, ret_detail);
	if (reason != REASON_OK)
		return reason;
	*f = (struct fetch){ .host = host, .addrs = addrs->v, .n_addrs = addrs->n };
	gated_get(t, f);
	*ret_detail = f->detail;
	if (f->not_after != 0)
		t->drift.host_not_after = f->not_after;
	if (f->reason != REASON_OK)
		return f->reason;
	*ret_body = f->body;
	return parse_body(t, f->body, ret, ret_detail);
}

static void copy_detail(const char *detail, char out[LIMIT_DETAIL])
{
	struct span text = span_of(detail);

	span_copy(span_make(text.p, text.n < LIMIT_DETAIL ? text.n : LIMIT_DETAIL - 1), out,
		  LIMIT_DETAIL);
}

/* A refresh that goes on failing is told once; before the policy ends it is told again, otherwise (drift.h). */
static bool is_news(const struct task *t, enum reason reason)
{
	if (reason == REASON_FETCH_DNS && outage_is_down(t->outage))
		return false;
	return t->why != WHY_REFRESH || t->upkeep.state != UPKEEP_KNOWN ||
	       t->upkeep.row.failures == 0;
}

/* A new id takes effect only together with its body; a failed fetch changes nothing but the memory
 * of the failure. */
static enum reason refetch(struct task *t, struct draft *draft, const struct sts_record *record)
{
	const char *announced = record->verdict == RECORD_OK ? record->id : draft->id;
	struct policy *policy = NULL;
	struct span body = { 0 };
	const char *detail = "";
	enum reason reason = fetch_policy(t, draft, &policy, &body, &detail);
	int64_t now = task_wall(t);
	bool asked = t->rests_until == 0, failed_before = draft->fetch.failed_at != 0;

	if (reason == REASON_HOST_BUSY)
		return reason; /* nobody was asked */
	if (asked)
		draft->paced_until = freshness_pace(draft->paced_until, now);
	if (reason != REASON_OK) {
		t->drift.failed = true;
		STAT_INC(t->stats, fetch_failures);
		draft->fetch = (struct fetch_state){ .failed_at = now, .reason = reason };
		if (!asked) /* due as soon as the gate opens */
			draft->fetch.failed_at = t->rests_until - FETCH_RETRY;
		span_copy(span_of(announced), draft->fetch.failed_id,
			  sizeof(draft->fetch.failed_id));
		copy_detail(detail, draft->fetch.detail);
		if (is_news(t, reason) && (asked || !failed_before))
			notice_trouble(t, "fetch", draft, reason, detail);
		return reason;
	}
	t->drift.fetched = true;
	STAT_INC(t->stats, fetches);
	draft->fetch = (struct fetch_state){ .reason = REASON_OK };
	set_policy(draft, policy, announced, now, now + policy->max_age);
	draft->body_hash = hash_of(body);
	struct stored_policy stored = { .mode = policy->mode,
					.body = body,
					.fetched_at = now,
					.expires_at = draft->expires_at };

	memcpy(stored.id, draft->id, sizeof(stored.id));
	t->env->store.put(t->env->store.ctx, draft->hop.domain, &stored);
	return REASON_OK;
}

static void without_policy(struct draft *draft, enum knowledge k, enum reason reason)
{
	bool had_one = draft->policy != NULL;

	set_policy(draft, NULL, "", 0, 0);
	draft->knowledge = k;
	draft->reason = k == KNOW_NO_POLICY && had_one ? REASON_POLICY_EXPIRED : reason;
}

static void with_policy(struct draft *draft)
{
	bool active = draft->policy->mode != POLICY_MODE_NONE;

	draft->knowledge = active ? KNOW_COUNT : KNOW_MODE_NONE;
	draft->reason = active ? REASON_OK : REASON_POLICY_MODE_NONE;
}

/* What is to be done about the record that was found. A failure that only the store remembers is taken for one of this id. */
static enum plan make_plan(struct task *t, const struct draft *draft, bool answered,
			   const struct sts_record *record)
{
	struct held held = { .fetched_at = draft->fetched_at,
			     .expires_at = draft->expires_at,
			     .paced_until = draft->paced_until,
			     .failed_id = draft->fetch.failed_id,
			     .failed_at = draft->fetch.failed_at };
	const struct stored_upkeep *row = NULL;
	enum plan plan;

	if (draft->policy != NULL) {
		held.id = draft->id;
		row = upkeep_of(t, draft->hop.domain);
	}
	if (row != NULL)
		held.due_at = row->due_at;
	if (row != NULL && row->failed_at > held.failed_at) {
		held.failed_id = record->id;
		held.failed_at = row->failed_at;
	}
	plan = freshness_plan(!answered, record, &held, task_wall(t));
	/* RFC 8461 s10.2. The refresher asks when it is due; a person may be impatient. */
	if (t->insists && (draft->policy != NULL || plan == PLAN_FETCH_LATER))
		plan = PLAN_FETCH;
	return plan;
}

/* What RFC 8461 s3.3 lets go is a domain without a cached policy, and that is not known. */
static void doubt_store(struct task *t, struct draft *draft)
{
	without_policy(draft, KNOW_STORE_FAILED, REASON_STORE_FAILED);
	if (t->drift.failed) /* as often as the fetch itself is told */
		notice_trouble(t, "store", draft, draft->reason,
			       t->env->store.trouble(t->env->store.ctx));
}

/* Nothing is held that counts. Where there is no record the store does not matter: most domains have no policy, and their mail goes. */
static void give_up(struct task *t, struct draft *draft, bool answered, bool has_record,
		    bool store_read)
{
	if (!answered)
		without_policy(draft, KNOW_TXT_FAILED, draft->record.reason);
	else if (!has_record)
		without_policy(draft, KNOW_NO_POLICY, draft->record.reason);
	else if (!store_read)
		doubt_store(t, draft);
	else
		without_policy(draft, KNOW_FETCH_FAILED,
			       draft->fetch.reason != REASON_OK ? draft->fetch.reason
								: REASON_POLICY_EXPIRED);
}

void discover(struct task *t, struct draft *draft, discover_meanwhile *meanwhile)
{
	struct sts_record *record = arena_alloc(&t->arena, sizeof(*record));
	bool answered, usable, store_read = load_stored(t, draft);
	enum reason reason;
	enum plan plan;

	drift_begin(&t->drift, draft);
	if (record == NULL) {
		if (is_usable(t, draft))
			with_policy(draft);
		else
			without_policy(draft, KNOW_TXT_FAILED, REASON_INTERNAL);
		return;
	}
	if (draft->assessment == NULL && is_usable(t, draft) &&
	    draft->policy->mode != POLICY_MODE_NONE)
		task_foresee_mx(t, &draft->hop);
	answered = ask_record(t, draft, record);
	usable = is_usable(t, draft);
	plan = make_plan(t, draft, answered, record);
	if (plan == PLAN_FETCH) {
		if (usable && meanwhile != NULL &&
		    (draft->fetch.failed_at != 0 || record->verdict != RECORD_OK ||
		     strcmp(record->id, draft->id) == 0))
			meanwhile(t, draft);
		reason = refetch(t, draft, record);
		if (reason == REASON_HOST_BUSY && !usable) {
			without_policy(draft, KNOW_BUSY, reason);
			return;
		}
		usable = reason == REASON_OK || usable;
		if (!usable) { /* another one may have had more luck meanwhile */
			store_read = load_stored(t, draft);
			usable = is_usable(t, draft);
		}
	}
	if (usable)
		with_policy(draft);
	else
		give_up(t, draft, answered, record->verdict == RECORD_OK, store_read);
}
