#include "config.h"

#include "common/engine/entry.h"

#include <stdlib.h>
#include <string.h>

static struct entry *of_item(struct cache_item *item)
{
	return (struct entry *)item; /* item is the first member */
}

static void entry_free(struct cache_item *item)
{
	struct entry *e = of_item(item);

	policy_unref(e->policy);
	assessment_unref(e->assessment);
	free(e);
}

struct entry *entry_new(const struct entry *draft)
{
	char key[NEXTHOP_KEY_SIZE];
	bool plain = strcmp(nexthop_key(&draft->hop, key), draft->hop.domain) == 0;
	size_t key_size = plain ? 0 : strlen(key) + 1;
	size_t bytes = sizeof(*draft) + key_size;
	struct entry *e = malloc(bytes);

	if (e == NULL)
		return NULL;
	*e = *draft;
	memcpy(e->key, key, key_size);
	if (e->policy != NULL) {
		policy_ref(e->policy);
		bytes += sizeof(*e->policy) + e->policy->n_mx * 32; /* near enough for a budget */
	}
	if (e->assessment != NULL) {
		assessment_ref(e->assessment);
		bytes += assessment_bytes(e->assessment);
	}
	cache_item_init(&e->item, plain ? e->hop.domain : e->key, bytes, entry_free);
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

bool entry_is_fresh(const struct entry *e, int64_t mono, int64_t wall)
{
	return mono < e->fresh_until && (e->policy == NULL || wall < e->expires_at);
}

bool entry_holds(const struct entry *e, enum policy_mode mode, int64_t wall)
{
	return e->policy != NULL && e->policy->mode == mode && wall < e->expires_at;
}
