#include "tests/unit/test.h"

#include "common/engine/gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Virtual time; with no waiters allowed nothing blocks. */
struct stage {
	int64_t now;
	struct clock clock;
	struct gate *gate;
};

static int64_t told(void *ctx)
{
	return ((struct stage *)ctx)->now;
}

static void open_stage(struct stage *s, unsigned places)
{
	*s = (struct stage){ .now = 1000000, .clock = { NULL, told, s } };
	s->gate = gate_new(&s->clock, places, 0, 7);
	assert_non_null(s->gate);
}

static void close_stage(struct stage *s)
{
	assert_null(gate_free(s->gate));
}

static void pass_seconds(struct stage *s, int64_t seconds)
{
	s->now += seconds * 1000;
}

static struct netaddr address(unsigned i)
{
	unsigned char bytes[4] = { 20, (unsigned char)(i >> 16), (unsigned char)(i >> 8),
				   (unsigned char)i };

	return netaddr_make(ADDR_V4, bytes);
}

static enum gate_answer enter(struct stage *s, unsigned i, struct gate_pass *ret)
{
	struct netaddr a = address(i);
	struct gate_rest rest;

	return gate_enter(s->gate, &a, 25, s->now + 10000, ret, &rest);
}

/* One attempt from beginning to end. */
static enum gate_answer attempt(struct stage *s, unsigned i, enum gate_end end)
{
	struct gate_pass pass;
	enum gate_answer answer = enter(s, i, &pass);

	if (answer == GATE_PASS)
		gate_leave(s->gate, &pass, end);
	return answer;
}

static void fail_often(struct stage *s, unsigned i, unsigned times)
{
	for (unsigned k = 0; k < times; k++)
		assert_int_equal(attempt(s, i, GATE_DEAD), GATE_PASS);
}

static struct gate_stats stats(struct stage *s)
{
	struct gate_stats st;

	gate_stats(s->gate, &st);
	return st;
}

static void so_many_and_no_more(void **state)
{
	struct gate_pass a, b, c, other;
	struct netaddr v4 = address(1), v6 = v4;
	struct gate_rest rest;
	struct stage s;
	(void)state;

	open_stage(&s, 2);
	assert_int_equal(enter(&s, 1, &a), GATE_PASS);
	assert_int_equal(enter(&s, 1, &b), GATE_PASS);
	assert_int_equal(enter(&s, 1, &c), GATE_FULL);
	/* another address, another port, another family: another gate */
	assert_int_equal(enter(&s, 2, &other), GATE_PASS);
	gate_leave(s.gate, &other, GATE_ALIVE);
	assert_int_equal(gate_enter(s.gate, &v4, 587, 0, &other, &rest), GATE_PASS);
	gate_leave(s.gate, &other, GATE_ALIVE);
	v6.family = ADDR_V6;
	assert_int_equal(gate_enter(s.gate, &v6, 25, 0, &other, &rest), GATE_PASS);
	gate_leave(s.gate, &other, GATE_ALIVE);
	gate_leave(s.gate, &a, GATE_ALIVE);
	assert_int_equal(enter(&s, 1, &c), GATE_PASS);
	assert_int_equal(stats(&s).full, 1);
	gate_leave(s.gate, &b, GATE_ALIVE);
	gate_leave(s.gate, &c, GATE_ALIVE);
	/* nothing is kept of those that are well */
	assert_int_equal(stats(&s).addresses, 0);
	close_stage(&s);
}

static void a_dead_host_rests_longer_each_time(void **state)
{
	static const int64_t rests[] = { 60, 120, 240, 300, 300 };
	struct netaddr a = address(1);
	struct gate_pass pass;
	struct gate_rest rest;
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES);
	for (unsigned i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		assert_int_equal(gate_enter(s.gate, &a, 25, 0, &pass, &rest), GATE_RESTS);
		assert_int_equal(rest.until, s.now + rests[i] * 1000);
		assert_int_equal(rest.failures, GATE_FAILURES + i);
		assert_int_equal(stats(&s).resting, 1);
		pass_seconds(&s, rests[i]);
		s.now--;
		assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
		s.now++;
		assert_int_equal(stats(&s).resting, 0);
		assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_PASS);
	}
	assert_int_equal(stats(&s).refused, 2 * sizeof(rests) / sizeof(rests[0]));
	close_stage(&s);
}

