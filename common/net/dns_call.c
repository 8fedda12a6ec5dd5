#include "config.h"

#include "common/net/dns_call.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct dns_call {
	pthread_mutex_t lock;
	pthread_cond_t all_done;
	size_t refs;
	size_t pending;
	size_t n;
	struct dns_slot slots[];
};

static int cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	int r = pthread_condattr_init(&attr);

	if (r != 0)
		return r;
	r = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (r == 0)
		r = pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
	return r;
}

struct dns_call *dns_call_new(size_t n)
{
	struct dns_call *c = calloc(1, sizeof(*c) + n * sizeof(c->slots[0]));

	if (c == NULL)
		return NULL;
	if (pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	if (cond_init(&c->all_done) != 0) {
		pthread_mutex_destroy(&c->lock);
		free(c);
		return NULL;
	}
	c->refs = 1;
	c->n = n;
	for (size_t i = 0; i < n; i++)
		c->slots[i].call = c;
	return c;
}

void dns_call_unref(struct dns_call *c)
{
	size_t left;

	pthread_mutex_lock(&c->lock);
	left = --c->refs;
	pthread_mutex_unlock(&c->lock);
	if (left > 0)
		return;
	for (size_t i = 0; i < c->n; i++)
		ub_resolve_free(c->slots[i].result);
	pthread_cond_destroy(&c->all_done);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct dns_slot *dns_call_slot(struct dns_call *c, size_t i)
{
	return &c->slots[i];
}

void dns_call_expect(struct dns_slot *s)
{
	struct dns_call *c = s->call;

	pthread_mutex_lock(&c->lock);
	c->refs++;
	c->pending++;
	pthread_mutex_unlock(&c->lock);
}

void dns_call_deliver(void *slot, int error, struct ub_result *result)
{
	struct dns_slot *s = slot;
	struct dns_call *c = s->call;

	pthread_mutex_lock(&c->lock);
	s->done = true;
	s->error = error;
	s->result = result;
	if (--c->pending == 0)
		pthread_cond_signal(&c->all_done);
	pthread_mutex_unlock(&c->lock);
	dns_call_unref(c);
}

void dns_call_forget(struct dns_slot *s)
{
	struct dns_call *c = s->call;

	pthread_mutex_lock(&c->lock);
	c->pending--;
	pthread_mutex_unlock(&c->lock);
	dns_call_unref(c);
}

static struct timespec later(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

void dns_call_wait(struct dns_call *c, int64_t wait_ms)
{
	struct timespec until = later(wait_ms > 0 ? wait_ms : 0);
	int r = 0;

	pthread_mutex_lock(&c->lock);
	while (c->pending > 0 && r == 0)
		r = pthread_cond_timedwait(&c->all_done, &c->lock, &until);
	pthread_mutex_unlock(&c->lock);
}

bool dns_call_done(struct dns_slot *s)
{
	bool done;

	pthread_mutex_lock(&s->call->lock);
	done = s->done;
	pthread_mutex_unlock(&s->call->lock);
	return done;
}
