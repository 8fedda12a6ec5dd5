#include "config.h"

#include "common/engine/told.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/siphash.h"

enum { SETS = 1024, WAYS = 4 };

struct place {
	uint64_t hash; /* 0: free */
	int64_t until;
	unsigned unsaid;
};

struct told {
	pthread_mutex_t lock;
	struct siphash_key key;
	struct place places[SETS][WAYS];
};

struct told *told_new(uint64_t seed)
{
	struct told *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->key = siphash_key_of(seed);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

struct told *told_free(struct told *t)
{
	if (t != NULL) {
		pthread_mutex_destroy(&t->lock);
		free(t);
	}
	return NULL;
}

/* The place of this event, or the one that may be taken for it. */
static struct place *find(struct told *t, uint64_t hash)
{
	struct place *set = t->places[hash % SETS], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == hash)
			return &set[i];
		if (set[i].until < oldest->until)
			oldest = &set[i];
	}
	return oldest;
}

bool told_may(struct told *t, const char *domain, unsigned kind, int64_t mono,
	      unsigned *ret_unsaid)
{
	uint64_t hash = (siphash13(&t->key, domain, strlen(domain)) ^
			 ((uint64_t)kind + 1) * 0x9e3779b97f4a7c15U) |
			1;
	struct place *p;
	bool may;

	pthread_mutex_lock(&t->lock);
	p = find(t, hash);
	may = p->hash != hash || mono >= p->until;
	*ret_unsaid = 0;
	if (may) {
		if (p->hash == hash)
			*ret_unsaid = p->unsaid;
		*p = (struct place){ .hash = hash, .until = mono + TOLD_EVERY * 1000 };
	} else {
		p->unsaid++;
	}
	pthread_mutex_unlock(&t->lock);
	return may;
}