static void one_success_closes(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES - 1);
	assert_int_equal(attempt(&s, 1, GATE_ALIVE), GATE_PASS);
	fail_often(&s, 1, GATE_FAILURES);
	pass_seconds(&s, GATE_REST_LEAST);
	assert_int_equal(attempt(&s, 1, GATE_ALIVE), GATE_PASS);
	/* as if nothing had been: so many failures again, and the shortest rest again */
	fail_often(&s, 1, GATE_FAILURES);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	pass_seconds(&s, GATE_REST_LEAST);
	assert_int_equal(attempt(&s, 1, GATE_ALIVE), GATE_PASS);
	close_stage(&s);
}

static void half_open_lets_one_pass(void **state)
{
	struct gate_pass trial, other;
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES);
	pass_seconds(&s, GATE_REST_LEAST);
	assert_int_equal(enter(&s, 1, &trial), GATE_PASS);
	assert_true(trial.trial);
	assert_int_equal(enter(&s, 1, &other), GATE_FULL);
	/* the trial was never made: the next one makes it */
	gate_leave(s.gate, &trial, GATE_UNTOLD);
	assert_int_equal(enter(&s, 1, &trial), GATE_PASS);
	assert_int_equal(enter(&s, 1, &other), GATE_FULL);
	gate_leave(s.gate, &trial, GATE_ALIVE);
	assert_int_equal(enter(&s, 1, &trial), GATE_PASS);
	assert_int_equal(enter(&s, 1, &other), GATE_PASS);
	gate_leave(s.gate, &trial, GATE_ALIVE);
	gate_leave(s.gate, &other, GATE_ALIVE);
	close_stage(&s);
}

static void who_is_woken_is_tried_once(void **state)
{
	struct netaddr a = address(1);
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	gate_wake(s.gate, &a, 25); /* nothing is known of it, and nothing is kept */
	assert_int_equal(stats(&s).addresses, 0);
	fail_often(&s, 1, GATE_FAILURES);
	gate_wake(s.gate, &a, 587);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	gate_wake(s.gate, &a, 25);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_PASS);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	close_stage(&s);
}

static void failures_side_by_side_are_one(void **state)
{
	struct gate_pass pass[8];
	struct stage s;
	(void)state;

	open_stage(&s, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(enter(&s, 1, &pass[i]), GATE_PASS);
	for (unsigned i = 0; i < 8; i++)
		gate_leave(s.gate, &pass[i], GATE_DEAD);
	fail_often(&s, 1, GATE_FAILURES - 1);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	close_stage(&s);
}

/* Who entered before the host was sent to rest may still find it alive, or dead. */
static void a_late_one_is_heard(void **state)
{
	struct gate_pass late, later;
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	assert_int_equal(enter(&s, 1, &late), GATE_PASS);
	assert_int_equal(enter(&s, 1, &later), GATE_PASS);
	fail_often(&s, 1, GATE_FAILURES);
	gate_leave(s.gate, &late, GATE_DEAD);
	pass_seconds(&s, GATE_REST_LEAST - 1);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	gate_leave(s.gate, &later, GATE_ALIVE);
	assert_int_equal(attempt(&s, 1, GATE_ALIVE), GATE_PASS);
	close_stage(&s);
}

static void what_tells_nothing_changes_nothing(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(attempt(&s, 1, GATE_UNTOLD), GATE_PASS);
	fail_often(&s, 1, GATE_FAILURES - 1);
	assert_int_equal(attempt(&s, 1, GATE_UNTOLD), GATE_PASS);
	fail_often(&s, 1, 1);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	close_stage(&s);
}

static void old_failures_are_forgotten(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES - 1);
	pass_seconds(&s, GATE_FORGET);
	fail_often(&s, 1, GATE_FAILURES);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	pass_seconds(&s, GATE_FORGET);
	fail_often(&s, 1, GATE_FAILURES);
	pass_seconds(&s, GATE_REST_LEAST);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_PASS);
	close_stage(&s);
}

/* Our own network was down: nobody must wait for the rests that this has earned the whole world. */
static void our_own_outage_is_forgiven(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES); /* dead before, by itself */
	pass_seconds(&s, 1);
	assert_int_equal(attempt(&s, 99, GATE_ALIVE), GATE_PASS);
	pass_seconds(&s, 1);
	for (unsigned i = 2; i < 6; i++)
		fail_often(&s, i, GATE_FAILURES);
	for (unsigned i = 1; i < 6; i++)
		assert_int_equal(attempt(&s, i, GATE_DEAD), GATE_RESTS);
	pass_seconds(&s, 1);
	assert_int_equal(attempt(&s, 99, GATE_ALIVE), GATE_PASS);
	for (unsigned i = 2; i < 6; i++)
		assert_int_equal(attempt(&s, i, GATE_ALIVE), GATE_PASS);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	close_stage(&s);
	/* A few that fail are dead themselves. */
	open_stage(&s, 4);
	fail_often(&s, 1, GATE_FAILURES);
	fail_often(&s, 2, GATE_FAILURES);
	pass_seconds(&s, 1);
	assert_int_equal(attempt(&s, 99, GATE_ALIVE), GATE_PASS);
	assert_int_equal(attempt(&s, 1, GATE_DEAD), GATE_RESTS);
	close_stage(&s);
}

