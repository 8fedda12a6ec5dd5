#include "config.h"

#include "common/engine/entry.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void entry_free(struct cache_item *item)
{
	struct entry *e = (struct entry *)item; /* item is the first member */

	policy_unref(e->policy);
	assessment_unref(e->assessment);
	free(e);
}

/* Where the parts stand in the one allocation: entry, domain, key, more, failed. */
struct plan {
	size_t more, failed, domain, key, size;
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
	if (d->policy != NULL) {
		p->more = aligned(p->size);
		p->size = p->more + sizeof(struct entry_policy);
	}
	if (d->fetch.failed_at != 0) {
		p->failed = aligned(p->size);
		p->size = p->failed + sizeof(struct fetch_state);
	}
}

static void pack_parts(struct entry *e, const struct draft *d, const struct plan *p,
		       const char *key)
{
	char *base = (char *)e;

	memcpy(base + p->domain, d->hop.domain, p->domain_size);
	memcpy(base + p->key, key, p->key_size);
	if (p->more != 0) {
		struct entry_policy *more = (struct entry_policy *)(void *)(base + p->more);

		*more = (struct entry_policy){ .fetched_at = d->fetched_at,
					       .stands_in_until = d->stands_in_until,
					       .verdict = d->verdict };
		memcpy(more->id, d->id, sizeof(more->id));
		memcpy(more->record_id, d->record.id, sizeof(more->record_id));
		e->more = more;
	}
	if (p->failed != 0) {
		struct fetch_state *failed = (struct fetch_state *)(void *)(base + p->failed);

		*failed = d->fetch;
		e->failed = failed;
	}
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
		.record_reason = (unsigned char)d->record.reason,
		.kind = (unsigned char)d->hop.kind,
		.port = d->hop.port,
		.record_ttl = d->record.ttl,
		.fresh_until = d->fresh_until,
		.recheck_at = d->recheck_at,
		.policy = d->policy != NULL ? policy_ref(d->policy) : NULL,
		.expires_at = d->expires_at,
		.assessment = d->assessment != NULL ? assessment_ref(d->assessment) : NULL,
		.record_checked_at = d->record.checked_at,
		.record_checked_mono = d->record.checked_mono,
	};
	pack_parts(e, d, &p, key);
	if (e->policy != NULL)
		p.size += sizeof(*e->policy) + e->policy->n_mx * 32; /* near enough for a budget */
	if (e->assessment != NULL)
		p.size += assessment_bytes(e->assessment);
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
	return e->assessment != NULL ? &e->more->verdict : NULL;
}

void entry_read(const struct entry *e, struct draft *ret)
{
	*ret = (struct draft){
		.hop = { .kind = (enum nexthop_kind)e->kind, .port = e->port },
		.knowledge = (enum knowledge)e->knowledge,
		.reason = (enum reason)e->reason,
		.record = { .reason = (enum reason)e->record_reason,
			    .checked_at = e->record_checked_at,
			    .checked_mono = e->record_checked_mono,
			    .ttl = e->record_ttl },
		.policy = e->policy,
		.expires_at = e->expires_at,
		.assessment = e->assessment,
		.fresh_until = e->fresh_until,
		.recheck_at = e->recheck_at,
	};
	span_copy(span_of(e->domain), ret->hop.domain, sizeof(ret->hop.domain));
	if (e->more != NULL) {
		memcpy(ret->id, e->more->id, sizeof(ret->id));
		memcpy(ret->record.id, e->more->record_id, sizeof(ret->record.id));
		ret->fetched_at = e->more->fetched_at;
		ret->stands_in_until = e->more->stands_in_until;
		ret->verdict = e->more->verdict;
	}
	if (e->failed != NULL)
		ret->fetch = *e->failed;
}

bool entry_is_fresh(const struct entry *e, int64_t mono, int64_t wall)
{
	return mono < e->fresh_until && (e->policy == NULL || wall < e->expires_at);
}
