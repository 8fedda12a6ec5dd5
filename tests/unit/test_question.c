/* engine_ask() and engine_conclude(): the answers of engine_check() for doors that must not wait. */
#include "tests/unit/engine_stage.h"

#include <stdlib.h>

/* What a door with an event loop keeps of a question: rung from any thread. */
struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	unsigned rings;
};

static void init_bell(struct bell *b)
{
	*b = (struct bell){ .lock = PTHREAD_MUTEX_INITIALIZER, .rung = PTHREAD_COND_INITIALIZER };
}

static void ring(void *arg)
{
	struct bell *b = arg;

	pthread_mutex_lock(&b->lock);
	b->rings++;
	pthread_cond_signal(&b->rung);
	pthread_mutex_unlock(&b->lock);
}

static void await(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	while (b->rings == 0)
		pthread_cond_wait(&b->rung, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

static unsigned rings(struct bell *b)
{
	unsigned n;

	pthread_mutex_lock(&b->lock);
	n = b->rings;
	pthread_mutex_unlock(&b->lock);
	return n;
}

static struct engine_question *ask_about(struct stage *s, const char *domain, struct bell *b,
					 struct judgement *ret)
{
	struct nexthop hop = nexthop_of_route(span_of(domain));

	return engine_ask(s->engine, &hop, ring, b, ret);
}

static enum knowledge conclude(struct stage *s, struct engine_question *q)
{
	struct judgement j;

	engine_conclude(s->engine, q, &j);
	judgement_release(&j);
	return j.knowledge;
}

static void what_is_fresh_is_told_at_once(void **state)
{
	struct stage s;
	struct bell b;
	struct judgement j;
	(void)state;

	init_bell(&b);
	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	assert_null(ask_about(&s, "d.example", &b, &j));
	assert_int_equal(j.knowledge, KNOW_ENFORCE_PASSED);
	assert_false(j.waited);
	judgement_release(&j);
	assert_int_equal(rings(&b), 0);
	close_stage(&s);
}

/* What doors keep of answers holds until the engine has learned, forgotten or been told something. */
static void changes_are_counted(void **state)
{
	const struct nexthop hop = nexthop_of_route(span_of("d.example"));
	struct override none = { .domain = "d.example",
				 .mode = POLICY_MODE_NONE,
				 .reason = "r",
				 .owner = "",
				 .mx = "" };
	struct override *added = NULL;
	struct stage s;
	struct bell b;
	struct judgement j;
	uint64_t before;
	(void)state;

	init_bell(&b);
	open_stage(&s, "[daemon]\nworkers = 1\n");
	before = engine_changes(s.engine);
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	assert_true(engine_changes(s.engine) > before);
	before = engine_changes(s.engine);
	assert_null(ask_about(&s, "d.example", &b, &j));
	judgement_release(&j);
	assert_int_equal(engine_changes(s.engine), before);
	none.added_at = s.world.wall;
	none.until = s.world.wall + 60;
	assert_int_equal(overrides_add(engine_overrides(s.engine), &none, &added), 0);
	override_unref(added);
	assert_true(engine_changes(s.engine) > before);
	before = engine_changes(s.engine);
	engine_flush(s.engine, &hop, false);
	assert_true(engine_changes(s.engine) > before);
	close_stage(&s);
}

static void the_bell_rings_when_the_answer_is_there(void **state)
{
	struct stage s;
	struct bell b, second;
	struct judgement j;
	struct engine_question *q, *q2;
	struct delivery_case c;
	(void)state;

	init_bell(&b);
	init_bell(&second);
	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "mx");
	q = ask_about(&s, "d.example", &b, &j);
	q2 = ask_about(&s, "d.example", &second, &j);
	assert_true(q != NULL && q2 != NULL);
	wait_until_held(&s, 1);
	assert_int_equal(rings(&b), 0);
	hold_kind(&s, NULL);
	await(&b);
	await(&second);
	engine_conclude(s.engine, q, &j);
	assert_int_equal(j.knowledge, KNOW_ENFORCE_PASSED);
	assert_true(j.waited);
	c = judgement_delivery(&j);
	assert_int_equal(c.mode, POLICY_MODE_ENFORCE);
	assert_string_equal(c.patterns->mx[0], "mx.d.example");
	assert_string_equal(c.a->hosts[0].name, "mx.d.example");
	judgement_release(&j);
	assert_int_equal(conclude(&s, q2), KNOW_ENFORCE_PASSED);
	assert_int_equal(rings(&b), 1);
	assert_int_equal(rings(&second), 1);
	close_stage(&s);
}

/* No worker is free for waiting, and none is needed: max_waiting is about threads. */
static void questions_are_no_threads(void **state)
{
	enum { MANY = 50 };
	struct stage s;
	struct bell b[MANY];
	struct judgement j;
	struct engine_question *q[MANY];
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n[milter]\nmax_waiting = 0\n");
	hold_kind(&s, "txt");
	for (int i = 0; i < MANY; i++) {
		init_bell(&b[i]);
		q[i] = ask_about(&s, "d.example", &b[i], &j);
		assert_non_null(q[i]);
	}
	/* Some hang up, the first and the last among them. */
	for (int i = 0; i < MANY; i++)
		if (i % 3 == 0 || i == MANY - 1) {
			assert_int_equal(conclude(&s, q[i]), KNOW_PENDING);
			q[i] = NULL;
		}
	hold_kind(&s, NULL);
	for (int i = 0; i < MANY; i++)
		if (q[i] != NULL) {
			await(&b[i]);
			assert_int_equal(conclude(&s, q[i]), KNOW_ENFORCE_PASSED);
			assert_int_equal(rings(&b[i]), 1);
		} else {
			assert_int_equal(rings(&b[i]), 0);
		}
	close_stage(&s);
}

/* RFC 8461 s3.3: at the deadline what the store says still binds. */
static void at_the_deadline_the_store_speaks(void **state)
{
	struct stage s;
	struct bell b;
	struct judgement j;
	struct engine_question *q;
	(void)state;

	init_bell(&b);
	open_stage(&s, "[daemon]\nworkers = 1\n");
	assert_int_equal(ask(&s, "d.example", 10000), KNOW_ENFORCE_PASSED);
	s.engine = engine_free(s.engine);
	s.engine = engine_new(&s.env, s.settings);
	hold_kind(&s, "txt");
	q = ask_about(&s, "d.example", &b, &j);
	assert_non_null(q);
	assert_int_equal(conclude(&s, q), KNOW_ENFORCE_PENDING);
	assert_int_equal(rings(&b), 0);
	close_stage(&s);
}

static void a_full_queue_answers_at_once(void **state)
{
	struct stage s;
	struct bell b;
	struct judgement j;
	struct engine_question *first, *second, *third;
	(void)state;

	init_bell(&b);
	open_stage(&s, "[daemon]\nworkers = 1\nqueue = 2\n");
	hold_kind(&s, "txt");
	first = ask_about(&s, "a.example", &b, &j);
	wait_until_held(&s, 1);
	second = ask_about(&s, "b.example", &b, &j);
	third = ask_about(&s, "c.example", &b, &j);
	assert_true(first != NULL && second != NULL && third != NULL);
	assert_null(ask_about(&s, "d.example", &b, &j));
	assert_int_equal(j.knowledge, KNOW_BUSY);
	judgement_release(&j);
	assert_int_equal(conclude(&s, first), KNOW_PENDING);
	assert_int_equal(conclude(&s, second), KNOW_PENDING);
	assert_int_equal(conclude(&s, third), KNOW_PENDING);
	close_stage(&s);
}

static void stopping_rings_all(void **state)
{
	struct stage s;
	struct bell b[3];
	struct judgement j;
	struct engine_question *q[3];
	static const char *const names[] = { "a.example", "a.example", "b.example" };
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 1\n");
	hold_kind(&s, "txt");
	for (int i = 0; i < 3; i++) {
		init_bell(&b[i]);
		q[i] = ask_about(&s, names[i], &b[i], &j);
		assert_non_null(q[i]);
	}
	wait_until_held(&s, 1);
	engine_stop(s.engine);
	for (int i = 0; i < 3; i++) {
		await(&b[i]);
		assert_int_equal(conclude(&s, q[i]), KNOW_PENDING);
	}
	/* And nobody begins to wait. */
	assert_null(ask_about(&s, "a.example", &b[0], &j));
	judgement_release(&j);
	close_stage(&s);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rings(&b[i]), 1);
}

