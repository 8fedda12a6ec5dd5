#include "config.h"

#include "common/engine/upkeep.h"

#include <string.h>

#include "common/base/siphash.h"
#include "common/engine/task.h"
#include "common/sts/freshness.h"

const struct stored_upkeep *upkeep_of(struct task *t, const char *domain)
{
	const struct store *store = &t->env->store;
	struct upkeep *u = &t->upkeep;
	int r;

	if (u->state == UPKEEP_UNREAD) {
		r = store->upkeep_get(store->ctx, domain, &u->row);
		u->state = r == 0 ? UPKEEP_KNOWN : r < 0 ? UPKEEP_LOST : UPKEEP_NONE;
	}
	return u->state == UPKEEP_KNOWN ? &u->row : NULL;
}

/* Strangers choose names; they must not be able to choose the hour as well. */
static uint64_t jitter(const struct task *t, const struct draft *draft)
{
	struct siphash_key key = siphash_key_of(t->env->seed);
	char in[DOMAIN_SIZE + sizeof(draft->fetched_at)] = { 0 };

	memcpy(in, &draft->fetched_at, sizeof(draft->fetched_at));
	span_copy(span_of(draft->hop.domain), in + sizeof(draft->fetched_at), DOMAIN_SIZE);
	return siphash13(&key, in, sizeof(in));
}

static void note_fetch(const struct task *t, const struct draft *draft, struct stored_upkeep *row)
{
	int64_t now = task_wall(t);

	if (t->drift.fetched) {
		row->failures = 0;
		row->failed_at = 0;
		row->due_at = freshness_due(draft->fetched_at, draft->expires_at, jitter(t, draft));
	} else if (t->drift.failed) {
		row->failures += row->failures < UINT32_MAX;
		row->failed_at = draft->fetch.failed_at; /* as the gate sees it */
		row->due_at = now + freshness_backoff(row->failures, draft->expires_at, now);
	} else if (t->why == WHY_REFRESH && row->due_at <= now) {
		/* Nothing could be done: not at once again. */
		row->due_at = now + (t->crowded ? BACKOFF_LEAST : REFRESH_RETRY);
	}
}

static void note_use(const struct task *t, struct stored_upkeep *row)
{
	int64_t age = task_wall(t) - row->used_at;
	bool is_new = t->drift.fetched && t->drift.policy == NULL;

	if (is_new || (t->uses && (age >= UPKEEP_USED_EVERY || age <= -UPKEEP_USED_EVERY)))
		row->used_at = task_wall(t);
}

static bool is_same(const struct stored_upkeep *a, const struct stored_upkeep *b)
{
	return a->used_at == b->used_at && a->due_at == b->due_at && a->failed_at == b->failed_at &&
	       a->failures == b->failures && a->standing == b->standing;
}

static void change(const struct task *t, const struct draft *draft, uint32_t begun, uint32_t ended,
		   struct stored_upkeep *row)
{
	note_fetch(t, draft, row);
	note_use(t, row);
	row->standing = (row->standing | begun) & ~ended;
}

void upkeep_settle(struct task *t, const struct draft *draft, uint32_t begun, uint32_t ended)
{
	const struct store *store = &t->env->store;
	const char *domain = draft->hop.domain;
	bool known = t->upkeep.state == UPKEEP_KNOWN;
	struct stored_upkeep row = t->upkeep.row;

	if (known) {
		change(t, draft, begun, ended, &row);
		if (is_same(&row, &t->upkeep.row))
			return;
	}
	if (store->upkeep_get(store->ctx, domain, &row) != 0)
		return;
	change(t, draft, begun, ended, &row);
	store->upkeep_put(store->ctx, domain, &row);
}
