/* The overrides in force: what the store says at the start and when it is back, and many threads that ask meanwhile. */
#include "tests/unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "common/engine/engine.h"
#include "common/engine/overrides.h"
#include "tests/fake/fake_store.h"
#include "tests/fake/fake_world.h"

enum { DAY = 86400, READERS = 4, ROUNDS = 2000 };

struct stage {
	struct fake_world world;
	struct fake_store *store;
	struct engine_env env;
	struct overrides *o;
};

static int set_up(void **state)
{
	static struct stage stage;
	struct stage *s = &stage;

	*s = (struct stage){ 0 };
	fake_world_init(&s->world);
	s->world.wall = 1798761600;
	s->store = fake_store_new();
	fake_world_wire(&s->world, &s->env);
	s->env.store = fake_store_port(s->store);
	s->o = overrides_new(&s->env);
	assert_non_null(s->o);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	overrides_free(s->o);
	fake_store_free(s->store);
	fake_world_release(&s->world);
	return 0;
}

static void start_anew(struct stage *s)
{
	overrides_free(s->o);
	s->o = overrides_new(&s->env);
	assert_non_null(s->o);
}

static int add(struct stage *s, const char *domain, enum policy_mode mode, int64_t seconds)
{
	const struct override wanted = { .domain = domain,
					 .mode = mode,
					 .reason = "r",
					 .owner = "",
					 .mx = "",
					 .uid = 7,
					 .added_at = s->world.wall,
					 .until = s->world.wall + seconds };
	struct override *added = NULL;
	int r = overrides_add(s->o, &wanted, &added);

	override_unref(added);
	return r;
}

static int remove_one(struct stage *s, const char *domain)
{
	struct override *removed = NULL;
	int r = overrides_remove(s->o, domain, 8, &removed);

	override_unref(removed);
	return r;
}

/* Its mode; -1: none. */
static int mode_of(struct stage *s, const char *domain)
{
	struct override *found = overrides_find(s->o, domain);
	int mode = found != NULL ? (int)found->mode : -1;

	override_unref(found);
	return mode;
}

static void count(void *arg, const struct stored_override *row)
{
	(void)row;
	++*(unsigned *)arg;
}

static unsigned active_in_store(struct stage *s)
{
	unsigned n = 0;

	assert_int_equal(s->env.store.overrides(s->env.store.ctx, NULL, false, count, &n), 0);
	return n;
}

/* A store of which a part cannot be read. */
static int overrides_in_part(void *ctx, const char *domain, bool ended_too,
			     store_each_override *each, void *arg)
{
	struct store whole = fake_store_port(ctx);

	whole.overrides(whole.ctx, domain, ended_too, each, arg);
	return -EIO;
}

static void what_can_be_read_is_in_force(void **state)
{
	struct stage *s = *state;
	struct store whole = s->env.store;

	assert_int_equal(add(s, "a.example", POLICY_MODE_ENFORCE, DAY), 0);
	s->env.store.overrides = overrides_in_part;
	start_anew(s);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_ENFORCE);
	s->env.store = whole;
}

static void what_the_store_holds_is_in_force(void **state)
{
	struct stage *s = *state;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	assert_int_equal(add(s, "b.example", POLICY_MODE_TESTING, 2 * DAY), 0);
	assert_int_equal(remove_one(s, "c.example"), STORE_NOT_FOUND);
	start_anew(s);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_NONE);
	assert_int_equal(mode_of(s, "b.example"), POLICY_MODE_TESTING);
	assert_int_equal(mode_of(s, "c.example"), -1);
	/* one ends while nobody is at work: it is told afterwards */
	overrides_free(s->o);
	s->o = NULL;
	fake_world_pass(&s->world, DAY);
	s->o = overrides_new(&s->env);
	assert_int_equal(mode_of(s, "a.example"), -1);
	assert_int_equal(mode_of(s, "b.example"), POLICY_MODE_TESTING);
	assert_non_null(strstr(s->world.last_notice, "event=override-expired domain=a.example"));
	assert_int_equal(active_in_store(s), 1);
}

static void a_store_that_is_away(void **state)
{
	struct stage *s = *state;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	assert_int_equal(add(s, "b.example", POLICY_MODE_NONE, 2 * DAY), 0);
	fake_store_break(s->store, true);
	/* what is in force stays in force, and nothing comes or goes but by its own end */
	assert_int_equal(add(s, "c.example", POLICY_MODE_NONE, DAY), -EIO);
	assert_int_equal(add(s, "a.example", POLICY_MODE_TESTING, DAY), -EIO);
	assert_int_equal(remove_one(s, "a.example"), -EIO);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_NONE);
	assert_int_equal(mode_of(s, "c.example"), -1);
	fake_world_pass(&s->world, DAY);
	overrides_tick(s->o);
	assert_int_equal(mode_of(s, "a.example"), -1);
	assert_int_equal(mode_of(s, "b.example"), POLICY_MODE_NONE);
	/* back: it hears of the end */
	fake_store_break(s->store, false);
	assert_int_equal(active_in_store(s), 2);
	overrides_tick(s->o);
	assert_int_equal(active_in_store(s), 1);
	assert_int_equal(mode_of(s, "a.example"), -1);
	assert_int_equal(mode_of(s, "b.example"), POLICY_MODE_NONE);
}

