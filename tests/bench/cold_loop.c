#include "config.h"

#include "tests/bench/cold_loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

enum { EVENTS = 64, FIRST_SIZE = 4096 };

static const uint64_t SECOND = 1000000000;

struct due {
	uint64_t at;
	cold_action *action;
	void *arg;
};

struct line {
	struct due *ring;
	size_t head, n, size;
};

struct cold_loop {
	int epoll;
	const _Atomic uint64_t *round_trip;
	struct line line[COLD_LINES];
};

static uint64_t now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

struct cold_loop *cold_loop_new(const _Atomic uint64_t *round_trip_ns)
{
	struct cold_loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		abort();
	l->round_trip = round_trip_ns;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		abort();
	return l;
}

static void grow(struct line *q)
{
	size_t size = q->size == 0 ? FIRST_SIZE : q->size * 2;
	struct due *ring = calloc(size, sizeof(*ring));

	if (ring == NULL)
		abort();
	for (size_t i = 0; i < q->n; i++)
		ring[i] = q->ring[(q->head + i) % q->size];
	free(q->ring);
	*q = (struct line){ .ring = ring, .n = q->n, .size = size };
}

void cold_loop_after(struct cold_loop *l, enum cold_line line, cold_action *action, void *arg)
{
	struct line *q = &l->line[line];
	uint64_t delay = line == COLD_SECOND ? SECOND : atomic_load(l->round_trip);

	if (q->n == q->size)
		grow(q);
	q->ring[(q->head + q->n++) % q->size] = (struct due){ now() + delay, action, arg };
}

bool cold_loop_watch(struct cold_loop *l, struct cold_watch *w)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = w };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &e) == 0;
}

void cold_loop_unwatch(struct cold_loop *l, struct cold_watch *w)
{
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

/* Does what is due; returns when the next thing is. */
static uint64_t run_due(struct cold_loop *l)
{
	uint64_t next = UINT64_MAX, t = now();

	for (unsigned i = 0; i < COLD_LINES; i++) {
		struct line *q = &l->line[i];

		while (q->n > 0 && q->ring[q->head].at <= t) {
			struct due d = q->ring[q->head];

			q->head = (q->head + 1) % q->size;
			q->n--;
			d.action(d.arg);
		}
		if (q->n > 0 && q->ring[q->head].at < next)
			next = q->ring[q->head].at;
	}
	return next;
}

void cold_loop_run(struct cold_loop *l)
{
	for (;;) {
		struct epoll_event event[EVENTS];
		uint64_t next = run_due(l), t = now(), left = next > t ? next - t : 0;
		struct timespec wait = { (time_t)(left / SECOND), (long)(left % SECOND) };
		int n = epoll_pwait2(l->epoll, event, EVENTS, next == UINT64_MAX ? NULL : &wait,
				     NULL);

		if (n < 0 && errno != EINTR)
			abort();
		for (int i = 0; i < n; i++) {
			struct cold_watch *w = event[i].data.ptr;

			w->readable(w->arg);
		}
	}
}
