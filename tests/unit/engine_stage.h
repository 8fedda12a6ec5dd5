/* engine_stage.h - the engine with real threads, between fakes, and a gate that holds the workers
 *
 * For test_engine.c and test_meanwhile.c.
 */
#ifndef TESTS_UNIT_ENGINE_STAGE_H
#define TESTS_UNIT_ENGINE_STAGE_H

#include "tests/unit/test.h"

#include "common/engine/engine.h"
#include "common/engine/overrides.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const char *held; /* kind of question that is held back; NULL: none */
	unsigned holding;
	atomic_uint waits;
	atomic_llong skipped; /* milliseconds */
};

/* Real time, so that waits end, plus what was leapt over. */
static inline int64_t mono(void *ctx)
{
	struct stage *s = ctx; /* its world is its first member */
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + atomic_load(&s->skipped);
}

/* While no worker is at work. */
static inline void leap(struct stage *s, int64_t seconds)
{
	s->world.wall += seconds;
	atomic_fetch_add(&s->skipped, seconds * 1000);
}

static inline void hold(void *arg, const char *kind)
{
	struct stage *s = arg;

	pthread_mutex_lock(&s->lock);
	s->holding++;
	pthread_cond_broadcast(&s->changed);
	while (s->held != NULL && strcmp(s->held, kind) == 0)
		pthread_cond_wait(&s->changed, &s->lock);
	s->holding--;
	pthread_mutex_unlock(&s->lock);
}

static inline void hold_kind(struct stage *s, const char *kind)
{
	pthread_mutex_lock(&s->lock);
	s->held = kind;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static inline void wait_until_held(struct stage *s, unsigned n)
{
	pthread_mutex_lock(&s->lock);
	while (s->holding < n)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static inline void about_to_wait(void *arg)
{
	struct stage *s = arg;

	atomic_fetch_add(&s->waits, 1);
}

static inline void open_stage(struct stage *s, const char *config)
{
	struct buf error;

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	fake_world_init(&s->world);
	s->world.before = hold;
	s->world.before_arg = s;
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.clock.mono = mono;
	s->env.store = fake_store_port(s->store);
	s->env.about_to_wait = about_to_wait;
	s->env.wait_arg = s;
	buf_init(&error, 1000);
	if (settings_parse(span_of(config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	s->engine = engine_new(&s->env, s->settings);
	assert_non_null(s->engine);
	fake_world_tell(&s->world, "txt", "d.example", "\"v=STSv1; id=1;\"");
	fake_world_tell(&s->world, "fetch", "d.example",
			"version: STSv1\\nmode: enforce\\nmx: mx.d.example\\nmax_age: 86400\\n");
	fake_world_tell(&s->world, "mx", "d.example", "10 mx.d.example");
	fake_world_tell(&s->world, "addr", "mx.d.example", "20.0.0.1");
	fake_world_tell(&s->world, "probe", "mx.d.example 20.0.0.1", "ok");
}

static inline void close_stage(struct stage *s)
{
	hold_kind(s, NULL);
	engine_free(s->engine);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
}

static inline enum knowledge ask(struct stage *s, const char *domain, int64_t patience)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));
	struct judgement j;

	engine_check(s->engine, &hop, mono(s) + patience, &j);
	judgement_release(&j);
	return j.knowledge;
}

struct waiter {
	struct stage *stage;
	enum knowledge got;
	pthread_t thread;
};

static inline void *wait_for_answer(void *arg)
{
	struct waiter *w = arg;

	w->got = ask(w->stage, "d.example", 20000);
	return NULL;
}

static inline void wait_until_landed(struct stage *s)
{
	struct engine_status status;

	do
		engine_status(s->engine, &status);
	while (status.in_flight > 0);
}

static inline void make_due(struct stage *s, const char *domain, int64_t due_at)
{
	struct stored_upkeep u;

	assert_int_equal(s->env.store.upkeep_get(s->env.store.ctx, domain, &u), 0);
	u.due_at = due_at;
	assert_int_equal(s->env.store.upkeep_put(s->env.store.ctx, domain, &u), 0);
}

#endif