/* A database that was lost and begun anew must not forget at the next restart what the operator sees in force. */
static void a_new_database_is_told(void **state)
{
	struct fake_store *old, *fresh = fake_store_new();
	struct stage *s = *state;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	assert_int_equal(add(s, "b.example", POLICY_MODE_TESTING, DAY), 0);
	fake_store_break(s->store, true);
	overrides_tick(s->o);
	old = s->store;
	s->store = fresh;
	s->env.store = fake_store_port(fresh);
	fake_store_free(old);
	overrides_tick(s->o);
	assert_int_equal(active_in_store(s), 2);
	overrides_tick(s->o);
	assert_int_equal(active_in_store(s), 2);
	start_anew(s);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_NONE);
	assert_int_equal(mode_of(s, "b.example"), POLICY_MODE_TESTING);
	assert_int_equal(remove_one(s, "b.example"), 0);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_NONE);
}

/* Nobody can keep one alive by setting the clock back. */
static void one_ends_when_its_time_has_passed(void **state)
{
	struct stage *s = *state;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	s->world.wall -= 10 * DAY;
	fake_world_pass(&s->world, DAY - 1);
	assert_int_equal(mode_of(s, "a.example"), POLICY_MODE_NONE);
	fake_world_pass(&s->world, 1);
	assert_int_equal(mode_of(s, "a.example"), -1);
	overrides_tick(s->o);
	assert_int_equal(active_in_store(s), 0);
}

struct interruption {
	struct stage *stage;
	pthread_t thread;
	bool begun;
};

static struct interruption interruption;
static int (*plain_add)(void *ctx, const struct stored_override *o, int64_t *ret_serial);

static void *remove_meanwhile(void *arg)
{
	struct stage *s = arg;

	return remove_one(s, "a.example") == 0 ? arg : NULL;
}

static int add_and_be_interrupted(void *ctx, const struct stored_override *o, int64_t *ret_serial)
{
	struct timespec until;

	if (!interruption.begun) {
		interruption.begun = pthread_create(&interruption.thread, NULL, remove_meanwhile,
						    interruption.stage) == 0;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 200000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		/* it has done its worst, or it waits for us */
		if (pthread_timedjoin_np(interruption.thread, NULL, &until) == 0)
			interruption.stage = NULL;
	}
	return plain_add(ctx, o, ret_serial);
}

/* The operator takes one back while a new database is being told of it. */
static void what_is_removed_does_not_come_back(void **state)
{
	struct fake_store *old, *fresh = fake_store_new();
	struct stage *s = *state;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	fake_store_break(s->store, true);
	overrides_tick(s->o);
	old = s->store;
	s->store = fresh;
	s->env.store = fake_store_port(fresh);
	fake_store_free(old);
	plain_add = s->env.store.override_add;
	s->env.store.override_add = add_and_be_interrupted;
	interruption = (struct interruption){ .stage = s };
	overrides_tick(s->o);
	assert_true(interruption.begun);
	if (interruption.stage != NULL)
		pthread_join(interruption.thread, NULL);
	assert_int_equal(mode_of(s, "a.example"), -1);
	assert_int_equal(active_in_store(s), 0);
}

static void a_full_store_takes_no_more(void **state)
{
	struct stage *s = *state;
	char domain[40];
	int r = 0, n = 0;

	while (r == 0 && n < 2 * STORE_OVERRIDES) {
		(void)snprintf(domain, sizeof(domain), "d%d.example", n++);
		r = add(s, domain, POLICY_MODE_NONE, DAY);
	}
	assert_int_equal(r, STORE_FULL);
	assert_int_equal(mode_of(s, domain), -1);
	assert_int_equal(mode_of(s, "d0.example"), POLICY_MODE_NONE);
	(void)snprintf(domain, sizeof(domain), "d%d.example", n - 2);
	assert_int_equal(mode_of(s, domain), POLICY_MODE_NONE);
}

static void each_change_has_a_generation_of_its_own(void **state)
{
	struct stage *s = *state;
	unsigned before = overrides_generation(s->o), after;

	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	after = overrides_generation(s->o);
	assert_int_not_equal(before, after);
	before = after;
	assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
	after = overrides_generation(s->o);
	assert_int_not_equal(before, after);
	before = after;
	overrides_tick(s->o);
	assert_int_equal(overrides_generation(s->o), before);
	assert_int_equal(remove_one(s, "a.example"), 0);
	assert_int_not_equal(overrides_generation(s->o), before);
}

static void *read_on(void *arg)
{
	struct stage *s = arg;
	int seen = 0;

	for (int i = 0; i < ROUNDS; i++)
		seen += mode_of(s, "a.example") >= 0;
	return seen >= 0 ? arg : NULL;
}

static void many_ask_while_one_changes(void **state)
{
	struct stage *s = *state;
	pthread_t readers[READERS];

	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, s), 0);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(add(s, "a.example", POLICY_MODE_NONE, DAY), 0);
		assert_int_equal(add(s, "a.example", POLICY_MODE_TESTING, DAY), 0);
		overrides_tick(s->o);
		assert_int_equal(remove_one(s, "a.example"), 0);
	}
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(mode_of(s, "a.example"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_can_be_read_is_in_force, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_store_holds_is_in_force, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_store_that_is_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_database_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_ends_when_its_time_has_passed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_removed_does_not_come_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_full_store_takes_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_change_has_a_generation_of_its_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(many_ask_while_one_changes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
