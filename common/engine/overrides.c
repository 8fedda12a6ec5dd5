#include "config.h"

#include "common/engine/overrides.h"

#include "common/base/kv.h"
#include "common/base/moment.h"
#include "common/engine/held.h"
#include "common/engine/overrides_table.h"
#include "common/engine/terms.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)OVERRIDE_TEXT < (int)STORE_OVERRIDE_TEXT &&
		       (int)OVERRIDE_MX < (int)STORE_OVERRIDE_MX,
	       "what can be added can be kept");

static int64_t mono(const struct overrides *o)
{
	return clock_mono(&o->env->clock);
}

static int64_t wall(const struct overrides *o)
{
	return clock_wall(&o->env->clock);
}

static struct held_override **bucket(struct overrides *o, const char *domain)
{
	return &o->buckets[siphash13(&o->key, domain, strlen(domain)) % OVERRIDES_BUCKETS];
}

/* The place of the domain's override, or the end of its chain. */
struct held_override **overrides_place(struct overrides *o, const char *domain)
{
	struct held_override **p = bucket(o, domain);

	while (*p != NULL && strcmp((*p)->o->domain, domain) != 0)
		p = &(*p)->next;
	return p;
}

static void changed(struct overrides *o)
{
	/* 0 is what an entry holds that has not been looked at. */
	if (atomic_fetch_add(&o->generation, 1) + 1 == 0)
		atomic_fetch_add(&o->generation, 1);
}

static bool has_ended(const struct held_override *h, int64_t mono_now, int64_t wall_now)
{
	return wall_now >= h->o->until || mono_now >= h->mono_until;
}

/* Under the lock. Takes h; frees what it replaces. */
void overrides_insert(struct overrides *o, struct held_override *h)
{
	struct held_override **at = overrides_place(o, h->o->domain), *old = *at;

	h->next = old != NULL ? old->next : NULL;
	*at = h;
	if (old == NULL)
		atomic_fetch_add(&o->count, 1);
	overrides_held_free(old);
	changed(o);
}

/* Under the lock. Hands the reference on. */
struct override *overrides_take(struct overrides *o, struct held_override **at)
{
	struct held_override *h = *at;
	struct override *taken = h->o;

	*at = h->next;
	free(h);
	atomic_fetch_sub(&o->count, 1);
	changed(o);
	return taken;
}

/* Takes the reference. NULL: no memory. */
struct held_override *overrides_held_new(const struct overrides *o, struct override *ov)
{
	struct held_override *h = malloc(sizeof(*h));

	if (h == NULL) {
		override_unref(ov);
		return NULL;
	}
	*h = (struct held_override){ .o = ov,
				     .mono_until = mono(o) + (ov->until - wall(o)) * 1000 };
	return h;
}

void overrides_held_free(struct held_override *h)
{
	if (h != NULL)
		override_unref(h->o);
	free(h);
}

struct override *overrides_find(struct overrides *o, const char *domain)
{
	struct override *found = NULL;
	struct held_override *h;

	if (atomic_load(&o->count) == 0)
		return NULL;
	pthread_mutex_lock(&o->lock);
	h = *overrides_place(o, domain);
	if (h != NULL && !has_ended(h, mono(o), wall(o)))
		found = override_ref(h->o);
	pthread_mutex_unlock(&o->lock);
	return found;
}

/* Remembers that it agreed: a hit costs two loads while nothing changes. */
bool overrides_agree(struct overrides *o, struct entry *e)
{
	unsigned generation = overrides_generation(o);
	struct override *now;
	bool same;

	if (atomic_load_explicit(&e->agreed, memory_order_relaxed) == generation)
		return true;
	now = overrides_find(o, e->domain);
	same = now == e->rest->override;
	override_unref(now);
	if (same)
		atomic_store_explicit(&e->agreed, generation, memory_order_relaxed);
	return same;
}

struct entry *overrides_bind(struct overrides *o, const struct nexthop *hop, struct entry *known)
{
	struct draft draft = { .hop = *hop, .record.reason = REASON_PENDING };
	struct entry *bound;

