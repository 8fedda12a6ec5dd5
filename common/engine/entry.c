#include "config.h"

#include "common/engine/entry.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void entry_free(struct cache_item *item)
{
	struct entry *e = (struct entry *)item; /* item is the first member */

	policy_unref(e->policy);
	override_unref(e->rest->override);
	assessment_unref(e->rest->assessment);
	free(e);
}

/* Where the parts stand in the one allocation: entry, domain, key, rest, more, failed. */
struct plan {
	size_t domain, key, rest, more, failed, size;
	size_t domain_size, key_size;
};

static size_t aligned(size_t n)
{
	const size_t a = _Alignof(max_align_t);

	return (n + a - 1) / a * a;
}

static void make_plan(const struct draft *d, const char *key, struct plan *p)
{
	*p = (struct plan){ .domain_size = strlen(d->hop.domain) + 1 };
	p->key_size = strcmp(key, d->hop.domain) != 0 ? strlen(key) + 1 : 0;
	p->domain = offsetof(struct entry, domain);
	p->key = p->domain + p->domain_size;
	p->size = p->key + p->key_size;
	p->rest = aligned(p->size);
	p->size = p->rest + sizeof(struct entry_rest);
	if (d->policy != NULL || d->assessment != NULL) {
		p->more = aligned(p->size);
		p->size = p->more + sizeof(struct entry_policy);
	}
	if (d->fetch.failed_at != 0) {
		p->failed = aligned(p->size);
		p->size = p->failed + sizeof(struct fetch_state);
	}
}

static const struct entry_policy *pack_policy(const struct draft *d, void *at)
{
	struct entry_policy *more = at;

	*more = (struct entry_policy){ .body_hash = d->body_hash,
				       .fetched_at = d->fetched_at,
				       .paced_until = d->paced_until,
				       .stands_in_until = d->stands_in_until,
				       .verdict = d->verdict };
	memcpy(more->id, d->id, sizeof(more->id));
	memcpy(more->record_id, d->record.id, sizeof(more->record_id));
	return more;
}

static const struct fetch_state *pack_failure(const struct draft *d, void *at)
{
	struct fetch_state *failed = at;

	*failed = d->fetch;
	return failed;
}

static void pack_parts(struct entry *e, const struct draft *d, const struct plan *p,
		       const char *key)
{
	char *base = (char *)e;
	struct entry_rest *rest = (struct entry_rest *)(void *)(base + p->rest);

	memcpy(base + p->domain, d->hop.domain, p->domain_size);
	memcpy(base + p->key, key, p->key_size);
	*rest = (struct entry_rest){
		.assessment = d->assessment != NULL ? assessment_ref(d->assessment) : NULL,
		.override = override_ref(d->override),
		.more = p->more != 0 ? pack_policy(d, base + p->more) : NULL,
		.failed = p->failed != 0 ? pack_failure(d, base + p->failed) : NULL,
		.record_checked_at = d->record.checked_at,
		.record_checked_mono = d->record.checked_mono,
		.record_ttl = d->record.ttl,
		.record_reason = d->record.reason,
	};
	e->rest = rest;
}

struct entry *entry_new(const struct draft *d)
{
	char key[NEXTHOP_KEY_SIZE];
	struct entry *e;
	struct plan p;

	make_plan(d, nexthop_key(&d->hop, key), &p);
	e = malloc(p.size < sizeof(*e) ? sizeof(*e) : p.size);
	if (e == NULL)
		return NULL;
	*e = (struct entry){
		.knowledge = (unsigned char)d->knowledge,
		.reason = (unsigned char)d->reason,
		.kind = (unsigned char)d->hop.kind,
		.is_overridden = d->override != NULL,
		.port = d->hop.port,
		.fresh_until = d->fresh_until,
		.recheck_at = d->recheck_at,
		.policy = d->policy != NULL ? policy_ref(d->policy) : NULL,
		.expires_at = d->expires_at,
	};
	pack_parts(e, d, &p, key);
	if (e->policy != NULL)
		p.size += sizeof(*e->policy) + e->policy->n_mx * 32; /* near enough for a budget */
	if (d->assessment != NULL)
		p.size += assessment_bytes(d->assessment);
	cache_item_init(&e->item, (char *)e + (p.key_size > 0 ? p.key : p.domain), p.size,
			entry_free);
	return e;
}

struct entry *entry_ref(struct entry *e)
{
	cache_item_ref(&e->item);
	return e;
}

void entry_unref(struct entry *e)
{
	if (e != NULL)
		cache_item_unref(&e->item);
}

void entry_unrefp(struct entry **e)
{
	entry_unref(*e);
}

const struct verdict *entry_verdict(const struct entry *e)
{
	const struct entry_rest *rest = e->rest;

	/* What is carried on for the sake of its names has not been judged yet. */
	return rest->assessment != NULL && rest->more->verdict.reason != REASON_PENDING
		       ? &rest->more->verdict
		       : NULL;
}

void entry_read(const struct entry *e, struct draft *ret)
{
	const struct entry_rest *rest = e->rest;

	*ret = (struct draft){
		.hop = { .kind = (enum nexthop_kind)e->kind, .port = e->port },
		.knowledge = (enum knowledge)e->knowledge,
		.reason = (enum reason)e->reason,
		.record = { .reason = rest->record_reason,
			    .checked_at = rest->record_checked_at,
			    .checked_mono = rest->record_checked_mono,
			    .ttl = rest->record_ttl },
		.policy = e->policy,
		.expires_at = e->expires_at,
		.override = rest->override,
		.assessment = rest->assessment,
		.fresh_until = e->fresh_until,
		.recheck_at = e->recheck_at,
	};
	span_copy(span_of(e->domain), ret->hop.domain, sizeof(ret->hop.domain));
	if (rest->more != NULL) {
		memcpy(ret->id, rest->more->id, sizeof(ret->id));
		memcpy(ret->record.id, rest->more->record_id, sizeof(ret->record.id));
		ret->body_hash = rest->more->body_hash;
		ret->fetched_at = rest->more->fetched_at;
		ret->paced_until = rest->more->paced_until;
		ret->stands_in_until = rest->more->stands_in_until;
		ret->verdict = rest->more->verdict;
	}
	if (rest->failed != NULL)
		ret->fetch = *rest->failed;
}

/* Has nothing ended that it was made under? */
static bool binds(const struct entry *e, int64_t wall)
{
	return (e->policy == NULL || wall < e->expires_at) &&
	       (!e->is_overridden || wall < e->rest->override->until);
}

bool entry_stands_in(const struct entry *e, int64_t mono, int64_t wall)
{
	const struct entry_policy *more = e->rest->more;

	return more != NULL && mono < more->stands_in_until && binds(e, wall);
}

bool entry_is_fresh(const struct entry *e, int64_t mono, int64_t wall)
{
	return mono < e->fresh_until && binds(e, wall);
}
