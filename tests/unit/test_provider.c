/* A provider stands behind many domains: what it sees of us, with real threads. */
#include "tests/unit/test.h"

#include "common/engine/engine.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { DOMAINS = 1000, CLIENTS = 40, PLACES = 4 };

/* How many connections one address sees at once. */
struct counted {
	struct netaddr addr;
	unsigned inside, most;
	bool held; /* who is inside stays there */
};

struct stage {
	struct fake_world world;
	struct engine_env honest;
	struct fake_store *store;
	struct engine_env env;
	struct settings *settings;
	struct engine *engine;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct counted counted;
	atomic_llong skipped; /* milliseconds */
};

static int64_t mono(void *ctx)
{
	struct stage *s = ctx; /* its world is its first member */
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + atomic_load(&s->skipped);
}

/* The first ones stay until as many are inside as may be, so that too many would be seen. */
static void come(struct stage *s, const struct netaddr *a)
{
	struct counted *c = &s->counted;

	if (!netaddr_eq(a, &c->addr))
		return;
	pthread_mutex_lock(&s->lock);
	if (++c->inside > c->most)
		c->most = c->inside;
	pthread_cond_broadcast(&s->changed);
	while (c->most < PLACES || c->held)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void go(struct stage *s, const struct netaddr *a)
{
	if (!netaddr_eq(a, &s->counted.addr))
		return;
	pthread_mutex_lock(&s->lock);
	s->counted.inside--;
	pthread_mutex_unlock(&s->lock);
}

static void get(void *ctx, struct fetch *f, int64_t deadline, struct arena *arena)
{
	struct stage *s = ctx;

	come(s, &f->addrs[0]);
	s->honest.fetcher.get(s->honest.fetcher.ctx, f, deadline, arena);
	go(s, &f->addrs[0]);
}

static void probe(void *ctx, struct probe *p, size_t n, int64_t deadline)
{
	struct stage *s = ctx;

	for (size_t i = 0; i < n; i++)
		come(s, &p[i].addr);
	s->honest.prober.probe(s->honest.prober.ctx, p, n, deadline);
	for (size_t i = 0; i < n; i++)
		go(s, &p[i].addr);
}

static void open_stage(struct stage *s, const char *config, const char *counted)
{
	struct buf error;

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	assert_true(netaddr_parse(span_of(counted), &s->counted.addr));
	fake_world_init(&s->world);
	fake_world_wire(&s->world, &s->honest);
	s->store = fake_store_new();
	s->env = s->honest;
	s->env.clock.mono = mono;
	s->env.store = fake_store_port(s->store);
	s->env.fetcher = (struct fetcher){ get, s };
	s->env.prober = (struct prober){ probe, s };
	buf_init(&error, 1000);
	if (settings_parse(span_of(config), "test.conf", &s->settings, &error) != 0)
		fail_msg("%s", buf_text(&error));
	buf_release(&error);
	s->engine = engine_new(&s->env, s->settings);
	assert_non_null(s->engine);
}

static void close_stage(struct stage *s)
{
	engine_free(s->engine);
	settings_free(s->settings);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
}

static void tell_domain(struct stage *s, unsigned i, bool own_mx, const char *policy_host)
{
	char name[100], host[60], text[200];

	snprintf(name, sizeof(name), "d%u.example", i);
	fake_world_tell(&s->world, "txt", name, "\"v=STSv1; id=1;\"");
	fake_world_tell(&s->world, "fetch", name,
			"version: STSv1\\nmode: enforce\\nmx: *.host.example\\nmax_age: 604800\\n");
	snprintf(host, sizeof(host), "mx%u.host.example", own_mx ? i : 0);
	snprintf(text, sizeof(text), "ttl=3600 10 %s", host);
	fake_world_tell(&s->world, "mx", name, text);
	snprintf(name, sizeof(name), "mta-sts.d%u.example", i);
	if (policy_host != NULL)
		fake_world_tell(&s->world, "addr", name, policy_host);
}

static void tell_host(struct stage *s, unsigned i, bool own_mx, const char *address)
{
	char host[60], text[200];

	snprintf(host, sizeof(host), "mx%u.host.example", own_mx ? i : 0);
	fake_world_tell(&s->world, "addr", host, address);
	snprintf(text, sizeof(text), "%s %s", host, address);
	fake_world_tell(&s->world, "probe", text, "ok");
}

static enum knowledge ask(struct stage *s, unsigned i, int64_t patience)
{
	char name[32];
	struct nexthop hop;
	struct judgement j;

	snprintf(name, sizeof(name), "d%u.example", i);
	hop = nexthop_of_route(span_of(name));
	engine_check(s->engine, &hop, mono(s) + patience, &j);
	judgement_release(&j);
	return j.knowledge;
}

struct clients {
	struct stage *stage;
	atomic_uint next, passed, done;
	pthread_t threads[CLIENTS];
};

static void *ask_many(void *arg)
{
	struct clients *c = arg;
	unsigned i;

	while ((i = atomic_fetch_add(&c->next, 1)) < DOMAINS)
		if (ask(c->stage, i, 60000) == KNOW_ENFORCE_PASSED)
			atomic_fetch_add(&c->passed, 1);
	atomic_fetch_add(&c->done, 1);
	return NULL;
}

/* More often than the daemon's housekeeper does. */
static void tick(struct stage *s)
{
	static const struct timespec pause = { 0, 10000000 };

	engine_tick(s->engine);
	nanosleep(&pause, NULL);
}

static unsigned ask_all(struct stage *s)
{
	struct clients c = { .stage = s };

	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&c.threads[i], NULL, ask_many, &c), 0);
	while (atomic_load(&c.done) < CLIENTS)
		tick(s);
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(c.threads[i], NULL);
	return c.passed;
}

