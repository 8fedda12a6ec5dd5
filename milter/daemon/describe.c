#include "config.h"

#include "milter/daemon/describe.h"

#include "milter/daemon/describe_override.h"
#include "milter/daemon/json_put.h"

#include <inttypes.h>
#include <stdio.h>

static void put_reason(json_t *object, enum reason reason)
{
	put_text(object, "reason", reason_name(reason));
	put_text(object, "explanation", reason_sentence(reason));
	put_text(object, "rfc", reason_rfc(reason));
}

static json_t *describe_record(const struct record_state *r, int64_t now)
{
	json_t *o = json_object();

	put_text(o, "result", reason_name(r->reason));
	put_text(o, "id", r->id);
	put_time(o, "checked_at", r->checked_at);
	put_int(o, "age", now - r->checked_at);
	return o;
}

static json_t *describe_policy(const struct draft *e, int64_t now)
{
	json_t *o = json_object(), *mx = json_array();

	put_text(o, "mode", policy_mode_name(e->policy->mode));
	put_text(o, "id", e->id);
	put_int(o, "max_age", e->policy->max_age);
	for (size_t i = 0; i < e->policy->n_mx; i++)
		json_array_append_new(mx, json_string(e->policy->mx[i]));
	put(o, "mx", mx);
	put_time(o, "fetched_at", e->fetched_at);
	put_int(o, "age", now - e->fetched_at);
	put_time(o, "expires_at", e->expires_at);
	put_int(o, "expires_in", e->expires_at - now);
	return o;
}

/* How the policy is kept alive. NULL: the store knows nothing of it. */
static json_t *describe_upkeep(const struct store *store, const char *domain)
{
	struct stored_upkeep u;
	json_t *o, *standing;

	if (store->upkeep_get(store->ctx, domain, &u) != 0)
		return NULL;
	o = json_object();
	standing = json_array();
	put_time(o, "used_at", u.used_at);
	put_time(o, "next_refresh_at", u.due_at);
	put_time(o, "refresh_failed_at", u.failed_at);
	put_int(o, "refresh_failures", u.failures);
	for (int k = 0; k < EVENT_COUNT; k++)
		if (u.standing & 1u << k)
			json_array_append_new(standing, json_string(event_name(k)));
	put(o, "standing_events", standing);
	return o;
}

static json_t *describe_fetch_failure(const struct fetch_state *f)
{
	json_t *o = json_object();

	put_reason(o, f->reason);
	put_text(o, "id", f->failed_id);
	put_time(o, "failed_at", f->failed_at);
	put_text(o, "detail", f->detail);
	return o;
}

static json_t *describe_fact(const struct fact *f)
{
	json_t *o = json_object();
	char addr[NETADDR_TEXT];

	put_text(o, "address", netaddr_format(&f->addr, addr));
	put_text(o, "outcome", outcome_name(f->outcome));
	put_text(o, "reason", reason_name(f->reason));
	put_text(o, "proof", f->proof == PROOF_DANE ? "dane" : "pkix");
	if (f->proof == PROOF_DANE)
		put_text(o, "pkix", reason_name(f->pkix));
	put_text(o, "tls", f->tls);
	put_time(o, "certificate_ends", f->not_after);
	put_text(o, "detail", f->detail);
	put_time(o, "probed_at", f->probed_at);
	put_time(o, "believed_until", f->expires_at);
	return o;
}

static json_t *describe_dane(const struct mx_host *h)
{
	json_t *o = json_object();

	put_text(o, "state", dane_state_name(h->dane));
	put_text(o, "base", h->tlsa_base);
	if (h->tlsa_base != NULL) {
		put_int(o, "records", h->n_tlsa);
		put_int(o, "usable", h->n_tlsa_usable);
	}
	return o;
}

static json_t *describe_host(const struct mx_host *h)
{
	json_t *o = json_object(), *addresses = json_array();

	put_text(o, "host", h->name);
	put_int(o, "preference", h->preference);
	put(o, "in_policy", json_boolean(h->in_policy));
	put(o, "dane", describe_dane(h));
	if (!h->in_policy && (h->dane == DANE_NONE || h->dane == DANE_UNUSABLE))
		put_text(o, "reason", reason_name(REASON_MX_MISMATCH));
	else if (h->reason != REASON_OK)
		put_text(o, "reason", reason_name(h->reason));
	for (size_t i = 0; i < h->n_facts; i++)
		json_array_append_new(addresses, describe_fact(&h->facts[i]));
	put(o, "addresses", addresses);
	return o;
}

