#include "config.h"

#include "milter/daemon/housekeeper.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

struct housekeeper {
	struct engine *engine;
	struct wire *wire;
	struct outcomes *outcomes;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping, stopped;
	pthread_t thread;
};

/* A second, or until stopped. False when stopped. */
static bool rest(struct housekeeper *h)
{
	struct timespec until;
	bool go_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_mutex_lock(&h->lock);
	while (!h->stopping && pthread_cond_timedwait(&h->wake, &h->lock, &until) == 0)
		;
	go_on = !h->stopping;
	pthread_mutex_unlock(&h->lock);
	return go_on;
}

static void *keep(void *arg)
{
	struct housekeeper *h = arg;
	const struct clock *clock = &wire_env(h->wire)->clock;
	int64_t next_test = clock_mono(clock) + wire_selftest_interval(h->wire);

	while (rest(h)) {
		engine_tick(h->engine);
		outcomes_tick(h->outcomes);
		wire_refresh_trust(h->wire);
		wire_watch_clock(h->wire);
		sd_notify(0, "WATCHDOG=1");
		if (clock_mono(clock) >= next_test) {
			wire_selftest(h->wire);
			next_test = clock_mono(clock) + wire_selftest_interval(h->wire);
		}
	}
	pthread_mutex_lock(&h->lock);
	h->stopped = true;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

struct housekeeper *housekeeper_start(struct engine *e, struct wire *w, struct outcomes *o)
{
	struct housekeeper *h = calloc(1, sizeof(*h));
	pthread_condattr_t attr;
	sigset_t all, old;
	int r;

	if (h == NULL)
		return NULL;
	h->engine = e;
	h->wire = w;
	h->outcomes = o;
	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&h->wake, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&h->thread, NULL, keep, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r == 0)
		return h;
	free(h);
	return NULL;
}

/* Not pthread_clockjoin_np(): ThreadSanitizer does not know it. */
struct housekeeper *housekeeper_stop(struct housekeeper *h, int64_t patience_ms)
{
	struct timespec until;
	bool stopped;

	if (h == NULL)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += patience_ms / 1000;
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_broadcast(&h->wake);
	/* A self-test may sit in a DNS time-out. */
	while (!h->stopped && pthread_cond_timedwait(&h->wake, &h->lock, &until) == 0)
		;
	stopped = h->stopped;
	pthread_mutex_unlock(&h->lock);
	if (!stopped)
		return h;
	pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h);
	return NULL;
}