static void leap(struct stage *s, int64_t seconds)
{
	while (!engine_is_idle(s->engine))
		;
	s->world.wall += seconds;
	atomic_fetch_add(&s->skipped, seconds * 1000);
}

static void one_probe_per_ttl(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 32\n[milter]\nmax_waiting = 1000\n", "20.9.9.9");
	for (unsigned i = 0; i < DOMAINS; i++)
		tell_domain(&s, i, false, NULL);
	tell_host(&s, 0, false, "20.0.0.1");
	assert_int_equal(ask_all(&s), DOMAINS);
	assert_int_equal(s.world.counts.probes, 1);
	leap(&s, 45 * 60);
	assert_int_equal(ask_all(&s), DOMAINS);
	leap(&s, 0);
	assert_int_equal(s.world.counts.probes, 1);
	leap(&s, 20 * 60);
	assert_int_equal(ask_all(&s), DOMAINS);
	leap(&s, 0);
	assert_int_equal(s.world.counts.probes, 2);
	close_stage(&s);
}

/* Nobody is refused for it: who finds no place waits for one. */
static void many_policy_hosts_on_one_address(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 32\n[milter]\nmax_waiting = 1000\n", "20.0.0.80");
	for (unsigned i = 0; i < DOMAINS; i++)
		tell_domain(&s, i, false, "20.0.0.80");
	tell_host(&s, 0, false, "20.0.0.1");
	assert_int_equal(ask_all(&s), DOMAINS);
	assert_int_equal(s.world.counts.fetches, DOMAINS);
	assert_int_equal(s.counted.most, PLACES);
	close_stage(&s);
}

static void many_mx_names_on_one_address(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 32\n[milter]\nmax_waiting = 1000\n", "20.0.0.1");
	for (unsigned i = 0; i < DOMAINS; i++) {
		tell_domain(&s, i, true, NULL);
		tell_host(&s, i, true, "20.0.0.1");
	}
	assert_int_equal(ask_all(&s), DOMAINS);
	assert_int_equal(s.world.counts.probes, DOMAINS);
	assert_int_equal(s.counted.most, PLACES);
	close_stage(&s);
}