static void *let_go(void *arg)
{
	hold_kind(arg, NULL);
	return NULL;
}

/* Whoever has concluded may forget the bell, whatever lands at that moment: a late ring would write into freed memory. */
static void no_ring_comes_late(void **state)
{
	struct stage s;
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 2\n");
	for (int i = 0; i < 200; i++) {
		struct bell *b = malloc(sizeof(*b));
		struct judgement j;
		struct engine_question *q;
		enum knowledge k;
		pthread_t other;
		char name[40];

		assert_non_null(b);
		init_bell(b);
		snprintf(name, sizeof(name), "n%d.example", i);
		hold_kind(&s, "txt");
		q = ask_about(&s, name, b, &j);
		assert_non_null(q);
		assert_int_equal(pthread_create(&other, NULL, let_go, &s), 0);
		for (volatile int j2 = 0; j2 < i * 50; j2++)
			;
		k = conclude(&s, q);
		assert_true(k == KNOW_PENDING || k == KNOW_NO_POLICY);
		assert_true(rings(b) <= 1); /* none, where it landed while we concluded */
		free(b);
		pthread_join(other, NULL);
		wait_until_landed(&s);
	}
	close_stage(&s);
}

struct asker {
	struct stage *stage;
	int first;
	unsigned right;
	pthread_t thread;
};

