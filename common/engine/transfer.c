#include "config.h"

#include "common/engine/transfer.h"

#include <string.h>

/* Reads what we have, and writes when the new one is newer. */
static enum transfer_result replace(const struct engine_env *env, const char *domain,
				    const struct stored_policy *p, struct arena *arena)
{
	const struct store *store = &env->store;
	struct stored_policy ours;
	int r = store->get(store->ctx, domain, arena, &ours);

	if (r < 0)
		return TRANSFER_LOST;
	if (r == 0 && ours.fetched_at >= p->fetched_at)
		return TRANSFER_NOT_NEWER;
	return store->put(store->ctx, domain, p) == 0 ? TRANSFER_IMPORTED : TRANSFER_LOST;
}

enum transfer_result transfer_import(struct engine *e, const struct engine_env *env,
				     const struct exported *policy, const char **ret_why)
{
	struct stored_policy p = { .body = policy->body, .fetched_at = policy->fetched_at };
	struct nexthop hop = { .kind = NEXTHOP_DOMAIN, .port = 25 };
	enum transfer_result result = TRANSFER_INVALID;
	struct arena arena;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	switch (exported_check(policy, clock_wall(&env->clock), &arena, &p.mode, &p.expires_at,
			       ret_why)) {
	case EXPORTED_INVALID:
		break;
	case EXPORTED_EXPIRED:
		result = TRANSFER_EXPIRED;
		break;
	case EXPORTED_GOOD:
		span_copy(span_of(policy->id), p.id, sizeof(p.id));
		span_copy(span_of(policy->domain), hop.domain, sizeof(hop.domain));
		if (engine_is_checking(e, &hop))
			result = TRANSFER_BUSY;
		else
			result = replace(env, hop.domain, &p, &arena);
		break;
	}
	arena_release(&arena);
	if (result == TRANSFER_IMPORTED)
		engine_flush(e, &hop, false);
	return result;
}

const char *transfer_result_name(enum transfer_result r)
{
	static const char *const names[TRANSFER_RESULTS] = {
		[TRANSFER_IMPORTED] = "imported", [TRANSFER_NOT_NEWER] = "not-newer",
		[TRANSFER_EXPIRED] = "expired",	  [TRANSFER_INVALID] = "invalid",
		[TRANSFER_BUSY] = "busy",	  [TRANSFER_LOST] = "lost",
	};

	return names[r];
}

struct page {
	store_each_policy *each;
	void *arg;
	char *last;
	unsigned rows;
	int64_t now;
};

static void each_row(void *arg, const char *domain, const struct stored_policy *p)
{
	struct page *page = arg;

	page->rows++;
	span_copy(span_of(domain), page->last, DOMAIN_SIZE);
	if (p->expires_at > page->now)
		page->each(page->arg, domain, p);
}

int transfer_export(const struct engine_env *env, const char *after, unsigned limit,
		    store_each_policy *each, void *arg, char ret_last[DOMAIN_SIZE])
{
	struct page page = { each, arg, ret_last, 0, clock_wall(&env->clock) };
	int r;

	ret_last[0] = '\0';
	r = env->store.policies(env->store.ctx, after, limit, each_row, &page);
	if (page.rows < limit)
		ret_last[0] = '\0';
	return r;
}