static void room_is_made_by_those_that_nobody_uses(void **state)
{
	struct gate_pass *pass = calloc(GATE_MAX, sizeof(*pass)), extra;
	struct stage s;
	(void)state;

	open_stage(&s, 1);
	for (unsigned i = 0; i < GATE_MAX + 10; i++)
		fail_often(&s, i, GATE_FAILURES);
	assert_int_equal(stats(&s).addresses, GATE_MAX);
	assert_int_equal(attempt(&s, 10, GATE_DEAD), GATE_RESTS);
	assert_int_equal(attempt(&s, 9, GATE_UNTOLD), GATE_PASS); /* forgotten */
	pass_seconds(&s, GATE_FORGET);
	for (unsigned i = 0; i < GATE_MAX; i++)
		assert_int_equal(enter(&s, 100000 + i, &pass[i]), GATE_PASS);
	/* all in use: uncounted */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(enter(&s, 7, &extra), GATE_PASS);
		assert_null(extra.host);
		gate_leave(s.gate, &extra, GATE_DEAD);
	}
	assert_int_equal(enter(&s, 7, &extra), GATE_PASS);
	assert_int_equal(enter(&s, 100000, &extra), GATE_FULL);
	for (unsigned i = 0; i < GATE_MAX; i++)
		gate_leave(s.gate, &pass[i], GATE_ALIVE);
	assert_int_equal(stats(&s).addresses, 0);
	close_stage(&s);
	free(pass);
}

/* From here on: threads, and the real clock. */

