#include "config.h"

#include "common/engine/held.h"


#include <string.h>

enum knowledge held_knowledge(const struct policy *policy, int64_t expires_at, int64_t now)
{
	if (policy == NULL || now >= expires_at)
		return KNOW_PENDING;
	switch (policy->mode) {
	case POLICY_MODE_ENFORCE:
		return KNOW_ENFORCE_PENDING;
	case POLICY_MODE_TESTING:
		return KNOW_TESTING_UNKNOWN;
	case POLICY_MODE_NONE:
		break;
	}
	return KNOW_MODE_NONE;
}

enum knowledge held_under_dane(enum knowledge held, const struct entry *known)
{
	const struct verdict *v = entry_verdict(known);

	if (held != KNOW_TESTING_UNKNOWN && held != KNOW_MODE_NONE)
		return held;
	if (knowledge_is_dane((enum knowledge)known->knowledge) ||
	    (v != NULL && v->by == BY_DANE && v->result != VERDICT_PASSED))
		return KNOW_DANE_UNKNOWN;
	return held;
}

struct entry *held_load(const struct engine_env *env, const struct nexthop *hop)
{
	struct draft draft = { .hop = *hop, .reason = REASON_PENDING };
	struct stored_policy stored;
	struct entry *entry = NULL;
	struct arena arena;

	arena_init(&arena, LIMIT_JOB_MEMORY);
	if (env->store.get(env->store.ctx, hop->domain, &arena, &stored) == 0 &&
	    policy_parse(stored.body, &arena, &draft.policy, NULL) == 0) {
		memcpy(draft.id, stored.id, sizeof(draft.id));
		draft.fetched_at = stored.fetched_at;
		draft.expires_at = stored.expires_at;
		draft.knowledge =
			held_knowledge(draft.policy, draft.expires_at, clock_wall(&env->clock));
		entry = entry_new(&draft);
	}
	draft_release(&draft);
	arena_release(&arena);
	return entry;
}
