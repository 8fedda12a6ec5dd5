#include "tests/unit/test.h"

#include "common/engine/flight.h"
#include "common/engine/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static int64_t mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct clock real_clock = { NULL, mono, NULL };

enum { THREADS = 32 };

struct crowd {
	struct flights *flights;
	pthread_barrier_t start;
	atomic_uint joined, leaders, right;
};

static void *join_crowd(void *arg)
{
	struct crowd *c = arg;
	bool leader;
	struct flight *call;

	pthread_barrier_wait(&c->start);
	call = flight_join(c->flights, "d.example", &leader);
	atomic_fetch_add(&c->joined, 1);
	if (leader) {
		atomic_fetch_add(&c->leaders, 1);
		while (atomic_load(&c->joined) < THREADS)
			;
		flight_land(c->flights, call, strdup("result"), free);
	}
	if (flight_wait(c->flights, call, &real_clock, mono(NULL) + 10000) &&
	    strcmp(flight_result(call), "result") == 0)
		atomic_fetch_add(&c->right, 1);
	flight_unref(c->flights, call);
	return NULL;
}

static void one_leads_all_get_the_result(void **state)
{
	struct crowd c = { .flights = flights_new(10) };
	pthread_t threads[THREADS];
	(void)state;

	pthread_barrier_init(&c.start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, join_crowd, &c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.right, THREADS);
	assert_int_equal(c.leaders, 1);
	assert_int_equal(flights_count(c.flights), 0);
	pthread_barrier_destroy(&c.start);
	flights_free(c.flights);
}

static void a_deadline_leaves_the_call_flying(void **state)
{
	struct flights *f = flights_new(2);
	bool leader, second;
	struct flight *call = flight_join(f, "a", &leader), *again;
	(void)state;

	assert_true(leader);
	assert_false(flight_wait(f, call, &real_clock, mono(NULL) + 10));
	again = flight_join(f, "a", &second);
	assert_false(second);
	assert_ptr_equal(call, again);
	flight_land(f, call, NULL, NULL);
	assert_true(flight_wait(f, again, &real_clock, 0));
	flight_unref(f, call);
	flight_unref(f, again);
	flights_free(f);
}

static void the_air_is_limited(void **state)
{
	struct flights *f = flights_new(1);
	bool leader;
	struct flight *call = flight_join(f, "a", &leader);
	(void)state;

	assert_null(flight_join(f, "b", &leader));
	flights_stop(f);
	assert_false(flight_wait(f, call, &real_clock, mono(NULL) + 60000));
	flight_land(f, call, NULL, NULL);
	flight_unref(f, call);
	flights_free(f);
}

static void count_ring(void *arg)
{
	++*(unsigned *)arg;
}

static void watchers_are_rung_once(void **state)
{
	/* The newest two, two beside each other, the oldest, and one of them twice. */
	static const unsigned gone[] = { 7, 6, 4, 3, 0, 3 };
	struct flights *f = flights_new(2);
	bool leader;
	struct flight *call = flight_join(f, "a", &leader);
	unsigned n[8] = { 0 }, want[8] = { 0, 1, 1, 0, 0, 1, 0, 0 };
	struct flight_watcher w[8];
	(void)state;

	for (int i = 0; i < 8; i++) {
		w[i] = (struct flight_watcher){ .ring = count_ring, .arg = &n[i] };
		assert_true(flight_watch(f, call, &w[i]));
	}
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		flight_unwatch(f, &w[gone[i]]);
	flight_land(f, call, NULL, NULL);
	assert_memory_equal(n, want, sizeof(n));
	/* Landed: there is nothing to wait for. */
	assert_false(flight_watch(f, call, &w[0]));
	flight_unwatch(f, &w[0]);
	flight_unwatch(f, &w[1]);
	flight_unref(f, call);
	flights_free(f);
}

static void stopping_rings_watchers(void **state)
{
	struct flights *f = flights_new(2);
	bool leader;
	struct flight *calls[] = { flight_join(f, "a", &leader), flight_join(f, "b", &leader) };
	unsigned n[2] = { 0 };
	struct flight_watcher w[2], late = { .ring = count_ring, .arg = &n[0] };
	(void)state;

	for (int i = 0; i < 2; i++) {
		w[i] = (struct flight_watcher){ .ring = count_ring, .arg = &n[i] };
		assert_true(flight_watch(f, calls[i], &w[i]));
	}
	flights_stop(f);
	assert_false(flight_watch(f, calls[0], &late));
	for (int i = 0; i < 2; i++) {
		flight_land(f, calls[i], NULL, NULL);
		flight_unref(f, calls[i]);
		assert_int_equal(n[i], 1);
	}
	flights_free(f);
}

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	unsigned entered;
	atomic_uint ran, dropped;
};

