#include "config.h"

#include "common/engine/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "common/engine/timed_wait.h"

/* A job that runs; on its thread's stack. */
struct run {
	struct run *before, *after; /* in the order in which they were begun */
	int64_t slow_at;
	bool slow;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pool_job *run;
	void *ctx;
	struct pool_limits limits;
	bool stopping;
	bool watched; /* a thread without a job waits for one that runs to become slow */
	struct run *first, *last, *first_young; /* young: not slow */
	size_t busy, slow;
	size_t head, count, size; /* of the ring */
	void **ring;
	size_t n_threads;
	pthread_t threads[];
};

static int64_t now_ms(void *ctx)
{
	struct timespec t;
	(void)ctx;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Not the engine's: threads live in real time. */
static const struct clock real_clock = { .mono = now_ms };

static void begin(struct pool *p, struct run *r)
{
	*r = (struct run){ .before = p->last, .slow_at = now_ms(NULL) + p->limits.slow_ms };
	if (p->last != NULL)
		p->last->after = r;
	else
		p->first = r;
	p->last = r;
	if (p->first_young == NULL)
		p->first_young = r;
	p->busy++;
}

static void end(struct pool *p, struct run *r)
{
	if (p->first_young == r)
		p->first_young = r->after;
	if (r->before != NULL)
		r->before->after = r->after;
	else
		p->first = r->after;
	if (r->after != NULL)
		r->after->before = r->before;
	else
		p->last = r->before;
	p->busy--;
	p->slow -= r->slow;
}

static void grow_old(struct pool *p)
{
	int64_t now = now_ms(NULL);

	while (p->first_young != NULL && p->slow < p->limits.spare &&
	       now >= p->first_young->slow_at) {
		p->first_young->slow = true;
		p->first_young = p->first_young->after;
		p->slow++;
	}
}

/* Is there a job, and a place for it? */
static bool may_begin(struct pool *p)
{
	if (p->count == 0)
		return false;
	grow_old(p);
	return p->busy - p->slow < p->limits.threads;
}

/* One of the idle threads looks at the clock while jobs wait for a place. */
static void rest(struct pool *p)
{
	if (p->count == 0 || p->watched || p->first_young == NULL || p->slow == p->limits.spare) {
		pthread_cond_wait(&p->work, &p->lock);
	} else {
		p->watched = true;
		(void)timed_wait(&p->work, &p->lock, &real_clock, p->first_young->slow_at);
		p->watched = false;
	}
}

static void *worker(void *arg);

/* Signals belong to the daemon's own threads. */
static bool start_thread(struct pool *p)
{
	sigset_t all, old;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ok = pthread_create(&p->threads[p->n_threads], NULL, worker, p) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	p->n_threads += ok;
	return ok;
}

/* A job waits: one thread must be there to take it, or to watch the clock. Where no further one can be had, slow jobs hold their places. */
static void call_somebody(struct pool *p)
{
	if (p->n_threads == p->busy && !p->stopping &&
	    p->n_threads < p->limits.threads + p->limits.spare)
		(void)start_thread(p);
	if (!p->watched || may_begin(p))
		pthread_cond_signal(&p->work);
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	struct run r;
	void *job;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stopping && !may_begin(p))
			rest(p);
		if (p->stopping)
			break;
		job = p->ring[p->head];
		p->head = (p->head + 1) % p->size;
		p->count--;
		begin(p, &r);
		if (p->count > 0)
			call_somebody(p);
		pthread_mutex_unlock(&p->lock);
		p->run(p->ctx, job);
		pthread_mutex_lock(&p->lock);
		end(p, &r);
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

struct pool *pool_new(const struct pool_limits *limits, pool_job *run, void *ctx)
{
	struct pool *p =
		calloc(1, sizeof(*p) + (limits->threads + limits->spare) * sizeof(p->threads[0]));
	bool ok;

	if (p == NULL)
		return NULL;
	p->limits = *limits;
	p->size = limits->queue > 0 ? limits->queue : 1;
	p->ring = calloc(p->size, sizeof(p->ring[0]));
	p->run = run;
	p->ctx = ctx;
	pthread_mutex_init(&p->lock, NULL);
	timed_cond_init(&p->work);
	ok = p->ring != NULL;
	while (ok && p->n_threads < limits->threads)
		ok = start_thread(p);
	if (!ok) {
		join_all(p);
		destroy(p);
		return NULL;
	}
	return p;
}

static bool submit(struct pool *p, void *job, size_t limit)
{
	bool taken;

	if (p->limits.threads == 0) {
		p->run(p->ctx, job);
		return true;
	}
	pthread_mutex_lock(&p->lock);
	taken = !p->stopping && p->count < limit;
	if (taken) {
		p->ring[(p->head + p->count) % p->size] = job;
		p->count++;
		call_somebody(p);
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
	*ret = (struct pool_stats){ p->limits.threads, p->busy, p->slow, p->count };
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