static json_t *describe_hosts(const struct assessment *a)
{
	json_t *hosts = json_array();

	for (size_t i = 0; i < a->n_hosts; i++)
		json_array_append_new(hosts, describe_host(&a->hosts[i]));
	return hosts;
}

static json_t *describe_verdict(const struct verdict *v)
{
	json_t *o = json_object();
	char addr[NETADDR_TEXT];

	put_text(o, "result", verdict_result_name(v->result));
	put_text(o, "by", verdict_by_name(v->by));
	put_text(o, "reason", reason_name(v->reason));
	put_text(o, "explanation", reason_sentence(v->reason));
	put_text(o, "rfc", verdict_rfc(v->by, v->reason));
	put_text(o, "mx", v->mx);
	if (v->fact != NULL)
		put_text(o, "address", netaddr_format(&v->fact->addr, addr));
	return o;
}

static const char *answer_now(const struct draft *e, const struct settings *s)
{
	struct action_view view = {
		.action = (enum action_kind)s->action,
		.accept_unreachable = s->probe_inconclusive == 1,
		.txt_failure = s->txt_failure,
		.pending = s->pending,
	};

	return answer_name(action_for(e->knowledge, &view, 0));
}

json_t *describe_entry(const struct sources *src, const struct nexthop *hop,
		       const struct entry *entry)
{
	int64_t now = clock_wall(&src->env->clock), mono = clock_mono(&src->env->clock);
	char key[NEXTHOP_KEY_SIZE];
	struct draft draft, *e = &draft;
	json_t *o = json_object();

	put_text(o, "domain", hop->domain);
	put_text(o, "nexthop", nexthop_key(hop, key));
	put(o, "known", json_boolean(entry != NULL));
	put(o, "checking", json_boolean(engine_is_checking(src->engine, hop)));
	if (entry == NULL)
		return o;
	entry_read(entry, e);
	put(o, "fresh", json_boolean(entry_is_fresh(entry, mono, now)));
	if (entry->fresh_until > mono)
		put_int(o, "fresh_for", (entry->fresh_until - mono) / 1000);
	put_text(o, "knowledge", knowledge_name(e->knowledge));
	put_reason(o, e->reason);
	put_text(o, "answer", answer_now(e, src->settings));
	put_text(o, "source", e->record.checked_at != 0 ? "memory" : "database");
	if (e->record.checked_at != 0)
		put(o, "record", describe_record(&e->record, now));
	if (e->policy != NULL) {
		put(o, "policy", describe_policy(e, now));
		put(o, "upkeep", describe_upkeep(&src->env->store, hop->domain));
	}
	if (e->override != NULL)
		put(o, "override", describe_override(e->override, now));
	if (e->fetch.failed_at != 0)
		put(o, "fetch_failure", describe_fetch_failure(&e->fetch));
	if (e->assessment != NULL) {
		put(o, "verdict", describe_verdict(&e->verdict));
		put_time(o, "assessed_at", e->assessment->assessed_at);
		put(o, "mx_hosts", describe_hosts(e->assessment));
	}
	return o;
}

json_t *describe_briefly(const struct sources *src, const struct nexthop *hop,
			 const struct entry *entry)
{
	json_t *o = json_object();
	struct draft e;

	put_text(o, "domain", hop->domain);
	put(o, "checking", json_boolean(engine_is_checking(src->engine, hop)));
	if (entry == NULL)
		return o;
	entry_read(entry, &e);
	put_text(o, "knowledge", knowledge_name(e.knowledge));
	put_text(o, "reason", reason_name(e.reason));
	put_text(o, "answer", answer_now(&e, src->settings));
	if (e.policy != NULL)
		put_text(o, "mode", policy_mode_name(e.policy->mode));
	if (e.assessment != NULL)
		put_text(o, "mx", e.verdict.mx);
	return o;
}

json_t *describe_event(const struct stored_event *e)
{
	json_t *o = json_object();
	char hash[17];

	put_time(o, "at", e->at);
	put_text(o, "domain", e->domain);
	put_text(o, "event", event_name(e->kind));
	put_text(o, "source", event_source_name(e->source));
	if (e->id[0] != '\0') {
		put_text(o, "id", e->id);
		put_text(o, "mode", policy_mode_name(e->mode));
		put_int(o, "max_age", e->max_age);
		put_text(o, "mx", e->mx);
		snprintf(hash, sizeof(hash), "%016" PRIx64, e->body_hash);
		put_text(o, "body_hash", hash);
	}
	put_text(o, "detail", e->detail);
	return o;
}
