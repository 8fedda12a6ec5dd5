#include "config.h"

#include "common/engine/flight.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "common/engine/timed_wait.h"

struct flight {
	UT_hash_handle hh;
	unsigned refs;
	bool landed;
	bool spoiled;
	void *result;
	void (*release)(void *);
	struct flight_watcher *watchers;
	pthread_cond_t done;
	char key[];
};

struct flights {
	pthread_mutex_t lock;
	struct flight *in_air;
	size_t n, max;
	bool stopping;
};

struct flights *flights_new(size_t max)
{
	struct flights *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->max = max;
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

struct flights *flights_free(struct flights *f)
{
	if (f != NULL) {
		pthread_mutex_destroy(&f->lock);
		free(f);
	}
	return NULL;
}

static struct flight *flight_new(const char *key)
{
	size_t n = strlen(key) + 1;
	struct flight *call = calloc(1, sizeof(*call) + n);

	if (call == NULL)
		return NULL;
	memcpy(call->key, key, n);
	timed_cond_init(&call->done);
	return call;
}

struct flight *flight_join(struct flights *f, const char *key, bool *ret_leader)
{
	struct flight *call;

	pthread_mutex_lock(&f->lock);
	HASH_FIND_STR(f->in_air, key, call);
	*ret_leader = false;
	if (call == NULL && f->n < f->max && (call = flight_new(key)) != NULL) {
		HASH_ADD_KEYPTR(hh, f->in_air, call->key, strlen(call->key), call);
		f->n++;
		call->refs = 1; /* the leader's, until it lands the call */
		*ret_leader = true;
	}
	if (call != NULL)
		call->refs++;
	pthread_mutex_unlock(&f->lock);
	return call;
}

static bool unref_locked(struct flight *call)
{
	return --call->refs == 0;
}

static void flight_free(struct flight *call)
{
	if (call->release != NULL)
		call->release(call->result);
	pthread_cond_destroy(&call->done);
	free(call);
}

/* Under the lock, so that flight_unwatch() cannot overtake a ring. */
static void wake_all(struct flight *call)
{
	struct flight_watcher *w;

	pthread_cond_broadcast(&call->done);
	while ((w = call->watchers) != NULL) {
		call->watchers = w->next;
		if (w->next != NULL)
			w->next->link = &call->watchers;
		w->link = NULL;
		w->ring(w->arg);
	}
}

void flight_land(struct flights *f, struct flight *call, void *result, void (*release)(void *))
{
	bool last;

	pthread_mutex_lock(&f->lock);
	call->result = result;
	call->release = release;
	call->landed = true;
	HASH_DELETE(hh, f->in_air, call);
	f->n--;
	wake_all(call);
	last = unref_locked(call);
	pthread_mutex_unlock(&f->lock);
	if (last)
		flight_free(call);
}

bool flight_wait(struct flights *f, struct flight *call, const struct clock *clock,
		 int64_t deadline)
{
	bool landed;

	pthread_mutex_lock(&f->lock);
	while (!call->landed && !f->stopping && timed_wait(&call->done, &f->lock, clock, deadline))
		;
	landed = call->landed;
	pthread_mutex_unlock(&f->lock);
	return landed;
}

bool flight_watch(struct flights *f, struct flight *call, struct flight_watcher *w)
{
	bool waits;

	pthread_mutex_lock(&f->lock);
	waits = !call->landed && !f->stopping;
	w->link = NULL;
	if (waits) {
		w->next = call->watchers;
		w->link = &call->watchers;
		if (w->next != NULL)
			w->next->link = &w->next;
		call->watchers = w;
	}
	pthread_mutex_unlock(&f->lock);
	return waits;
}

void flight_unwatch(struct flights *f, struct flight_watcher *w)
{
	pthread_mutex_lock(&f->lock);
	if (w->link != NULL) {
		*w->link = w->next;
		if (w->next != NULL)
			w->next->link = w->link;
		w->link = NULL;
	}
	pthread_mutex_unlock(&f->lock);
}

void flights_stop(struct flights *f)
{
	struct flight *call, *next;

	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	HASH_ITER(hh, f->in_air, call, next)
	wake_all(call);
	pthread_mutex_unlock(&f->lock);
}

void flights_spoil(struct flights *f, const char *key)
{
	struct flight *call;

	pthread_mutex_lock(&f->lock);
	HASH_FIND_STR(f->in_air, key, call);
	if (call != NULL)
		call->spoiled = true;
	pthread_mutex_unlock(&f->lock);
}

bool flight_is_spoiled(struct flights *f, const struct flight *call)
{
	bool spoiled;

	pthread_mutex_lock(&f->lock);
	spoiled = call->spoiled;
	pthread_mutex_unlock(&f->lock);
	return spoiled;
}

bool flights_have(struct flights *f, const char *key)
{
	struct flight *call;

	pthread_mutex_lock(&f->lock);
	HASH_FIND_STR(f->in_air, key, call);
	pthread_mutex_unlock(&f->lock);
	return call != NULL;
}

void *flight_result(const struct flight *call)
{
	return call->result;
}

void flight_unref(struct flights *f, struct flight *call)
{
	bool last;

	pthread_mutex_lock(&f->lock);
	last = unref_locked(call);
	pthread_mutex_unlock(&f->lock);
	if (last)
		flight_free(call);
}

size_t flights_count(struct flights *f)
{
	size_t n;

	pthread_mutex_lock(&f->lock);
	n = f->n;
	pthread_mutex_unlock(&f->lock);
	return n;
}
