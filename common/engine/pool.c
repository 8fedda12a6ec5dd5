#include "config.h"

#include "common/engine/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pool_job *run;
	void *ctx;
	bool stopping;
	size_t busy;
	size_t head, count, size; /* of the ring */
	void **ring;
	size_t n_threads;
	pthread_t threads[];
};

static void *worker(void *arg)
{
	struct pool *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		void *job;

		while (p->count == 0 && !p->stopping)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stopping)
			break;
		job = p->ring[p->head];
		p->head = (p->head + 1) % p->size;
		p->count--;
		p->busy++;
		pthread_mutex_unlock(&p->lock);
		p->run(p->ctx, job);
		pthread_mutex_lock(&p->lock);
		p->busy--;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void pool_stop(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
}

static void join_all(struct pool *p)
{
	pool_stop(p);
	for (size_t i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
}

static void destroy(struct pool *p)
{
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->ring);
	free(p);
}

/* Signals belong to the daemon's own threads. */
static bool start_threads(struct pool *p, size_t threads)
{
	sigset_t all, old;
	bool ok = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (ok && p->n_threads < threads) {
		ok = pthread_create(&p->threads[p->n_threads], NULL, worker, p) == 0;
		if (ok)
			p->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ok;
}

struct pool *pool_new(size_t threads, size_t queue, pool_job *run, void *ctx)
{
	struct pool *p = calloc(1, sizeof(*p) + threads * sizeof(p->threads[0]));

	if (p == NULL)
		return NULL;
	p->size = queue > 0 ? queue : 1;
	p->ring = calloc(p->size, sizeof(p->ring[0]));
	p->run = run;
	p->ctx = ctx;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	if (p->ring == NULL || !start_threads(p, threads)) {
		join_all(p);
		destroy(p);
		return NULL;
	}
	return p;
}

static bool submit(struct pool *p, void *job, size_t limit)
{
	bool taken;

	if (p->n_threads == 0) {
		p->run(p->ctx, job);
		return true;
	}
	pthread_mutex_lock(&p->lock);
	taken = !p->stopping && p->count < limit;
	if (taken) {
		p->ring[(p->head + p->count) % p->size] = job;
		p->count++;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

bool pool_submit(struct pool *p, void *job)
{
	return submit(p, job, p->size);
}

bool pool_submit_idle(struct pool *p, void *job)
{
	return submit(p, job, (p->size + 1) / 2);
}

void pool_stats(struct pool *p, struct pool_stats *ret)
{
	pthread_mutex_lock(&p->lock);
	*ret = (struct pool_stats){ p->n_threads, p->busy, p->count };
	pthread_mutex_unlock(&p->lock);
}

struct pool *pool_free(struct pool *p, pool_job *drop)
{
	if (p == NULL)
		return NULL;
	join_all(p);
	while (p->count > 0) {
		drop(p->ctx, p->ring[p->head]);
		p->head = (p->head + 1) % p->size;
		p->count--;
	}
	destroy(p);
	return NULL;
}
