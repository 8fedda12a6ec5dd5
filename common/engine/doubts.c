#include "config.h"

#include "common/engine/doubts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/siphash.h"

/* The last ones in a ring: whoever would overwrite one that is still young is one too many. */
struct doubts {
	pthread_mutex_t lock;
	struct siphash_key key;
	struct doubt {
		uint64_t hash; /* 0: none yet */
		int64_t at;
	} last[DOUBTS_MOST];
	unsigned next;
};

struct doubts *doubts_new(uint64_t seed)
{
	struct doubts *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->key = siphash_key_of(seed);
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

struct doubts *doubts_free(struct doubts *d)
{
	if (d != NULL) {
		pthread_mutex_destroy(&d->lock);
		free(d);
	}
	return NULL;
}

static bool is_young(const struct doubt *one, int64_t mono)
{
	return one->hash != 0 && mono - one->at < DOUBTS_EVERY * 1000;
}

bool doubts_may(struct doubts *d, const char *host, int64_t mono)
{
	uint64_t hash = siphash13(&d->key, host, strlen(host)) | 1;
	bool may;

	pthread_mutex_lock(&d->lock);
	may = !is_young(&d->last[d->next], mono);
	for (unsigned i = 0; may && i < DOUBTS_MOST; i++)
		may = d->last[i].hash != hash || !is_young(&d->last[i], mono);
	if (may) {
		d->last[d->next] = (struct doubt){ hash, mono };
		d->next = (d->next + 1) % DOUBTS_MOST;
	}
	pthread_mutex_unlock(&d->lock);
	return may;
}
