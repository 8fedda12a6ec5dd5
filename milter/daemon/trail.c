#include "config.h"

#include "milter/daemon/trail.h"

#include "common/base/siphash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, BUCKETS = TRAIL_HOPS / WAYS };

struct hop_trail {
	uint64_t
		hash; /* of the next-hop; two with the same are taken for one, which is as unlikely as two equal ids */
	struct trail_mark mark; /* serial 0: empty */
};

struct trail {
	struct siphash_key key;
	pthread_mutex_t lock; /* of what follows */
	atomic_ullong serial; /* read without the lock by trail_changes() alone */
	struct hop_trail hops[BUCKETS][WAYS];
};

struct trail *trail_new(uint64_t seed)
{
	struct trail *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->key = siphash_key_of(seed);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

struct trail *trail_free(struct trail *t)
{
	if (t != NULL) {
		pthread_mutex_destroy(&t->lock);
		free(t);
	}
	return NULL;
}

struct trail_terms trail_terms_of(const struct judgement *j)
{
	struct trail_terms t = { .known = j->entry != NULL };

	if (j->entry == NULL)
		return t;
	t.overridden = j->entry->is_overridden;
	if (t.overridden) {
		t.mode = (unsigned char)j->entry->rest->override->mode;
		t.hash = (uint64_t)j->entry->rest->override->serial;
	} else if (j->entry->policy != NULL) {
		t.mode = (unsigned char)j->entry->policy->mode;
		t.hash = j->entry->rest->more->body_hash;
		memcpy(t.id, j->entry->rest->more->id, sizeof(t.id));
	} else {
		t.known = j->knowledge != KNOW_PENDING && j->knowledge != KNOW_BUSY &&
			  !knowledge_is_lookup_failure(j->knowledge);
	}
	return t;
}

bool trail_terms_same(const struct trail_terms *a, const struct trail_terms *b)
{
	return a->known == b->known && a->overridden == b->overridden && a->mode == b->mode &&
	       a->hash == b->hash && strcmp(a->id, b->id) == 0;
}

const char *trail_terms_text(const struct trail_terms *t, char out[TERMS_TEXT])
{
	const char *mode = policy_mode_name((enum policy_mode)t->mode);

	if (!t->known)
		snprintf(out, TERMS_TEXT, "unknown");
	else if (t->overridden)
		snprintf(out, TERMS_TEXT, "override %s", mode);
	else if (t->id[0] != '\0')
		snprintf(out, TERMS_TEXT, "%s id=%s", mode, t->id);
	else
		snprintf(out, TERMS_TEXT, "%s", mode);
	return out;
}

static uint64_t hash_of(const struct trail *t, const struct nexthop *hop)
{
	char key[NEXTHOP_KEY_SIZE];

	nexthop_key(hop, key);
	return siphash13(&t->key, key, strlen(key));
}

/* Under the lock. The place of the next-hop, or NULL and the one that is to go for it. */
static struct hop_trail *find(struct trail *t, uint64_t hash, struct hop_trail **ret_oldest)
{
	struct hop_trail *bucket = t->hops[hash % BUCKETS], *oldest = bucket;

	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].mark.serial != 0 && bucket[i].hash == hash)
			return &bucket[i];
		if (bucket[i].mark.serial < oldest->mark.serial)
			oldest = &bucket[i];
	}
	if (ret_oldest != NULL)
		*ret_oldest = oldest;
	return NULL;
}

static bool has_id(const struct trail_mark *m, const char *id)
{
	return m->n_ids > 0 && strcmp(m->ids[0], id) == 0;
}

void trail_note(struct trail *t, const struct nexthop *hop, const char *id,
		const struct trail_terms *terms)
{
	uint64_t hash = hash_of(t, hop);
	struct hop_trail *h, *oldest;

	pthread_mutex_lock(&t->lock);
	h = find(t, hash, &oldest);
	if (h == NULL) {
		h = oldest;
		*h = (struct hop_trail){ .hash = hash };
	}
	h->mark.serial = ++t->serial;
	if (!has_id(&h->mark, id)) {
		memmove(h->mark.ids[1], h->mark.ids[0], (TRAIL_IDS - 1) * DECISION_ID_SIZE);
		snprintf(h->mark.ids[0], DECISION_ID_SIZE, "%s", id);
		h->mark.n_ids += h->mark.n_ids < TRAIL_IDS;
	}
	h->mark.terms = *terms;
	pthread_mutex_unlock(&t->lock);
}

uint64_t trail_changes(const struct trail *t)
{
	return atomic_load(&t->serial);
}

bool trail_find(struct trail *t, const struct nexthop *hop, struct trail_mark *ret)
{
	uint64_t hash = hash_of(t, hop);
	const struct hop_trail *h;

	pthread_mutex_lock(&t->lock);
	h = find(t, hash, NULL);
	if (h != NULL)
		*ret = h->mark;
	pthread_mutex_unlock(&t->lock);
	return h != NULL;
}