	if (known != NULL && overrides_agree(o, known))
		return known;
	if (known != NULL)
		entry_read(known, &draft);
	draft.override = overrides_find(o, hop->domain);
	if (known == NULL && draft.override == NULL)
		return NULL;
	draft.assessment = NULL;
	draft.fresh_until = draft.stands_in_until = 0;
	draft.knowledge = draft.override != NULL
				  ? terms_held(draft.override)
				  : held_knowledge(draft.policy, draft.expires_at, wall(o));
	if (known != NULL)
		draft.knowledge = held_under_dane(draft.knowledge, known);
	draft.reason = draft.knowledge != KNOW_MODE_NONE ? REASON_PENDING
		       : draft.override != NULL		 ? REASON_OVERRIDE_NONE
							 : REASON_POLICY_MODE_NONE;
	bound = entry_new(&draft);
	override_unref(draft.override);
	entry_unref(known);
	return bound;
}

unsigned overrides_generation(const struct overrides *o)
{
	return atomic_load(&o->generation);
}

static void log_event(const struct overrides *o, const char *event, const struct override *ov,
		      int64_t uid)
{
	char until[MOMENT_TEXT];
	struct kv kv;

	kv_begin(&kv, event);
	kv_str(&kv, "domain", ov->domain);
	kv_str(&kv, "mode", policy_mode_name(ov->mode));
	kv_str(&kv, "mx", ov->mx);
	kv_str(&kv, "until", moment_format(ov->until, until));
	if (uid >= 0)
		kv_int(&kv, "uid", uid);
	kv_str(&kv, "owner", ov->owner);
	kv_str(&kv, "reason", ov->reason);
	o->env->notice(o->env->notice_arg, LOG_LEVEL_WARNING, kv_end(&kv));
}

static struct stored_override row_of(const struct override *ov)
{
	return (struct stored_override){ .domain = ov->domain,
					 .mode = ov->mode,
					 .mx = ov->mx,
					 .added_at = ov->added_at,
					 .until = ov->until,
					 .reason = ov->reason,
					 .owner = ov->owner,
					 .uid = ov->uid,
					 .end = OVERRIDE_ACTIVE,
					 .ended_uid = -1 };
}

/* In the store, then in memory. */
int overrides_keep(struct overrides *o, const struct override *wanted, struct override **ret)
{
	struct override fields = *wanted, *kept = NULL;
	struct stored_override row = row_of(wanted);
	struct held_override *h;
	int r;

	/* All memory first: what is in the store must be in force. */
	r = override_make(&fields, &kept);
	if (r != 0)
		return r < 0 ? r : -EINVAL;
	h = overrides_held_new(o, kept);
	if (h == NULL)
		return -ENOMEM;
	r = o->env->store.override_add(o->env->store.ctx, &row, &kept->serial);
	if (r != 0) {
		overrides_held_free(h);
		return r;
	}
	*ret = override_ref(kept);
	pthread_mutex_lock(&o->lock);
	overrides_insert(o, h);
	pthread_mutex_unlock(&o->lock);
	return 0;
}

int overrides_add(struct overrides *o, const struct override *wanted, struct override **ret)
{
	int r;

	pthread_mutex_lock(&o->changing);
	r = overrides_keep(o, wanted, ret);
	pthread_mutex_unlock(&o->changing);
	if (r == 0)
		log_event(o, "override-added", *ret, wanted->uid);
	return r;
}

static int remove_one(struct overrides *o, const char *domain, int64_t uid, struct override **ret)
{
	struct override *known = overrides_find(o, domain);
	struct held_override **at;
	int r;

	if (known == NULL)
		return STORE_NOT_FOUND;
	r = o->env->store.override_end(o->env->store.ctx, known->serial, OVERRIDE_REMOVED, wall(o),
				       uid);
	/* Not found: a database that was lost meanwhile does not have to forget it. */
	if (r < 0) {
		override_unref(known);
		return r;
	}
	pthread_mutex_lock(&o->lock);
	at = overrides_place(o, domain);
	if (*at != NULL && (*at)->o == known)
		override_unref(overrides_take(o, at));
	pthread_mutex_unlock(&o->lock);
	*ret = known;
	return 0;
}