enum { EACH = 100, ASKERS = 4 };

/* Workers that are faster than the asker ring before engine_ask() has returned. */
static void *ask_many(void *arg)
{
	struct asker *a = arg;

	for (int i = 0; i < EACH; i++) {
		struct bell b;
		struct judgement j;
		struct engine_question *q;
		char name[40];

		init_bell(&b);
		snprintf(name, sizeof(name), "n%d.example", a->first + i / 2);
		q = ask_about(a->stage, name, &b, &j);
		if (q != NULL) {
			await(&b);
			engine_conclude(a->stage->engine, q, &j);
		}
		a->right += j.knowledge == KNOW_NO_POLICY && rings(&b) == (q != NULL);
		judgement_release(&j);
	}
	return NULL;
}

static void many_ask_at_once(void **state)
{
	struct stage s;
	struct asker askers[ASKERS];
	(void)state;

	open_stage(&s, "[daemon]\nworkers = 3\n");
	for (int i = 0; i < ASKERS; i++) {
		/* Two of them about the same names. */
		askers[i] = (struct asker){ .stage = &s, .first = i / 2 * 1000 };
		assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_many, &askers[i]), 0);
	}
	for (int i = 0; i < ASKERS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].right, EACH);
	}
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_fresh_is_told_at_once),
		cmocka_unit_test(changes_are_counted),
		cmocka_unit_test(the_bell_rings_when_the_answer_is_there),
		cmocka_unit_test(questions_are_no_threads),
		cmocka_unit_test(at_the_deadline_the_store_speaks),
		cmocka_unit_test(a_full_queue_answers_at_once),
		cmocka_unit_test(stopping_rings_all),
		cmocka_unit_test(no_ring_comes_late),
		cmocka_unit_test(many_ask_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