static void hold(struct stage *s, bool held)
{
	pthread_mutex_lock(&s->lock);
	s->counted.held = held;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void wait_until_full(struct stage *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->counted.inside < PLACES)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

/* A slow address does not hold all of our workers, and what it holds up is not opened. */
static void a_slow_host_holds_its_own_alone(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 8\n", "20.0.0.80");
	hold(&s, true);
	for (unsigned i = 0; i < 40; i++)
		tell_domain(&s, i, false, i < 30 ? "20.0.0.80" : "20.0.0.81");
	tell_host(&s, 0, false, "20.0.0.1");
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(ask(&s, i, 0), KNOW_PENDING);
	wait_until_full(&s);
	for (unsigned i = 30; i < 40; i++)
		assert_int_equal(ask(&s, i, 60000), KNOW_ENFORCE_PASSED);
	assert_int_equal(s.world.counts.fetches, 10);
	tick(&s);
	for (unsigned i = 0; i < 30; i++)
		assert_int_equal(ask(&s, i, 1), KNOW_PENDING);
	hold(&s, false);
	for (unsigned i = 0; i < 30; i++) {
		while (ask(&s, i, 100) != KNOW_ENFORCE_PASSED)
			tick(&s);
	}
	assert_int_equal(s.counted.most, PLACES);
	close_stage(&s);
}

/* Stopping does not wait for those who wait for a place. */
static void stopping_ends_the_waits(void **state)
{
	struct engine_status status;
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 8\n", "20.0.0.80");
	hold(&s, true);
	for (unsigned i = 0; i < 8; i++)
		tell_domain(&s, i, false, "20.0.0.80");
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(ask(&s, i, 0), KNOW_PENDING);
	do
		engine_status(s.engine, &status);
	while (status.gate.waiting < 2);
	engine_stop(s.engine);
	do
		engine_status(s.engine, &status);
	while (status.pool.busy > PLACES);
	hold(&s, false);
	close_stage(&s);
}

struct late {
	struct stage *stage;
	unsigned i;
	enum knowledge got;
	atomic_bool done;
	pthread_t thread;
};

static void *ask_late(void *arg)
{
	struct late *l = arg;

	l->got = ask(l->stage, l->i, 1000000);
	atomic_store(&l->done, true);
	return NULL;
}

/* Who finds no place until the check gives up. */
static enum knowledge give_up(struct stage *s, unsigned i)
{
	struct late late = { .stage = s, .i = i };
	struct engine_status status;

	assert_int_equal(pthread_create(&late.thread, NULL, ask_late, &late), 0);
	do
		engine_status(s->engine, &status);
	while (status.crowded == 0);
	atomic_fetch_add(&s->skipped, 600000);
	while (!atomic_load(&late.done))
		tick(s);
	pthread_join(late.thread, NULL);
	return late.got;
}

static void no_place_is_no_sign_of_anything(void **state)
{
	struct stage s;
	(void)state;

	/* at the policy host: never "no policy" */
	open_stage(&s, "[daemon]\nworkers = 8\n", "20.0.0.80");
	hold(&s, true);
	for (unsigned i = 0; i < 5; i++)
		tell_domain(&s, i, false, "20.0.0.80");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(ask(&s, i, 0), KNOW_PENDING);
	wait_until_full(&s);
	assert_int_equal(give_up(&s, 4), KNOW_BUSY);
	hold(&s, false);
	close_stage(&s);
	/* at the MX host: never "unreachable", which a setting opens */
	open_stage(&s, "[daemon]\nworkers = 8\n[action]\nprobe_inconclusive = accept\n",
		   "20.0.0.1");
	hold(&s, true);
	for (unsigned i = 0; i < 5; i++) {
		tell_domain(&s, i, true, NULL);
		tell_host(&s, i, true, "20.0.0.1");
	}
	for (unsigned i = 0; i < 4; i++)
		(void)ask(&s, i, 0);
	wait_until_full(&s);
	assert_int_equal(give_up(&s, 4), KNOW_ENFORCE_UNKNOWN);
	hold(&s, false);
	close_stage(&s);
}

static void check_quietly(struct stage *s, unsigned i, struct judgement *ret)
{
	char name[32];
	struct nexthop hop;

	snprintf(name, sizeof(name), "d%u.example", i);
	hop = nexthop_of_route(span_of(name));
	engine_check(s->engine, &hop, 0, ret);
}

/* What `query` shows of a host that was not asked. */
static void who_rests_says_until_when(void **state)
{
	static const char want[] = "failed 3 times in a row; tried again at 2027-01-15T08:01:00Z";
	const struct verdict *v;
	struct judgement j;
	struct draft known;
	struct stage s;
	(void)state;

	open_stage(&s, "", "20.9.9.9");
	engine_free(s.engine);
	fake_world_wire(&s.world, &s.env);
	s.settings->workers = 0;
	s.engine = engine_new(&s.env, s.settings);
	for (unsigned i = 0; i < 4; i++) {
		tell_domain(&s, i, true, NULL);
		tell_host(&s, i, true, "20.0.0.1");
	}
	for (unsigned i = 0; i < 4; i++) {
		char name[60];

		snprintf(name, sizeof(name), "mx%u.host.example 20.0.0.1", i);
		fake_world_tell(&s.world, "probe", name, "connect-timeout");
		check_quietly(&s, i, &j);
		assert_int_equal(j.knowledge, KNOW_ENFORCE_UNREACHABLE);
		v = entry_verdict(j.entry);
		assert_string_equal(v->fact->detail, i < 3 ? "" : want);
		judgement_release(&j);
	}
	for (unsigned i = 10; i < 14; i++) {
		char name[32];

		tell_domain(&s, i, false, "20.0.0.80");
		snprintf(name, sizeof(name), "d%u.example", i);
		fake_world_tell(&s.world, "fetch", name, "fetch-connect-failed");
		check_quietly(&s, i, &j);
		assert_int_equal(j.knowledge, KNOW_FETCH_FAILED);
		entry_read(j.entry, &known);
		assert_string_equal(known.fetch.detail, i < 13 ? "" : want);
		judgement_release(&j);
	}
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_probe_per_ttl),
		cmocka_unit_test(many_policy_hosts_on_one_address),
		cmocka_unit_test(many_mx_names_on_one_address),
		cmocka_unit_test(a_slow_host_holds_its_own_alone),
		cmocka_unit_test(stopping_ends_the_waits),
		cmocka_unit_test(no_place_is_no_sign_of_anything),
		cmocka_unit_test(who_rests_says_until_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