int overrides_remove(struct overrides *o, const char *domain, int64_t uid, struct override **ret)
{
	int r;

	pthread_mutex_lock(&o->changing);
	r = remove_one(o, domain, uid, ret);
	pthread_mutex_unlock(&o->changing);
	if (r == 0)
		log_event(o, "override-removed", *ret, uid);
	return r;
}

static int newest_first(const void *a, const void *b)
{
	const struct override *const *x = a, *const *y = b;

	return (*x)->serial < (*y)->serial ? 1 : (*x)->serial > (*y)->serial ? -1 : 0;
}

void overrides_list(struct overrides *o, void (*each)(void *arg, const struct override *o),
		    void *arg)
{
	int64_t m = mono(o), w = wall(o);
	struct override **all;
	size_t n = 0;

	pthread_mutex_lock(&o->lock);
	all = calloc(atomic_load(&o->count) + 1, sizeof(struct override *));
	for (size_t i = 0; all != NULL && i < OVERRIDES_BUCKETS; i++)
		for (struct held_override *h = o->buckets[i]; h != NULL; h = h->next)
			if (!has_ended(h, m, w))
				all[n++] = override_ref(h->o);
	pthread_mutex_unlock(&o->lock);
	if (n > 0)
		qsort(all, n, sizeof(struct override *), newest_first);
	for (size_t i = 0; i < n; i++) {
		each(arg, all[i]);
		override_unref(all[i]);
	}
	free(all);
}

/* Takes one whose time has come out of memory; NULL: none. */
static struct override *take_ended(struct overrides *o)
{
	int64_t m = mono(o), w = wall(o);
	struct override *taken = NULL;

	pthread_mutex_lock(&o->lock);
	for (size_t i = 0; taken == NULL && i < OVERRIDES_BUCKETS; i++)
		for (struct held_override **at = &o->buckets[i]; *at != NULL; at = &(*at)->next)
			if (has_ended(*at, m, w)) {
				taken = overrides_take(o, at);
				break;
			}
	pthread_mutex_unlock(&o->lock);
	return taken;
}

static void end_those_that_are_over(struct overrides *o)
{
	struct override *ended;

	while (atomic_load(&o->count) > 0 && (ended = take_ended(o)) != NULL) {
		/* What a broken store does not hear it will be told when it is loaded again. */
		if (o->env->store.override_end(o->env->store.ctx, ended->serial, OVERRIDE_EXPIRED,
					       wall(o), -1) < 0)
			o->missing = true;
		log_event(o, "override-expired", ended, -1);
		override_unref(ended);
	}
}

void overrides_tick(struct overrides *o)
{
	pthread_mutex_lock(&o->changing);
	if (o->env->store.trouble(o->env->store.ctx) != NULL)
		o->missing = true;
	else if (o->missing)
		overrides_load(o);
	end_those_that_are_over(o);
	pthread_mutex_unlock(&o->changing);
}

struct overrides *overrides_new(const struct engine_env *env)
{
	struct overrides *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->env = env;
	o->key = siphash_key_of(env->seed);
	atomic_init(&o->generation, 1);
	pthread_mutex_init(&o->changing, NULL);
	pthread_mutex_init(&o->lock, NULL);
	o->missing = true;
	overrides_tick(o);
	return o;
}

struct overrides *overrides_free(struct overrides *o)
{
	if (o == NULL)
		return NULL;
	for (size_t i = 0; i < OVERRIDES_BUCKETS; i++)
		while (o->buckets[i] != NULL)
			override_unref(overrides_take(o, &o->buckets[i]));
	pthread_mutex_destroy(&o->lock);
	pthread_mutex_destroy(&o->changing);
	free(o);
	return NULL;
}