static void run_gated(void *ctx, void *job)
{
	struct gate *g = ctx;

	(void)job;
	pthread_mutex_lock(&g->lock);
	g->entered++;
	pthread_cond_broadcast(&g->changed);
	while (!g->open)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
	atomic_fetch_add(&g->ran, 1);
}

static void drop(void *ctx, void *job)
{
	struct gate *g = ctx;

	(void)job;
	atomic_fetch_add(&g->dropped, 1);
}

static void a_full_queue_is_an_answer(void **state)
{
	struct gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct pool *p = pool_new(&(struct pool_limits){ .threads = 2, .queue = 4 }, run_gated, &g);
	struct pool_stats stats;
	(void)state;

	assert_non_null(p);
	assert_true(pool_submit(p, &g) && pool_submit(p, &g));
	pthread_mutex_lock(&g.lock);
	while (g.entered < 2)
		pthread_cond_wait(&g.changed, &g.lock);
	pthread_mutex_unlock(&g.lock);
	/* Both workers are busy: four may wait, of which background work may take half. */
	assert_true(pool_submit_idle(p, &g) && pool_submit_idle(p, &g));
	assert_false(pool_submit_idle(p, &g));
	assert_true(pool_submit(p, &g) && pool_submit(p, &g));
	assert_false(pool_submit(p, &g));
	pool_stats(p, &stats);
	assert_int_equal(stats.queued, 4);
	assert_int_equal(stats.busy, 2);
	pthread_mutex_lock(&g.lock);
	g.open = true;
	pthread_cond_broadcast(&g.changed);
	pthread_mutex_unlock(&g.lock);
	pool_free(p, drop);
	assert_int_equal(g.ran + g.dropped, 6);
}

/* Until so many run; the test fails when they do not begin. */
static void await_entered(struct gate *g, unsigned n)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	pthread_mutex_lock(&g->lock);
	while (g->entered < n && r == 0)
		r = pthread_cond_timedwait(&g->changed, &g->lock, &until);
	pthread_mutex_unlock(&g->lock);
	assert_int_equal(r, 0);
}

static void open_gate(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

/* Two places, three that may be slow: of jobs that are slow at once five run, and no sixth. */
static void slow_jobs_make_room(void **state)
{
	struct gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct pool *p = pool_new(&(struct pool_limits){ .threads = 2, .spare = 3, .queue = 9 },
				  run_gated, &g);
	struct pool_stats stats;
	(void)state;

	assert_non_null(p);
	for (int i = 0; i < 9; i++)
		assert_true(pool_submit(p, &g));
	await_entered(&g, 5);
	pool_stats(p, &stats);
	assert_int_equal(stats.busy, 5);
	assert_int_equal(stats.slow, 3);
	assert_int_equal(stats.queued, 4);
	open_gate(&g);
	await_entered(&g, 9);
	pool_free(p, drop);
	assert_int_equal(g.ran, 9);
	assert_int_equal(g.dropped, 0);
}

/* Nobody submits and nobody finishes: whoever is idle sees the time pass. */
static void time_makes_room(void **state)
{
	struct gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct pool *p = pool_new(
		&(struct pool_limits){ .threads = 2, .spare = 4, .queue = 9, .slow_ms = 20 },
		run_gated, &g);
	(void)state;

	assert_non_null(p);
	for (int i = 0; i < 6; i++)
		assert_true(pool_submit(p, &g));
	await_entered(&g, 6);
	open_gate(&g);
	pool_free(p, drop);
	assert_int_equal(g.ran, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_leads_all_get_the_result),
		cmocka_unit_test(a_deadline_leaves_the_call_flying),
		cmocka_unit_test(the_air_is_limited),
		cmocka_unit_test(watchers_are_rung_once),
		cmocka_unit_test(stopping_rings_watchers),
		cmocka_unit_test(a_full_queue_is_an_answer),
		cmocka_unit_test(slow_jobs_make_room),
		cmocka_unit_test(time_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