static int64_t mono(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct clock real_clock = { NULL, mono, NULL };

struct visitor {
	struct gate *gate;
	int64_t patience;
	enum gate_answer answer;
	pthread_t thread;
};

static void *visit(void *arg)
{
	struct visitor *v = arg;
	struct netaddr a = address(1);
	struct gate_pass pass;
	struct gate_rest rest;

	v->answer = gate_enter(v->gate, &a, 25, mono(NULL) + v->patience, &pass, &rest);
	if (v->answer == GATE_PASS)
		gate_leave(v->gate, &pass, GATE_DEAD);
	return NULL;
}

static void start(struct visitor *v, struct gate *g, int64_t patience)
{
	*v = (struct visitor){ .gate = g, .patience = patience };
	assert_int_equal(pthread_create(&v->thread, NULL, visit, v), 0);
}

static enum gate_answer end(struct visitor *v)
{
	pthread_join(v->thread, NULL);
	return v->answer;
}

static void who_waits_gets_the_place(void **state)
{
	struct gate *g = gate_new(&real_clock, 1, 4, 7);
	struct netaddr a = address(1);
	struct gate_pass pass;
	struct gate_rest rest;
	struct visitor v[4];
	(void)state;

	assert_int_equal(gate_enter(g, &a, 25, 0, &pass, &rest), GATE_PASS);
	assert_int_equal(gate_enter(g, &a, 25, 0, &pass, &rest), GATE_FULL);
	assert_int_equal(gate_enter(g, &a, 25, mono(NULL) + 10, &pass, &rest), GATE_FULL);
	start(&v[0], g, 30000);
	start(&v[1], g, 30000);
	gate_leave(g, &pass, GATE_ALIVE);
	assert_int_equal(end(&v[0]), GATE_PASS);
	assert_int_equal(end(&v[1]), GATE_PASS);
	gate_free(g);
}

/* What the one finds that tries a host again, those who waited for it hear at once. */
static void the_trial_answers_for_all(void **state)
{
	struct gate *g = gate_new(&real_clock, 4, 4, 7);
	struct netaddr a = address(1);
	struct gate_pass pass[2];
	struct gate_rest rest;
	struct visitor v[3];
	(void)state;

	assert_int_equal(gate_enter(g, &a, 25, 0, &pass[0], &rest), GATE_PASS);
	for (int i = 0; i < GATE_FAILURES; i++) {
		assert_int_equal(gate_enter(g, &a, 25, 0, &pass[1], &rest), GATE_PASS);
		gate_leave(g, &pass[1], GATE_DEAD);
	}
	assert_int_equal(gate_enter(g, &a, 25, 0, &pass[1], &rest), GATE_RESTS);
	for (int i = 0; i < 3; i++)
		start(&v[i], g, 30000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(end(&v[i]), GATE_RESTS);
	gate_leave(g, &pass[0], GATE_ALIVE);
	start(&v[0], g, 0);
	assert_int_equal(end(&v[0]), GATE_PASS);
	gate_free(g);
}

static void too_many_do_not_wait(void **state)
{
	struct gate *g = gate_new(&real_clock, 1, 1, 7);
	struct netaddr a = address(1);
	struct gate_pass pass;
	struct gate_rest rest;
	struct visitor v;
	struct gate_stats st = { 0 };
	int64_t began;
	(void)state;

	assert_int_equal(gate_enter(g, &a, 25, 0, &pass, &rest), GATE_PASS);
	start(&v, g, 60000);
	while (st.waiting == 0)
		gate_stats(g, &st);
	began = mono(NULL);
	assert_int_equal(gate_enter(g, &a, 25, began + 60000, &pass, &rest), GATE_FULL);
	assert_in_range(mono(NULL) - began, 0, 30000);
	gate_stop(g);
	assert_int_equal(end(&v), GATE_FULL);
	assert_int_equal(gate_enter(g, &a, 26, began + 60000, &pass, &rest), GATE_FULL);
	gate_leave(g, &(struct gate_pass){ .host = pass.host }, GATE_ALIVE);
	gate_free(g);
}

enum { THREADS = 16, ROUNDS = 3000, ADDRESSES = 6, PLACES = 3 };

struct crowd {
	struct gate *gate;
	atomic_uint seed, inside[ADDRESSES], too_many, passed, refused, full;
};

static void *jostle(void *arg)
{
	struct crowd *c = arg;
	unsigned r = atomic_fetch_add(&c->seed, 1) * 2654435761u;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned which = (r = r * 1664525u + 1013904223u) >> 16 & 7;
		struct netaddr a = address(which %= ADDRESSES);
		struct gate_pass pass;
		struct gate_rest rest;

		switch (gate_enter(c->gate, &a, 25, (r & 64) != 0 ? mono(NULL) + 5 : 0, &pass,
				   &rest)) {
		case GATE_PASS:
			atomic_fetch_add(&c->passed, 1);
			if (atomic_fetch_add(&c->inside[which], 1) >= PLACES)
				atomic_fetch_add(&c->too_many, 1);
			atomic_fetch_sub(&c->inside[which], 1);
			/* the last address dies now and then */
			gate_leave(c->gate, &pass,
				   which == ADDRESSES - 1 ? GATE_DEAD
				   : (r & 256) != 0	  ? GATE_UNTOLD
							  : GATE_ALIVE);
			break;
		case GATE_RESTS:
			atomic_fetch_add(&c->refused, 1);
			break;
		case GATE_FULL:
			atomic_fetch_add(&c->full, 1);
			break;
		}
	}
	return NULL;
}

static void a_crowd(void **state)
{
	struct crowd c = { .gate = gate_new(&real_clock, PLACES, THREADS / 2, 7) };
	pthread_t threads[THREADS];
	struct gate_stats st;
	(void)state;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, jostle, &c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.too_many, 0);
	assert_int_equal(c.passed + c.refused + c.full, THREADS * ROUNDS);
	assert_true(c.passed > 0 && c.refused > 0);
	gate_stats(c.gate, &st);
	assert_int_equal(st.waiting, 0);
	assert_int_equal(st.addresses, 1);
	assert_int_equal(st.resting, 1);
	gate_free(c.gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_and_no_more),
		cmocka_unit_test(a_dead_host_rests_longer_each_time),
		cmocka_unit_test(one_success_closes),
		cmocka_unit_test(half_open_lets_one_pass),
		cmocka_unit_test(who_is_woken_is_tried_once),
		cmocka_unit_test(failures_side_by_side_are_one),
		cmocka_unit_test(a_late_one_is_heard),
		cmocka_unit_test(what_tells_nothing_changes_nothing),
		cmocka_unit_test(old_failures_are_forgotten),
		cmocka_unit_test(our_own_outage_is_forgiven),
		cmocka_unit_test(room_is_made_by_those_that_nobody_uses),
		cmocka_unit_test(who_waits_gets_the_place),
		cmocka_unit_test(the_trial_answers_for_all),
		cmocka_unit_test(too_many_do_not_wait),
		cmocka_unit_test(a_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
