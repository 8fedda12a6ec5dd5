#include "config.h"

#include "common/engine/park.h"

#include <pthread.h>
#include <stdlib.h>

struct park {
	pthread_mutex_t lock;
	size_t head, count, size; /* of the ring */
	void *ring[];
};

struct park *park_new(size_t max)
{
	struct park *p = calloc(1, sizeof(*p) + max * sizeof(p->ring[0]));

	if (p == NULL)
		return NULL;
	p->size = max;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

struct park *park_free(struct park *p)
{
	if (p != NULL) {
		pthread_mutex_destroy(&p->lock);
		free(p);
	}
	return NULL;
}

bool park_put(struct park *p, void *job)
{
	bool fits;

	pthread_mutex_lock(&p->lock);
	fits = p->count < p->size;
	if (fits)
		p->ring[(p->head + p->count++) % p->size] = job;
	pthread_mutex_unlock(&p->lock);
	return fits;
}

void *park_take(struct park *p)
{
	void *job = NULL;

	pthread_mutex_lock(&p->lock);
	if (p->count > 0) {
		job = p->ring[p->head];
		p->head = (p->head + 1) % p->size;
		p->count--;
	}
	pthread_mutex_unlock(&p->lock);
	return job;
}

size_t park_count(struct park *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->count;
	pthread_mutex_unlock(&p->lock);
	return n;
}
