#include "config.h"

#include "common/engine/overrides_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the store says, before it is in force. */
struct loading {
	struct overrides *o;
	struct override **v;
	size_t n, room;
	bool failed;
};

static bool make_room(struct loading *l)
{
	size_t room = l->room == 0 ? 64 : 2 * l->room;
	struct override **v;

	if (l->n < l->room)
		return true;
	v = realloc(l->v, room * sizeof(struct override *));
	if (v == NULL)
		return false;
	l->v = v;
	l->room = room;
	return true;
}

static void load_row(void *arg, const struct stored_override *row)
{
	const struct override fields = { .serial = row->serial,
					 .domain = row->domain,
					 .mode = row->mode,
					 .added_at = row->added_at,
					 .until = row->until,
					 .uid = row->uid,
					 .reason = row->reason,
					 .owner = row->owner,
					 .mx = row->mx };
	struct loading *l = arg;
	int r = -ENOMEM;

	if (make_room(l))
		r = override_make(&fields, &l->v[l->n]);
	if (r == 0)
		l->n++;
	else if (r < 0)
		l->failed = true;
}

/* Under the lock. */
static void mark_kept(struct loading *l)
{
	for (size_t i = 0; i < OVERRIDES_BUCKETS; i++)
		for (struct held_override *h = l->o->buckets[i]; h != NULL; h = h->next)
			h->is_kept = false;
	for (size_t i = 0; i < l->n; i++) {
		struct held_override *h = *overrides_place(l->o, l->v[i]->domain);

		if (h != NULL && h->o->serial == l->v[i]->serial)
			h->is_kept = true;
	}
}

/* Those in force that a new database does not know. */
static void keep_again(struct loading *l)
{
	struct loading lost = { .o = l->o };
	struct override *kept;

	pthread_mutex_lock(&l->o->lock);
	mark_kept(l);
	for (size_t i = 0; i < OVERRIDES_BUCKETS; i++)
		for (struct held_override *h = l->o->buckets[i]; h != NULL; h = h->next)
			if (!h->is_kept && make_room(&lost))
				lost.v[lost.n++] = override_ref(h->o);
	pthread_mutex_unlock(&l->o->lock);
	for (size_t i = 0; i < lost.n; i++) {
		if (overrides_keep(l->o, lost.v[i], &kept) == 0)
			override_unref(kept);
		else
			l->o->missing = true;
		override_unref(lost.v[i]);
	}
	free(lost.v);
}

static void put_in_force(struct overrides *o, struct override *ov)
{
	struct held_override *h = overrides_held_new(o, override_ref(ov));

	if (h == NULL) {
		o->missing = true;
		return;
	}
	pthread_mutex_lock(&o->lock);
	if (*overrides_place(o, ov->domain) == NULL) {
		overrides_insert(o, h);
		h = NULL;
	}
	pthread_mutex_unlock(&o->lock);
	overrides_held_free(h);
}

void overrides_load(struct overrides *o)
{
	struct loading l = { .o = o };

	o->missing = o->env->store.overrides(o->env->store.ctx, NULL, false, load_row, &l) < 0 ||
		     l.failed; /* once more, later */
	if (!o->missing)
		keep_again(&l);
	/* One row that cannot be read must not keep the others out of force. */
	for (size_t i = 0; i < l.n; i++)
		put_in_force(o, l.v[i]);
	for (size_t i = 0; i < l.n; i++)
		override_unref(l.v[i]);
	free(l.v);
}
